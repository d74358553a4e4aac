"""Outlines that meet a region: by status, page by page, with their terms in the file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from shapely import box
from shapely.geometry import shape

from offline.model.assets import TableAsset
from offline.protocol.server import Server, serve
from offline.sources.simulated.source import SimulatedSource
from series.areas import AREAS, read_areas, requested, write_areas
from series.errors import RequestFailed, TooBig
from series.service.earth_engine import Connection, connect

PROTECTED, KEY_AREAS, MINES, COUNTRIES = AREAS
SOURCE = SimulatedSource()
WIDE = box(95, 38, 125, 52)


@pytest.fixture(scope="module")
def engine() -> Iterator[Server]:
    with serve(SOURCE) as server:
        connect(Connection(url=server.url, pace=0.0005))
        yield server


def table(asset: str) -> TableAsset:
    found = SOURCE.get(asset)
    assert isinstance(found, TableAsset)
    return found


def test_only_areas_with_a_legal_status_that_meet_the_outline_come(engine: Server) -> None:
    every = table(PROTECTED.asset).features
    here = {p["WDPAID"]: p["STATUS"] for g, p in every if g.intersects(WIDE)}
    assert "Proposed" in here.values()
    found = list(requested(PROTECTED, WIDE))
    assert {each["properties"]["WDPAID"] for each in found} == {n for n, s in here.items() if s == "Designated"}
    assert set(found[0]["properties"]) == set(PROTECTED.properties)
    outside = next(g for g, _ in every if not g.intersects(WIDE))
    assert not any(shape(each["geometry"]).equals(outside) for each in found)


def test_pages_give_what_one_request_gives(engine: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = list(requested(PROTECTED, WIDE))
    monkeypatch.setattr("series.areas.pages.PAGE", 3)
    before = engine.count("features")
    assert list(requested(PROTECTED, WIDE)) == whole
    assert engine.count("features") - before == -(-len(whole) // 3)


def test_a_page_that_is_too_big_is_divided_and_a_single_feature_is_refused(engine: Server) -> None:
    whole = list(requested(PROTECTED, WIDE))
    engine.inject("memory", 2, kind="features")
    assert list(requested(PROTECTED, WIDE)) == whole
    engine.inject("memory", 1000, kind="features")
    try:
        with pytest.raises(TooBig):
            list(requested(PROTECTED, WIDE))
    finally:
        engine.faults.clear()


def test_a_failure_that_passes_is_tried_again(engine: Server) -> None:
    engine.inject("unavailable", 1, kind="features")
    assert list(requested(KEY_AREAS, WIDE))


def test_a_region_without_areas_has_an_empty_file(engine: Server, tmp_path: Path) -> None:
    nowhere = box(112, 43, 112.02, 43.02)
    path = tmp_path / "areas.geojson"
    assert write_areas(path, PROTECTED, requested(PROTECTED, nowhere), nowhere) == 0
    assert read_areas(path) == ()


def test_an_asset_that_does_not_exist_is_refused(engine: Server) -> None:
    with pytest.raises(RequestFailed):
        list(requested(replace(PROTECTED, asset="WCMC/NOT_THERE"), WIDE))


def test_a_file_carries_the_terms_and_gives_its_areas_back(engine: Server, tmp_path: Path) -> None:
    path = tmp_path / "areas.geojson"
    count = write_areas(path, PROTECTED, requested(PROTECTED, WIDE), WIDE)
    stored = json.loads(path.read_text(encoding="utf-8"))
    assert stored["restricted"] is True
    assert "non-commercial" in stored["licence"]
    assert "China" in stored["trap"]
    areas = read_areas(path)
    assert len(areas) == count > 5
    assert all(each.geometry.is_valid and each.geometry.intersects(WIDE) for each in areas)
    known = {p["WDPAID"]: g for g, p in table(PROTECTED.asset).features}
    for each in areas:
        own = known[each.properties["WDPAID"]]
        assert each.geometry.symmetric_difference(own).area < 1e-6 * own.area


def test_crossed_outlines_are_repaired_and_lines_have_no_land(tmp_path: Path) -> None:
    crossed = {"type": "Polygon", "coordinates": [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]}
    line = {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}
    features = [{"type": "Feature", "properties": {}, "geometry": each} for each in (crossed, line, None)]
    path = tmp_path / "areas.geojson"
    assert write_areas(path, MINES, features, box(0, 0, 3, 3)) == 1
    (area,) = read_areas(path)
    assert area.geometry.area == pytest.approx(2.0)


def test_mines_are_read_around_a_region() -> None:
    near = {"type": "Feature", "properties": {}, "geometry": box(1.05, 0, 1.06, 0.01).__geo_interface__}
    assert MINES.around(box(0, 0, 1, 1)).intersects(shape(near["geometry"]))
    assert PROTECTED.around(box(0, 0, 1, 1)).equals(box(0, 0, 1, 1))


def test_countries_come_by_name(engine: Server, tmp_path: Path) -> None:
    path = tmp_path / "countries.geojson"
    border = box(106.5, 41.6, 108.0, 42.9)
    assert write_areas(path, COUNTRIES, requested(COUNTRIES, border), border) == 2
    assert {each.properties["country_na"] for each in read_areas(path)} == {"China", "Mongolia"}


def test_every_table_states_licence_uncertainty_and_trap_and_what_binds_results() -> None:
    assert [each.key for each in AREAS if each.restricted] == ["protected", "key_areas"]
    for each in AREAS:
        assert all((each.notes.source, each.notes.licence, each.notes.uncertainty, each.notes.trap))
        assert each.restricted == ("non-commercial" in each.notes.licence)
