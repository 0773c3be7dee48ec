"""What a folder source's options say about its files and products."""

from dataclasses import dataclass
from datetime import timedelta
from time import time
from typing import get_args

from pydantic import TypeAdapter, ValidationError

from flows.packages.files import Product
from flows.packages.names import ARCHIVES, RASTERS, is_unfinished, matches
from flows.packages.products import Scene
from infrastructure.errors import Misconfigured


@dataclass(frozen=True)
class Rules:
    """The options, checked."""

    scene: Scene = "folder"
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    settle: timedelta = timedelta(0)
    marker: str | None = None

    @classmethod
    def of(
        cls,
        scene: Scene = "folder",
        include: list[str] | None = None,
        exclude: list[str] | None = None,
        settle: str | float | None = None,
        marker: str | None = None,
    ) -> "Rules":
        """Check the options of a collection file.

        Raises:
            Misconfigured: `settle` is neither a duration nor seconds, or `scene` is none.
        """
        if scene not in get_args(Scene):
            raise Misconfigured(f"scene: '{scene}' is none of {', '.join(get_args(Scene))}")
        try:
            pause = TypeAdapter(timedelta).validate_python(settle or 0)
        except ValidationError as error:
            raise Misconfigured(f"settle: '{settle}' is no duration of ISO 8601") from error
        return cls(scene, tuple(include or ()), tuple(exclude or ()), pause, marker)

    def leave_out(self, path: str) -> bool:
        """Whether a file or folder is not looked at: hidden, unfinished or excluded."""
        return is_unfinished(path.rpartition("/")[2]) or matches(path, self.exclude)

    def alone(self, path: str) -> bool:
        """Whether a file is a product, where files alone are products."""
        return matches(path, self.include or (*RASTERS, *ARCHIVES))

    def wanted(self, product: Product) -> bool:
        """Whether a product is asked for, by its name or that of one of its files.

        What cannot be listed always is: nobody knows what would be there.
        """
        names = [product.name, *(file.path for file in product.files.values())]
        by_name = any(matches(name, self.include) for name in names)
        return by_name or not self.include or product.error is not None

    def ready(self, product: Product) -> bool:
        """Whether nothing of a product is still on its way."""
        if product.error:
            return True
        if self.marker and not any(matches(name, (self.marker,)) for name in product.files):
            return False
        return time() - product.changed >= self.settle.total_seconds()
