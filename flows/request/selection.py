"""Which regions a request names: from the catalogue, the user's own, or the polygons of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.errors import FlowError
from flows.request.assess import DEFAULT_SEASON, AssessRequest
from flows.request.monitor import MonitorRequest
from flows.request.schema import ALL
from flows.store import known_regions
from regions.catalogue import find
from regions.errors import TakenId
from regions.own import CHOICES, clashes, read

if TYPE_CHECKING:
    from regions.model import Region
    from regions.own import OwnRegions


def select_regions(request: AssessRequest | MonitorRequest) -> list[Region]:
    """The regions of `request`, in its order; every known region for `all`, or if it names none.

    Raises the errors of `regions` for an unknown id or a bad polygon, before anything is pulled.
    """
    if request.regions_file is not None:
        known = {region.id: region for region in file_regions(request).regions}
    else:
        known = known_regions(request.data)
    if request.regions in ((), (ALL,)):
        return list(known.values())
    if ALL in request.regions:
        raise FlowError(
            f"regions {' '.join(request.regions)}: {ALL!r} means every region; use it alone, or give only ids"
        )
    return [find(known, region_id) for region_id in dict.fromkeys(request.regions)]


def file_regions(request: AssessRequest | MonitorRequest) -> OwnRegions:
    """The polygons of a request's file, with notes on what was chosen, repaired or left out.

    Raises BadRegionFile, and TakenId if the catalogue or the user's own regions use an id of the file for another
    region: results of two places must not share an id.
    """
    assert request.regions_file is not None
    found = read(
        request.regions_file,
        layer=request.layer,
        encoding=request.encoding,
        id_field=request.id_field,
        name_field=request.name_field,
        prefix=request.prefix,
        growing_season=request.season or DEFAULT_SEASON,
    )
    taken = clashes(found.regions, known_regions(request.data))
    if taken:
        raise TakenId(
            f"{request.regions_file}: {taken[0]}; {CHOICES}. To replace the other one: drylands regions add "
            f"{request.regions_file} --replace"
        )
    return found
