"""`prefect.yaml`, read more strictly than Prefect does; and the deployment run once by a real server and worker."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect.cli.deploy._models import PrefectYamlModel
from prefect.server.schemas.schedules import CronSchedule
from prefect.utilities.importtools import import_object
from prefect.utilities.schema_tools import validate
from pydantic import BaseModel

from flows.monitor_request import MonitorRequest
from flows.request import AssessRequest
from practices.database import open_database
from practices.queries import summary

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "prefect.yaml").read_text(encoding="utf-8")
CONTENT: dict[str, Any] = yaml.safe_load(TEXT)
DEPLOYMENTS = CONTENT["deployments"]
REQUESTS: dict[str, type[BaseModel]] = {"assess": AssessRequest, "monitor": MonitorRequest}
#: Prefect takes this in a deployment's own `pull`, or for all of them.
STEPS = ("build", "push", "pull")


def unknown(given: Any, taken: Any, where: str = "") -> list[str]:
    """Keys that Prefect's model of the file silently dropped."""
    if isinstance(taken, BaseModel):
        taken = {
            **taken.model_dump(exclude_unset=True, by_alias=True),
            **{field: getattr(taken, field) for field in taken.model_fields_set},
        }
    if isinstance(given, dict) and isinstance(taken, dict):
        lost = [f"{where}.{key}" for key in given.keys() - taken.keys()]
        kept = [key for key in given if key in taken and key not in (*STEPS, "parameters")]
        return lost + [name for key in kept for name in unknown(given[key], taken[key], f"{where}.{key}")]
    if isinstance(given, list) and isinstance(taken, list):
        pairs = enumerate(zip(given, taken, strict=True))
        return [name for n, (one, other) in pairs for name in unknown(one, other, f"{where}[{n}]")]
    return []


def test_prefect_knows_every_key() -> None:
    assert unknown(CONTENT, PrefectYamlModel.model_validate(CONTENT)) == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("description:", "descripton:"),
        ("collision_strategy:", "colision_strategy:"),
        ("work_pool:\n      name:", "work_pool:\n      pool:"),
        ("prefect-version:", "prefect_version_of:"),
    ],
)
def test_a_misspelt_key_is_found(right: str, wrong: str) -> None:
    assert right in TEXT
    content = yaml.safe_load(TEXT.replace(right, wrong, 1))
    (found,) = unknown(content, PrefectYamlModel.model_validate(content))
    assert found.split(".")[-1] in wrong


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda each: str(each["name"]))
def test_deployments_can_run(deployment: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    flow = import_object(deployment["entrypoint"])
    assert flow.name in REQUESTS
    assert set(deployment["parameters"]) == set(flow.parameters.properties)
    assert REQUESTS[flow.name].model_validate(deployment["parameters"]["request"])
    for schedule in deployment.get("schedules", []):
        CronSchedule(cron=schedule["cron"], timezone=schedule["timezone"])


def test_every_year_and_every_month_once_and_by_hand() -> None:
    by_name = {each["name"]: each for each in DEPLOYMENTS}
    (schedule,) = by_name["yearly"]["schedules"]
    first, second = asyncio.run(CronSchedule(cron=schedule["cron"], timezone=schedule["timezone"]).get_dates(2))
    assert (first.month, first.day) == (second.month, second.day)
    assert second.year == first.year + 1
    (schedule,) = by_name["monthly"]["schedules"]
    first, second = asyncio.run(CronSchedule(cron=schedule["cron"], timezone=schedule["timezone"]).get_dates(2))
    assert (second.year * 12 + second.month) - (first.year * 12 + first.month) == 1
    assert "schedules" not in by_name["manual"]
    assert CONTENT["pull"]


def test_every_year_is_a_new_year() -> None:
    """A fixed last year would compute the same again; Prefect's server has to take the word, too."""
    (request,) = (each["parameters"]["request"] for each in DEPLOYMENTS if each["name"] == "yearly")
    assert AssessRequest.model_validate(request).years == (2001, "latest")
    schema = import_object("flows/assess.py:assess").parameters.model_dump()
    assert validate({"request": request}, schema) == []
    assert validate({"request": {**request, "years": [2001, "latest"]}}, schema) == []
    assert validate({"request": {**request, "years": [2001, "last"]}}, schema) != []


@contextmanager
def running(*command: str, environment: dict[str, str], log: Path) -> Iterator[None]:
    """A program that runs in the background, and is ended at the end."""
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "prefect", *command], env=environment, stdout=out, stderr=out, cwd=ROOT
        )
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ask(url: str, content: dict[str, Any] | None = None) -> Any:
    data = None if content is None else json.dumps(content).encode()
    request = urllib.request.Request(url, data=data, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read() or "null")


def until(condition: Any, seconds: float, what: str, log: Path) -> Any:
    """The first true answer of `condition`, asked again and again."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            found = condition()
        except OSError:
            found = None
        if found:
            return found
        time.sleep(0.5)
    pytest.fail(f"{what} did not come in {seconds} s:\n{log.read_text()[-3000:]}")


@pytest.mark.slow
def test_a_server_and_a_worker_run_the_deployment(tmp_path: Path) -> None:
    port = free_port()
    api = f"http://127.0.0.1:{port}/api"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")} | {
        "PREFECT_HOME": str(tmp_path / "prefect"),
        "PREFECT_API_URL": api,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "DRYLANDS_HOME": str(ROOT),
    }

    def prefect(*words: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "prefect", "--no-prompt", *words],
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, (done.stdout + done.stderr)[:2000]

    square = '{"type": "Polygon", "coordinates": [[[112, 43], [112.2, 43], [112.2, 43.2], [112, 43.2], [112, 43]]]}'
    (tmp_path / "place.geojson").write_text(
        f'{{"type": "FeatureCollection", "features": [{{"type": "Feature", "properties": {{"name": "place"}}, '
        f'"geometry": {square}}}]}}'
    )
    wanted = {
        "regions": [],
        "regions_file": str(tmp_path / "place.geojson"),
        "years": "2016-2024",
        "resolution": 0.05,
        "data": str(tmp_path / "data"),
    }
    server_log, worker_log = tmp_path / "server.log", tmp_path / "worker.log"
    with running("server", "start", "--port", str(port), environment=environment, log=server_log):
        until(lambda: ask(f"{api}/health"), 120, "the server", server_log)
        prefect("work-pool", "create", "drylands", "--type", "process")
        prefect("deploy", "--all")
        named = ask(f"{api}/deployments/name/assess/manual")
        run = ask(f"{api}/deployments/{named['id']}/create_flow_run", {"parameters": {"request": wanted}})
        with running("worker", "start", "--pool", "drylands", environment=environment, log=worker_log):

            def ended() -> Any:
                state = ask(f"{api}/flow_runs/{run['id']}")["state"]
                return state if state["type"] in ("COMPLETED", "FAILED", "CRASHED") else None

            state = until(ended, 240, "the end of the run", worker_log)
        artifacts = ask(f"{api}/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run["id"]]}}})
    assert state["type"] == "COMPLETED", worker_log.read_text()[-3000:]
    assert {each["key"] for each in artifacts} == {"assess-report", "assess-summary"}
    engine = open_database(f"sqlite:///{tmp_path / 'data' / 'practices.sqlite'}")
    assert set(summary(engine)["region"]) == {"place"}
    engine.dispose()
