"""One catalogue per process: a pool of connections does not survive a fork."""

import atexit
import os
from threading import Lock

from infrastructure.catalogue import Catalogue
from infrastructure.settings import DatabaseSettings

_lock = Lock()
_opened: dict[int, Catalogue] = {}
"""Process id -> its catalogue."""


def process_catalogue() -> Catalogue:
    """This process's catalogue, opened at the first call and kept until the process ends."""
    pid = os.getpid()
    if pid not in _opened:
        with _lock:
            if pid not in _opened:
                catalogue = Catalogue(DatabaseSettings()).__enter__()
                atexit.register(catalogue.__exit__)
                _opened[pid] = catalogue
    return _opened[pid]
