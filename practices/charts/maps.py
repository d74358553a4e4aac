"""A map of regions without any border: outlines in an equal-area projection, a graticule, and cities to orient by.

Projection: Lambert azimuthal equal-area on the sphere (Snyder 1987, p. 182), centred on what is shown.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from markupsafe import Markup, escape

from practices.charts.frame import element, text
from practices.numbers import number

#: Upper ends of the classes of a share in percent; the last one is open.
BINS = (5.0, 10.0, 20.0, 40.0)
#: Cities to orient by: name, latitude, longitude.
CITIES = (
    ("Ulaanbaatar", 47.92, 106.91), ("Beijing", 39.91, 116.40), ("Seoul", 37.57, 126.98), ("Pyongyang", 39.03, 125.75),
    ("Tokyo", 35.68, 139.69), ("Hohhot", 40.84, 111.75), ("Lanzhou", 36.06, 103.83), ("Chita", 52.03, 113.50),
    ("Irkutsk", 52.29, 104.28), ("Khovd", 48.01, 91.64), ("Harbin", 45.80, 126.53), ("Vladivostok", 43.12, 131.89),
)  # fmt: skip
#: A region smaller than this on the map (drawing units) is marked by a disc.
SMALL = 14.0
#: Below this width the number of a region is above it.
NARROW = 30.0
#: Width of a digit of a region's number and height of its line, drawing units.
DIGIT, LINE = 11.0, 16.0
#: Least extent that a map shows, radians of arc: about 800 km.
LEAST = 0.125


@dataclass(frozen=True)
class MapShape:
    """A region on the map: GeoJSON outline, where it leads, its value in percent (None: no result), what is said.

    `open`: there is a result, but no share to colour by: its interval excludes the mapped share or is too wide.
    """

    id: str
    name: str
    geometry: dict[str, Any]
    href: str
    value: float | None = None
    said: str = ""
    open: bool = False


@dataclass(frozen=True)
class MapProjection:
    """Lambert azimuthal equal-area about a centre (degrees), scaled and moved to drawing units."""

    lon: float
    lat: float
    scale: float = 1.0
    dx: float = 0.0
    dy: float = 0.0

    def __call__(self, lon: float, lat: float) -> tuple[float, float]:
        phi, phi0, dlon = math.radians(lat), math.radians(self.lat), math.radians(lon - self.lon)
        cosine = math.sin(phi0) * math.sin(phi) + math.cos(phi0) * math.cos(phi) * math.cos(dlon)
        k = math.sqrt(2 / max(1 + cosine, 1e-9))
        x = k * math.cos(phi) * math.sin(dlon)
        y = k * (math.cos(phi0) * math.sin(phi) - math.sin(phi0) * math.cos(phi) * math.cos(dlon))
        return self.dx + self.scale * x, self.dy - self.scale * y


def rings(geometry: dict[str, Any]) -> list[list[tuple[float, float]]]:
    """Outer and inner rings of a Polygon or MultiPolygon."""
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return [[(float(p[0]), float(p[1])) for p in ring] for polygon in polygons for ring in polygon]


def fitted(places: Iterable[tuple[float, float]], width: float, height: float, *, margin: float = 26) -> MapProjection:
    """The projection that shows all places (longitude, latitude) in a drawing of that size."""
    found = list(places) or [(90.0, 34.0), (135.0, 54.0)]
    lons, lats = [p[0] for p in found], [p[1] for p in found]
    centre = MapProjection((min(lons) + max(lons)) / 2, (min(lats) + max(lats)) / 2)
    drawn = [centre(lon, lat) for lon, lat in found]
    west, east = min(p[0] for p in drawn), max(p[0] for p in drawn)
    north, south = min(p[1] for p in drawn), max(p[1] for p in drawn)
    wide, high = max(east - west, LEAST), max(south - north, LEAST)
    scale = min((width - 2 * margin) / wide, (height - 2 * margin) / high)
    return MapProjection(
        centre.lon, centre.lat, scale, width / 2 - scale * (west + east) / 2, height / 2 - scale * (north + south) / 2
    )


def bin_of(value: float | None) -> int | None:
    """The class of a share in percent, 0 for the lowest."""
    return None if value is None else sum(value >= each for each in BINS)


def region_map(
    shapes: Sequence[MapShape],
    *,
    title: str,
    points: Sequence[tuple[str, float, float, str]] = (),
    width: float = 960,
    height: float = 560,
    mark: str = "",
    labels: bool = True,
) -> Markup:
    """The map: each region a link with its name and value; `points` are links too (name, lat, lon, address).

    Numbers are written on the regions when there are at most 40 of them.
    """
    corners = [place for shape in shapes for ring in rings(shape.geometry) for place in ring]
    corners += [(lon, lat) for _, lat, lon, _ in points]
    project = fitted(corners, width, height)
    parts = [element("rect", width=width, height=height, class_="sea"), *_graticule(project, width, height)]
    parts += [_region(shape, project) for shape in shapes]
    parts += _cities(project, width, height)
    if labels and len(shapes) <= 40:
        parts += _labels([shape for shape in shapes if shape.value is not None or shape.open], project)
    parts += [_point(project, *point) for point in points]
    if mark:
        parts.append(text(width - 10, 22, mark, "mark", "end"))
    return element(
        "svg",
        Markup("").join([element("title", escape(title)), *parts]),
        class_="map",
        viewBox=f"0 0 {width:g} {height:g}",
        role="group",
        aria_label=title,
    )


def _region(shape: MapShape, project: MapProjection) -> Markup:
    said = shape.said or ("no result" if shape.value is None else f"{number(shape.value, 1)} % degraded")
    drawn = [
        "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in (project(*p) for p in r)) + "Z" for r in rings(shape.geometry)
    ]
    look = "open" if shape.open else "none" if shape.value is None else str(bin_of(shape.value))
    inner = element("title", escape(f"{shape.name}: {said}"))
    inner += element("path", d="".join(drawn), class_=f"region bin-{look}", fill_rule="evenodd")
    x, y, size = _middle(shape, project)
    if size < SMALL:
        inner += element("circle", cx=x, cy=y, r=SMALL / 2, class_=f"region bin-{look}")
    return element(
        "a", inner, href=shape.href, data_region=shape.id, data_said=f"{shape.name}: {said}",
        aria_label=f"{shape.name}: {said}",
    )  # fmt: skip


def _middle(shape: MapShape, project: MapProjection) -> tuple[float, float, float]:
    """Position of a region's number, and the drawn size of the region."""
    places = [project(*place) for place in max(rings(shape.geometry), key=len)]
    xs, ys = [p[0] for p in places], [p[1] for p in places]
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2, max(max(xs) - min(xs), max(ys) - min(ys))


