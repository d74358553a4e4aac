"""Groups of neighbouring small regions, whose tables come in one request.

The table of a region does not depend on its group: the server reduces each outline separately. If a group request
fails, each region makes its own request.
"""

from __future__ import annotations

import logging
import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from shapely import get_num_coordinates

from regions.catalogue import is_natural
from series.errors import RequestFailed, Unavailable
from series.memory import RunMemory

if TYPE_CHECKING:
    import pandas as pd
    from shapely.geometry.base import BaseGeometry

    from regions.model import Region

#: Side of the lattice cell within which regions are neighbours, degrees. A larger region has no neighbours.
CELL = 4.0
#: Regions of a group at most: a request must stay well below the 10 MB of the service.
LARGEST_GROUP = 16
#: Vertices of a group at most, of which each takes some 40 bytes of a request.
MOST_VERTICES = 100_000

Outlines = Mapping[str, "BaseGeometry"]
_log = logging.getLogger("drylands")


class Neighbours:
    """The groups of a run, and tables from group requests that regions have not fetched yet."""

    def __init__(self, groups: Iterable[Sequence[Region]] = ()) -> None:
        self._groups = {region.id: tuple(group) for group in groups if len(group) > 1 for region in group}
        self._memory = RunMemory()

    def first(self, region: Region) -> str:
        """The id of the first region whose tables come in the same request."""
        return self._groups.get(region.id, (region,))[0].id

    def area(self, region: Region) -> float:
        """The area (square degrees) of a region and of those whose tables come in the same request."""
        return float(sum(each.geometry.area for each in self._groups.get(region.id, (region,))))

    def table(self, region: Region, key: Hashable, ask: Callable[[Outlines], pd.DataFrame]) -> pd.DataFrame:
        """The rows of `region` in the table that `ask` returns for outlines by id; requested with its neighbours.

        `key` names the request, apart from the outlines. Raises what `ask` raises for the region alone.
        """
        group = self._groups.get(region.id, ())
        if group and region in group:
            self._memory.once((key, group[0].id), lambda: self._ask_group(group, key, ask))
            own = self._memory.take((key, "of", region.id))
            if own is not None:
                return own
        return ask({region.id: region.geometry})

    def _ask_group(self, group: Sequence[Region], key: Hashable, ask: Callable[[Outlines], pd.DataFrame]) -> bool:
        """Request all regions of a group and keep the rows of each; False if the server refused the request.

        Raises Unavailable if the server fails repeatedly: single requests would only wait again.
        """
        try:
            found = ask({region.id: region.geometry for region in group})
        except Unavailable:
            raise
        except RequestFailed as error:
            _log.info("a request for %d regions failed (%s); each region makes its own", len(group), error)
            return False
        for region in group:
            rows = found[found["region"] == region.id].reset_index(drop=True)
            self._memory.put((key, "of", region.id), rows)
        return True


def grouped(regions: Sequence[Region]) -> list[list[Region]]:
    """Regions in groups of neighbours, each in the order given; a region of the catalogue, or a large one, is alone."""
    cells: dict[Hashable, list[Region]] = defaultdict(list)
    for region in regions:
        west, south, east, north = region.geometry.bounds
        alone = max(east - west, north - south) > CELL or is_natural(region)
        cell = (math.floor((south + north) / 2 / CELL), math.floor((west + east) / 2 / CELL))
        cells[region.id if alone else cell].append(region)
    return [group for near in cells.values() for group in _limited(near)]


def _limited(regions: Sequence[Region]) -> Iterable[list[Region]]:
    """Regions in groups that are not too large for a request."""
    group: list[Region] = []
    vertices = 0
    for region in regions:
        size = int(get_num_coordinates(region.geometry))
        if group and (len(group) == LARGEST_GROUP or vertices + size > MOST_VERTICES):
            yield group
            group, vertices = [], 0
        group.append(region)
        vertices += size
    yield group


def in_turns(groups: Sequence[Sequence[Region]], workers: int) -> list[Region]:
    """The regions of all groups in the order of work: `workers` groups in parallel.

    While one worker waits for the request of its group, another works on its own group.
    """
    lanes: list[list[Region]] = [[] for _ in range(max(workers, 1))]
    for group in sorted(groups, key=len, reverse=True):
        min(lanes, key=len).extend(group)
    return [lane[turn] for turn in range(max(map(len, lanes))) for lane in lanes if turn < len(lane)]
