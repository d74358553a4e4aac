"""Publishing: whole or not at all, once, and nothing replaced. On SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from published import BREAKS, OBSERVATIONS, REGION, RUN, assessment
from sqlalchemy import Engine, inspect, text

from practices.database.migrations import migrate
from practices.database.open import open_database
from practices.database.transactions import reading, writing
from practices.errors import BadDatabaseUrl, BadRecord, DatabaseLocked, DatabaseUnusable, SchemaTooNew
from practices.models import Base
from practices.report.summary import summary
from practices.results.publish import publish
from practices.results.queries import areas, breaks, observations, runs, transitions


def test_publishing_twice_changes_nothing(database: Engine) -> None:
    first = publish(database, RUN, [assessment()], OBSERVATIONS, BREAKS)
    before = areas(database)
    later = RUN.finished + timedelta(days=1)
    again = publish(database, replace(RUN, finished=later), [assessment()], OBSERVATIONS, BREAKS)
    assert (first.changed, again.changed) == (True, False)
    pd.testing.assert_frame_equal(areas(database), before)
    assert len(runs(database)) == len(breaks(database)) == len(observations(database)) == 1


def test_a_changed_result_is_a_new_revision_and_the_older_stays(database: Engine) -> None:
    publish(database, RUN, [assessment()], OBSERVATIONS, BREAKS)
    changed = publish(database, replace(RUN, digest="d2"), [assessment(20.0)], OBSERVATIONS, BREAKS)
    assert changed.revision == 2
    everything = areas(database, all_revisions=True)
    degraded = everything[everything["class_name"] == "degraded"].set_index("revision")["area_km2"]
    assert degraded.to_dict() == {1: 10.0, 2: 20.0}
    assert set(areas(database)["revision"]) == {2}


def test_an_agreement_of_methods_hides_no_series_and_a_run_without_breaks_has_none(database: Engine) -> None:
    publish(database, RUN, [assessment()], OBSERVATIONS, BREAKS)
    nothing = OBSERVATIONS.iloc[:0], BREAKS.iloc[:0]
    publish(database, replace(RUN, digest="both"), [replace(assessment(), method="agreement")], *nothing)
    assert set(observations(database)["run"]) == set(breaks(database)["run"]) == {"d1"}
    assert summary(database)["method"].tolist() == ["ne-asia"]
    publish(database, replace(RUN, digest="d3"), [assessment(20.0)], OBSERVATIONS, BREAKS.iloc[:0])
    assert set(observations(database)["run"]) == {"d3"}
    assert breaks(database).empty


def test_another_result_under_the_same_digest_is_kept_beside_the_first(database: Engine) -> None:
    publish(database, RUN, [assessment()], OBSERVATIONS, BREAKS)
    again = publish(database, RUN, [assessment(20.0)], OBSERVATIONS, BREAKS)
    assert (again.changed, again.revision) == (True, 2)
    assert runs(database)["attempt"].tolist() == [1, 2]


def test_simulated_and_real_results_never_mix(database: Engine) -> None:
    publish(database, RUN, [assessment()], OBSERVATIONS, BREAKS)
    real = replace(RUN, digest="d3", origin="earth-engine")
    assert publish(database, real, [assessment(30.0)], OBSERVATIONS, BREAKS).revision == 1
    assert set(areas(database)["origin"]) == {"simulated", "earth-engine"}
    with pytest.raises(BadRecord, match="origin 'invented'"):
        publish(database, replace(RUN, digest="d4", origin="invented"), [], OBSERVATIONS, BREAKS)


def test_the_summary_says_what_was_published(database: Engine) -> None:
    publish(database, RUN, [assessment()], OBSERVATIONS, BREAKS)
    (row,) = summary(database).to_dict("records")
    expected = {"degraded_km2": 10.0, "stable_km2": 90.0, "degraded_percent": 10.0, "land_km2": 100.0}
    assert {name: row[name] for name in expected} == expected
    assert row["break_years"] == "2010 (2008-2012)"
    assert (row["countries"], row["trend_percent_decade"]) == ("CHN", -2.5)
    assert transitions(database)["area_km2"].tolist() == [3.0]


def test_bad_records_are_refused_and_leave_nothing(database: Engine) -> None:
    def refused(match: str, *content: object) -> None:
        with pytest.raises(BadRecord, match=match):
            publish(database, RUN, *content)  # type: ignore[arg-type]
        assert runs(database).empty
        assert areas(database).empty

    refused("comes twice", [assessment()], OBSERVATIONS, pd.concat([BREAKS, BREAKS]))
    refused("have no column value", [assessment()], OBSERVATIONS.drop(columns="value"), BREAKS)
    refused("has no value", [assessment()], OBSERVATIONS.assign(value=float("nan")), BREAKS)
    refused("infinite", [assessment()], OBSERVATIONS.assign(value=float("inf")), BREAKS)
    refused("nothing says what region 'other' is", [assessment()], OBSERVATIONS.assign(region="other"), BREAKS)
    refused("breaks a rule of the database", [assessment(-1.0)], OBSERVATIONS, BREAKS)
    refused("breaks a rule of the database", [assessment()], OBSERVATIONS, BREAKS.assign(low=2015))


def test_a_failed_run_is_kept_and_not_read(database: Engine) -> None:
    publish(database, replace(RUN, state="failed"), [assessment()], OBSERVATIONS, BREAKS)
    assert runs(database).empty
    assert areas(database).empty
    assert publish(database, replace(RUN, digest="d2"), [assessment()], OBSERVATIONS, BREAKS).changed
    assert len(areas(database)) == 3


def test_migrations_go_up_and_down_and_match_the_models(database: Engine) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    publish(database, RUN, [assessment()], OBSERVATIONS, BREAKS)
    with database.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "drylands_version"})
        assert compare_metadata(context, Base.metadata) == []
    migrate(database, "0001")
    assert "practice" not in inspect(database).get_table_names()
    with database.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM area")) == 3
    migrate(database)
    assert "practice" in inspect(database).get_table_names()
    migrate(database, "base")
    assert "run" not in inspect(database).get_table_names()
    migrate(database)
    assert runs(database).empty


def test_a_newer_schema_is_left_alone(place: str) -> None:
    engine = open_database(place)
    with writing(engine) as connection:
        connection.execute(text("UPDATE drylands_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(SchemaTooNew, match="install a newer drylands"):
        open_database(place)


def test_unusable_databases_say_why(tmp_path: Path) -> None:
    with pytest.raises(BadDatabaseUrl, match="not a database URL"):
        open_database("nothing://at/all")
    with pytest.raises(BadDatabaseUrl, match=r"mysql cannot be used|not a database URL"):
        open_database("mysql://somebody:secret@host/name")
    with pytest.raises(BadDatabaseUrl, match="no folder"):
        open_database(tmp_path / "absent" / "practices.sqlite")
    with pytest.raises(DatabaseUnusable, match="does not answer") as refused:
        open_database("postgresql://somebody:secret@127.0.0.1:1/name")
    assert "secret" not in str(refused.value)
    (tmp_path / "text.sqlite").write_text("this is a letter, not a database" * 100)
    with pytest.raises(DatabaseUnusable, match="not a SQLite database"):
        open_database(tmp_path / "text.sqlite")


def test_two_publishers_at_once_lose_nothing(place: str) -> None:
    engine = open_database(place)
    regions = [replace(REGION, id=f"region-{number}") for number in range(8)]
    failures: list[BaseException] = []

    def work(number: int) -> None:
        own = open_database(place)
        region = regions[number]
        try:
            for step in range(4):
                publish(
                    own,
                    replace(RUN, digest=f"{region.id}-{step}"),
                    [assessment(10.0 + step, region)],
                    OBSERVATIONS.assign(region=region.id),
                    BREAKS.assign(region=region.id),
                )
        except BaseException as error:
            failures.append(error)
        finally:
            own.dispose()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(regions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    everything = areas(engine, all_revisions=True)
    assert len(runs(engine)) == 32
    assert everything.groupby("region")["revision"].max().to_dict() == {region.id: 4 for region in regions}
    engine.dispose()


def test_a_reader_sees_one_state_while_another_publishes(place: str) -> None:
    engine, other = open_database(place), open_database(place)
    publish(engine, RUN, [assessment()], OBSERVATIONS, BREAKS)
    with reading(engine) as connection:
        before = areas(connection)
        publish(other, replace(RUN, digest="d2"), [assessment(20.0)], OBSERVATIONS, BREAKS)
        pd.testing.assert_frame_equal(areas(connection), before)
        assert len(runs(connection)) == 1
    assert len(runs(engine)) == 2
    engine.dispose()
    other.dispose()


def test_a_writer_that_waits_too_long_says_so(place: str) -> None:
    engine, hasty = open_database(place), open_database(place, patience_s=0.2)
    with writing(engine), pytest.raises(DatabaseLocked, match="another program is writing"):
        publish(hasty, RUN, [assessment()], OBSERVATIONS, BREAKS)
    assert publish(hasty, RUN, [assessment()], OBSERVATIONS, BREAKS).changed
    engine.dispose()
    hasty.dispose()


def test_times_are_utc_without_a_zone(database: Engine) -> None:
    from datetime import timezone

    there = datetime(2026, 1, 1, 8, tzinfo=timezone(timedelta(hours=8)))
    publish(database, replace(RUN, started=there, finished=there), [assessment()], OBSERVATIONS, BREAKS)
    assert runs(database)["finished"].tolist() == [pd.Timestamp(2026, 1, 1)]
