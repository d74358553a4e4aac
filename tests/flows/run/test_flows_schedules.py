"""The deployments under a real Prefect server and worker: schedules fire, bad requests are refused, states are true.

One server serves all of it, as it takes longer to start than most of what is asked of it.
"""

from __future__ import annotations

import os
import signal
import urllib.error
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from killed import look
from prefect_service import Service, serving
from typed import PLACES, polygons

from practices.database.open import open_database
from practices.report.summary import summary

pytestmark = pytest.mark.slow

#: What a run that has ended can be.
ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


def deployment(service: Service, name: str) -> dict[str, Any]:
    return service.ask(f"/deployments/name/{name}")


def runs(service: Service, name: str) -> list[dict[str, Any]]:
    """Runs of a deployment, the earliest first."""
    wanted = {"deployments": {"id": {"any_": [deployment(service, name)["id"]]}}, "sort": "EXPECTED_START_TIME_ASC"}
    return service.ask("/flow_runs/filter", wanted)


def start(service: Service, name: str, request: dict[str, Any]) -> str:
    """Create a run of a deployment; its id."""
    at = f"/deployments/{deployment(service, name)['id']}/create_flow_run"
    return str(service.ask(at, {"parameters": {"request": request}})["id"])


def ended(service: Service, run: str, seconds: float = 240) -> dict[str, Any]:
    """A run once it has ended."""

    def found() -> Any:
        asked = service.ask(f"/flow_runs/{run}")
        return asked if asked["state"]["type"] in ENDED else None

    return service.until(found, seconds, f"the end of run {run}", "worker")


def said(service: Service, run: str) -> list[tuple[str, int, str]]:
    """What the log of a run holds: logger, level, message."""
    found = service.ask("/logs/filter", {"logs": {"flow_run_id": {"any_": [run]}}, "limit": 200})
    return [(each["name"], each["level"], each["message"]) for each in found]


def drylands_said(service: Service, run: str) -> set[str]:
    """Messages of our own logger in the log of a run."""
    return {message for name, _, message in said(service, run) if name == "drylands"}


