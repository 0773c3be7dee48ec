"""The log of a run: one line for what was foreseen, the trace for what was not."""

import io
import logging
from collections.abc import Iterator

import pytest
from prefect.exceptions import FailedRun
from prefect.settings import PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW, temporary_settings

from flows.log import LOGGERS, ONE_LINE, without_traces
from infrastructure.errors import Unreadable


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the loggers of runs and tasks write."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    without_traces()
    without_traces()
    for name in LOGGERS:
        logging.getLogger(name).addHandler(handler)
    with temporary_settings({PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW: "ignore"}):  # it is no run
        yield stream
    for name in LOGGERS:
        logging.getLogger(name).removeHandler(handler)
        logging.getLogger(name).removeFilter(ONE_LINE)
        assert ONE_LINE not in logging.getLogger(name).filters


@pytest.mark.parametrize("name", LOGGERS)
@pytest.mark.parametrize(
    ("error", "lines"),
    [
        (FailedRun("why"), []),
        (Unreadable("why"), ["it failed: Unreadable('why')"]),
        (KeyError("why"), ["it failed: KeyError('why')", "KeyError: 'why'"]),
    ],
)
def test_only_a_bug_has_a_trace(
    written: io.StringIO, name: str, error: Exception, lines: list[str]
) -> None:
    logging.getLogger(name).error("it failed: %r", error, exc_info=error)
    assert written.getvalue().splitlines() == lines
