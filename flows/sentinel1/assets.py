"""The assets of a product: its images by polarisation, its metadata, its quicklook."""

import re
from collections.abc import Iterator

import pystac

from flows import assets
from flows.extent import look
from flows.sentinel1.manifest import NAME

IMAGE = re.compile(
    r"measurement/(?:s1[a-d]-)?(?P<swath>(?:iw|ew|s|wv)\d?)-(?:(?P<kind>grd|slc)-)?(?P<pol>[hv]{2})"
    r"(?:-.+?(?P<number>\d{3}))?\.tiff?",
    re.IGNORECASE,
)
"""Names of images, in a SAFE and in the layout of the bucket on AWS."""

METADATA = {
    r"annotation/(?:s1[a-d]-)?(?P<name>[^/]+)\.xml": ("annotation", "Annotation"),
    r"annotation/calibration/calibration-(?P<name>[^/]+)\.xml": ("calibration", "Calibration"),
    r"annotation/calibration/noise-(?P<name>[^/]+)\.xml": ("noise", "Noise"),
}
"""Pattern of a path -> what its key begins with, and title."""

CHANNEL = re.compile(r"(?:s1[a-d]-)?((?:iw|ew|s|wv)\d?)-(?:(?:grd|slc)-)?([hv]{2})", re.IGNORECASE)


def images(files: dict[str, str]) -> Iterator[tuple[str, pystac.Asset]]:
    """Key and asset of each image: `vv`, or `iw1-vv` where each swath has its own.

    In wave mode there are many of a swath, and their numbers tell them apart: `wv1-vv-003`.

    Raises:
        Unreadable: one is no raster, or is cut off.
        Unreachable: its server does not answer.
    """
    for name, href in sorted(files.items()):
        if found := IMAGE.fullmatch(name):
            channel, swath = found["pol"].upper(), found["swath"].lower()
            parts = [swath, channel.lower()] if swath[-1].isdigit() else [channel.lower()]
            if swath.startswith("wv") and found["number"]:
                parts.append(found["number"])
            raster = look(name, href)
            bands = [{"name": channel, "sar:polarizations": [channel]}]
            title = " ".join(part.upper() for part in parts)
            yield "-".join(parts), assets.data(raster, href, title, bands=bands)


def beside(files: dict[str, str]) -> Iterator[tuple[str, pystac.Asset]]:
    """Key and asset of each metadata file and picture."""
    for name, href in sorted(files.items()):
        for pattern, (begins, title) in METADATA.items():
            if found := re.fullmatch(pattern, name, re.IGNORECASE):
                channel = CHANNEL.match(found["name"])
                key = "-".join(part.lower() for part in channel.groups()) if channel else "all"
                if key.startswith("wv"):
                    key = f"{key}-{found['name'][-3:]}"
                yield f"{begins}-{key}", assets.metadata(name, href, f"{title} {key.upper()}")
        if name == "preview/quick-look.png":
            yield (
                "thumbnail",
                pystac.Asset(href, "Quicklook", None, pystac.MediaType.PNG, ["thumbnail"]),
            )
    for name, key in ((NAME, "safe_manifest"), ("productInfo.json", "product_info")):
        if name in files:
            yield key, assets.metadata(name, files[name], name)
