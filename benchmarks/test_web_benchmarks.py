"""How fast a page is with 200 regions × 25 years × 5 profiles in the database.

Beside them stands a page that reads which results there are, and none of their areas or series. Shown by
`make bench`, asserted nowhere. The server is a real one on this machine, asked by one reader.
"""

from __future__ import annotations

import datetime as dt
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import uvicorn
from sqlalchemy import Engine, insert

from practices import models
from practices.database.open import open_database
from practices.database.transactions import writing
from practices.record.catalogue import seed
from practices.web.app import create_app

REGIONS, YEARS, METHODS = 200, range(2000, 2025), ("ne-asia", "trends-earth", "sepal-gpg1", "sepal-gpg2", "fao-wocat")
PERIODS = (("2000-2024", 2000, 2024), ("baseline", 2000, 2015), ("report-1", 2004, 2019), ("report-2", 2008, 2023))
CLASSES = ("degraded", "stable", "improved", "undetermined", "below_detectability", "water", "no data")
INDICATORS = ("sdg", "productivity", "land_cover", "soil_organic_carbon")
VARIABLES = ("productivity", "precipitation", "soil_moisture")


def fill(engine: Engine) -> None:
    """One run a region and profile: four periods, three monthly and three annual series, two breaks."""
    seed(engine)
    rng = np.random.default_rng(1)
    now = dt.datetime(2026, 1, 1)
    for number in range(REGIONS):
        west, south = 90 + 2.0 * (number % 20), 34 + 1.8 * (number // 20)
        ring = [[west, south], [west + 1.5, south], [west + 1.5, south + 1.5], [west, south + 1.5], [west, south]]
        outline = {"digest": f"o{number}", "geometry": {"type": "Polygon", "coordinates": [ring]}}
        region = {"id": f"region-{number}", "name": f"Region {number}", "countries": ["MNG"], "kind": "steppe"}
        with writing(engine) as connection:
            connection.execute(insert(models.Outline).values(**outline))
            connection.execute(insert(models.StoredRegion).values(**region, outline_digest=f"o{number}"))
            for method in METHODS:
                _run(connection, f"region-{number}", f"o{number}", method, rng, now)


def _run(connection: Any, region: str, outline: str, method: str, rng: np.random.Generator, now: dt.datetime) -> None:
    run = {
        "digest": f"{region}-{method}", "attempt": 1, "content_digest": "c", "origin": "earth-engine", "datasets": {},
        "graph_digest": "", "package_version": "0.1.0", "source_digest": "",
        "started": now, "finished": now, "state": "finished",
    }  # fmt: skip
    run_id = connection.execute(insert(models.Run).values(**run).returning(models.Run.id)).scalar_one()
    for period, first, last in PERIODS:
        assessment = {
            "region_id": region, "outline_digest": outline, "run_id": run_id, "origin": "earth-engine", "revision": 1,
            "period": period, "year_first": first, "year_last": last, "method": method, "trend_percent_decade": -1.5,
            "trend_p": 0.2,
        }  # fmt: skip
        added = insert(models.Assessment).values(**assessment).returning(models.Assessment.id)
        id_ = connection.execute(added).scalar_one()
        areas = [
            {
                "assessment_id": id_, "indicator": i, "class_name": c, "area_km2": float(rng.uniform(0, 5000)),
                "valid_km2": 20_000.0, "total_km2": 35_000.0, "share": 0.1, "low_km2": None, "high_km2": None,
            }
            for i in INDICATORS
            for c in CLASSES
        ]  # fmt: skip
        connection.execute(insert(models.Area), areas)
        kinds = ("grassland", "cropland", "tree-covered", "other land")
        moved = [{"assessment_id": id_, "from_class": a, "to_class": b, "area_km2": 10.0} for a in kinds for b in kinds]
        connection.execute(insert(models.Transition), moved)
    series = [
        {"run_id": run_id, "region_id": region, "variable": name, "month": dt.date(y, m, 1), "value": v, "units": "1"}
        for variable in VARIABLES
        for name, months in ((variable, range(1, 13)), (f"{variable}_annual", (1,)))
        for y in YEARS
        for m, v in zip(months, rng.uniform(0, 1, len(months)).tolist(), strict=True)
    ]
    connection.execute(insert(models.Observation), series)
    broken = [
        {
            "run_id": run_id, "region_id": region, "variable": "productivity", "date": dt.date(y, 1, 1),
            "low": dt.date(y - 1, 1, 1), "high": dt.date(y + 1, 1, 1), "cadence": "yearly", "magnitude": -0.1,
            "test": None, "p": None,
        }
        for y in (2006, 2015)
    ]  # fmt: skip
    connection.execute(insert(models.BreakPoint), broken)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    path: Path = tmp_path_factory.mktemp("many") / "practices.sqlite"
    engine = open_database(path)
    fill(engine)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(engine), log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    with httpx.Client(base_url=f"http://127.0.0.1:{listening.getsockname()[1]}", timeout=60) as asking:
        yield asking
    server.should_exit = True
    thread.join(timeout=20)
    listening.close()
    engine.dispose()


PAGES = {
    "a region": "/regions/region-117",
    "a region, another profile": "/regions/region-42?method=fao-wocat&period=baseline",
    "a region, brief": "/regions/region-117/brief",
    "the map": "/?period=2000-2024&method=ne-asia",
    "two regions": "/compare?a=region-3&b=region-4",
    "the practices": "/practices",
    "a region, API": "/api/v1/regions/region-117",
    "the page about it all (no areas or series)": "/about",
}


@pytest.mark.benchmark(group="Pages over 200 regions x 25 years x 5 profiles (2.3 million rows)")
@pytest.mark.parametrize("name", PAGES)
def test_page(benchmark: Any, client: httpx.Client, name: str) -> None:
    assert client.get(PAGES[name]).status_code == 200
    benchmark.pedantic(lambda: client.get(PAGES[name]), rounds=15)
