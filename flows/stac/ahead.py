"""Work ahead of the caller, in threads: what comes next is fetched while this is worked on."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")


def ahead(things: Iterator[T], number: int) -> Iterator[T]:
    """The same things in the same order; some are on their way while the caller has one.

    Args:
        things: One thread asks for them, one after the other.
        number: How many are on their way, at most.
    """
    end: Any = object()
    with ThreadPoolExecutor(1) as pool:
        coming: deque[Future[T]] = deque(pool.submit(next, things, end) for _ in range(number))
        try:
            while (thing := coming.popleft().result()) is not end:
                coming.append(pool.submit(next, things, end))
                yield thing
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


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
