"""The layers of the OGC API: contents, reading of features, and filters of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Connection

from practices.report import geojson_features as features
from practices.report import headlines
from practices.results import published_places, published_views

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
Feature: TypeAlias = dict[str, Any]
#: First and last year of a feature, the last one included; None if that end is open.
Years: TypeAlias = tuple[int | None, int | None]


@dataclass(frozen=True)
class Layer:
    """A layer: what it is, how its features are read, by which properties they can be chosen.

    `years`: the properties with the first and the last year of a feature; none where features have no time.
    """

    id: str
    title: str
    description: str
    read: Callable[[Connection], list[Feature]]
    choose: tuple[str, ...] = ()
    years: tuple[str, str] | None = None

    def time_of(self, feature: Feature) -> Years | None:
        """The years of a feature; None for one without time, such as a practice whose start is not known."""
        if self.years is None:
            return None
        first, last = (feature["properties"].get(name) for name in self.years)
        return None if first is None and last is None else (first, last)


def _regions(connection: Connection) -> list[Feature]:
    return [features.region_feature(place) for place in published_places.regions(connection)]


def _sites(connection: Connection) -> list[Feature]:
    return [features.site_feature(each) for each in published_places.sites(connection)]


def _results(*, simulated: bool) -> Callable[[Connection], list[Feature]]:
    def read(connection: Connection) -> list[Feature]:
        places = published_places.regions(connection)
        found = [each for each in published_views.choices(connection) if each.view.simulated == simulated]
        return [
            features.result_feature(place, choice, leading[place.id])
            for choice in found
            for leading in [headlines.of_view(connection, choice.view)]
            for place in places
            if place.id in leading
        ]

    return read


_BY = ("region", "period", "method", "origin")
_ALL = (
    Layer(
        "regions",
        "Dryland regions",
        "Rough outlines, drawn for statistics; they express no view on any border",
        _regions,
        ("region",),
    ),
    Layer(
        "results",
        "SDG 15.3.1 by region, period and method",
        "Latest revision of every result that was computed from observations",
        _results(simulated=False),
        _BY,
        ("year_first", "year_last"),
    ),
    Layer(
        "results-simulated",
        "SIMULATED: SDG 15.3.1 of a virtual landscape",
        "For trials and teaching; no observation of any place",
        _results(simulated=True),
        _BY,
        ("year_first", "year_last"),
    ),
    Layer(
        "practice-sites",
        "Sites of practices",
        "Points with stated precision; a radius is a guess and no boundary",
        _sites,
        ("practice", "country"),
        ("start", "end"),
    ),
)
COLLECTIONS = {each.id: each for each in _ALL}


def extent(layer: Layer, found: Sequence[Feature]) -> dict[str, Any]:
    """The extent of a layer in space, and in time where its features have one; {} for a layer without features."""
    if not found:
        return {}
    boxes = [features.bounds(each["geometry"]) for each in found]
    box = [*(min(b[k] for b in boxes) for k in (0, 1)), *(max(b[k] for b in boxes) for k in (2, 3))]
    made: dict[str, Any] = {"spatial": {"bbox": [box], "crs": CRS84}}
    times = [time for each in found if (time := layer.time_of(each)) is not None]
    if times:
        made["temporal"] = {"interval": [_interval(times)], "trs": GREGORIAN}
    return made


def _interval(times: Sequence[Years]) -> list[str | None]:
    """The interval that contains all years; null for an open end."""
    firsts, lasts = [first for first, _ in times], [last for _, last in times]
    return [
        None if None in firsts else f"{min(each for each in firsts if each):04d}-01-01T00:00:00Z",
        None if None in lasts else f"{max(each for each in lasts if each):04d}-12-31T23:59:59Z",
    ]
