"""From files in order of their paths to products, as a stream.

A folder is done when the first file that is not below it comes. Until then its products wait,
because a manifest may still come that makes one product of all of them; but never more than
`MOST` files wait.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from flows.packages.files import File, Product
from flows.packages.names import (
    ARCHIVES,
    MANIFESTS,
    PACKAGES,
    block,
    folders,
    matches,
    owner,
    owners,
    package,
    parent,
    scene,
    stem,
)

Scene = Literal["folder", "file", "root"]
"""What is one product: the files of a folder, a file, or all that is below the root."""

MOST = 2000
"""Files that a package without a package's name may have in folders below it."""


@dataclass
class _Folder:
    """A folder that is not done."""

    path: str
    own: list[File] = field(default_factory=list)
    """Files in it; where files are products, only those whose product is not complete."""
    common: str = ""
    """How the paths of the files of the product begin that is being put together."""
    below: list[File] = field(default_factory=list)
    """All files in it and below it, until they are too many."""
    done: list[Product] = field(default_factory=list)
    has_manifest: bool = False
    is_flushed: bool = False
    """Whether products of it are handed on, so that it cannot be one product any more."""
    empty: float | None = None
    """When it was made, if there is nothing in it."""


class Grouping:
    """What makes products of files."""

    def __init__(self, name: str, scene: Scene, alone: Callable[[str], bool]) -> None:
        """Begin.

        Args:
            name: Name of the root, for a product that is all of it.
            scene: What is one product; see the source.
            alone: Whether a file can be a product of its own.
        """
        self.name = name
        self.scene: Scene = "root" if name.lower().endswith(PACKAGES) else scene
        self.alone = alone

    def products(self, files: Iterable[File]) -> Iterator[Product]:
        """Products of files that come in order of their paths."""
        stack = [_Folder("")]
        for file in files:
            if file.error:
                yield Product(file.path, error=file.error)
                continue
            home = "" if self.scene == "root" else package(file.path) or parent(file.path)
            while not _is_within(home, stack[-1].path):
                yield from self._close(stack)
            deeper = [path for path in folders(home) if len(path) > len(stack[-1].path)]
            stack += [_Folder(path) for path in deeper]
            yield from self._add(stack, file)
        while stack:
            yield from self._close(stack)

    def _add(self, stack: list[_Folder], file: File) -> Iterator[Product]:
        folder = stack[-1]
        if file.path.endswith("/"):
            folder.empty = file.changed if file.path == f"{folder.path}/" else None
            return
        if self.by_file(folder.path):
            self._complete(folder, file.path)
        folder.own.append(file)
        folder.below.append(file)
        folder.has_manifest |= file.path.rpartition("/")[2].lower() in MANIFESTS
        if len(folder.below) > MOST and not self._is_package(folder):
            yield from _flush(stack)

    def _complete(self, folder: _Folder, path: str) -> None:
        """Put the product together that a file is not of any more; what is of none waits."""
        if folder.common and not path.startswith(folder.common):
            products, folder.own = self._split(folder.own)
            folder.done += products
            folder.common = ""
        if folder.own and block(folder.own[0].path) != block(path):
            folder.own = []
        if not folder.common:
            folder.own = folder.own[-MOST:]
            folder.common = self.common(path) or ""

    def _close(self, stack: list[_Folder]) -> Iterator[Product]:
        """Take the innermost folder off, and hand its products to the one around it."""
        folder = stack.pop()
        done = self._products(folder)
        if not stack:
            yield from done
            return
        around = stack[-1]
        around.done += done
        around.below += folder.below
        if folder.is_flushed or len(around.below) > MOST:
            yield from _flush(stack)

    def _products(self, folder: _Folder) -> list[Product]:
        if self._is_package(folder):
            return [_product(folder.path or self.name, folder.below, folder.path)]
        if folder.own and self.by_file(folder.path):
            return [*folder.done, *self._split(folder.own)[0]]
        if folder.own:
            return [*self._scene(folder), *folder.done]
        if folder.empty is not None and not folder.done:
            return [Product(folder.path, changed=folder.empty)]
        return folder.done

    def _is_package(self, folder: _Folder) -> bool:
        """Whether all that is below a folder is one product."""
        if not folder.below:
            return False
        named = self.scene == "root" or package(f"{folder.path}/") is not None
        return named or (folder.has_manifest and not folder.is_flushed)

    def by_file(self, folder: str) -> bool:
        """Whether files of a folder are products of their own, not all of them one."""
        if self.scene == "root" or package(f"{folder}/"):
            return False
        return self.scene == "file" or not folder

    def _scene(self, folder: _Folder) -> list[Product]:
        """The files of a folder as one product, but archives as one each."""
        archives, rest = _by_base(folder.own, lambda path: matches(path, ARCHIVES), scenes=False)
        return [*([_product(folder.path, rest, folder.path)] if rest else []), *archives]

    def _split(self, files: list[File]) -> tuple[list[Product], list[File]]:
        """Files of one folder by base name: an image and its metadata are one product."""
        return _by_base(files, self.alone, scenes=self.scene == "folder")

    def name_of(self, path: str) -> str | None:
        """The name of the product that a file is, if it can be one alone or with others."""
        begun = scene(path) if self.scene == "folder" else None
        return (begun or path) if self.alone(path) else None

    def common(self, path: str) -> str | None:
        """How the paths of all files begin that are one product with a file that can be one."""
        name = self.name_of(path)
        return f"{stem(path)}." if name == path else name


def _by_base(
    files: list[File], alone: Callable[[str], bool], scenes: bool
) -> tuple[list[Product], list[File]]:
    """Products of files with a common base name, and the files that belong to none."""
    named = owners([file.path for file in files if alone(file.path)], scenes)
    members: dict[str, list[File]] = {}
    rest = []
    for file in files:
        name = owner(file.path, named, scenes)
        members.setdefault(name, []).append(file) if name else rest.append(file)
    return [_product(name, own, parent(name)) for name, own in members.items()], rest


def _product(name: str, files: list[File], folder: str) -> Product:
    above = len(folder) + 1 if folder else 0
    return Product(
        name, {file.path[above:]: file for file in files}, max(file.changed for file in files)
    )


def _flush(stack: list[_Folder]) -> Iterator[Product]:
    """Hand on what waits: below the folders that are not done lie too many files for a package."""
    for folder in stack:
        yield from folder.done
        folder.done, folder.below, folder.is_flushed = [], [], True


def _is_within(path: str, folder: str) -> bool:
    return not folder or path == folder or path.startswith(f"{folder}/")
