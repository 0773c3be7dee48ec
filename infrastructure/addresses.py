"""From the addresses that stand in the catalogue to those that a client can open."""

from urllib.parse import quote

from infrastructure.settings import StorageSettings
from infrastructure.storage import Store


def public_href(href: str, store: Store, settings: StorageSettings, api_url: str) -> str:
    """The http(s) address of a file of our store; any other address stays as it is.

    Args:
        href: Address as it stands in the catalogue.
        store: The store of the files that Swath makes.
        settings: Says whether a web server of its own serves the store.
        api_url: Root of the API, which serves the store otherwise.
    """
    key = store.key(href)
    if key is None:
        return href
    base = settings.public_url or f"{api_url.rstrip('/')}/assets"
    return f"{base.rstrip('/')}/{quote(key)}"
