"""Which regions a request names: from the catalogue, the user's own, or the polygons of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.monitor_request import MonitorRequest
from flows.request import AssessRequest
from flows.request_schema import ALL
from flows.tables import own_regions

if TYPE_CHECKING:
    from regions.model import Region


def select_regions(request: AssessRequest | MonitorRequest) -> list[Region]:
    """The regions of `request`, in the order asked for; every known one for `all`, or where no id is given.

    Raises the errors of `regions` for an unknown id or a bad polygon, before anything is pulled.
    """
    from regions.catalogue import find, load
    from regions.own import read

    if request.regions_file is not None:
        known = {region.id: region for region in read(request.regions_file, growing_season=request.season)}
    else:
        own = own_regions(request.data)
        known = load(extra=own if own.is_dir() else None)
    if request.regions in ((), (ALL,)):
        return list(known.values())
    return [find(known, region_id) for region_id in request.regions]
