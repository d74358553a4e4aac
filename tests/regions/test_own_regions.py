"""Own polygons as people bring them: heights, encodings, layers, scripts, ids that exist, shapes that are not clean."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from own_files import geojson, kml, layers, shapefile
from shapely import MultiPolygon, Polygon, box, force_3d, unary_union
from shapely.affinity import rotate, translate
from shapely.geometry import LineString, Point, mapping

from regions.catalogue import load
from regions.errors import BadRegionFile, TakenId
from regions.grid import coverage, geobox
from regions.naming import clean, evident, has_han, slug, titled
from regions.outlines import polygonal, repairs
from regions.own import add, read

HERE, THERE = box(110, 43, 110.5, 43.5), box(112, 43, 112.5, 43.5)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Өмнөговь", "omnogov"),
        ("Баян-Өлгий", "bayan-olgiy"),
        ("Агинский Бурятский округ", "aginskiy-buryatskiy-okrug"),
        ("锡林郭勒盟", "xilinguoleimeng"),
        ("서울특별시", "seoulteugbyeolsi"),
        ("とっとり", "tottori"),
        ("つくば市", "tsukubashi"),
        ("鳥取市", "niaoqushi"),
        ("경상북도 포항시", "gyeongsangbugdo-pohangsi"),
        ("Читинская область", "chitinskaya-oblast"),
        ("ᠥᠪᠥᠷ ᠮᠣᠩᠭᠣᠯ", "obor-monggol"),
        ("ᠮᠣᠩᠭᠣᠯ", "monggol"),
        ('=Өмнөговь, "аймаг"', "omnogov-aymag"),
        ("Xu'rmen", "xurmen"),
        ("ＡＢＣ", "abc"),
        ("—", ""),
        ("s" * 59 + " x", "s" * 59),
    ],
)
def test_ids_are_readable_in_every_script(name: str, expected: str) -> None:
    assert slug(name) == expected


def test_names_are_shown_beside_ids_that_do_not_say_them() -> None:
    assert titled("omnogov", "Өмнөговь") == "Өмнөговь (omnogov)"
    assert titled("otindag", "Otindag sandy land") == "otindag"
    assert titled("101", "Erdene") == "Erdene (101)"
    assert evident("west", "")


@pytest.mark.parametrize("kind", ["geojson", "shp", "gpkg", "kml", "kmz"])
def test_heights_are_dropped(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"heights.{kind}"
    if kind in ("kml", "kmz"):
        kml(path, "z", [(*corner, 1234.5) for corner in HERE.exterior.coords])
    elif kind == "geojson":
        geojson(path, {"z": force_3d(HERE, 1234.5)})
    else:
        gpd.GeoDataFrame({"name": ["z"]}, geometry=[force_3d(HERE, 1234.5)], crs="EPSG:4326").to_file(path)
    (region,) = add(path, tmp_path / "store").regions
    assert not region.geometry.has_z
    assert region.geometry.equals(HERE)
    text = (tmp_path / "store" / f"{region.id}.geojson").read_text()
    assert "1234.5" not in text
    assert load(extra=tmp_path / "store")[region.id] == region


ENCODED = {
    "cp1251": "Ононский район", "cp866": "Агинский округ", "koi8_r": "Тува", "gbk": "锡林郭勒盟",
    "cp949": "서울특별시", "shift_jis": "鳥取県", "utf-8": "Өмнөговь",
}  # fmt: skip


@pytest.mark.parametrize(("encoding", "name"), ENCODED.items())
def test_text_of_shapefiles(tmp_path: Path, encoding: str, name: str) -> None:
    bare = shapefile(tmp_path / "bare.shp", {name: HERE}, encoding, declared=False)
    if encoding == "utf-8":
        assert read(bare).regions[0].name == name
    else:
        with pytest.raises(BadRegionFile, match=r"not UTF-8, and no \.cpg file .* --encoding: cp1251"):
            read(bare)
    assert read(bare, encoding=encoding).regions[0].name == name
    with pytest.raises(BadRegionFile, match="'nonsense' is not known"):
        read(bare, encoding="nonsense")


def test_a_cpg_file_is_believed_and_can_be_overruled(tmp_path: Path) -> None:
    right = shapefile(tmp_path / "right.shp", {"Тува": HERE}, "cp1251", declared=True)
    assert read(right).regions[0].name == "Тува"
    wrong = shapefile(tmp_path / "wrong.shp", {"Тува": HERE}, "cp1251", declared=True)
    wrong.with_suffix(".cpg").write_text("UTF-8")
    with pytest.raises(BadRegionFile, match="does not have the encoding that the file declares"):
        read(wrong)
    assert read(wrong, encoding="cp1251").regions[0].name == "Тува"
    with pytest.raises(BadRegionFile, match="text is not gbk"):
        read(
            shapefile(tmp_path / "x.shp", {"Агинский Бурятский округ": HERE}, "cp1251", declared=False), encoding="gbk"
        )
    with pytest.raises(BadRegionFile, match="--encoding is for shapefiles; a GeoJSON file is UTF-8"):
        read(geojson(tmp_path / "a.geojson", {"a": HERE}), encoding="cp1251")


def test_text_that_is_not_utf8_outside_shapefiles(tmp_path: Path) -> None:
    path = tmp_path / "cp1251.geojson"
    feature = {"type": "Feature", "properties": {"name": "Тува"}, "geometry": mapping(HERE)}
    text = json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False)
    path.write_bytes(text.encode("cp1251"))
    with pytest.raises(BadRegionFile, match="save the file as UTF-8"):
        read(path)


def test_layers_are_chosen_by_name(tmp_path: Path) -> None:
    one = {"name": ["first"], "geometry": [HERE]}
    other = {"ADM0_EN": ["Mongolia", "Mongolia"], "ADM1_EN": ["Dornod", "Khentii"], "geometry": [HERE, THERE]}
    path = layers(tmp_path / "two.gpkg", notes=one, districts=other)
    with pytest.raises(BadRegionFile, match=r"several layers; choose one with --layer: 'notes' .*'districts'"):
        read(path)
    with pytest.raises(BadRegionFile, match=r"no layer 'town'; its layers are 'notes'"):
        read(path, layer="town")
    found = read(path, layer="districts")
    assert [region.name for region in found.regions] == ["Dornod", "Khentii"]  # not twice Mongolia
    assert found.notes == ["two.gpkg: names from attribute 'ADM1_EN'; choose another with --name-field"]
    beside = layers(tmp_path / "points.gpkg", wells={"name": ["w"], "geometry": [Point(1, 2)]}, area=one)
    found = read(beside)
    assert [region.name for region in found.regions] == ["first"]
    assert "layer 'area' of" in found.notes[0]


def test_a_new_name_never_replaces_a_region_silently(tmp_path: Path) -> None:
    store = tmp_path / "store"
    first = geojson(tmp_path / "a.geojson", {"Сум": HERE, "Сум ": THERE})
    added = add(first, store)
    assert [(region.id, region.name) for region in added.regions] == [("sum", "Сум"), ("sum-2", "Сум")]
    assert added.notes[-1] == "feature 2 (Сум): id sum-2, because sum exists already"
    before = {path.name: path.read_bytes() for path in store.iterdir()}
    assert add(first, store).regions == added.regions  # again, and nothing changes
    other = geojson(tmp_path / "b.geojson", {"Сум": box(90, 50, 91, 51)})
    with pytest.raises(TakenId, match=r"'sum' of 'Сум' is that of an own region with another outline.*--replace"):
        add(other, store)
    with pytest.raises(TakenId, match=r"a region of the catalogue called 'Otindag sandy land'.*--id-field.*--prefix"):
        add(geojson(tmp_path / "c.geojson", {"Otindag": HERE}), store)
    assert {path.name: path.read_bytes() for path in store.iterdir()} == before
    assert [region.id for region in add(other, store, prefix="Тува").regions] == ["tuva-sum"]
    replaced = add(other, store, replace=True)
    assert "replaced: the id 'sum'" in replaced.notes[0]
    assert load(extra=store)["sum"].geometry.equals(box(90, 50, 91, 51))


def test_ids_from_an_attribute(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"code": [101.0, 102.0], "name": ["А", "Б"]}, geometry=[HERE, THERE], crs="EPSG:4326")
    frame.to_file(tmp_path / "codes.gpkg")
    assert [region.id for region in read(tmp_path / "codes.gpkg", id_field="code").regions] == ["101", "102"]
    with pytest.raises(BadRegionFile, match="no attribute 'cod'; it has code, name"):
        read(tmp_path / "codes.gpkg", id_field="cod")
    frame.assign(code=[1, 1]).to_file(tmp_path / "same.gpkg")
    with pytest.raises(BadRegionFile, match=r"feature 2 \(Б\): id '1' occurs twice"):
        read(tmp_path / "same.gpkg", id_field="code")


def test_ids_of_han_names_are_said_to_be_mandarin_with_the_way_to_others(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"name": ["鳥取市"], "romaji": ["Tottori-shi"]}, geometry=[HERE], crs="EPSG:4326")
    frame.to_file(tmp_path / "city.gpkg")
    (note,) = [each for each in read(tmp_path / "city.gpkg").notes if "Mandarin" in each]
    assert "鳥取市: niaoqushi" in note
    assert "--id-field" in note
    chosen = read(tmp_path / "city.gpkg", id_field="romaji")
    assert [each.id for each in chosen.regions] == ["tottori-shi"]
    assert not [each for each in chosen.notes if "Mandarin" in each]
    for name in ("とっとり", "포항시", "Өмнөговь", "ᠮᠣᠩᠭᠣᠯ", "Xilingol"):
        assert not has_han(name)


def test_what_is_no_area_is_left_out_with_its_row(tmp_path: Path) -> None:
    shapes = {
        "spring": Point(1, 2), "none": None, "nothing": Polygon(), "road": LineString([(0, 0), (1, 1)]), "land": HERE,
    }  # fmt: skip
    found = read(geojson(tmp_path / "mixed.geojson", shapes))
    assert [region.name for region in found.regions] == ["land"]
    assert found.notes == [
        "feature 1 (spring): it is a Point, not a polygon; left out",
        "feature 2 (none): it has no geometry that can be read; left out",
        "feature 3 (nothing): its geometry is empty; left out",
        "feature 4 (road): it is a LineString, not a polygon; left out",
    ]
    earth = kml(tmp_path / "earth.kml", "пастбище", list(HERE.exterior.coords))
    found = read(earth)
    assert [region.id for region in found.regions] == ["pastbishche"]
    assert "feature 2 (camp): it is a Point" in found.notes[-1]


def test_names_are_one_line_of_text(tmp_path: Path) -> None:
    found = read(geojson(tmp_path / "odd.geojson", {"two\nlines \t of text\x7f": HERE}))
    assert found.regions[0].name == "two lines of text"
    assert clean("a\x00b\ud800c\u2028d") == "a b c d"


def test_reference_systems(tmp_path: Path) -> None:
    flat = gpd.GeoDataFrame({"name": ["utm"]}, geometry=[HERE], crs="EPSG:4326").to_crs("EPSG:32649")
    flat.to_file(tmp_path / "utm.gpkg")
    (region,) = read(tmp_path / "utm.gpkg").regions
    assert region.geometry.symmetric_difference(HERE).area < 1e-9
    gpd.GeoDataFrame({"name": ["none"]}, geometry=[HERE], crs="EPSG:4326").to_file(tmp_path / "none.shp")
    (tmp_path / "none.prj").unlink()
    with pytest.raises(BadRegionFile, match=r"no coordinate reference system; add a \.prj file"):
        read(tmp_path / "none.shp")


def pentagram() -> Polygon:
    """Five points joined crosswise: its middle is wound twice, and no hole."""
    angles = np.radians(90 + 144 * np.arange(5))
    return Polygon(np.column_stack([110 + np.cos(angles), 43 + np.sin(angles)]))


def test_crossings_are_repaired_without_a_hole_and_announced(tmp_path: Path) -> None:
    star = polygonal(pentagram())
    assert not star.interiors
    assert star.contains(Point(110, 43))
    bow = Polygon([(110, 43), (111, 44), (111, 43), (110, 44)])
    found = read(geojson(tmp_path / "bow.geojson", {"bow": bow}))
    assert found.regions[0].geometry.area == pytest.approx(0.5)
    assert found.notes == ["feature 1 (bow): its outline is not valid (Self-intersection[110.5 43.5]); repaired"]
    hole = Polygon(HERE.exterior, [box(110.1, 43.1, 110.2, 43.2).exterior.coords])
    assert polygonal(hole).equals(hole)
    assert repairs(hole) == []


def test_coordinates_that_are_none() -> None:
    with pytest.raises(ValueError, match="missing or infinite"):
        polygonal(box(110, 43, float("inf"), 44))


def test_overlapping_parts_are_united_and_announced(tmp_path: Path) -> None:
    parts = MultiPolygon([box(115.6, 42.6, 115.9, 42.9), box(115.8, 42.8, 116.1, 43.1)])
    found = read(geojson(tmp_path / "overlap.geojson", {"overlap": parts}))
    assert found.regions[0].geometry.area == pytest.approx(0.17)
    assert found.notes[0].endswith("its parts overlap; united, 0.17 in place of 0.18 square degrees")
    apart = MultiPolygon([HERE, THERE])
    assert read(geojson(tmp_path / "apart.geojson", {"apart": apart})).notes == []


parts = st.lists(
    st.tuples(
        st.floats(100, 101), st.floats(43, 44), st.floats(0.02, 0.5), st.floats(0.02, 0.5), st.floats(0, 90),
        st.booleans(),
    ),
    min_size=1,
    max_size=6,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(parts)
def test_random_multipolygons_are_assessed_as_their_union(drawn: list[tuple[float, ...]]) -> None:
    """Parts that overlap, touch, repeat and have holes, with heights: each cell has what any part covers of it."""
    polygons = []
    for x, y, wide, high, turn, holed in drawn:
        whole = box(0, 0, wide, high)
        inner = box(wide / 4, high / 4, wide / 2, high / 2) if holed else Polygon()
        polygons.append(translate(rotate(whole.difference(inner), turn, origin=(0, 0)), x, y))
    expected = unary_union(polygons)
    found = polygonal(force_3d(MultiPolygon(polygons), 900.0))
    assert found.is_valid
    grid = geobox(found, 0.05)
    share = coverage(found, grid)
    assert float(share.sum()) * 0.05**2 == pytest.approx(expected.area, rel=1e-4)
    cells = [
        box(x - 0.025, y - 0.025, x + 0.025, y + 0.025) for y in share["y"].to_numpy() for x in share["x"].to_numpy()
    ]
    true = shapely.area(shapely.intersection(np.array(cells), expected)) / 0.05**2
    np.testing.assert_allclose(share.to_numpy().ravel(), true, atol=1e-4)
