"""What one render of a collection says about its picture, checked and ready to draw.

The vocabulary is that of the STAC Render extension 2.0
(https://github.com/stac-extensions/render), with `bidx` as the servers of that field know it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rasterio.enums import Resampling
from rio_tiler.colormap import cmap
from rio_tiler.errors import InvalidColorMapName, InvalidExpression
from rio_tiler.expression import parse_expression

from infrastructure.errors import Misconfigured

RGBA = tuple[int, int, int, int]
Range = tuple[float, float]
Colormap = dict[float, RGBA] | list[tuple[Range, RGBA]]
"""Colours by value, or by interval of values (lower bound included, upper excluded)."""


@dataclass(frozen=True)
class Style:
    """How the assets of an item become a picture."""

    assets: tuple[str, ...]
    """Asset keys in the order of the bands."""
    bands: tuple[int, ...] | None = None
    """Band numbers from 1, read from every asset; None: the first three of a lone asset that has
    three, else the first."""
    expression: str | None = None
    """Arithmetic on `b1`, `b2` ..., one block per band of the picture, parted by semicolons."""
    rescale: tuple[Range, ...] = ()
    """Values that become 0 and 255: one pair for all bands, or one for each."""
    colormap: Colormap | None = None
    color_formula: str | None = None
    nodata: float | None = None
    """Overrides the file's own value; NaN is a value."""
    resampling: str = "bilinear"

    @classmethod
    def parse(cls, render: Mapping[str, Any]) -> "Style":
        """Read one Render Object.

        Raises:
            Misconfigured: the render names no assets, or a field of it cannot be understood.
        """
        assets = tuple(render.get("assets") or ())
        if not assets or not all(isinstance(key, str) for key in assets):
            raise Misconfigured("the render names no assets")
        expression = _expression(render.get("expression"), assets)
        colormap = _colormap(render)
        return cls(
            assets=assets,
            bands=_bands(render.get("bidx"), expression, assets),
            expression=expression,
            rescale=_rescale(render.get("rescale")),
            colormap=colormap,
            color_formula=render.get("color_formula"),
            nodata=_nodata(render.get("nodata")),
            resampling=_resampling(render.get("resampling"), colormap, "colormap" in render),
        )


def _expression(text: Any, assets: tuple[str, ...]) -> str | None:
    """The expression with asset names replaced by band names.

    `nir` is the first band of asset `nir`, `visual_b2` the second of a lone asset `visual`; an
    asset's name goes before the meaning that `b1` has by its place.
    """
    if text is None:
        return None
    keys = "|".join(re.escape(key) for key in sorted(assets, key=len, reverse=True))

    def place(match: re.Match[str]) -> str:
        band = int(match["band"] or 1)
        if len(assets) == 1:
            return f"b{band}"
        if band != 1:
            raise Misconfigured(f"'{match[0]}': only the first band of several assets is read")
        return f"b{assets.index(match['key']) + 1}"

    placed = re.sub(rf"(?<!\w)(?P<key>{keys})(?:_b(?P<band>\d+))?(?!\w)", place, str(text))
    try:
        used = parse_expression(placed)
    except (InvalidExpression, ValueError) as error:
        raise Misconfigured(f"expression '{text}': {error}") from error
    if len(assets) > 1 and max(used) > len(assets):
        raise Misconfigured(f"expression '{text}' uses band {max(used)} of {len(assets)} assets")
    return placed


def _bands(bidx: Any, expression: str | None, assets: tuple[str, ...]) -> tuple[int, ...] | None:
    if expression and len(assets) == 1:
        return tuple(sorted(set(parse_expression(expression))))
    if bidx is None:
        return None
    numbers = bidx if isinstance(bidx, Sequence) else (bidx,)
    if not numbers or not all(isinstance(n, int) and n > 0 for n in numbers):
        raise Misconfigured(f"bidx {bidx!r}: band numbers start at 1")
    if expression:
        raise Misconfigured("bidx and an expression over several assets exclude each other")
    return tuple(numbers)


def _rescale(value: Any) -> tuple[Range, ...]:
    if not value:
        return ()
    try:
        pairs = value if isinstance(value[0], Sequence) else [value]
        ranges = tuple((float(low), float(high)) for low, high in pairs)
    except (TypeError, ValueError, KeyError) as error:
        raise Misconfigured(f"rescale {value!r} is no list of [minimum, maximum]") from error
    if any(not low < high for low, high in ranges):
        raise Misconfigured(f"rescale {value!r}: each minimum must be below its maximum")
    return ranges


def _colormap(render: Mapping[str, Any]) -> Colormap | None:
    named, given = render.get("colormap_name"), render.get("colormap")
    try:
        if named:
            return {float(value): _rgba(c) for value, c in cmap.get(str(named).lower()).items()}
        if isinstance(given, Mapping):
            return {float(value): _rgba(c) for value, c in given.items()}
        if given:
            return [((float(low), float(high)), _rgba(colour)) for (low, high), colour in given]
    except InvalidColorMapName as error:
        raise Misconfigured(f"there is no colormap named '{named}'") from error
    except (TypeError, ValueError) as error:
        raise Misconfigured(f"the colormap cannot be understood: {error}") from error
    return None


def _rgba(colour: Any) -> RGBA:
    """A colour as `#rrggbb`, `#rrggbbaa` or three or four numbers from 0 to 255."""
    numbers = bytes.fromhex(colour.removeprefix("#")) if isinstance(colour, str) else colour
    red, green, blue, alpha = (*numbers, 255) if len(numbers) == 3 else numbers
    if not all(0 <= number <= 255 for number in (red, green, blue, alpha)):
        raise ValueError(f"{colour!r} is no colour of numbers from 0 to 255")
    return int(red), int(green), int(blue), int(alpha)


def _nodata(value: Any) -> float | None:
    try:
        return None if value is None else float(value)
    except (TypeError, ValueError) as error:
        raise Misconfigured(f"nodata {value!r} is no number") from error


def _resampling(name: Any, colormap: Colormap | None, classes: bool) -> str:
    """The method's name; unsaid, classes keep their values and measurements are smoothed."""
    if name is None:
        return "nearest" if colormap is not None and classes else "bilinear"
    if str(name) not in Resampling.__members__ or str(name) == "gauss":
        raise Misconfigured(f"there is no resampling method '{name}'")
    return str(name)
