"""Work ahead of the caller, in threads: what comes next is fetched while this is worked on."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")


def one_ahead(things: Iterator[T]) -> Iterator[T]:
    """The same things in the same order; the next one is on its way while the caller has this."""
    end: Any = object()
    with ThreadPoolExecutor(1) as pool:
        coming: Future[T] = pool.submit(next, things, end)
        while (thing := coming.result()) is not end:
            coming = pool.submit(next, things, end)
            yield thing


def together(
    pool: ThreadPoolExecutor, function: Callable[[T], R], things: Iterable[T], width: int
) -> Iterator[R]:
    """What a function makes of each thing, in their order, some of them at the same time.

    Args:
        pool: Threads.
        function: What to do; an error that it raises comes out where its result would.
        things: What to do it with.
        width: Most that are under way or wait for the caller.
    """
    rest = iter(things)
    under_way = deque(pool.submit(function, thing) for thing in islice(rest, width))
    while under_way:
        done = under_way.popleft()
        under_way.extend(pool.submit(function, thing) for thing in islice(rest, 1))
        yield done.result()
