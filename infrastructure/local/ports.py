"""Free TCP ports for the services of one machine."""

import errno
import socket
from collections.abc import Mapping

from infrastructure.errors import Unavailable

LOOPBACK = "127.0.0.1"


def is_free(host: str, port: int) -> bool:
    """Whether a service could listen on that port of that address just now.

    Raises:
        Unavailable: the address is none of this machine's.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except PermissionError:
        return False
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return False
        raise Unavailable(f"cannot listen on {host}: {error}") from error
    return True


def choose(wanted: Mapping[str, int], hosts: Mapping[str, str]) -> dict[str, int]:
    """A free port for each service: the wanted one, else the next that nobody wants.

    Args:
        wanted: service name -> preferred port.
        hosts: service name -> address that it listens on; loopback for those left out.
    """
    chosen: dict[str, int] = {}
    for name, first in wanted.items():
        others = {port for other, port in wanted.items() if other != name}
        avoid = others | set(chosen.values())
        host = hosts.get(name, LOOPBACK)
        chosen[name] = _next_free(host, first, avoid)
    return chosen


def _next_free(host: str, first: int, avoid: set[int]) -> int:
    for port in range(first, min(first + 1000, 65536)):
        if port not in avoid and is_free(host, port):
            return port
    raise Unavailable(f"no free port on {host} from {first} on")
