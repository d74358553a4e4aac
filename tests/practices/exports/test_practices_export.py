"""Exports: a workbook and tidy CSV files from one schema, complete, labelled, whole or not at all."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook
from published import BREAKS, OBSERVATIONS, REGION, RUN, assessment
from sqlalchemy import Engine

from practices.errors import BadExport, ExportFailed, NothingToExport
from practices.exports import schema
from practices.exports.content import content
from practices.exports.export import export
from practices.record.catalogue import load, seed
from practices.results.publish import publish


@pytest.fixture
def filled(database: Engine) -> Engine:
    seed(database)
    publish(database, RUN, [assessment()], OBSERVATIONS, BREAKS)
    other = replace(REGION, id="dornod", name="Dornod", countries=("MNG",))
    publish(
        database,
        replace(RUN, digest="d2", origin="earth-engine"),
        [assessment(25.0, other)],
        OBSERVATIONS.assign(region="dornod"),
        BREAKS.assign(region="dornod"),
    )
    return database


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, encoding="utf-8-sig")


def test_csv_files_hold_what_the_dictionary_says(filled: Engine, tmp_path: Path) -> None:
    files = export(filled, tmp_path / "out", formats=["csv"])["csv"]
    dictionary = read(tmp_path / "out" / "data-dictionary.csv")
    assert {path.stem for path in files} == {"data-dictionary", *(table.name for table in schema.TABLES)}
    for path in files:
        if path.stem != "data-dictionary":
            own = dictionary[dictionary["table"] == path.stem]
            assert list(read(path).columns) == own["column"].tolist()
    assert dictionary["meaning"].notna().all()
    areas = read(tmp_path / "out" / "areas.csv")
    assert areas.groupby(["region", "indicator"])["area_km2"].sum().tolist() == [100.0, 100.0]
    assert len(read(tmp_path / "out" / "practices.csv")) == len(load())


def test_some_regions_and_practices_are_those_rows_of_all(filled: Engine) -> None:
    publish(filled, replace(RUN, digest="d3"), [assessment(15.0)], OBSERVATIONS, BREAKS)
    practices = {load()[0].id, load()[5].id}
    everything, some = content(filled), content(filled, regions=["otindag"], origin="simulated", practices=practices)
    for table in schema.TABLES:
        kept = everything[table.name]
        if "region" in kept:
            kept = kept[kept["region"] == "otindag"]
        elif "practice" in kept:
            kept = kept[kept["practice"].isin(practices)]
        elif "run" in kept:
            kept = kept[kept["run"] == "d3"]
        elif "countries" in kept:
            kept = kept[kept["origin"] == "simulated"]
        else:
            kept = kept[kept["country"] == "CHN"]
        pd.testing.assert_frame_equal(some[table.name], kept.reset_index(drop=True), check_dtype=False)


def test_runs_are_those_of_the_results_and_not_others_of_the_same_digest(filled: Engine) -> None:
    later = RUN.finished.replace(year=2027)
    publish(filled, replace(RUN, finished=later), [assessment(15.0)], OBSERVATIONS, BREAKS)
    told = content(filled, regions=["otindag"])
    assert told["runs"][["run", "finished"]].values.tolist() == [["d1", later.date()]]
    assert told["summary"]["revision"].tolist() == [2]


def test_every_run_that_a_table_names_is_told(filled: Engine) -> None:
    nothing = OBSERVATIONS.iloc[:0], BREAKS.iloc[:0]
    publish(filled, replace(RUN, digest="both"), [replace(assessment(), method="agreement")], *nothing)
    told = content(filled)
    named = {run for table in told.values() if "run" in table for run in table["run"]}
    assert named == set(told["runs"]["run"]) == {"d1", "d2", "both"}


def test_the_workbook_says_the_same_as_the_tables(filled: Engine, tmp_path: Path) -> None:
    ((path,), _) = export(filled, tmp_path, formats=["xlsx", "csv"]).values()
    book = load_workbook(path)
    assert book.sheetnames[:4] == ["Read me", "Data dictionary", "Summary", "SDG 15.3.1"]
    rows = list(book["Summary"].iter_rows(min_row=3, values_only=True))
    shown = pd.DataFrame(rows[1:], columns=rows[0]).set_index("region")
    said = read(tmp_path / "summary.csv").set_index("region")
    for column in ("degraded_km2", "degraded_percent", "total_km2", "trend_percent_decade"):
        assert shown[column].astype(float).to_dict() == said[column].to_dict()
    wide = list(book["SDG 15.3.1"].iter_rows(min_row=3, values_only=True))
    assert dict(zip(wide[0], wide[1], strict=True))["degraded km2"] == 25.0
    assert not any(c.data_type == "f" for sheet in book for row in sheet.iter_rows() for c in row)


def test_simulated_results_are_marked_and_real_ones_are_not(filled: Engine, tmp_path: Path) -> None:
    (book,) = export(filled, tmp_path / "real", origin="earth-engine")["xlsx"]
    text = " ".join(str(c.value) for sheet in load_workbook(book) for row in sheet.iter_rows() for c in row if c.value)
    assert "SIMULATED DATA" not in text
    assert read(tmp_path / "real" / "summary.csv")["region"].tolist() == ["dornod"]
    (book,) = export(filled, tmp_path / "simulated", origin="simulated", formats=["xlsx"])["xlsx"]
    sheets = load_workbook(book)
    for name in sheets.sheetnames:
        if name in ("Good practices", "Sites of practices", "History of practices"):
            assert "Documented of real practices" in str(sheets[name]["A2"].value)
        elif name != "Data dictionary":
            assert "SIMULATED DATA" in str(sheets[name]["A2"].value)


def test_nothing_to_export_says_what_there_is(filled: Engine, tmp_path: Path) -> None:
    with pytest.raises(
        NothingToExport, match="region 'gobi': nothing is published for it; there are results for dornod"
    ):
        export(filled, tmp_path, regions=["gobi"])
    with pytest.raises(NothingToExport, match="no result of origin 'offline-files'"):
        export(filled, tmp_path, origin="offline-files")
    with pytest.raises(BadExport, match="format 'pdf': not known; allowed: xlsx, csv, gpkg, package"):
        export(filled, tmp_path, formats=["pdf"])
    assert list(tmp_path.glob("*.csv")) == []


def test_a_file_that_cannot_be_written_keeps_the_old_one(filled: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    export(filled, folder, formats=["xlsx", "csv"])
    (folder / "drylands.xlsx").unlink()
    (folder / "drylands.xlsx").mkdir()
    before = (folder / "areas.csv").read_bytes()
    with pytest.raises(ExportFailed, match=r"drylands\.xlsx: cannot be written"):
        export(filled, folder, formats=["csv", "xlsx"])
    assert (folder / "areas.csv").read_bytes() == before
    assert {path.suffix for path in folder.iterdir()} == {".csv", ".xlsx"}
    assert stat.S_IMODE((folder / "areas.csv").stat().st_mode) == 0o644


def test_pages_for_printing_of_every_region_and_practice(filled: Engine, tmp_path: Path) -> None:
    files = export(filled, tmp_path, origin="earth-engine", regions=["dornod"], formats=["brief"])["brief"]
    names = {each.name for each in files}
    assert "brief-dornod.html" in names
    assert "brief-otindag.html" not in names
    assert sum(name.startswith("practice-") for name in names) == len(load())
    page = (tmp_path / "briefs" / "brief-dornod.html").read_text(encoding="utf-8")
    assert "Dornod" in page
    assert "25.0 % degraded" in page
    assert "SIMULATED DATA" not in page
    assert "http://" not in page.replace("http://www.w3.org", "")


MONGOLIAN = replace(REGION, id="ongi", name="Өмнөговь")


def test_a_region_has_its_own_name_beside_its_id_in_every_table_and_sheet(database: Engine, tmp_path: Path) -> None:
    cell = {"table": "SO1-4.T2", "row": "Total land", "column": "2024", "units": "km2", "value": 10.0}
    recode = {
        "name": "spring", "wrongly_shown_as": "degraded", "should_be": "stable", "justification": "flood",
        "who": "survey", "date": "2024-05-01", "pixels": 3, "area_km2": 2.0, "before_km2": 10.0,
    }  # fmt: skip
    statistic = {"name": "field_significance", "value": 0.1, "units": "1", "note": "19 permutations"}
    patch = {"patch": 1, "area_km2": 9.0, "lat": 46.0, "lon": 103.0, "verdict": "grazing", "sentence": "The loss …"}
    told = replace(
        assessment(10.0, MONGOLIAN),
        report=pd.DataFrame([cell]), recodes=pd.DataFrame([recode]), statistics=pd.DataFrame([statistic]),
        patches=pd.DataFrame([patch]),
    )  # fmt: skip
    publish(database, RUN, [told], OBSERVATIONS.assign(region="ongi"), BREAKS.assign(region="ongi"))
    written = export(database, tmp_path, formats=["csv", "xlsx"])
    for table in schema.TABLES:
        columns = [column.name for column in table.columns]
        # The many rows of series have the identifier alone.
        if "region" in columns and table is not schema.SERIES:
            assert columns[columns.index("region") + 1] == ("name" if table is schema.SUMMARY else "region_name")
            names = read(tmp_path / f"{table.name}.csv").iloc[:, columns.index("region") + 1]
            assert set(names) == (set() if table is schema.EVIDENCE else {"Өмнөговь"}), table.name
    for sheet in load_workbook(written["xlsx"][0]):
        head, *rows = list(sheet.iter_rows(min_row=3, values_only=True))
        if "region" in head and sheet.title not in ("Series", "Evidence of satellites"):
            assert {row[head.index("region") + 1] for row in rows} == {"Өмнөговь"}, sheet.title
            assert sheet.freeze_panes == "C4"
