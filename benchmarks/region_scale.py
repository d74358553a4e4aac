"""A whole region from local cubes to rasters and tables: pixels a second, and memory, by size of the region.

    python benchmarks/region_scale.py 1 4 16             millions of pixels of 24 years, one profile
    python benchmarks/region_scale.py --side 128 0.1 1   blocks of 128 cells: many blocks without many pixels
    python benchmarks/region_scale.py --plain 1 4        SDG 15.3.1 alone, without breaks of pixels

Every size runs in a process of its own, whose peak memory is told. The cubes are made up beforehand and not timed.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from odc.geo.geobox import GeoBox
from shapely import box

from flows.pull.pulled import Pulled
from regions.grid import geobox
from regions.model import Region
from series.cubes.layout import CubeAxis, begin_cube
from series.cubes.tiles import TILE, tiles
from series.datasets import DATASETS

YEARS = tuple(range(2001, 2025))
CELL = 1 / 480
KEYS = {
    "productivity": "mod13q1-ndvi",
    "land_cover": "mcd12q1-igbp",
    "precipitation": "era5-land-precipitation",
    "climate_zone": "era5-land-climate-zones",
    "soil_taxonomy": "openlandmap-great-groups",
}


def place(pixels: int) -> Region:
    """A region of about so many cells, all of them inside."""
    side = round(pixels**0.5) * CELL
    return Region(id="made", name="Made", geometry=box(100, 40, 100 + side, 40 + side), source="made for a benchmark")


def tile_of(variable: str, shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Made-up pixels: 5 % gaps, a trend in some places, four classes of land cover of which some change."""
    rng = np.random.default_rng(seed)
    if variable == "productivity":
        trend = rng.choice([-0.004, 0, 0, 0.002], shape[1:])
        values = 0.3 + trend * np.arange(shape[0])[:, None, None] + 0.02 * rng.standard_normal(shape)
        values[rng.random(shape) < 0.05] = np.nan
        return np.round(values, 4)
    if variable == "land_cover":
        cover = np.broadcast_to(rng.choice([10, 12, 16, 1], shape[1:]), shape).copy()
        cover[shape[0] // 2 :, rng.random(shape[1:]) < 0.05] = 13
        return cover
    if variable == "precipitation":
        return 300 + 40 * rng.standard_normal(shape)
    return np.full(shape, 4.0) if variable == "climate_zone" else rng.integers(1, 12, shape)


def cubes(store: Path, region: Region) -> Pulled:
    """The cubes of the region, written tile by tile."""
    paths = {}
    for variable, key in KEYS.items():
        dataset = DATASETS[key]
        grid: GeoBox = geobox(region, max(CELL, dataset.resolution))
        axis = None if dataset.cadence == "static" else CubeAxis.of("year", YEARS)
        target = store / f"{variable}-made.zarr"
        draft = begin_cube(target, variable, axis, grid, {"units": dataset.units}, {"origin": "x"})
        array = zarr.open_array(draft / variable, mode="r+")
        for number, tile in enumerate(tiles(tuple(grid.shape), TILE)):
            shape = (tile.height, tile.width) if axis is None else (len(YEARS), tile.height, tile.width)
            array[(..., *tile.window)] = tile_of(variable, shape, number).astype(np.float32)
        draft.replace(target)
        paths[variable] = target
    return Pulled(paths, {v: DATASETS[key] for v, key in KEYS.items()}, None, {"season_mean": paths["productivity"]})


def assess(folder: Path, pixels: int, side: int, *, plain: bool = False) -> dict[str, Any]:
    """Assess a region whose cubes lie in `folder`; wall and processor seconds, and peak memory (MiB)."""
    from flows.region.results import compute_profiles
    from flows.request.assess import AssessRequest

    region = place(pixels)
    pulled = Pulled(
        {v: folder / f"{v}-made.zarr" for v in KEYS},
        {v: DATASETS[key] for v, key in KEYS.items()},
        None,
        {"season_mean": folder / "productivity-made.zarr"},
    )
    request = AssessRequest(regions=("made",), data=folder, workers=1, pixel_breaks=not plain)
    wall, processor = time.monotonic(), time.process_time()
    (result,) = compute_profiles(region, pulled, request, "simulated", side=side)
    return {
        "pixels": pixels,
        "side": side,
        "wall_s": round(time.monotonic() - wall, 1),
        "processor_s": round(time.process_time() - processor, 1),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "degraded": round(result.share["degraded"], 4),
    }


def main(words: list[str]) -> None:
    """Make the cubes of each size, and assess them in a process of their own; once before to compile."""
    if words[0] == "--inside":
        found = assess(Path(words[1]), int(words[2]), int(words[3]), plain="--plain" in words)
        sys.stdout.write(json.dumps(found) + "\n")
        return
    plain = [words.pop(0)] if words[0] == "--plain" else []
    side, sizes = (words[1], words[2:]) if words[0] == "--side" else ("512", words)
    for size in ("0.01", *sizes):
        pixels = int(float(size) * 1_000_000)
        with tempfile.TemporaryDirectory() as name:
            cubes(Path(name), place(pixels))
            command = [sys.executable, __file__, "--inside", name, str(pixels), side, *plain]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            sys.stdout.write(done.stdout)
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
