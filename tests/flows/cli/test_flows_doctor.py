"""`drylands doctor` on Earth Engine: each thing that can be wrong is named, with what to do, and nothing else is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import ee
import pytest
from typed import Drylands

from flows.pull.service_checks import PACE, CheckFinding, service_findings, wanted
from offline.model.assets import Asset, CollectionAsset, ImageAsset
from offline.protocol.server import Server, serve
from offline.sources.simulated.clock import SETTLED
from offline.sources.simulated.source import SimulatedSource
from series.areas import AREAS
from series.datasets import COARSER, DATASETS, DEFAULTS
from series.pressures import PRESSURES
from series.service.earth_engine import Connection

POPULATION = "JRC/GHSL/P2023A/GHS_POP/2020"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serve(SimulatedSource()) as running:
        yield running
    ee.Reset()


def found(server: Server, *faults: dict[str, Any], today: date = SETTLED) -> dict[str, CheckFinding]:
    """What is found while these faults strike, by check."""
    for fault in faults:
        server.inject(**fault)
    try:
        findings = list(service_findings(Connection(url=server.url, pace=PACE), today))
    finally:
        server.faults.clear()
    return {finding.check: finding for finding in findings}


def not_ok(findings: dict[str, CheckFinding]) -> dict[str, str]:
    return {check.partition(":")[0]: finding.state for check, finding in findings.items() if finding.state != "ok"}


def test_everything_that_a_run_reads_is_looked_up_and_in_order(server: Server) -> None:
    findings = found(server)
    assert not_ok(findings) == {}
    checks = " ".join(findings)
    keys = {*DEFAULTS.values(), *(key for others in COARSER.values() for key in others)}
    for band, asset in [(DATASETS[key].band, DATASETS[key].asset) for key in keys] + [
        (", ".join(bands), asset) for pressure in PRESSURES for asset, bands in pressure.reads
    ]:
        assert f"{asset} {band}" in checks
    assert "SummaryQA" in checks  # the band of quality
    assert "v_component_of_wind_10m" in checks  # the second part of a vector
    assert "surface_solar_radiation_downwards_sum" in checks  # one of the bands of a formula
    ndvi = next(finding for check, finding in findings.items() if "MOD13Q1" in check)
    assert ndvi.message == (
        "images from 2000-02-18 to 2024-12-18, 0 days old; VIIRS S-NPP (NASA/VIIRS/002/VNP13A1, vnp13a1-ndvi) replaces "
        "it when it ends"
    )


def test_tables_of_outlines_are_looked_up(server: Server) -> None:
    findings = found(server)
    for each in AREAS:
        finding = findings[f"{each.name}: {each.asset}"]
        assert (finding.state, finding.message) == ("ok", "a table")


def test_what_has_stopped_is_a_warning_that_names_its_successor(server: Server) -> None:
    findings = found(server, today=date(2026, 11, 29))
    ndvi = next(finding for check, finding in findings.items() if "MOD13Q1" in check)
    assert ndvi.state == "warning"
    assert "has ended: its last image begins on 2024-12-18 (695 days old). VIIRS S-NPP" in ndvi.message
    assert any("productivity, next: NASA/VIIRS/002/VNP13A1" in check for check in findings)


def test_each_asset_is_looked_up_once_and_several_at_a_time(server: Server) -> None:
    server.requests.clear()
    found(server, {"name": "slow", "times": 8, "kind": "asset", "delay": 0.3})
    assets = {need.asset for need in wanted()}
    assert server.count("asset") == len(assets)
    assert server.usage().concurrent >= 4


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("unregistered", "Register it at https://console.cloud.google.com/earthengine"),
        ("api-disabled", "Enable it at https://console.cloud.google.com/apis/library"),
        ("service-usage", "Ask its owner for the role Service Usage Consumer"),
    ],
)
@pytest.mark.parametrize("step", [{"kind": "algorithms"}, {"kind": "other", "path": "/config"}, {"kind": "value"}])
def test_a_step_of_signing_in_that_is_missing_is_named(
    server: Server, fault: str, words: str, step: dict[str, Any]
) -> None:
    findings = found(server, {"name": fault, "times": 100, **step})
    (failed,) = [finding for finding in findings.values() if finding.state == "fail" and finding.check != "assets"]
    assert failed.check == {"algorithms": "sign-in", "other": "project", "value": "computation"}[step["kind"]]
    assert words in failed.message
    assert findings["assets"].message == f"not checked, because {failed.check} failed"


def test_a_server_that_is_not_there(server: Server) -> None:
    findings = list(service_findings(Connection(url="http://127.0.0.1:9", pace=PACE)))
    assert [finding.state for finding in findings] == ["fail", "fail"]
    assert "does not answer" in findings[0].message


@pytest.mark.parametrize(
    ("fault", "words"), [("eecu-month", "is used up"), ("eecu-day", "is used up"), ("memory", "memory limit")]
)
def test_computing_that_fails_is_reported(server: Server, fault: str, words: str) -> None:
    findings = found(server, {"name": fault, "times": 100, "kind": "value"})
    assert not_ok(findings) == {"computation": "fail", "assets": "fail"}
    assert words in findings["computation"].message


def test_passing_faults_pass(server: Server) -> None:
    passing = ("capacity", "quota", "reset", "bad-gateway")
    faults = [{"name": name, "times": 2, "rate": 0.5, "kind": kind} for name in passing for kind in ("value", "asset")]
    assert not_ok(found(server, *faults)) == {}


def test_a_config_that_may_not_be_read_decides_nothing(server: Server) -> None:
    findings = found(server, {"name": "denied", "times": 100, "kind": "other", "path": "/config"})
    assert not_ok(findings) == {"project": "warning"}


@pytest.mark.parametrize(
    ("asset", "needs", "state", "words"),
    [
        ("GHS_POP", 1, "warning", "a run leaves it out and says so"),
        ("MOD13Q1", 1, "fail", "choose another with --dataset"),
        # productivity of large regions, and wind erosion
        ("MOD13C1", 2, "warning", "a run leaves it out"),
        ("MCD64A1", 1, "warning", "a run leaves it out"),
        ("SOL_CLAY", 1, "warning", "a run leaves it out"),
    ],
)
def test_an_asset_that_may_not_be_read(server: Server, asset: str, needs: int, state: str, words: str) -> None:
    findings = found(server, {"name": "denied", "times": 100, "kind": "asset", "path": asset})
    wrong = [finding for finding in findings.values() if finding.state != "ok"]
    assert [finding.state for finding in wrong] == [state] * needs
    for finding in wrong:
        assert asset in finding.check
        assert "no permission" in finding.message
        assert words in finding.message


class Changed(SimulatedSource):
    """The landscape without one asset, with other names of bands in a second."""

    def get(self, asset_id: str) -> Asset | None:
        asset = super().get(asset_id)
        if asset_id == "NOAA/VIIRS/DNB/ANNUAL_V22":
            return None
        if asset_id == POPULATION and isinstance(asset, ImageAsset):
            return replace(asset, bands=tuple(replace(band, name="people") for band in asset.bands))
        if asset_id == "MODIS/061/MOD13Q1" and isinstance(asset, CollectionAsset):
            last = replace(asset.images[-1], bands=asset.images[-1].bands[:1])
            return replace(asset, images=(*asset.images[:-1], last))
        return asset


def test_missing_assets_and_bands_are_named() -> None:
    with serve(Changed()) as server:
        findings = found(server)
    wrong = {check.partition(":")[0]: finding for check, finding in findings.items() if finding.state != "ok"}
    assert set(wrong) == {"pressure night_lights", "population", "productivity"}
    assert "ANNUAL_V22 does not exist" in wrong["pressure night_lights"].message
    assert "has no band population_count, but people" in wrong["population"].message
    # only the last image lacks the band of quality
    assert wrong["productivity"].state == "fail"
    assert "has no band SummaryQA, but NDVI" in wrong["productivity"].message


def test_a_project_that_is_slowed_down_is_a_warning() -> None:
    with serve(SimulatedSource(), eecu_hours=0, restricted=True) as server:
        findings = found(server)
    assert not_ok(findings) == {"sign-in": "warning", "project": "warning", "computation": "warning"}
    assert "exceeded its noncommercial compute quota" in findings["computation"].message


def test_the_command_prints_all_and_ends_with_the_right_code(server: Server, drylands: Drylands) -> None:
    code, said, _ = drylands("doctor", "--url", server.url)
    assert code == 0
    assert f"ok      population: {POPULATION} population_count: one image of 2020-01-01" in said
    server.inject("denied", 100, kind="asset", path="GHS_POP")
    code, said, _ = drylands("doctor", "--url", server.url)
    server.faults.clear()
    assert (code, "warning population" in said) == (0, True)
    server.inject("denied", 100, kind="asset", path="MOD13Q1")
    code, said, error = drylands("doctor", "--url", server.url, "--json")
    server.faults.clear()
    assert code == 1
    assert "failed checks: productivity" in error
    listed = json.loads(said)
    assert [each["check"].partition(":")[0] for each in listed if each["state"] == "fail"] == ["productivity"]
    assert {"python", "disk", "sign-in", "quota"} <= {each["check"] for each in listed}
