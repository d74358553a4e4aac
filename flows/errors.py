"""Failures of a run, as opposed to those of one of the other packages."""

from __future__ import annotations

from typing import Any

#: Exit codes of the command: any error, or all regions or rows failed; some of them failed. 2 is a mistyped command.
ERROR, PARTLY_FAILED = 1, 3


class FlowError(Exception):
    """Base of the errors below; the message says what failed, where, and how to fix it."""


class UnknownSource(FlowError):
    """`--source` is neither a known name nor a folder with a `catalog.json`."""


class MissingProductivity(FlowError):
    """The source has no data set for productivity, without which nothing can be assessed."""


class UnusableFiles(FlowError):
    """Files of an own source do not fit the catalogue, the years or the region of the request."""


class RegionsFailed(FlowError):
    """Some or all regions of a run failed; the others are published. `outcome` is the result of the flow."""

    def __init__(self, failures: dict[str, str], published: int, outcome: Any = None) -> None:
        self.failures = failures
        self.published = published
        self.outcome = outcome
        lines = "\n".join(f"  {region}: {reason}" for region, reason in failures.items())
        rest = f"published: the other {published}" if published else "nothing is published"
        super().__init__(f"{len(failures)} of {len(failures) + published} regions failed; {rest}.\n{lines}")

    @property
    def exit_code(self) -> int:
        """Exit code of the command."""
        return PARTLY_FAILED if self.published else ERROR


class RowsLeftOut(FlowError):
    """Some or all rows of an import are wrong and were left out, as requested; the others are written."""

    def __init__(self, file: str, left_out: int, kept: int) -> None:
        self.kept = kept
        super().__init__(
            f"{file}: {left_out} problems, their rows were left out (listed above); {kept} practices were read. "
            f"Correct these rows and import them again"
        )

    @property
    def exit_code(self) -> int:
        """Exit code of the command."""
        return PARTLY_FAILED if self.kept else ERROR


class NothingAssessed(FlowError):
    """No published assessment that evidence could be computed from."""


class UnsettledYears(FlowError):
    """The last year of a request is `latest`, and it is not determined yet or cannot be determined."""


class MissingCube(FlowError):
    """The cubes of an assessment are no longer in their folder."""
