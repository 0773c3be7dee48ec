"""pygeoapi with processes, in a process of its own: prints its port and serves.

The first argument is a folder for its files, the others are the processes that it offers.
"""

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent / "sources"))

import peer_pygeoapi

PROCESSORS = {"hello-world": "HelloWorld", "echo": "Echo"}


def main(names: list[str]) -> None:
    plain = peer_pygeoapi.configuration

    def configuration(port: int, database: Path) -> dict[str, Any]:
        config = plain(port, database)
        processes = {
            name: {"type": "process", "processor": {"name": PROCESSORS[name]}} for name in names
        }
        return {**config, "resources": {"records": config["resources"]["records"], **processes}}

    peer_pygeoapi.configuration = configuration
    peer_pygeoapi.main()


if __name__ == "__main__":
    sys.argv, names = sys.argv[:2], sys.argv[2:]
    main(names)
