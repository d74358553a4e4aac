"""Publishing: whole or not at all, once, and nothing replaced. On SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Engine, inspect

from practices.database import open_database
from practices.errors import BadRecord, DatabaseUnusable
from practices.migrations import migrate
from practices.models import Base
from practices.publish import publish
from practices.queries import areas, breaks, runs
from practices.records import AssessmentRecord, RegionRecord, RunRecord

REGION = RegionRecord("otindag", "Otindag", ("CHN",), "sandy steppe", {"type": "Polygon", "coordinates": []})
RUN = RunRecord("d1", "simulated", {"productivity": "x"}, "0.1.0", datetime(2026, 1, 1), datetime(2026, 1, 1))
OBSERVATIONS = pd.DataFrame(
    [{"region": "otindag", "variable": "rain", "month": pd.Timestamp(2001, 1, 1), "value": 2.5, "units": "mm"}]
)
BREAKS = pd.DataFrame(
    [{"region": "otindag", "variable": "productivity", "year": 2010, "low": 2008, "high": 2012, "magnitude": -0.1}]
)


def assessment(degraded: float = 10.0) -> AssessmentRecord:
    rows = [("sdg", "degraded", degraded), ("sdg", "stable", 90.0), ("sdg", "no data", 0.0)]
    table = pd.DataFrame(rows, columns=["indicator", "class", "area_km2"])
    table = table.assign(valid_km2=90 + degraded, total_km2=90 + degraded, share=[0.1, 0.9, float("nan")])
    return AssessmentRecord(REGION, "2001-2024", (2001, 2024), "ne-asia", table, trend_p=0.5)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(tmp_path / "practices.sqlite")
    yield engine
    engine.dispose()


def test_publishing_twice_changes_nothing(database: Engine) -> None:
    first = publish(database, RUN, [assessment()], OBSERVATIONS, BREAKS)
    before = areas(database)
    again = publish(database, RUN, [assessment()], OBSERVATIONS, BREAKS)
    assert (first.changed, again.changed) == (True, False)
    pd.testing.assert_frame_equal(areas(database), before)
    assert len(runs(database)) == len(breaks(database)) == 1


def test_a_changed_result_is_a_new_revision_and_the_older_stays(database: Engine) -> None:
    publish(database, RUN, [assessment()], OBSERVATIONS, BREAKS)
    changed = publish(database, replace(RUN, digest="d2"), [assessment(20.0)], OBSERVATIONS, BREAKS)
    assert changed.revision == 2
    everything = areas(database, all_revisions=True)
    degraded = everything[everything["class_name"] == "degraded"].set_index("revision")["area_km2"]
    assert degraded.to_dict() == {1: 10.0, 2: 20.0}
    assert set(areas(database)["revision"]) == {2}


def test_simulated_and_real_results_never_mix(database: Engine) -> None:
    publish(database, RUN, [assessment()], OBSERVATIONS, BREAKS)
    real = replace(RUN, digest="d3", origin="earth-engine")
    assert publish(database, real, [assessment(30.0)], OBSERVATIONS, BREAKS).revision == 1
    assert set(areas(database)["origin"]) == {"simulated", "earth-engine"}
    with pytest.raises(BadRecord, match="origin 'invented'"):
        publish(database, replace(RUN, digest="d4", origin="invented"), [], OBSERVATIONS, BREAKS)


def test_a_publish_that_fails_leaves_nothing(database: Engine) -> None:
    double = pd.concat([BREAKS, BREAKS])
    with pytest.raises(BadRecord, match="comes twice"):
        publish(database, RUN, [assessment()], OBSERVATIONS, double)
    assert runs(database).empty
    assert areas(database).empty


def test_migrations_go_up_and_down_and_match_the_models(database: Engine) -> None:
    publish(database, RUN, [assessment()], OBSERVATIONS, BREAKS)
    assert set(Base.metadata.tables) <= set(inspect(database).get_table_names())
    migrate(database, "base")
    assert "run" not in inspect(database).get_table_names()
    migrate(database)
    assert runs(database).empty


def test_unusable_databases_say_why(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match="not a database URL"):
        open_database("nothing://at/all")
    (tmp_path / "text.sqlite").write_text("this is a letter, not a database" * 100)
    with pytest.raises(DatabaseUnusable, match="no SQLite database"):
        open_database(tmp_path / "text.sqlite")
