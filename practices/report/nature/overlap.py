"""Which regions count in a sum: outlines that overlap must not count the same land twice without a word.

Numbers are known by region, not by the part of one, so that the land that two regions share cannot be taken from one of
them. The larger region comes first (by the id where both are as large). A region of which more than half lies in
regions that count already is left out. Any other counts whole, and the area that it shares with those before it is
given: the sum counts that area twice. These areas add up: all counted outlines together are the area of their union and
this area.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shapely import STRtree, unary_union
from shapely.geometry import shape

from practices.results.near import area_km2

#: Part of a region in others from which it is left out.
HALF = 0.5
#: Overlaps up to this area, km², are drawing errors of outlines that meet.
MEETING = 1.0


@dataclass(frozen=True)
class CountedRegions:
    """Regions that count by id, each with the area (km²) that it shares with those before it; those left out.

    `left_out`: by id, the ids of the counted regions that hold more than half of it. `shared`: for a counted region
    that shares area, with which.
    """

    twice_km2: Mapping[str, float]
    left_out: Mapping[str, tuple[str, ...]]
    shared: Mapping[str, tuple[str, ...]]


def counted(outlines: Mapping[str, Mapping[str, Any]]) -> CountedRegions:
    """Which of some regions count.

    Parameters
    ----------
    outlines : mapping of str to mapping
        Outlines (GeoJSON, WGS84) by region.

    Returns
    -------
    CountedRegions
        Every region is in `twice_km2` or in `left_out`; the order of the regions does not matter.

    Examples
    --------
    >>> def square(west, east):
    ...     return {"type": "Polygon", "coordinates": [[(west, 40), (east, 40), (east, 41), (west, 41), (west, 40)]]}
    >>> found = counted({"whole": square(100, 102), "part": square(101, 101.5), "next": square(102, 103)})
    >>> dict(found.left_out), sorted(found.twice_km2)
    ({'part': ('whole',)}, ['next', 'whole'])
    """
    shapes = {name: shape(dict(outlines[name])) for name in sorted(outlines)}
    sizes = {name: area_km2(each) for name, each in shapes.items()}
    order = sorted(shapes, key=lambda name: (-sizes[name], name))
    tree = STRtree([shapes[name] for name in order])
    twice: dict[str, float] = {}
    left_out: dict[str, tuple[str, ...]] = {}
    shared: dict[str, tuple[str, ...]] = {}
    for name in order:
        near = sorted(order[number] for number in tree.query(shapes[name], predicate="intersects").tolist())
        common = {each: shapes[each].intersection(shapes[name]) for each in near if each in twice}
        common = {each: part for each, part in common.items() if area_km2(part) > MEETING}
        area = area_km2(unary_union(list(common.values()))) if common else 0.0
        if area > HALF * sizes[name]:
            left_out[name] = tuple(common)
            continue
        twice[name] = area
        if common:
            shared[name] = tuple(common)
    return CountedRegions(twice, left_out, shared)