def _labels(shapes: Sequence[MapShape], project: MapProjection) -> list[Markup]:
    """The numbers on the regions, the largest first; one that would touch another is left out."""
    drawn: list[tuple[float, float, float]] = []
    made = []
    for shape in sorted(shapes, key=lambda each: -_middle(each, project)[2]):
        x, y = _label_place(shape, project)
        half = DIGIT * len(_label_text(shape)) / 2
        if any(abs(x - other) < half + width and abs(y - height) < LINE for other, height, width in drawn):
            continue
        drawn.append((x, y, half))
        made.append(_label(shape, project))
    return made


def _label_place(shape: MapShape, project: MapProjection) -> tuple[float, float]:
    x, y, size = _middle(shape, project)
    return x, y - max(size, SMALL) / 2 - 4 if size < NARROW else y + 5


def _label_text(shape: MapShape) -> str:
    return "?" if shape.open else number(shape.value or 0.0, 0)


def _label(shape: MapShape, project: MapProjection) -> Markup:
    above = _middle(shape, project)[2] < NARROW
    x, y = _label_place(shape, project)
    tone = "light" if (bin_of(shape.value) or 0) >= 3 and not above else "dark" if not above else "plain"
    return element(
        "text",
        escape(_label_text(shape)),
        x=x,
        y=y,
        class_=f"region-number {tone}",
        text_anchor="middle",
        aria_hidden="true",
    )


def _point(project: MapProjection, name: str, lat: float, lon: float, href: str) -> Markup:
    x, y = project(lon, lat)
    drawn = element("title", escape(name)) + element("circle", cx=x, cy=y, r=6, class_="site")
    return element("a", drawn, href=href, aria_label=name, data_said=name)


def _graticule(project: MapProjection, width: float, height: float) -> list[Markup]:
    step = 10 if project.scale < 1800 else 5 if project.scale < 3500 else 2
    drawn: list[Markup] = []
    for lon in range(-180, 181, step):
        if abs(lon - project.lon) > 90:
            continue
        places = [project(lon, lat) for lat in range(-60, 85)]
        drawn += _curve([p for p in places if -200 < p[0] < width + 200 and -200 < p[1] < height + 200])
        at = _crossing(places, height - 8, axis=1)
        if at is not None and 20 < at < width - 40:
            drawn.append(text(at + 4, height - 8, f"{lon}° E" if lon >= 0 else f"{-lon}° W", "graticule-label"))
    for lat in range(-80, 81, min(step, 5)):
        places = [project(project.lon + east, lat) for east in range(-80, 81, 2)]
        drawn += _curve([p for p in places if -200 < p[0] < width + 200 and -200 < p[1] < height + 200])
        at = _crossing(places, 8, axis=0)
        if at is not None and 20 < at < height - 20:
            drawn.append(text(8, at - 4, f"{lat}° N" if lat >= 0 else f"{-lat}° S", "graticule-label"))
    return drawn


def _curve(places: Sequence[tuple[float, float]]) -> list[Markup]:
    if len(places) < 2:
        return []
    drawn = "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in places)
    return [element("path", d=drawn, class_="graticule")]


def _crossing(places: Sequence[tuple[float, float]], at: float, *, axis: int) -> float | None:
    """Where a curve crosses x or y = `at`, in the other coordinate."""
    for a, b in pairwise(places):
        if (a[axis] - at) * (b[axis] - at) <= 0 and a[axis] != b[axis]:
            share = (at - a[axis]) / (b[axis] - a[axis])
            return a[1 - axis] + share * (b[1 - axis] - a[1 - axis])
    return None


def _cities(project: MapProjection, width: float, height: float) -> list[Markup]:
    drawn: list[Markup] = []
    for name, lat, lon in CITIES:
        x, y = project(lon, lat)
        if 10 < x < width - 10 and 10 < y < height - 10:
            drawn.append(element("circle", cx=x, cy=y, r=2, class_="city"))
            end = x > width - 110
            drawn.append(text(x - 5 if end else x + 5, y + 4, name, "city-label", "end" if end else None))
    return drawn


def legend() -> list[tuple[str, str]]:
    """Class of the style sheet and meaning of every colour, lowest first."""
    ends = [0.0, *BINS]
    said = [f"{low:g}–{high:g} %" for low, high in zip(ends, BINS, strict=False)] + [f"{BINS[-1]:g} % and more"]
    return [(f"bin-{place}", each) for place, each in enumerate(said)] + [
        ("bin-open", "not determined, or excluded by its interval"), ("bin-none", "no result"),
    ]  # fmt: skip
