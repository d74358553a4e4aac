"""`prefect.yaml`, read more strictly than Prefect does, and the schema of the parameters of its deployments."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from checkout import ROOT
from prefect.cli.deploy._models import PrefectYamlModel
from prefect.server.schemas.schedules import CronSchedule
from prefect.utilities.callables import parameter_schema
from prefect.utilities.importtools import import_object
from prefect.utilities.schema_tools import validate
from pydantic import BaseModel
from typed import PLACES, polygons

from flows.request.assess import AssessRequest
from flows.request.monitor import MonitorRequest
from flows.request.schema import forwards_pattern

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
    assert validate({"request": {**request, "years": "2001-last"}}, schema) != []


def test_own_regions_can_be_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those in the data folder when the deployment is made, and whatever a file of regions holds."""
    from regions.own import add

    add(polygons(tmp_path / "places.geojson", PLACES), tmp_path / "regions")

    def refused(request: dict[str, Any]) -> bool:
        schema = parameter_schema(import_object("flows/assess.py:assess")).model_dump()
        return validate({"request": request}, schema) != []

    assert refused({"regions": ["west"]})
    monkeypatch.setenv("DRYLANDS_DATA", str(tmp_path))
    assert not refused({"regions": ["west", "otindag"]})
    assert refused({"regions": ["north"]})
    monkeypatch.delenv("DRYLANDS_DATA")
    assert not refused({"regions": ["north"], "regions_file": "districts.gpkg"})
    assert refused({"regions": ["north"], "regions_file": None})


def test_no_two_years_run_backwards() -> None:
    pattern = re.compile(forwards_pattern())
    years = range(1985, 2035)
    assert all((pattern.search(f"{one}-{other}") is not None) == (one <= other) for one in years for other in years)
    assert pattern.search("1999 – 2000")
    assert not pattern.search(" 2000 – 1999")


def test_parameters_that_prefect_stores_can_be_read_again() -> None:
    request = AssessRequest.model_validate(
        {"years": "2001-latest", "baseline": "2003-2012", "reporting": ["2013-2018"]}
    )
    stored = request.model_dump(mode="json")
    assert stored["years"] == "2001-latest"
    schema = import_object("flows/assess.py:assess").parameters.model_dump()
    assert validate({"request": stored}, schema) == []
    assert AssessRequest.model_validate(stored) == request


def test_runs_are_named_by_regions_and_years() -> None:
    assert AssessRequest(regions=("otindag", "tuva")).label == "otindag, tuva 2001-2024, simulated"
    many = AssessRequest.model_validate({"regions": ["otindag", "tuva", "ordos", "alxa"], "years": "2001-latest"})
    assert many.label == "4 regions 2001-latest, simulated"
    own = AssessRequest(regions=(), regions_file=Path("some/districts.gpkg"))
    assert own.label == "districts.gpkg 2001-2024, simulated"
    watch = MonitorRequest.model_validate({"regions": ["otindag"], "start": "2024-01", "until": "2024-09"})
    assert watch.label == "otindag from 2024-01 to 2024-09, simulated"
