"""The messages of the logger `drylands` in the log of the Prefect run."""

from __future__ import annotations

import logging

from prefect.context import get_run_context
from prefect.exceptions import MissingContextError
from prefect.logging.handlers import APILogHandler

LOGGER = "drylands"


def in_a_run(_: logging.LogRecord) -> bool:
    """Whether a message comes from inside a flow or task run: the API takes no others."""
    try:
        get_run_context()
    except MissingContextError:
        return False
    return True


def forward_to_prefect() -> None:
    """Send what `drylands` logs inside a run to Prefect's API, at the level that Prefect's own loggers have.

    This is what PREFECT_LOGGING_EXTRA_LOGGERS does, without a setting that each worker must have.
    """
    log = logging.getLogger(LOGGER)
    if not any(isinstance(handler, APILogHandler) for handler in log.handlers):
        handler = APILogHandler()
        handler.addFilter(in_a_run)
        log.addHandler(handler)
    log.setLevel(logging.getLogger("prefect.extra").getEffectiveLevel())
