"""Requests at once: the engine answers as many at a time as there are cores, beside as many engines with one each.

    python benchmarks/serving.py

Several engines share nothing, so what they gain over one is what the machine can give; what one engine gains shows
how far requests wait for each other in it. Engines are fresh in every measurement, in processes of their own, and
have answered one request that is not timed. Clients send what the `ee` client would, and read whole answers.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
import urllib.request
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from typing import Any

import ee
from composites import GRID, YEARS, composite, grid, write
from google.auth.credentials import AnonymousCredentials

from offline.protocol.server import serve
from offline.sources.own_files.files import FileSource
from offline.sources.simulated.source import SimulatedSource

CORES, ROUNDS = os.cpu_count() or 1, 3
Body = dict[str, Any]


def running(folder: Path | None, pipe: Connection) -> None:
    """An engine in this process, until something comes through the pipe."""
    with serve(FileSource(folder) if folder else SimulatedSource()) as server:
        pipe.send(server.url)
        pipe.recv()


@contextmanager
def engine(folder: Path | None) -> Iterator[str]:
    """The address of an engine in a process of its own."""
    here, there = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=running, args=(folder, there))
    process.start()
    try:
        yield here.recv()
    finally:
        here.send("enough")
        process.join()


def pixels(expression: ee.Image, where: Body) -> Body:
    """The body of a request for pixels."""
    return {"expression": json.loads(expression.serialize()), "fileFormat": "NPY", "grid": where}


def answered(url: str, body: Body) -> int:
    """Bytes of the answer to a request."""
    place = f"{url}/v1/projects/offline/image:computePixels"
    with urllib.request.urlopen(urllib.request.Request(place, json.dumps(body).encode())) as answer:
        return len(answer.read())


def seconds(folder: Path | None, bodies: list[Body], *, engines: int, at_once: int) -> float:
    """How long so many engines need for all requests, so many of which are on their way at a time."""
    with ExitStack() as stack:
        urls = [stack.enter_context(engine(folder)) for _ in range(engines)]
        clients = stack.enter_context(ThreadPoolExecutor(at_once))
        for url in urls:
            answered(url, bodies[0])
        begun = time.perf_counter()
        waiting = [clients.submit(answered, urls[n % engines], body) for n, body in enumerate(bodies[1:])]
        for each in waiting:
            each.result()
        return time.perf_counter() - begun


def work(folder: Path) -> dict[str, tuple[Path | None, list[Body]]]:
    """Requests by name, and the files that they are answered from (None: the simulated landscape)."""
    with serve(FileSource(folder)) as server, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Unable to initialize deprecated assets")
        ee.Initialize(AnonymousCredentials(), project="offline", url=server.url)
        ndvi = ee.ImageCollection("MODIS/061/MOD13Q1").select("NDVI")
        means = {year: ndvi.filterDate(f"{year}-01-01", f"{year + 1}-01-01").mean().toFloat() for year in YEARS}
        # The first of each list is the one that is not timed.
        return {
            "composites from COGs": (folder, [pixels(composite(year), GRID) for year in [YEARS[0], *YEARS]]),
            "landscape, other places": (None, [pixels(means[2010], grid(500, 0.002, 100 + n)) for n in range(9)]),
            "landscape, other years": (None, [pixels(means[year], grid(500, 0.002)) for year in YEARS[:13]]),
        }


def main() -> None:
    """Print the table."""
    print(f"{CORES} cores, medians of {ROUNDS} rounds, seconds")
    print(f"{'':26}{'one a time':>12}{f'{CORES} at once':>12}{f'{CORES} engines':>12}{'gain':>8}{'possible':>10}")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write(folder)
        for name, (files, bodies) in work(folder).items():
            ways = {"single": (1, 1), "shared": (1, CORES), "apart": (CORES, CORES)}
            rounds = [
                {way: seconds(files, bodies, engines=e, at_once=n) for way, (e, n) in ways.items()}
                for _ in range(ROUNDS)
            ]
            single, shared, apart = (median(each[way] for each in rounds) for way in ways)
            print(f"{name:26}{single:12.2f}{shared:12.2f}{apart:12.2f}{single / shared:8.2f}{single / apart:10.2f}")


if __name__ == "__main__":
    main()
