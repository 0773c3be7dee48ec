"""A plug-in is a module: the file's name is its key, its functions are its interface."""

import importlib
import pkgutil
from functools import cache
from types import ModuleType

from infrastructure.errors import Misconfigured


@cache
def names(package: str) -> list[str]:
    """The plug-ins of a package (dotted name), sorted; private modules are left out."""
    path = importlib.import_module(package).__path__
    return sorted(m.name for m in pkgutil.iter_modules(path) if not m.name.startswith("_"))


def load(package: str, name: str) -> ModuleType:
    """Import the plug-in of that name.

    Raises:
        Misconfigured: the package has no such plug-in; the message lists those it has.
    """
    known = names(package)
    if name not in known:
        kind = package.rpartition(".")[2]
        raise Misconfigured(f"no '{name}' among the {kind}; there are: {', '.join(known)}")
    return importlib.import_module(f"{package}.{name}")
