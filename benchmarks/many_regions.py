"""Many small regions by the command line: seconds for each region, and memory, by number of regions and of workers.

    python benchmarks/many_regions.py 24 96              that many districts of half a degree in Mongolia
    python benchmarks/many_regions.py --workers 1 24     one region at a time, all in one process

Every number is a run of its own in an empty folder, pulled from the simulated landscape. Processor seconds include
those of the processes that compute; the peak is that of the largest process.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from shapely import box
from shapely.geometry import mapping

SIDE, STEP = 0.45, 0.5
COLUMNS = 20


def districts(path: Path, count: int) -> None:
    """A file of districts, row by row from 98 E 44 N."""
    features = []
    for number in range(count):
        west, south = 98 + STEP * (number % COLUMNS), 44 + STEP * (number // COLUMNS)
        shape = mapping(box(west, south, west + SIDE, south + SIDE))
        features.append({"type": "Feature", "properties": {"name": f"district {number}"}, "geometry": shape})
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))


def assess(count: int, workers: int) -> dict[str, float]:
    """Wall and processor seconds of a run, both for each region, and peak memory (MiB)."""
    with tempfile.TemporaryDirectory() as name:
        districts(Path(name, "districts.geojson"), count)
        command = [sys.executable, "-m", "flows.cli.main", "assess", "--regions-file", "districts.geojson"]
        options = ["--resolution", "0.05", "--workers", str(workers)]
        before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        subprocess.run([*command, *options], cwd=name, capture_output=True, check=True)
        wall, after = time.monotonic() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "regions": count,
        "workers": workers,
        "wall_s": round(wall, 1),
        "wall_s_region": round(wall / count, 2),
        "processor_s_region": round(processor / count, 2),
        "peak_mib": after.ru_maxrss // 1024,
    }


def main(words: list[str]) -> None:
    """Assess each number of regions."""
    workers, counts = (int(words[1]), words[2:]) if words[0] == "--workers" else (2, words)
    for count in counts:
        sys.stdout.write(json.dumps(assess(int(count), workers)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
