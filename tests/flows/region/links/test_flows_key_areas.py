"""How much of key areas lies in protected ones: as computed by hand, by year, and without areas of neighbours."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_cubes import made, region
from shapely import box
from shapely.geometry import mapping

from flows.region.links.key_areas import key_area_cover, key_area_tables
from flows.region.measuring import job_of
from flows.request.assess import AssessRequest
from indicators.profiles import PROFILES
from series.areas import AREAS, OutlinedArea, write_areas

REGION = box(100, 40, 110, 41)
YEARS = range(2001, 2025)


def protected(west: float, east: float, year: int | None = None) -> OutlinedArea:
    return OutlinedArea(box(west, 40, east, 41), {} if year is None else {"STATUS_YR": year})


def key(west: float, east: float, name: str = "") -> OutlinedArea:
    return OutlinedArea(box(west, 40, east, 41), {"SitRecID": name} if name else {})


def test_each_key_area_counts_the_same_and_a_status_counts_from_its_year() -> None:
    """One of 1 degree is covered by a quarter, then by half; one of 4 degrees by none: the mean is of the two."""
    parks = [protected(100, 100.25), protected(100.1, 100.5, 2010)]
    found = key_area_cover(parks, [key(100, 101), key(104, 108)], REGION, YEARS)
    assert found.count == 2
    assert list(found.by_year) == list(YEARS)
    assert found.by_year[2009] == pytest.approx(0.125)
    assert found.by_year[2010] == found.by_year[2024] == pytest.approx(0.25)


def test_a_key_area_of_a_neighbour_does_not_count_and_of_one_across_the_outline_the_part_inside() -> None:
    """Six tenths of the first lie in the region, four tenths of the second."""
    keys = [key(109.4, 110.4), key(109.6, 110.6)]
    found = key_area_cover([protected(109.7, 112)], keys, REGION, YEARS)
    assert found.count == 1
    assert found.by_year[2001] == pytest.approx(0.5)
    assert key_area_cover([], [keys[1]], REGION, YEARS) == key_area_cover([], [], REGION, YEARS)


def test_rows_of_one_key_area_are_one() -> None:
    found = key_area_cover([protected(100, 101)], [key(100, 101, "7"), key(103, 104, "7")], REGION, YEARS)
    assert (found.count, found.by_year[2001]) == (1, pytest.approx(0.5))
    assert key_area_cover([protected(100, 101)], [key(100, 101), key(103, 104)], REGION, YEARS).count == 2


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(100, 109), st.floats(0.1, 3), st.sampled_from([None, 1990, 2005, 2020])), max_size=5),
    st.lists(st.tuples(st.floats(100, 109), st.floats(0.1, 3)), min_size=1, max_size=4),
)
def test_coverage_is_a_share_that_never_falls_and_follows_no_order(
    parks: list[tuple[float, float, int | None]], keys: list[tuple[float, float]]
) -> None:
    areas = [protected(west, west + width, year) for west, width, year in parks]
    sites = [key(west, west + width) for west, width in keys]
    found = key_area_cover(areas, sites, REGION, YEARS)
    values = list(found.by_year.values())
    assert all(0 <= value <= 1 for value in values)
    assert values == sorted(values)
    turned = key_area_cover(areas[::-1], sites[::-1], REGION, YEARS)
    assert turned.by_year == pytest.approx(found.by_year)


def test_statistics_and_the_form_say_the_same_with_the_terms_of_both_tables(tmp_path: Path) -> None:
    here = region(24, 30, "keyed")
    x, y = here.geometry.centroid.coords[0]
    outlines = {
        "protected": [({"STATUS_YR": 2010}, box(x - 0.03, y - 0.02, x, y + 0.02))],
        "key_areas": [({"SitRecID": "1"}, box(x - 0.03, y - 0.02, x + 0.03, y + 0.02))],
    }
    areas = {}
    for source in AREAS[:2]:
        features = [{"type": "Feature", "properties": p, "geometry": mapping(g)} for p, g in outlines[source.key]]
        areas[source.key] = tmp_path / f"{source.key}.geojson"
        write_areas(areas[source.key], source, features, here.geometry)
    cubes = replace(made(tmp_path / "cubes", here), areas=areas)
    request = AssessRequest(regions=("keyed",), data=tmp_path, profiles=("trends-earth",))
    job = job_of(here, cubes, request, [PROFILES["trends-earth"]])
    found = key_area_tables(job, areas)
    table = found.statistics.set_index(["period", "name"])
    assert set(table.index.get_level_values("period")) == {each.name for each in job.periods}
    assert table.loc[("2001-2024", "key_areas"), "value"] == 1
    assert table.loc[("2001-2024", "key_areas_covered_first"), "value"] == 0
    assert table.loc[("2001-2024", "key_areas_covered_last"), "value"] == pytest.approx(0.5)
    assert table.loc[("baseline", "key_areas_covered_last"), "value"] == pytest.approx(0.5)
    assert table["note"].str.contains("non-commercial use only, of results too").all()
    assert table["note"].str.contains("BirdLife").all()
    form = found.prais.set_index("row")["value"]
    assert list(form.index) == [str(year) for year in YEARS]
    assert (form["2009"], form["2010"]) == (0, pytest.approx(50))
    assert set(found.prais["table"]) == {"SO4-3.T1"}
    assert set(found.prais["units"]) == {"%"}
    assert key_area_tables(job, {"protected": areas["protected"]}).statistics.empty
    pd.testing.assert_frame_equal(key_area_tables(job, areas).prais, found.prais)
