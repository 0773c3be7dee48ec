"""Browses, coverages and masks of EOEPCA's product types as renders and assets."""

import re
from typing import Any

from flows.eoepca.document import Part
from infrastructure.errors import Misconfigured
from tiling.style import Style

Json = dict[str, Any]

CHANNELS = ("red", "green", "blue")

NAME = re.compile(r"[A-Za-z_]\w*")

CALL = re.compile(r"([A-Za-z_]\w*)\s*\(")


class Bands:
    """Which asset holds a band."""

    def __init__(self, coverage_types: list[Json], product_type: Json) -> None:
        self._types = {str(t.get("name")): _bands(t) for t in coverage_types}
        coverages = product_type.get("coverages") or {}
        self._assets: dict[str, str] = {}
        self.described: dict[str, Json] = {}
        for name, coverage in coverages.items():
            for asset in (coverage or {}).get("assets") or ():
                self._add(str(name), str(asset))

    def _add(self, coverage: str, asset: str) -> None:
        bands = self._types.get(coverage, [])
        self._assets |= {asset: asset, **{str(band.get("identifier")): asset for band in bands}}
        self.described[asset] = _asset(coverage, bands)

    def asset(self, band: str) -> str:
        """The asset of a band; without word of one, it has the band's name."""
        return self._assets.get(band, band)


def _bands(coverage_type: Json) -> list[Json]:
    kind = str(coverage_type.get("data_type") or "").lower()
    bands = [band for band in coverage_type.get("bands") or () if isinstance(band, dict)]
    return [{**band, "data_type": kind} for band in bands]


def _asset(coverage: str, bands: list[Json]) -> Json:
    """An entry of `item_assets`, by STAC 1.1 and its extension EO."""
    entry: Json = {"title": coverage, "roles": ["data"]}
    if not bands:
        return entry
    first = bands[0]
    nulls = [nil.get("value") for nil in first.get("nil_values") or () if isinstance(nil, dict)]
    told = {
        "data_type": first["data_type"] or None,
        "nodata": nulls[0] if nulls else None,
        "unit": first.get("uom"),
        "bands": [_band(band) for band in bands],
    }
    return {**entry, **{key: value for key, value in told.items() if value is not None}}


def _band(band: Json) -> Json:
    told = {
        "name": band.get("identifier"),
        "description": band.get("description") or band.get("definition") or band.get("name"),
        "eo:center_wavelength": band.get("wavelength"),
    }
    return {key: value for key, value in told.items() if value is not None}


def renders(product_types: list[Json], coverage_types: list[Json], titles: dict[str, str]) -> Part:
    """The map layers of a collection: the default browse first.

    Args:
        product_types: Those of the collection.
        coverage_types: All.
        titles: Titles of layers, by name of the browse.
    """
    part = Part({})
    for product_type in product_types:
        bands = Bands(coverage_types, product_type)
        browses = product_type.get("browses") or {}
        default = product_type.get("defaultBrowse")
        for name in sorted(browses, key=lambda name: name != default):
            made, notes = _renders(str(name), browses[name] or {}, bands)
            part.notes += [f"Browse {name} of {product_type.get('name')}: {n}" for n in notes]
            for key, render in made.items():
                title = titles.get(str(name)) or str(name).replace("_", " ").capitalize()
                part.value.setdefault(key, {"title": title, **render})
    return part


def _renders(name: str, browse: Json, bands: Bands) -> tuple[dict[str, Json], list[str]]:
    """The renders of a browse: of its bands, and of the picture that comes with the product."""
    made: dict[str, Json] = {}
    notes: list[str] = []
    channels = ("grey",) if browse.get("grey") else CHANNELS
    told = [browse.get(channel) or {} for channel in channels]
    if any(told):
        try:
            made[name] = _drawn(told, bands)
        except Misconfigured as error:
            notes.append(f"it cannot be drawn as it is ({error}): {browse}")
    if browse.get("alpha"):
        notes.append("its channel `alpha` has no counterpart; what has no data is transparent.")
    if browse.get("asset"):
        key = f"{name}_asset" if name in made else name
        made[key] = {"assets": [str(browse["asset"])], "resampling": "bilinear"}
    return made, notes


def _drawn(channels: list[Json], bands: Bands) -> Json:
    """A render of expressions, one for each channel.

    Raises:
        Misconfigured: a channel has no expression, or one that cannot be calculated here.
    """
    expressions = [str(channel.get("expression") or "") for channel in channels]
    if not all(expressions):
        raise Misconfigured("a channel has no expression")
    calls = {call for expression in expressions for call in CALL.findall(expression)}
    if calls:
        raise Misconfigured(f"there is no function {', '.join(sorted(calls))}")
    names = dict.fromkeys(name for e in expressions for name in NAME.findall(e))
    assets = list(dict.fromkeys(bands.asset(name) for name in names))
    render: Json = {"assets": assets}
    if not all(NAME.fullmatch(expression) for expression in expressions):
        render["expression"] = ";".join(
            NAME.sub(lambda match: bands.asset(match[0]), e) for e in expressions
        )
    elif len(assets) != len(channels):
        render["expression"] = ";".join(bands.asset(e) for e in expressions)
    render |= _ranges(channels)
    Style.parse(render)
    return render


def _ranges(channels: list[Json]) -> Json:
    ranges = [channel.get("range") for channel in channels]
    values = {channel.get("nodata") for channel in channels} - {None}
    told: Json = {"rescale": ranges} if all(ranges) else {}
    told |= {"nodata": values.pop()} if len(values) == 1 else {}
    return {**told, "resampling": "bilinear"}


def assets(product_types: list[Json], coverage_types: list[Json]) -> Part:
    """`item_assets`: what bands the products have, and their masks.

    The STAC extension Render has no masks, so they are told with the assets that they are, in a
    field `swath:mask`: whether they mark what is valid or what is not.
    """
    part = Part({})
    for product_type in product_types:
        part.value |= Bands(coverage_types, product_type).described
        for name, mask in (product_type.get("masks") or {}).items():
            validity = bool((mask or {}).get("validity", False))
            title = f"Mask: {name}"
            part.value[str(name)] = {
                "title": title,
                "roles": ["data-mask"],
                "swath:mask": {"validity": validity},
            }
    if any("swath:mask" in asset for asset in part.value.values()):
        part.notes.append(
            "`swath:mask.validity`: whether a mask marks what is valid. No layer uses it."
        )
    return part
