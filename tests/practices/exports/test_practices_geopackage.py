"""The GeoPackage as other programs open it: layers, fields, geometries, styles, and marks of what is simulated."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pyogrio
import pytest
from drafts import VALUES
from published_practices import fill
from sqlalchemy import Engine

from practices.database.open import open_database
from practices.exports import schema
from practices.exports.export import export
from practices.exports.geopackage import LAYERS, column_of
from practices.record.catalogue import load
from practices.report.wording import SIMULATED


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    opened = open_database(tmp_path_factory.mktemp("gpkg") / "practices.sqlite")
    fill(opened)
    return opened


@pytest.fixture(scope="module")
def package(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    (path,) = export(engine, tmp_path_factory.mktemp("out"), formats=["gpkg"])["gpkg"]
    return path


def test_gdal_lists_every_layer_and_table(package: Path) -> None:
    kinds = dict(pyogrio.list_layers(package).tolist())
    assert kinds["regions"] == kinds["site_outlines"] == "MultiPolygon"
    assert kinds["sites"] == kinds["evidence"] == "Point"
    tables = {table.name for table in schema.TABLES}
    assert set(kinds) == tables | set(LAYERS) | {"data_dictionary", "read_me", "layer_styles"}
    for name in LAYERS:
        told = pyogrio.read_info(package, layer=name)
        assert told["crs"] == "EPSG:4326"
        assert told["geometry_name"] == "geom"


def test_tables_have_the_fields_of_the_dictionary(package: Path) -> None:
    dictionary = pyogrio.read_dataframe(package, layer="data_dictionary", read_geometry=False)
    for table in schema.TABLES:
        fields = list(pyogrio.read_info(package, layer=table.name)["fields"])
        names = [column.name for column in table.columns]
        assert [name for name in fields if name in names] == names
        assert dictionary[dictionary["table"] == table.name]["column"].tolist() == names
    regions = list(pyogrio.read_info(package, layer="regions")["fields"])
    assert dictionary[dictionary["table"] == "regions"]["column"].tolist() == regions


def test_regions_hold_their_indicators_by_period_and_method(package: Path) -> None:
    regions = pyogrio.read_dataframe(package, layer="regions").set_index(["region", "origin"])
    shares = regions[column_of("degraded_percent", "2001-2024", "ne-asia")]
    assert shares.to_dict() == {("dornod", "earth-engine"): 25.0, ("otindag", "simulated"): 10.0}
    early = regions[column_of("degraded_percent", "2001-2015", "ne-asia")]
    assert early.loc[("otindag", "simulated")] == 20.0
    assert pd.isna(early.loc[("dornod", "earth-engine")])
    assert [shape.area for shape in regions.geometry] == [1.0, 1.0]


def test_sites_are_points_and_outlines_where_they_are_known(package: Path) -> None:
    sites = pyogrio.read_dataframe(package, layer="sites")
    assert len(sites) == sum(len(record.sites) for record in load()) + 2
    own = sites[sites["practice"] == VALUES["id"]].set_index("site")
    assert own.loc["North"].geometry.coords[0] == (103.25, 46.25)
    assert own["has_polygon"].to_dict() == {"North": True, "South": False}
    (outline,) = pyogrio.read_dataframe(package, layer="site_outlines").itertuples()
    assert (outline.site, outline.geometry.area) == ("North", 0.25)


def test_evidence_says_what_kind_it_is(package: Path) -> None:
    evidence = pyogrio.read_dataframe(package, layer="evidence").set_index("site")
    assert evidence["effect"].to_dict() == {"North": 0.05, "South": -0.01}
    assert evidence["demonstration"].to_dict() == {"North": False, "South": True}
    assert evidence["origin"].to_dict() == {"North": "earth-engine", "South": "simulated"}
    assert set(evidence["kind"]) == {"satellite"}


def test_every_layer_has_a_style_that_covers_its_values(package: Path) -> None:
    with closing(sqlite3.connect(package)) as connection:
        rows = connection.execute(
            "SELECT f_table_name, f_geometry_column, styleQML, useAsDefault FROM layer_styles"
        ).fetchall()
    assert {row[0] for row in rows} == set(LAYERS)
    for name, column, qml, default in rows:
        assert (column, default) == ("geom", 1)
        root = ElementTree.fromstring(qml.partition("\n")[2])
        renderer = root.find("renderer-v2")
        assert renderer is not None
        symbols = {symbol.get("name") for symbol in renderer.iterfind("symbols/symbol")}
        used = {each.get("symbol") for each in (*renderer.iterfind("ranges/*"), *renderer.iterfind("categories/*"))}
        assert used <= symbols
        table = pyogrio.read_dataframe(package, layer=name)
        attribute = renderer.get("attr")
        if renderer.get("type") == "graduatedSymbol":
            bounds = [(float(e.get("lower", "")), float(e.get("upper", ""))) for e in renderer.iterfind("ranges/*")]
            *shares, without = bounds
            assert (shares[0][0], shares[-1][1]) == (0, 100)
            assert all(upper == lower for (_, upper), (lower, _) in pairwise(shares))
            assert without == (-1, -1)  # no share to colour by
            with closing(sqlite3.connect(package)) as connection:
                values = {row[0] for row in connection.execute(f"SELECT {attribute} FROM regions")}  # of our own
            assert all(value == -1 or 0 <= value <= 100 for value in values)
        elif name == "sites":
            values = {each.get("value") for each in renderer.iterfind("categories/*")}
            assert set(table[attribute]) <= values
        elif name == "evidence":
            # the expression is run by the database itself: it is plain SQL
            with closing(sqlite3.connect(package)) as connection:
                found = {row[0] for row in connection.execute(f"SELECT {attribute} FROM evidence")}  # of our own
            assert found == {"more", "demonstration"}
            assert found <= {each.get("value") for each in renderer.iterfind("categories/*")}


def test_simulated_layers_say_so_and_real_ones_do_not(engine: Engine, package: Path, tmp_path: Path) -> None:
    def described(path: Path) -> dict[str, str]:
        with closing(sqlite3.connect(path)) as connection:
            return dict(connection.execute("SELECT table_name, description FROM gpkg_contents").fetchall())

    marked = described(package)
    for name in ("regions", "evidence", "summary", "areas", "series", "breaks", "transitions", "runs"):
        assert SIMULATED in marked[name]
    assert SIMULATED not in marked["practices"]
    read_me = pyogrio.read_dataframe(package, layer="read_me", read_geometry=False)
    assert read_me["text"].iloc[0] == SIMULATED
    (real,) = export(engine, tmp_path, origin="earth-engine", formats=["gpkg"])["gpkg"]
    assert not any(SIMULATED in (text or "") for text in described(real).values())
    assert pyogrio.read_dataframe(real, layer="regions")["region"].tolist() == ["dornod"]
    assert set(pyogrio.read_dataframe(real, layer="evidence")["origin"]) == {"earth-engine"}


def test_an_export_twice_gives_the_same_file_in_place(engine: Engine, package: Path) -> None:
    before = pyogrio.read_dataframe(package, layer="sites")
    (again,) = export(engine, package.parent, formats=["gpkg"])["gpkg"]
    assert again == package
    pd.testing.assert_frame_equal(pyogrio.read_dataframe(package, layer="sites"), before)
    assert [path.name for path in package.parent.iterdir()] == ["drylands.gpkg"]
