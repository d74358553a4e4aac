"""Geometries and features: measures, relations and constructions, against pyproj and shapely.

Every algorithm of one outline or two exists for both families; a feature keeps its properties. What lengths,
perimeters and areas count is in the descriptions of the signatures: lines, polygons, and polygons again.
"""

from __future__ import annotations

from typing import Any

import ee
import pytest
from pyproj import Geod
from shapely.geometry import LineString, MultiPoint, Point, Polygon, box, mapping, shape
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient
from together import refused, wrong

pytestmark = pytest.mark.usefixtures("few")

GEOD = Geod(ellps="WGS84")
SQUARE, OTHER = box(100, 44, 101, 45), box(100.5, 44.5, 101.5, 45.5)
HOLED = Polygon([(100, 44), (101, 44), (101, 45), (100, 45)], [[(100.4, 44.4), (100.6, 44.4), (100.6, 44.6)]])
LINE = LineString([(100, 44), (100.5, 44.2), (101, 44)])
FAR = Point(103, 44)


def given(outline: BaseGeometry) -> ee.Geometry:
    """An outline with edges that are straight in longitude and latitude."""
    curved = {} if "Point" in outline.geom_type else {"opt_geodesic": False}
    return ee.Geometry(mapping(outline), **curved)


def server_box(*limits: float) -> ee.Geometry:
    """A box that the server makes: with plain numbers the client makes it itself."""
    return ee.Geometry(ee.call("GeometryConstructors.BBox", *limits))


def several_of(*outlines: BaseGeometry) -> ee.Geometry:
    """Outlines of any kind in one geometry."""
    return ee.Geometry(ee.call("GeometryConstructors.MultiGeometry", [given(each) for each in outlines]))


def both(name: str, *outlines: BaseGeometry, **options: Any) -> list[Any]:
    """The algorithm of geometries, and that of features with a property each."""
    names = ("left", "right") if len(outlines) == 2 else (None,)
    made = []
    for family in ("Geometry", "Feature"):
        operands = [given(each) if family == "Geometry" else ee.Feature(given(each), {"n": 1}) for each in outlines]
        first = "geometry" if family == "Geometry" else "feature"
        keys = [key or first for key in names]
        made.append(ee.apply(f"{family}.{name}", dict(zip(keys, operands, strict=True)) | options))
    return made


def metres(outline: BaseGeometry) -> float:
    """Length on the ellipsoid of a line or the edges of a polygon."""
    return float(GEOD.geometry_length(outline))


def square_metres(*outlines: BaseGeometry) -> float:
    """Area on the ellipsoid, the parts added up; pyproj takes a hole off only if it turns against the outer ring."""
    return sum(abs(GEOD.geometry_area_perimeter(orient(each))[0]) for each in outlines)


def test_measures() -> None:
    """Lengths are of lines, perimeters and areas of polygons; of several parts the sum, whichever way they turn."""
    turned = Polygon(list(OTHER.exterior.coords)[::-1])
    several = {"type": "MultiPolygon", "coordinates": [mapping(SQUARE)["coordinates"], mapping(turned)["coordinates"]]}
    mixed = several_of(SQUARE, LINE, FAR)
    expected: dict[str, list[tuple[BaseGeometry, float]]] = {
        "length": [(LINE, metres(LINE)), (SQUARE, 0), (FAR, 0)],
        "perimeter": [(SQUARE, metres(SQUARE)), (HOLED, metres(HOLED)), (LINE, 0), (FAR, 0)],
        "area": [(SQUARE, square_metres(SQUARE)), (HOLED, square_metres(HOLED)), (LINE, 0), (FAR, 0)],
    }
    cases: dict[str, tuple[Any, Any]] = {
        f"{name} of {outline.geom_type} {index}": (both(name, outline), [value] * 2)
        for name, measured in expected.items()
        for index, (outline, value) in enumerate(measured)
    }
    cases |= {
        "area of two": (ee.Geometry(several, None, False).area(1), square_metres(SQUARE, OTHER)),
        "perimeter of two": (ee.Geometry(several, None, False).perimeter(1), metres(SQUARE) + metres(OTHER)),
        "length of a mixture": (mixed.length(1), metres(LINE)),
        "perimeter of a mixture": (mixed.perimeter(1), metres(SQUARE)),
        "area of a mixture": (mixed.area(1), square_metres(SQUARE)),
    }
    assert wrong(cases) == {}


