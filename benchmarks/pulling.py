"""How long pulling takes on a service with latency: many requests at the same time, and one after the other.

    python benchmarks/pulling.py otindag --resolution native

The offline engine answers in a process of its own, each request after 2 s and a microsecond for each stored pixel that
it reads (an assumption), 40 requests at the same time. The peer is the same requests one after the other: the sum of
their times, from the pixels that the engine counted in the same run.
"""

from __future__ import annotations

import argparse
import json
import resource
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from flows.pull.neighbours import Neighbours, grouped
from flows.pull.pulled import Pulled
from flows.pull.region import pull_region
from flows.pull.sources import OpenSource, choose_datasets
from flows.request.assess import AssessRequest
from flows.run.progress import sending
from regions.catalogue import load
from series.cubes.stored import open_cube
from series.service.earth_engine import Connection, connect

LATENCY = "2,1e-6"


@contextmanager
def slow_engine() -> Iterator[str]:
    """The address of an offline engine with latency."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "flows.cli.start", "offline", "--port", str(port), "--latency", LATENCY]
    engine = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        while not answers(url):
            if engine.poll() is not None:
                raise SystemExit("the offline engine did not start; it says why above")
            time.sleep(0.2)
        yield url
    finally:
        engine.terminate()
        engine.wait()


def answers(url: str) -> bool:
    """Whether an engine answers at an address."""
    with suppress(OSError):
        urllib.request.urlopen(f"{url}/$discovery/rest").close()
        return True
    return False


def requests_of(url: str) -> list[dict[str, Any]]:
    """What the engine says of the requests that it answered."""
    with urllib.request.urlopen(f"{url}/offline/requests?since=0") as answer:
        found = json.load(answer)
    return found["requests"] if isinstance(found, dict) else found


def valid_pixel_years(pulled: Pulled) -> int:
    """Values that are there in the cubes of the vegetation."""
    return sum(int(np.isfinite(open_cube(path).values).sum()) for path in pulled.annual.values())


def main() -> None:
    """Pull the regions and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("regions", nargs="*", default=["otindag"])
    parser.add_argument("--resolution", default="native")
    chosen = parser.parse_args()
    regions = [*load().values()] if chosen.regions == ["all"] else [load()[name] for name in chosen.regions]
    with tempfile.TemporaryDirectory() as folder, slow_engine() as url:
        connect(Connection(url=url))
        source = OpenSource("simulated", choose_datasets(None, {}), None, neighbours=Neighbours(grouped(regions)))
        ids = tuple(region.id for region in regions)
        request = AssessRequest(regions=ids, data=Path(folder), resolution=chosen.resolution, years=(2001, 2024))
        started = time.monotonic()
        with sending(lambda *_: None), ThreadPoolExecutor(4) as workers:
            pulled = list(workers.map(lambda region: pull_region(region, request, source), regions))
        wall = time.monotonic() - started
        made = requests_of(url)
        fixed, each_pixel = map(float, LATENCY.split(","))
        alone = sum(fixed + each_pixel * each["input_pixels"] for each in made)
        pixels = [each for each in made if each["kind"] == "pixels"]
        sent = sum(each["size"] for each in pixels)
        share = sent / max(sum(map(valid_pixel_years, pulled)), 1)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    Console().print(
        f"{len(regions)} regions, {chosen.resolution}: {wall:.0f} s, one request after the other {alone:.0f} s: "
        f"{alone / wall:.1f} times\n"
        f"requests {len(made)}, of which pixels {len(pixels)}: {sent / 1e6:.1f} MB of all variables, {share:.2f} bytes "
        f"for a valid pixel and year of vegetation\nlargest memory of this process {memory:.2f} GiB"
    )


if __name__ == "__main__":
    main()
