"""What groups of processes spend: CPU seconds and memory, from /proc."""

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Self

INTERVAL = 0.2
"""Seconds between two looks; what a process does after the last look at it is missed."""

TICK = 1 / os.sysconf("SC_CLK_TCK")

Find = Callable[[], Iterable[int]]
"""The processes of a group, now."""


class Watch:
    """Looks at groups of processes while the block runs."""

    def __init__(self, groups: Mapping[str, Find]) -> None:
        """Watch groups.

        Args:
            groups: Name -> which processes are in it.
        """
        self._groups = groups
        self._first: dict[int, float] = {}
        self._cpu: dict[str, dict[int, float]] = defaultdict(dict)
        self._peak: dict[str, dict[int, float]] = defaultdict(dict)
        self._over = Event()
        self._thread = Thread(target=self._watch)

    def __enter__(self) -> Self:
        """Begin."""
        for find in self._groups.values():
            self._first |= {pid: cpu for pid in find() if (cpu := _cpu(pid)) is not None}
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Look a last time."""
        self._over.set()
        self._thread.join()

    def cpu(self, group: str) -> float:
        """Seconds of CPU, user and system, that the group spent meanwhile."""
        spent = self._cpu[group].items()
        return sum(last - self._first.get(pid, 0.0) for pid, last in spent)

    def peak(self, group: str) -> float:
        """Most memory that each process of the group had (VmHWM), added up, MB (10^6 bytes)."""
        return sum(self._peak[group].values())

    def _watch(self) -> None:
        while not self._over.wait(INTERVAL):
            self._look()
        self._look()

    def _look(self) -> None:
        for name, find in self._groups.items():
            for pid in find():
                cpu, peak = _cpu(pid), _peak(pid)
                if cpu is not None:
                    self._cpu[name][pid] = cpu
                if peak is not None:
                    self._peak[name][pid] = peak


def below(root: int) -> set[int]:
    """The processes that came from one, without itself."""
    children = defaultdict(list)
    for path in Path("/proc").glob("[0-9]*"):
        if fields := _stat(int(path.name)):
            children[int(fields[1])].append(int(path.name))
    found: set[int] = set()
    ahead = [root]
    while ahead:
        ahead = [child for parent in ahead for child in children[parent]]
        found.update(ahead)
    return found


def _cpu(pid: int) -> float | None:
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) * TICK if fields else None


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name: state, parent ...; none if it has ended."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except (FileNotFoundError, ProcessLookupError):
        return []
    return text.rpartition(")")[2].split()


def _peak(pid: int) -> float | None:
    try:
        lines = Path(f"/proc/{pid}/status").read_text("utf-8", "replace").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return None
    kilobytes = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(kilobytes[0]) * 1024 / 1e6 if kilobytes else None