def test_relations() -> None:
    """True and false as shapely finds them; distances on the ellipsoid, or on the unit sphere of the description."""
    pairs = [(SQUARE, OTHER), (SQUARE, box(100.2, 44.2, 100.4, 44.4)), (SQUARE, FAR), (LINE, SQUARE), (FAR, FAR)]
    relations = {"contains": "contains", "containedIn": "within", "intersects": "intersects", "disjoint": "disjoint"}
    cases: dict[str, tuple[Any, Any]] = {
        f"{name} {index}": (both(name, *pair), [bool(getattr(pair[0], method)(pair[1]))] * 2)
        for name, method in relations.items()
        for index, pair in enumerate(pairs)
    }
    gap = GEOD.inv(101, 44, 103, 44)[2]
    cases |= {
        "distance": (both("distance", SQUARE, FAR), [gap] * 2),
        "no distance": (both("distance", SQUARE, OTHER), [0] * 2),
        "within": (both("withinDistance", SQUARE, FAR, distance=gap + 1), [True] * 2),
        "not within": (both("withinDistance", SQUARE, FAR, distance=gap - 1), [False] * 2),
    }
    assert wrong(cases) == {}


def shapes_of(name: str, *outlines: BaseGeometry, **options: Any) -> list[BaseGeometry]:
    """What both families make, as shapely's; the feature must have kept its properties."""
    plain, feature = ee.List(both(name, *outlines, **options)).getInfo()
    assert feature["type"] == "Feature"
    assert feature["properties"] == {"n": 1}
    return [shape(plain), shape(feature["geometry"])]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("union", SQUARE | OTHER),
        ("intersection", SQUARE & OTHER),
        ("difference", SQUARE - OTHER),
        ("symmetricDifference", SQUARE ^ OTHER),
    ],
)
def test_sets(name: str, expected: BaseGeometry) -> None:
    """Sets of points of two squares that overlap in a quarter."""
    for found in shapes_of(name, SQUARE, OTHER):
        assert found.equals(expected)


def test_made_of_one() -> None:
    """Bounds, hull, dissolved and simplified outlines, centre, and a disc of a kilometre."""
    two = SQUARE.union(box(103, 44, 104, 45))
    wiggle = LineString([(100, 44), (100.5, 44.001), (101, 44)])
    expected: dict[str, tuple[BaseGeometry, BaseGeometry, dict[str, Any]]] = {
        "bounds": (LINE, box(*LINE.bounds), {}),
        "convexHull": (two, box(100, 44, 104, 45), {}),
        "dissolve": (two, two, {}),
        # 0.001° are 111 m
        "simplify": (wiggle, LineString([(100, 44), (101, 44)]), {"maxError": 200}),
    }
    for name, (outline, wanted, options) in expected.items():
        for found in shapes_of(name, outline, **options):
            assert found.equals(wanted), name
    assert not shapes_of("simplify", wiggle, maxError=50)[0].equals(expected["simplify"][1])
    for found in shapes_of("centroid", SQUARE):
        assert found.distance(Point(100.5, 44.5)) < 1e-9
    for found in shapes_of("buffer", Point(100, 44), distance=1000):
        edge = [GEOD.inv(100, 44, *corner)[2] for corner in found.exterior.coords]
        assert min(edge) == pytest.approx(1000, rel=1e-3)
        assert max(edge) == pytest.approx(1000, rel=1e-3)


def test_hulls_of_little() -> None:
    """Of a point the point, of points in a row a line: description of `convexHull`."""
    assert shapes_of("convexHull", FAR)[0].equals(FAR)
    assert shapes_of("convexHull", MultiPoint([(100, 44), (101, 44), (103, 44)]))[0].geom_type == "LineString"


def test_bounds_of_nothing_are_nothing_and_lines_of_one_point_are_told() -> None:
    apart = given(SQUARE).intersection(given(FAR.buffer(0.1)), 1)
    assert apart.bounds().coordinates().getInfo() == []
    assert ee.FeatureCollection([]).geometry().bounds().area(1).getInfo() == 0
    with pytest.raises(ee.EEException, match=r"LineString: .*point"):
        ee.Geometry(ee.call("GeometryConstructors.LineString", [[100, 44]])).length().getInfo()


def test_overlapping_parts_are_dissolved() -> None:
    """Areas of parts count twice where they overlap, those of what `dissolve` makes once."""
    parts = {"type": "MultiPolygon", "coordinates": [mapping(SQUARE)["coordinates"], mapping(OTHER)["coordinates"]]}
    outline = ee.Geometry(parts, None, False)
    found = ee.List([outline.area(1), outline.dissolve(1).area(1)]).getInfo()
    assert found[0] == pytest.approx(square_metres(SQUARE, OTHER))
    assert found[1] == pytest.approx(square_metres(SQUARE | OTHER))


def test_nearest_points() -> None:
    """The points of two outlines that are nearest to each other."""
    nearest = ee.List(both("closestPoints", SQUARE, FAR)).getInfo()
    for each in nearest:
        assert shape(each["left"]).distance(Point(101, 44)) < 1e-6
        assert shape(each["right"]).equals(FAR)
    for each in ee.List(both("closestPoint", SQUARE, FAR)).getInfo():
        assert shape(each).equals(FAR)


