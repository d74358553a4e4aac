"""One Prefect server for all tests of flows in a process, instead of one for every flow that runs."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

# Prefect reads these when it is first imported.
os.environ |= {"PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1", "PREFECT_LOGGING_LEVEL": "CRITICAL"}


@pytest.fixture(scope="session")
def prefect_server() -> Iterator[None]:
    """A server of its own, with an empty database that goes when the tests end."""
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        yield
