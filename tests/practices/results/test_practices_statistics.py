"""Statistics, recoded areas and PRAIS tables: written with an assessment, read back, exported; on both databases."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook
from published import BREAKS, OBSERVATIONS, REGION, RUN, assessment
from sqlalchemy import Engine, inspect, text

from practices.database.migrations import migrate
from practices.errors import BadRecord
from practices.exports.export import export
from practices.results.publish import publish
from practices.results.queries import areas, countries, patches, recodes, report, statistics
from practices.results.records import AssessmentRecord

STATISTICS = pd.DataFrame(
    [
        ("field_significance", 0.3, None, None, 0.005, "1", "degraded share by trajectory; 199 orders of years"),
        ("detectable_decline_pixel", None, None, None, None, "%", "not even 40 % was found 80 % of the time"),
    ],
    columns=["name", "value", "low", "high", "p", "units", "note"],
)
RECODES = pd.DataFrame(
    [
        {
            **{"name": "pits", "wrongly_shown_as": "stable", "should_be": "degraded", "prais_term": "false positive"},
            **{"justification": "Open-cast mine, no vegetation", "who": "Land Agency", "date": "2026-03-31"},
            **{"pixels": 4, "area_km2": 2.5, "before_km2": 90.0},
        }
    ]
)
REPORT = pd.DataFrame(
    [
        ("SO1-4.T2", "degraded land", "value", 10.0, "km2"),
        ("SO1-4.T2", "proportion degraded (SDG 15.3.1)", "value", 10.0, "%"),
        ("SO1-1.T5", "grassland", "cropland", 3.0, "km2"),
    ],
    columns=["table", "row", "column", "value", "units"],
)


PATCHES = pd.DataFrame(
    [
        (2, 4.0, 46.5, 103.0, "cannot be determined", "Nothing is known.", None, None),
        (1, 9.5, 46.0, 103.5, "grazing", "The loss since 2012 …", 2012, 0.9),
    ],
    columns=["patch", "area_km2", "lat", "lon", "verdict", "sentence", "year", "probability"],
).astype({"year": "Int64"})


def full() -> AssessmentRecord:
    return replace(assessment(), statistics=STATISTICS, recodes=RECODES, report=REPORT, patches=PATCHES)


def test_what_is_said_of_an_assessment_comes_back(database: Engine) -> None:
    publish(database, RUN, [full()], OBSERVATIONS, BREAKS)
    told = statistics(database).set_index("name")
    assert (told.loc["field_significance", "value"], told.loc["field_significance", "p"]) == (0.3, 0.005)
    assert pd.isna(told.loc["detectable_decline_pixel", "value"])
    assert set(told["origin"]) == {"simulated"}
    (area,) = recodes(database).to_dict("records")
    assert area["justification"] == "Open-cast mine, no vegetation"
    assert (area["date"], area["pixels"], area["prais_term"]) == (dt.date(2026, 3, 31), 4, "false positive")
    assert report(database)["value"].tolist() == [3.0, 10.0, 10.0]
    first, second = patches(database).to_dict("records")
    assert (first["patch"], first["verdict"], first["year"], first["probability"]) == (1, "grazing", 2012, 0.9)
    assert pd.isna(second["year"])


def test_an_assessment_without_them_has_none(database: Engine) -> None:
    publish(database, RUN, [assessment()], OBSERVATIONS, BREAKS)
    assert statistics(database).empty
    assert recodes(database).empty
    assert report(database).empty
    assert patches(database).empty


def test_a_recoding_is_a_new_revision_and_the_older_stays(database: Engine) -> None:
    publish(database, RUN, [assessment()], OBSERVATIONS, BREAKS)
    again = publish(database, replace(RUN, digest="d2"), [full()], OBSERVATIONS, BREAKS)
    assert (again.changed, again.revision) == (True, 2)
    other = replace(full(), recodes=RECODES.assign(justification="Seen in the field"))
    assert publish(database, replace(RUN, digest="d3"), [other], OBSERVATIONS, BREAKS).revision == 3
    assert recodes(database)["justification"].tolist() == ["Seen in the field"]
    older = recodes(database, all_revisions=True)
    assert older.set_index("revision")["justification"].to_dict() == {
        2: "Open-cast mine, no vegetation",
        3: "Seen in the field",
    }
    assert publish(database, replace(RUN, digest="d3"), [other], OBSERVATIONS, BREAKS).changed is False


def test_bad_ones_are_refused_whole(database: Engine) -> None:
    for wrong, match in (
        ({"statistics": STATISTICS.drop(columns="units")}, "statistics have no column units"),
        ({"recodes": RECODES.assign(justification=None)}, "recodes .* has no justification"),
        ({"recodes": RECODES.assign(should_be="stable")}, "breaks a rule of the database"),
        ({"recodes": RECODES.assign(area_km2=91.0)}, "breaks a rule of the database"),
        ({"report": pd.concat([REPORT, REPORT])}, "comes twice"),
        ({"patches": PATCHES.assign(area_km2=-1.0)}, "breaks a rule of the database"),
        ({"patches": PATCHES.assign(verdict=None)}, "patches .* has no verdict"),
    ):
        with pytest.raises(BadRecord, match=match):
            publish(database, RUN, [replace(full(), **wrong)], OBSERVATIONS, BREAKS)  # type: ignore[arg-type]
        assert areas(database).empty


def test_the_migration_goes_down_and_up(database: Engine) -> None:
    publish(database, RUN, [full()], OBSERVATIONS, BREAKS)
    migrate(database, "0002")
    assert not {"statistic", "recode", "report_value", "degraded_patch"} & set(inspect(database).get_table_names())
    with database.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM area")) == 3
    migrate(database)
    assert statistics(database).empty
    assert len(areas(database)) == 3


def test_corrected_areas_of_earlier_runs_are_taken_from_their_statistics(database: Engine) -> None:
    row = ("corrected_area_degraded", 19.3, 8.2, 30.4, None, "km2", "corrected for errors of the map")
    corrected = pd.DataFrame([row], columns=STATISTICS.columns)
    publish(database, RUN, [replace(assessment(), statistics=corrected)], OBSERVATIONS, BREAKS)
    assert areas(database)["corrected_km2"].isna().all()
    migrate(database, "0008")
    migrate(database)
    found = areas(database).set_index("class_name")["corrected_km2"]
    assert found["degraded"] == 19.3
    assert found.drop("degraded").isna().all()


def test_countries_add_their_regions_up_and_say_what_is_shared(database: Engine) -> None:
    shared = replace(REGION, id="border", countries=("CHN", "MNG"))
    records = [assessment(), assessment(30.0, shared)]
    publish(database, RUN, records, OBSERVATIONS, BREAKS)
    found = countries(database)
    degraded = found[found["class_name"] == "degraded"].set_index("country")
    assert degraded.loc["CHN", ["regions", "area_km2", "total_km2", "shared_km2"]].tolist() == [2, 40.0, 200.0, 30.0]
    assert degraded.loc["MNG", ["regions", "area_km2", "total_km2", "shared_km2"]].tolist() == [1, 30.0, 100.0, 30.0]
    sums = found.groupby("country")[["area_km2"]].sum().join(found.groupby("country")["total_km2"].first())
    assert (sums["area_km2"] == sums["total_km2"]).all()


def test_exports_hold_them(database: Engine, tmp_path: Path) -> None:
    publish(database, RUN, [full()], OBSERVATIONS, BREAKS)
    ((book,), files) = export(database, tmp_path, formats=["xlsx", "csv"]).values()
    assert {"statistics.csv", "countries.csv", "prais.csv", "recodes.csv"} <= {each.name for each in files}
    told = pd.read_csv(tmp_path / "recodes.csv", encoding="utf-8-sig")
    assert told["who"].tolist() == ["Land Agency"]
    sheets = load_workbook(book)
    rows = list(sheets["SO1-4.T2"].iter_rows(values_only=True))
    assert str(rows[0][0]).startswith("PRAIS 4, SO1-4.T2: Degraded land")
    shown = {row[rows[2].index("row_name")]: row for row in rows[3:]}
    assert shown["degraded land"][rows[2].index("value km2")] == 10
    assert shown["proportion degraded (SDG 15.3.1)"][rows[2].index("value %")] == 10
    assert [row[rows[2].index("row_name")] for row in rows[3:]] == ["degraded land", "proportion degraded (SDG 15.3.1)"]
    assert "SO1-1.T5" in sheets.sheetnames
    assert "SO1-3.T1" not in sheets.sheetnames
