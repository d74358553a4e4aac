"""Compute and publish a made-up region: `recomputed.py FOLDER CUBES`; prints its degraded area, km², and revision."""

from __future__ import annotations

import sys
from pathlib import Path

from made_cubes import made, region

from flows.region.files.publish import publish_region
from flows.region.result import RegionResult
from flows.region.results import compute_profiles
from flows.request.assess import AssessRequest


def assessed(folder: Path, cubes: Path) -> tuple[RegionResult, int]:
    """The result over `folder` from cubes made in the empty folder `cubes`, and its revision."""
    where = region(12, 14)
    request = AssessRequest(regions=(where.id,), data=folder, permutations=19, pixel_breaks=False)
    pulled = made(cubes, where)
    result = compute_profiles(where, pulled, request, "simulated")[0]
    return result, publish_region(where, result, pulled, request).revision


if __name__ == "__main__":
    found, revision = assessed(*map(Path, sys.argv[1:]))
    print(found.area_km2["degraded"], revision)
