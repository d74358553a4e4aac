"""Regions: the catalogue, own polygons, and grids cut from one lattice."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from checkout import SHARED
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box
from shapely.geometry import Point, mapping

from regions.catalogue import find, load
from regions.errors import BadGrid, BadRegionFile, UnknownRegion
from regions.grid import coverage, geobox, outline
from regions.own import add, read

BOUNDARIES = SHARED / "boundaries-ne10" / "neasia.gpkg"
SIX = {"CHN", "JPN", "KOR", "MNG", "PRK", "RUS"}


def geojson(path: Path, *geometries: object, names: tuple[str, ...] = ()) -> Path:
    features = [
        {
            "type": "Feature",
            "properties": {"name": names[i] if names else f"Place {i}"},
            "geometry": geometry,
        }
        for i, geometry in enumerate(geometries)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def test_catalogue_covers_the_six_countries_without_overlap() -> None:
    regions = list(load().values())
    assert len(regions) >= 14
    assert {country for region in regions for country in region.countries} == SIX
    for i, one in enumerate(regions):
        for other in regions[i + 1 :]:
            assert one.geometry.intersection(other.geometry).area < 1e-9, (one.id, other.id)


def test_outlines_lie_in_the_countries_they_name() -> None:
    if not BOUNDARIES.exists():
        pytest.skip("the Natural Earth boundaries are not beside this checkout")
    import geopandas

    countries = geopandas.read_file(BOUNDARIES, layer="admin0")
    for region in load().values():
        land = countries[countries["ISO_A3"].isin(region.countries)].union_all()
        assert region.geometry.intersection(land).area / region.geometry.area > 0.94, region.id


def test_unknown_region_names_the_nearest() -> None:
    with pytest.raises(UnknownRegion, match="did you mean ordos"):
        find(load(), "ordoss")


def test_own_polygon_is_added_and_found(tmp_path: Path) -> None:
    file = geojson(tmp_path / "mine.geojson", mapping(box(110, 43, 111, 44)), names=("Хөх нуур A",))
    (region,) = add(file, tmp_path / "store", growing_season=(4, 10)).regions
    again = load(extra=tmp_path / "store")[region.id]
    assert again.growing_season == (4, 10)
    assert again.geometry.equals(box(110, 43, 111, 44))


def test_every_polygon_gets_an_id_of_its_own(tmp_path: Path) -> None:
    shape = mapping(box(110, 43, 111, 44))
    names = ("steppe 2", "steppe", "steppe", "s" * 80, "s" * 80, None)
    file = geojson(tmp_path / "mine.geojson", *[shape] * len(names), names=names)
    assert [region.id for region in add(file, tmp_path / "store").regions] == [
        "steppe-2", "steppe", "steppe-3", "s" * 60, f"{'s' * 50}-2", "mine-6",
    ]  # fmt: skip
    assert len(list((tmp_path / "store").glob("*.geojson"))) == len(names)


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        (mapping(Point(110, 43)), "is a Point"),
        (mapping(box(4e5, 4e6, 5e5, 5e6)), "reproject"),
        (None, "no geometry that can be read"),
    ],
)
def test_bad_polygons_are_refused_with_the_feature(tmp_path: Path, geometry: object, reason: str) -> None:
    file = geojson(tmp_path / "bad.geojson", geometry)
    with pytest.raises(BadRegionFile, match=reason):
        add(file, tmp_path / "store")
    assert not (tmp_path / "store").exists()


def test_missing_and_broken_files(tmp_path: Path) -> None:
    with pytest.raises(BadRegionFile, match="no such file"):
        read(tmp_path / "none.gpkg")
    (tmp_path / "text.geojson").write_text("no json")
    with pytest.raises(BadRegionFile, match="cannot be read"):
        read(tmp_path / "text.geojson")


@pytest.mark.parametrize(
    "ring",
    [
        [[179, 50], [181, 50], [181, 51], [179, 51], [179, 50]],
        [[179, 50], [-179, 50], [-179, 51], [179, 51], [179, 50]],
    ],
)
def test_polygon_across_180_is_split_and_gridded_in_one_piece(tmp_path: Path, ring: list[list[float]]) -> None:
    file = geojson(tmp_path / "date-line.geojson", {"type": "Polygon", "coordinates": [ring]})
    (region,) = read(file).regions
    assert region.geometry.area == pytest.approx(2)
    assert region.geometry.bounds[0] == -180
    assert outline(region).bounds == pytest.approx((179, 50, 181, 51))
    assert tuple(geobox(region, 0.5).shape) == (2, 4)


def test_polygon_smaller_than_a_cell_has_one_cell() -> None:
    small = box(110.001, 43.001, 110.002, 43.002)
    grid = geobox(small, 1 / 120)
    assert tuple(grid.shape) == (1, 1)
    assert float(coverage(small, grid).sum()) == pytest.approx(small.area * 120**2, rel=1e-3)


def test_cell_size_out_of_range_is_refused() -> None:
    with pytest.raises(BadGrid, match="not between"):
        geobox(box(0, 0, 1, 1), 0)


@settings(max_examples=40, deadline=None)
@given(
    west=st.floats(70, 140),
    south=st.floats(30, 55),
    width=st.floats(0.01, 0.6),
    height=st.floats(0.01, 0.6),
    cut=st.floats(0.1, 0.9),
)
def test_coverage_conserves_area_and_parts_add_up(
    west: float, south: float, width: float, height: float, cut: float
) -> None:
    whole = box(west, south, west + width, south + height)
    middle = west + cut * width
    grid = geobox(whole, 1 / 120)
    share = coverage(whole, grid)
    assert float(share.sum()) / 120**2 == pytest.approx(whole.area, rel=1e-4)
    parts = [
        box(west, south, middle, south + height),
        box(middle, south, west + width, south + height),
    ]
    np.testing.assert_allclose(sum(coverage(part, grid) for part in parts), share, atol=1e-5)


def test_neighbours_share_the_edges_of_their_cells() -> None:
    one, other = (
        geobox(box(110.003, 43, 111, 44), 1 / 120),
        geobox(box(111, 43.21, 112, 44), 1 / 120),
    )
    steps = (other.affine.c - one.affine.c) * 120, (other.affine.f - one.affine.f) * 120
    np.testing.assert_allclose(steps, np.round(steps), atol=1e-6)
