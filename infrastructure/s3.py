"""S3 by one set of variables: the store's client and GDAL each have their own names for them.

An operator sets the `AWS_*` variables of the AWS SDKs. Both readers take the credentials and the
region from there; where another provider's server is, GDAL has to be told in its own words.
"""

import os
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from obstore.store import S3Store

from infrastructure.errors import Misconfigured

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

ENDPOINT = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
"""Variables that name another provider's server; the first that is set wins."""

RETRY: "RetryConfig" = {
    "max_retries": 4,
    "retry_timeout": timedelta(seconds=8),
    "backoff": {
        "init_backoff": timedelta(milliseconds=100),
        "max_backoff": timedelta(seconds=2),
        "base": 2,
    },
}
"""A server that is gone is told of within seconds; the flows try again later and for longer."""

CLIENT: "ClientConfig" = {"connect_timeout": "3s"}

GDAL = {
    # GDAL would keep a file's size and blocks for good, and read a rewritten file as damaged.
    "CPL_VSIL_CURL_NON_CACHED": "/vsis3/",
    "GDAL_HTTP_CONNECTTIMEOUT": "3",
    "GDAL_HTTP_LOW_SPEED_TIME": "30",
    "GDAL_HTTP_LOW_SPEED_LIMIT": "1",
    "GDAL_HTTP_MAX_RETRY": "3",
    "GDAL_HTTP_RETRY_DELAY": "0.5",
}
"""Seconds, except the limit (bytes a second) and the number of retries."""

NO_ANSWER = "CURL error"
"""How GDAL's message begins when a server does not answer."""


def open_bucket(bucket: str, prefix: str | None) -> S3Store:
    """The client of a bucket, by the environment's `AWS_*` variables.

    Raises:
        Misconfigured: the address of the server is none.
    """
    endpoint = _endpoint(os.environ)
    plain = endpoint is not None and endpoint.scheme == "http"
    options: ClientConfig = {**CLIENT, "allow_http": True} if plain else CLIENT
    return S3Store(bucket, prefix=prefix, client_options=options, retry_config=RETRY)


def gdal_options(environ: Mapping[str, str]) -> dict[str, str]:
    """What GDAL has to be told to read the same buckets; for `rasterio.Env`.

    Args:
        environ: The environment's variables.

    Raises:
        Misconfigured: the address of the server is none.
    """
    endpoint = _endpoint(environ)
    if endpoint is None:
        return dict(GDAL)
    return {
        **GDAL,
        "AWS_S3_ENDPOINT": endpoint.netloc,
        "AWS_HTTPS": "YES" if endpoint.scheme == "https" else "NO",
        "AWS_VIRTUAL_HOSTING": "FALSE",
    }


def server(environ: Mapping[str, str]) -> str | None:
    """The address of the S3 server, if it is not Amazon's.

    Raises:
        Misconfigured: it is none.
    """
    endpoint = _endpoint(environ)
    return endpoint.geturl().rstrip("/") if endpoint else None


def _endpoint(environ: Mapping[str, str]) -> SplitResult | None:
    for name in ENDPOINT:
        if url := environ.get(name):
            parts = urlsplit(url)
            if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/"):
                raise Misconfigured(f"{name}='{url}' is no https://host or http://host:port")
            return parts
    return None
