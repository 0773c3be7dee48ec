"""Two empty collections, and a receiver of webhooks."""

import threading
from collections.abc import Iterator

import pytest

from documents import collection
from infrastructure.catalogue import Catalogue
from receivers import Receiver


@pytest.fixture
def filled(catalogue: Catalogue) -> Catalogue:
    """A catalogue with two empty collections, `c` and `d`."""
    catalogue.put_collection(collection("c"))
    catalogue.put_collection(collection("d"))
    return catalogue


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, args=(0.05,))
    thread.start()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()
    thread.join()
