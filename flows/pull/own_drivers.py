"""The user's own yearly series of a region, from the table of the request, as a file of the region's store."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from flows.pull.tables import RegionTable, joined
from flows.request.driver_table import read_driver_table

if TYPE_CHECKING:
    from flows.request.assess import AssessRequest
    from regions.model import Region


def unused_rows(request: AssessRequest, regions: Iterable[Region]) -> list[str]:
    """A line for each region of the table of drivers that is not assessed."""
    return [] if request.drivers is None else read_driver_table(request.drivers).notes(each.id for each in regions)


def own_drivers(region: Region, request: AssessRequest, store: Path) -> Path | None:
    """The own series of a region as a CSV file named by its rows alone; None without a table, or without rows."""
    if request.drivers is None:
        return None
    rows = read_driver_table(request.drivers).of(region.id)
    if rows.empty:
        return None
    content = hashlib.sha256(rows.to_csv(index=False).encode()).hexdigest()
    return joined(store, "own-drivers", [RegionTable((content,), rows)])
