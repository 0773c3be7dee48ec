"""Platforms that files lie on, by their addresses: S3, Azure, Google Cloud, this machine.

The objects are those of the STAC Storage extension (2.0): a type, a template of the platform's
address, and what is to be filled in.
"""

import re
from dataclasses import dataclass

from infrastructure import archives
from infrastructure.addresses import split

Scheme = dict[str, str | bool]

AWS = "https://{bucket}.s3.{region}.amazonaws.com"
AZURE = "https://{account}.blob.core.windows.net"
GOOGLE = "https://storage.googleapis.com/{bucket}"
FILE: Scheme = {"type": "file", "platform": "file://localhost"}

AWS_HOST = re.compile(
    r"(?:(?P<bucket>[a-z0-9.-]+)\.)?s3(?:[.-](?P<region>[a-z]{2}(?:-[a-z]+)+-\d))?\.amazonaws\.com"
)
AZURE_HOST = re.compile(r"(?P<account>[a-z0-9]+)\.(?:blob|dfs)\.core\.windows\.net")
GOOGLE_HOST = re.compile(r"(?:(?P<bucket>[a-z0-9._-]+)\.)?storage\.googleapis\.com")


@dataclass(frozen=True)
class S3:
    """What the addresses of S3 do not tell."""

    server: str
    """Address of the server; nothing, if it is Amazon's."""
    regions: dict[str, str]
    """Bucket -> region."""

    def scheme(self, bucket: str, region: str | None = None) -> Scheme:
        """The platform of a bucket."""
        known = self.regions.get(bucket, region)
        place: Scheme = {"bucket": bucket, **({"region": known} if known else {})}
        if self.server:
            return {"type": "custom-s3", "platform": self.server, **place}
        return {"type": "aws-s3", "platform": AWS, **place}


def scheme(href: str, s3: S3) -> Scheme | None:
    """The platform that a file lies on; None for a web server, of which nothing more is known.

    Args:
        href: Its address; a file in an archive lies where the archive does.
        s3: What is known of the buckets.

    Raises:
        Unreadable: it is no address.
    """
    member = archives.member(href)
    parts = split(member.archive if member else href)
    match parts.scheme:
        case "file":
            return FILE
        case "s3":
            return s3.scheme(parts.netloc)
        case "gs":
            return _google(parts.netloc)
        case "abfs" | "abfss" | "http" | "https":
            return _by_host(parts.hostname or "", parts.path.split("/")[1:2], s3)
    return None


def _by_host(host: str, folder: list[str], s3: S3) -> Scheme | None:
    """The platform whose host it is; buckets are part of its name, or the first folder."""
    if found := AWS_HOST.fullmatch(host):
        bucket = found["bucket"] or "".join(folder)
        return S3("", s3.regions).scheme(bucket, found["region"])
    if found := AZURE_HOST.fullmatch(host):
        return {"type": "ms-azure", "platform": AZURE, "account": found["account"]}
    if found := GOOGLE_HOST.fullmatch(host):
        return _google(found["bucket"] or "".join(folder))
    return None


def _google(bucket: str) -> Scheme:
    return {"type": "google-cloud-storage", "platform": GOOGLE, "bucket": bucket}
