"""What a run prints at its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

from rich.console import Console

from flows.region.result import RegionResult
from flows.report import Outcome, markdown_report, print_outcome
from flows.request.assess import AssessRequest

CLASSES = ("degraded", "stable", "improved", "undetermined")
AREAS, SHARES = ({"degraded": 3.4, "undetermined": 0.45}, {"degraded": 0.88, "undetermined": 0.12})
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SMALL = RegionResult(
    "square", "2001-2021", "ne-asia", "offline-files", "1", Path("x"), NOW, NOW,
    {**dict.fromkeys(CLASSES, 0.0), **AREAS}, {**dict.fromkeys(CLASSES, 0.0), **SHARES}, -4.1, 0.14, (),
)  # fmt: skip


def printed(outcome: Outcome, data: str = "elsewhere") -> str:
    text = StringIO()
    console = Console(file=text, width=80)
    print_outcome(console, AssessRequest(data=Path(data)), outcome, seconds=1)
    return text.getvalue()


def test_areas_of_a_small_region_have_decimals() -> None:
    assert "3.40" in printed(Outcome((SMALL,)))
    large = replace(SMALL, area_km2={name: 1000 * area for name, area in SMALL.area_km2.items()})
    assert "3,400 " in printed(Outcome((large,)))


def test_what_can_be_typed_next_is_in_line_and_names_the_folder() -> None:
    following = printed(Outcome((SMALL,))).split("Next:\n")[1].splitlines()
    assert all("--data elsewhere  " in line for line in following)
    assert "drylands figure map square --data elsewhere  draw a map" in following[1]
    starts = {len(line) - len(line.rsplit("  ", 1)[1].strip()) for line in following}
    assert len(starts) == 1


def test_the_password_of_a_database_is_not_printed() -> None:
    text = StringIO()
    request = AssessRequest(database="postgresql://anna:secret@host/land")
    print_outcome(Console(file=text, width=80), request, Outcome((SMALL,)), seconds=1)
    assert "database   postgresql+psycopg://anna:***@host/land" in text.getvalue()
    following = text.getvalue().split("Next:\n")[1]
    assert "First put the URL of the database into the variable DRYLANDS_DATABASE" in following
    assert "drylands export  " in following
    assert "***" not in following
    assert "secret" not in text.getvalue()


def test_the_year_that_latest_was_is_told() -> None:
    outcome = Outcome((SMALL,), years_note="latest is 2021: every data set is complete to 2021")
    assert "Years: latest is 2021: every data set is complete to 2021." in printed(outcome)
    assert "Years: latest is 2021" in markdown_report(AssessRequest(), outcome)
    assert "latest" not in printed(Outcome((SMALL,)))
