"""The Frictionless data package: valid by the framework itself, its schema the data dictionary, its origin told."""

from __future__ import annotations

import json
import warnings
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from published import BREAKS, OBSERVATIONS, RUN, assessment
from published_practices import fill

from practices.database.open import open_database
from practices.exports import schema
from practices.exports.export import export
from practices.results.publish import publish

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of its own imports
    import frictionless


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("package")
    engine = open_database(place / "practices.sqlite")
    fill(engine)
    export(engine, place / "all", formats=["package"])
    export(engine, place / "real", formats=["package"], origin="earth-engine")
    engine.dispose()
    return place


def validated(folder: Path) -> list[list[object]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its parsers
        report = frictionless.Package(str(folder / "datapackage.json")).validate()
    return report.flatten(["title", "rowNumber", "fieldName", "message"])


def test_frictionless_finds_nothing_wrong(folder: Path) -> None:
    assert validated(folder / "all") == []
    assert validated(folder / "real") == []


def test_a_cell_that_is_told_in_two_units_is_two_rows(tmp_path: Path) -> None:
    told = pd.DataFrame(
        [("SO1-4.T2", "degraded land", "2020", 10.0, "km2"), ("SO1-4.T2", "degraded land", "2020", 9.5, "%")],
        columns=["table", "row", "column", "value", "units"],
    )
    engine = open_database(tmp_path / "practices.sqlite")
    publish(engine, RUN, [replace(assessment(), report=told)], OBSERVATIONS, BREAKS)
    export(engine, tmp_path / "out", formats=["package"])
    engine.dispose()
    assert validated(tmp_path / "out") == []


def test_frictionless_would_find_what_is_wrong(folder: Path, tmp_path: Path) -> None:
    for path in (folder / "all").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    table = pd.read_csv(tmp_path / "summary.csv", encoding="utf-8-sig")
    table.assign(origin="invented", degraded_km2="many").to_csv(tmp_path / "summary.csv", index=False)
    found = validated(tmp_path)
    assert {row[2] for row in found} == {"origin", "degraded_km2"}


def test_its_schema_is_the_data_dictionary(folder: Path) -> None:
    described = json.loads((folder / "all" / "datapackage.json").read_text(encoding="utf-8"))
    told = [
        (resource["name"], field["name"], field["type"], field.get("unit", ""), field["description"])
        for resource in described["resources"]
        for field in resource["schema"]["fields"]
    ]
    dictionary = schema.dictionary()
    assert told == list(dictionary.itertuples(index=False, name=None))
    for resource in described["resources"]:
        assert (folder / "all" / resource["path"]).is_file()


def test_it_tells_licence_sources_and_origin(folder: Path) -> None:
    described = json.loads((folder / "all" / "datapackage.json").read_text(encoding="utf-8"))
    assert described["licenses"][0]["name"] == "Apache-2.0"
    assert described["sources"] == [
        {
            "title": "productivity: mod13q1-ndvi (MODIS/061/MOD13Q1)",
            "path": "https://developers.google.com/earth-engine/datasets/catalog/MODIS_061_MOD13Q1",
        }
    ]
    assert described["origin"] == ["earth-engine", "simulated"]
    assert described["simulated"] is True
    assert "SIMULATED DATA" in described["title"]
    marked = {each["name"] for each in described["resources"] if "SIMULATED" in each["description"]}
    assert marked == {t.name for t in schema.TABLES if any(c.name == "origin" for c in t.columns)}
    real = (folder / "real" / "datapackage.json").read_text(encoding="utf-8")
    assert "SIMULATED" not in real
    assert json.loads(real)["simulated"] is False


def test_texts_that_begin_like_a_formula_are_harmless(folder: Path) -> None:
    practices = pd.read_csv(folder / "all" / "practices.csv", encoding="utf-8-sig").set_index("practice")
    assert practices.loc["mng-well-and-rest", "description"] == "'=1+1 is how it begins"
    history = pd.read_csv(folder / "all" / "history.csv", encoding="utf-8-sig")
    own = history[history["practice"] == "mng-well-and-rest"]
    assert own["who"].tolist() == ["Saran", "Bold"]
    assert own["changed"].tolist()[1] == "start"
    assert own["at"].str.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ").all()
