"""Receivers of webhooks, and the process that delivers to them."""

import json
import os
import ssl
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import SecretStr

from infrastructure.catalogue import Catalogue
from infrastructure.events import letters, subscriptions
from infrastructure.events.selection import EVERYTHING, Selection
from infrastructure.events.subscriptions import Subscription
from infrastructure.settings import DatabaseSettings

ROOT = Path(__file__).parent.parent.parent

Answer = tuple[int, Mapping[str, str]]


@dataclass
class Delivery:
    path: str
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)

    @property
    def event(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.body)
        return document

    @property
    def item(self) -> str:
        return str(self.event["subject"])


class Receiver:
    """A real HTTP server; `answer` says how it answers by path, item and number of the attempt."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        self.answer: Callable[[str, str, int], Answer] = lambda *_: (204, {})
        self.tried: Counter[tuple[str, str]] = Counter()
        self.busy = 0
        self.most_busy = 0
        self.lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                status, headers = receiver.take(self.path, dict(self.headers.items()), body)
                self.send_response(status)
                for name, value in {"Content-Length": "0", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def take(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        delivery = Delivery(path, headers, body)
        with self.lock:
            self.busy += 1
            self.most_busy = max(self.busy, self.most_busy)
            self.tried[path, delivery.item] += 1
            self.deliveries.append(delivery)
        answered = self.answer(path, delivery.item, self.tried[path, delivery.item])
        with self.lock:
            self.busy -= 1
        return answered

    def speak_tls(self, certificate: Path) -> None:
        """Speak TLS from now on, as `localhost`, with a certificate that is written here."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
            .sign(key, hashes.SHA256())
        )
        form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        certificate.write_bytes(made.public_bytes(Encoding.PEM) + key.private_bytes(*form))
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)

    def to(self, path: str) -> list[Delivery]:
        return [delivery for delivery in self.deliveries if delivery.path == path]

    def items(self, path: str) -> list[str]:
        return [each.item for each in list(self.deliveries) if each.path == path]


@contextmanager
def deliverer(database: DatabaseSettings, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that delivers, impatient, and with leave for this machine."""
    libpq = {
        f"PG{name.upper()}": value.get_secret_value()
        if isinstance(value, SecretStr)
        else str(value)
        for name, value in database
    }
    impatient = {"POLL": "0.2", "PAUSE": "0.1", "ATTEMPTS": "3", "PRIVATE_HOSTS": "true"}
    own = {f"SWATH_EVENTS_{name}": value for name, value in {**impatient, **settings}.items()}
    process = subprocess.Popen(
        [sys.executable, "-m", "infrastructure.events.deliver"],
        cwd=ROOT,
        env={**os.environ, **libpq, **own, "NO_PROXY": "127.0.0.1"},
    )
    try:
        yield process
    finally:
        process.terminate()
        assert process.wait(20) in {0, -9}


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.05)


def subscribe(
    catalogue: Catalogue, url: str, wanted: Selection = EVERYTHING, since: str = "0-0"
) -> tuple[Subscription, str]:
    return subscriptions.subscribe(catalogue, url, wanted, since, private_hosts=True)


def state(catalogue: Catalogue, id_: UUID) -> Subscription:
    return subscriptions.subscription(catalogue, id_)


def letter_of(catalogue: Catalogue, id_: UUID) -> letters.DeadLetter:
    return letters.dead_letters(catalogue, id_)[0]
