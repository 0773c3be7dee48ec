"""What the log of a run says of failures that were foreseen: one line, and no trace."""

import logging

from prefect.exceptions import CancelledRun, FailedRun

from infrastructure.errors import SwathError

LOGGERS = ("prefect.flow_runs", "prefect.task_runs")


class OneLine(logging.Filter):
    """Leave traces to errors that nobody foresaw.

    A flow that returns a state says in it why it failed, and Prefect writes that down; then the
    process that runs it raises the state once more. An error of ours is a sentence by itself.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Drop what was said already; take the trace from what says all in its message."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, SwathError):
            record.exc_info = None
        return not isinstance(error, (FailedRun, CancelledRun))


ONE_LINE = OneLine()


def without_traces() -> None:
    """Have this process log so; to ask twice changes nothing."""
    for name in LOGGERS:
        logging.getLogger(name).addFilter(ONE_LINE)
