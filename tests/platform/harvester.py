"""Harvests one after the other in one process, for a platform whose environment it has.

A worker starts a new process for each run, which takes ten seconds; here the flow is the same, on
the same Prefect server. Reads the parameters of a run per line, in JSON; answers with its state,
its message and its counts.
"""

import json
import sys
from typing import Any

from flows.harvest import harvest
from infrastructure.catalogue import Catalogue
from infrastructure.ledger import Ledger
from infrastructure.settings import DatabaseSettings


def run(parameters: dict[str, Any]) -> dict[str, Any]:
    state = harvest(**parameters, return_state=True)
    with Catalogue(DatabaseSettings()) as catalogue:
        told = Ledger(catalogue).run(state.state_details.flow_run_id)
    return {"state": state.name, "message": state.message, "counts": told.counts}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line))), flush=True)  # noqa: T201 - it answers its caller