def test_cut_lines() -> None:
    """Parts no longer than the last distance, that together make the line."""
    whole = metres(LINE)
    for found in shapes_of("cutLines", LINE, distances=[0, whole / 4, whole / 2]):
        lengths = [metres(part) for part in found.geoms]
        assert lengths == pytest.approx([whole / 4, whole / 4, whole / 2], rel=1e-3)
    assert shapes_of("cutLines", SQUARE, distances=[0, 1000])[0].is_empty


def test_constructors() -> None:
    """Every constructor, by its coordinates; a box may reach over 180°, a ring is closed by itself."""
    cases: dict[str, tuple[Any, Any]] = {
        "BBox": (
            server_box(100, 44, 101, 45).coordinates(),
            [[[100, 44], [101, 44], [101, 45], [100, 45], [100, 44]]],
        ),
        "BBox over 180°": (server_box(170, 0, -170, 1).area(1), square_metres(box(170, 0, 190, 1))),
        "BBox around the world": (
            server_box(-200, 0, 200, 1).coordinates(),
            [[[-180, 0], [180, 0], [180, 1], [-180, 1], [-180, 0]]],
        ),
        "LinearRing": (ee.Geometry.LinearRing([0, 0, 1, 0, 1, 1]).coordinates(), [[0, 0], [1, 0], [1, 1], [0, 0]]),
        "MultiPoint": (ee.Geometry.MultiPoint([[0, 1], [2, 3]]).coordinates(), [[0, 1], [2, 3]]),
        "MultiLineString": (
            ee.Geometry.MultiLineString([[[0, 0], [1, 1]], [[2, 2], [3, 3]]]).coordinates(),
            [[[0, 0], [1, 1]], [[2, 2], [3, 3]]],
        ),
        "MultiGeometry": (
            several_of(FAR, LINE).geometries().map(lambda g: ee.Geometry(g).type()),
            ["Point", "LineString"],
        ),
        "one part": (given(FAR).geometries().size(), 1),
        "projection": (given(LINE).projection().crs(), "EPSG:4326"),
        "transform": (given(FAR).transform("EPSG:4326", 1).coordinates(), [103, 44]),
        "a feature transformed": (ee.Feature(given(FAR), {"n": 1}).transform("EPSG:4326").get("n"), 1),
        "setGeometry": (ee.Feature(given(LINE), {"n": 1}).setGeometry(given(FAR)).geometry().coordinates(), [103, 44]),
        "no geometry": (
            ee.Feature(given(LINE)).setGeometry(None),
            {"type": "Feature", "geometry": None, "properties": {}},
        ),
    }
    assert wrong(cases) == {}
    refused(lambda: given(FAR).transform("EPSG:3857", 1), "EPSG:4326 only")


def test_edges() -> None:
    """Edges are straight in longitude and latitude here, whatever is asked for; see the engine's README."""
    outlines = [given(LINE), ee.Geometry(mapping(LINE), None, True)]
    cases: dict[str, tuple[Any, Any]] = {
        name: ([ee.call(f"Geometry.{name}", each) for each in outlines], [False, False])
        for name in ("geodesic", "edgesAreGeodesics")
    }
    assert wrong(cases) == {}


def test_collections_of_outlines() -> None:
    """Box, union and flattening of a collection, and features that are the same told apart by what is named."""
    squares = ee.FeatureCollection(
        [ee.Feature(given(SQUARE), {"a": 1, "b": 1}), ee.Feature(given(OTHER), {"a": 1, "b": 2})]
    )
    again = squares.merge(ee.FeatureCollection([ee.Feature(given(SQUARE), {"a": 2, "b": 1})]))
    cases: dict[str, tuple[Any, Any]] = {
        "bounds": (
            ee.call("Collection.bounds", squares),
            dict(mapping(box(100, 44, 101.5, 45.5)))
            | {"coordinates": [[[100, 44], [101.5, 44], [101.5, 45.5], [100, 45.5], [100, 44]]]},
        ),
        "union": (squares.union(1).geometry().area(1), square_metres(SQUARE | OTHER)),
        "one feature": (squares.union(1).size(), 1),
        "its id": (ee.Feature(squares.union(1).first()).id(), "union_result"),
        "flatten": (ee.FeatureCollection([squares, again]).flatten().aggregate_array("a"), [1, 1, 1, 1, 2]),
        "distinct by one": (again.distinct("a").aggregate_array("b"), [1, 1]),
        "distinct by several": (again.distinct(["a", "b"]).size(), 3),
        "distinct by place": (again.distinct([".geo"]).aggregate_array("b"), [1, 2]),
    }
    assert wrong(cases) == {}
