"""Ways to the data: the MCF's `distribution`, and pictures."""

from typing import Any

from infrastructure.metadata.mcf.subject import WEB, Subject

STRUCTURE = {
    "root", "parent", "child", "collection", "item", "items", "license", "self", "alternate",
    "describedby", "search", "conformance", "data", "queryables",
}  # fmt: skip
"""Link relations that are no way to the data: the catalogue's own, and the licence."""

OF_RECORD = {"item", "enclosure", "via"}
"""Link relations that addresses of a record become."""

ANYWHERE = (*WEB, "s3://", "ftp://", "ftps://", "sftp://")
"""Addresses that records of others name."""

Online = dict[str, Any]


def distribution(subject: Subject) -> dict[str, Online]:
    """The assets, then the links, that lead into the web."""
    if subject.is_record:
        return _of_record(subject)
    assets = {
        f"asset-{key}": {
            "url": asset["href"],
            "type": "WWW:DOWNLOAD-1.0-http--download",
            "name": asset.get("title") or key,
            "description": asset.get("description") or asset.get("type"),
            "function": "download",
            "media_type": asset.get("type"),
        }
        for key, asset in subject.assets.items()
        if asset["href"].startswith(WEB)
    }
    links = {
        f"link-{number}": {
            "url": link["href"],
            "type": "WWW:LINK-1.0-http--link",
            "name": link.get("title") or link["rel"],
            "description": link.get("type"),
            "function": "information",
        }
        for number, link in enumerate(subject.document.get("links", []))
        if link["href"].startswith(WEB) and link["rel"] not in STRUCTURE
    }
    return assets | links


def graphics(subject: Subject) -> list[dict[str, str | None]]:
    """Pictures of the resource."""
    found = [
        {"url": asset["href"], "description": asset.get("title"), "type": asset.get("iso:protocol")}
        for asset in subject.assets.values()
        if "thumbnail" in asset.get("roles", []) and asset["href"].startswith(WEB)
    ]
    return found if subject.is_record else found[:1]


def formats(subject: Subject) -> list[dict[str, str]]:
    """The record's formats, or the media types of the data."""
    if subject.is_record:
        return list(subject.told.get("iso:formats", []))
    types = (a.get("type") for a in subject.assets.values() if "data" in a.get("roles", []))
    return [{"name": kind} for kind in dict.fromkeys(types) if kind]


def _of_record(subject: Subject) -> dict[str, Online]:
    """What a record told of its addresses, as it told it."""
    assets = {
        f"asset-{key}": {
            "url": asset["href"],
            "type": asset.get("iso:protocol"),
            "name": asset.get("title"),
            "description": asset.get("description"),
            "function": asset.get("iso:function"),
            "media_type": asset.get("type"),
        }
        for key, asset in subject.assets.items()
        if asset["href"].startswith(ANYWHERE) and "thumbnail" not in asset.get("roles", [])
    }
    links = {
        f"link-{number}": {
            "url": link["href"],
            "type": link.get("protocol"),
            "name": link.get("title"),
            "description": link.get("description"),
            "function": link.get("iso:function"),
            "operation": link.get("iso:operation"),
        }
        for number, link in enumerate(subject.document.get("links", []))
        if link["href"].startswith(ANYWHERE) and link["rel"] in OF_RECORD
    }
    return assets | links