def artifacts(service: Service, run: str) -> set[str]:
    found = service.ask("/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run]}}})
    return {each["key"] for each in found}


def tiny(folder: Path, *regions: str) -> dict[str, Any]:
    """A request for regions of a few cells; what is stored under the name `broken` cannot be written."""
    if not (folder / "places.geojson").exists():
        polygons(folder / "places.geojson", {"here": PLACES["west"], "broken": PLACES["east"]})
        (folder / "data" / "cubes").mkdir(parents=True)
        (folder / "data" / "cubes" / "broken").write_text("in the way of the folder of cubes")
    return {
        "regions": list(regions),
        "regions_file": str(folder / "places.geojson"),
        "data": str(folder / "data"),
    }


def quick(folder: Path, *regions: str) -> dict[str, Any]:
    own = {"years": "2016-2024", "resolution": 0.05, "permutations": 19, "pixel_breaks": False}
    return {**tiny(folder, *regions), **own}


BAD_ASSESSMENTS = [
    {"years": "abc"},
    {"years": "2024-2010"},
    {"regions": ["otindak"]},
    {"regions": []},
    {"profiles": "ne-asya"},
    {"profiles": ["ne-asia", "ne-asia"]},
    {"resolution": "fine"},
    {"resolution": 0},
    {"season": "5-13"},
    {"baseline": "2012-2003"},
    {"source": "earthengine"},
]
BAD_WATCHES = [{"start": "2024-13"}, {"until": "June"}, {"regions": ["otindak"]}, {"season": [0, 9]}]


def check_refusals(service: Service) -> None:
    """What the parameters' schema can know is refused when the run is created, and no run comes of it."""
    for name, requests in (("assess/manual", BAD_ASSESSMENTS), ("monitor/monthly", BAD_WATCHES)):
        before = len(runs(service, name))
        for request in requests:
            with pytest.raises(urllib.error.HTTPError) as refused:
                start(service, name, request)
            assert refused.value.code == 409, request
            told = refused.value.read().decode()
            assert next(iter(request)) in told or "project" in told, told
        assert len(runs(service, name)) == before


def check_schedules(service: Service, folder: Path) -> None:
    """The yearly and monthly schedules have runs; one of some seconds fires, is late without a worker, and finishes."""
    for name in ("assess/yearly", "monitor/monthly"):
        soonest = service.until(lambda name=name: runs(service, name), 60, f"a scheduled run of {name}")[0]
        assert soonest["state"]["type"] == "SCHEDULED"
        assert datetime.fromisoformat(soonest["expected_start_time"]) > datetime.now(UTC)
    at = f"/deployments/{deployment(service, 'assess/manual')['id']}/schedules"
    every = {"schedule": {"interval": 20}, "active": True, "parameters": {"request": quick(folder, "here")}}
    (made,) = service.ask(at, [every])

    def first(name: str) -> Any:
        return next((each for each in runs(service, "assess/manual") if each["state"]["name"] == name), None)

    service.until(lambda: first("Late"), 60, "a late run")
    with service.running("worker", "worker", "start", "--pool", "drylands"):
        run = service.until(lambda: first("Completed"), 240, "the end of a scheduled run", "worker")
        service.ask(f"{at}/{made['id']}", method="DELETE")
        assert service.ask("/work_pools/drylands")["status"] == "READY"
        # messages come in batches after the state; a worker that ends takes those of its runs with it
        steps = {f"here: {step}" for step in ("starting", "pulling", "computing indicators", "published")}
        service.until(lambda: steps <= drylands_said(service, run["id"]), 60, "the log of the run", "worker")
    assert run["auto_scheduled"]
    assert run["name"] == "assess here 2016-2024, simulated"
    assert artifacts(service, run["id"]) == {"assess-report", "assess-summary"}
    tasks = service.ask("/task_runs/filter", {"flow_runs": {"id": {"any_": [run["id"]]}}})
    assert [(each["name"], each["state"]["name"]) for each in tasks] == [("assess here", "Completed")]
    engine = open_database(f"sqlite:///{folder / 'data' / 'practices.sqlite'}")
    assert set(summary(engine)["region"]) == {"here"}
    engine.dispose()
    # without a worker the pool is not ready any more
    service.until(lambda: service.ask("/work_pools/drylands")["status"] == "NOT_READY", 60, "a pool without worker")
    assert service.faults("worker") == []


def check_cancelling(service: Service) -> None:
    """A run that nobody answers for is cancelled, and with it its tasks."""
    flow = service.ask("/flows/", {"name": "assess"})["id"]
    running = {"type": "RUNNING"}
    run = service.ask("/flow_runs/", {"flow_id": flow, "state": running})["id"]
    keys = {"task_key": "assess_region", "dynamic_key": "0"}
    task = service.ask("/task_runs/", {"flow_run_id": run, "state": running, **keys})["id"]
    service.ask(f"/flow_runs/{run}/set_state", {"state": {"type": "CANCELLING"}, "force": True})

    def states() -> bool:
        found = service.ask(f"/flow_runs/{run}"), service.ask(f"/task_runs/{task}")
        return all(each["state"]["type"] == "CANCELLED" for each in found)

    service.until(states, 60, "the end of a cancelled run")


def process_of(run: str) -> Path:
    """The process that a worker has started for a run, in /proc."""

    def starts(entry: Path) -> bool:
        try:
            return f"PREFECT__FLOW_RUN_ID={run}".encode() in (entry / "environ").read_bytes()
        except OSError:  # it has ended
            return False

    (found,) = filter(starts, Path("/proc").glob("[0-9]*"))
    return found


def check_stopping(service: Service, folder: Path) -> None:
    """A run that is cancelled, and one whose process gets SIGTERM, end as Cancelled with nothing half-written."""
    data = folder / "stopped"
    request = {**quick(folder, "here"), "data": str(data)}
    with service.running("worker", "worker", "start", "--pool", "drylands"):
        for how in ("cancel", "terminate"):
            run = start(service, "assess/manual", request)
            begun = data / "cubes" / "here" if how == "cancel" else data / "results" / "here"
            service.until(begun.exists, 240, "the work of a run", "worker")
            process = process_of(run)
            if how == "cancel":
                cancelling = {"state": {"type": "CANCELLING"}, "force": True}
                service.ask(f"/flow_runs/{run}/set_state", cancelling)
            else:
                os.kill(int(process.name), signal.SIGTERM)
            service.until(lambda process=process: not process.exists(), 20, "the end of a process", "worker")
            # the worker has its say after that
            service.until(
                lambda how=how: service.log("worker").count("Stopped by SIGTERM"), 20, "the message", "worker"
            )
            assert ended(service, run, 20)["state"]["type"] == "CANCELLED"
            look(data)


def check_states(service: Service, folder: Path) -> None:
    """A run of which some regions failed is PartlyFailed, of which all did is Failed; both pause a deployment."""
    paused = deployment(service, "assess/yearly")["id"]
    service.ask("/automations/", {
        "name": "regions failed",
        "trigger": {
            "type": "event",
            "posture": "Reactive",
            "threshold": 1,
            "within": 0,
            "match": {"prefect.resource.id": "prefect.flow-run.*"},
            "expect": ["prefect.flow-run.PartlyFailed"],
        },
        "actions": [{"type": "pause-deployment", "source": "selected", "deployment_id": paused}],
    })  # fmt: skip
    some = start(service, "assess/manual", quick(folder, "here", "broken"))
    none = start(service, "monitor/monthly", tiny(folder, "broken"))
    with service.running("worker", "worker", "start", "--pool", "drylands"):
        assess, monitor = ended(service, some), ended(service, none)
        service.until(
            lambda: any(level == 40 and message.startswith("broken: ") for _, level, message in said(service, some)),
            60,
            "the error in the log of the run",
            "worker",
        )
    assert (assess["state"]["type"], assess["state"]["name"]) == ("FAILED", "PartlyFailed")
    assert "1 of 2 regions failed; published: the other 1" in assess["state"]["message"]
    assert artifacts(service, some) == {"assess-report", "assess-summary"}
    assert (monitor["state"]["type"], monitor["state"]["name"]) == ("FAILED", "Failed")
    assert monitor["name"] == "monitor broken, simulated"
    assert "monitor-report" in artifacts(service, none)
    service.until(lambda: deployment(service, "assess/yearly")["paused"], 60, "the automation")


def test_deployments_under_a_server_and_a_worker(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        service.prefect("work-pool", "create", "drylands", "--type", "process")
        service.prefect("deploy", "--all")
        check_schedules(service, tmp_path)
        check_refusals(service)
        check_cancelling(service)
        check_stopping(service, tmp_path)
        check_states(service, tmp_path)
    assert service.faults("server") == []
