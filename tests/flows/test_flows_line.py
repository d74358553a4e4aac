"""The whole line on the simulated landscape: pull, compute, publish; again; and what goes wrong."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from pydantic import ValidationError
from shapely import box
from shapely.geometry import mapping
from typer.testing import CliRunner

from flows.cli.main import app
from flows.errors import UnknownSource
from flows.pull.region import pull_region
from flows.pull.sources import opened
from flows.region.files.publish import publish_region
from flows.region.result import RegionResult
from flows.region.results import compute_profiles
from flows.request.assess import AssessRequest
from flows.run.failures import plain_failure
from practices.database.open import open_database
from practices.results.queries import areas
from regions.model import Region

REGION = Region(id="here", name="Here", countries=("CHN",), geometry=box(112, 43, 113, 43.8), source="test")


@dataclass(frozen=True)
class Ran:
    """A run of the region: its result, how many requests for pixels it made, and whether it published something."""

    result: RegionResult
    pixels: int
    changed: bool


def run(request: AssessRequest) -> Ran:
    with opened(request.source, request.project, request.datasets) as source:
        pulled = pull_region(REGION, request, source)
        result = compute_profiles(REGION, pulled, request, source.origin)[0]
        published = publish_region(REGION, result, pulled, request)
        assert source.server is not None
        return Ran(result, source.server.count("pixels"), published.changed)


def test_the_line_its_repetition_people_and_another_profile(tmp_path: Path) -> None:
    """One test, because all of it reads the same cubes, which take longest."""
    request = AssessRequest(regions=("here",), data=tmp_path, resolution=1 / 20)
    first = run(request)
    assert first.pixels > 0
    assert first.changed
    check_tables(request, first.result.folder)
    check_people(request, first.result.folder)
    again = run(request)
    assert (again.pixels, again.changed) == (0, False)
    assert again.result == first.result
    theirs = run(request.model_copy(update={"profiles": ("trends-earth",)}))
    assert 0 < theirs.pixels < first.pixels
    assert theirs.result.share["degraded"] >= 0


def check_tables(request: AssessRequest, folder: Path) -> None:
    """What is published, and what lies in the folder of the result."""
    engine = open_database(request.database_url)
    table = areas(engine)
    engine.dispose()
    assert set(table["origin"]) == {"simulated"}
    assert set(table["period"]) == {"2001-2024", "baseline", "report-1", "report-2"}
    sums = table.groupby(["period", "indicator"])["area_km2"].sum()
    assert sums.max() - sums.min() < 1e-6
    assert "2001-2024-sdg.tif" in {path.name for path in folder.glob("*.tif")}
    told = set(pd.read_csv(folder / "observations.csv")["variable"])
    assert told >= {"productivity", "precipitation", "soil_moisture", "temperature", "wind", "spi_12", "spei_12"}
    assert "potential_evapotranspiration" in told
    assert told >= {"productivity_annual", "soil_organic_carbon_annual", "cropland_annual", "night_lights_annual"}
    sure = set(pd.read_csv(folder / "statistics.csv")["name"])
    assert sure >= {"field_significance", "detectable_decline_pixel", "driver_share_precipitation"}
    prais = set(pd.read_csv(folder / "prais.csv")["table"])
    assert prais >= {"SO1-4.T2", "SO3-1.T1", "SO3-1.spei"}


def check_people(request: AssessRequest, folder: Path) -> None:
    """People on degraded land are counted where they lived in 2020."""
    import ee

    with opened(request.source, request.project, request.datasets):
        years = [ee.Image(f"JRC/GHSL/P2023A/GHS_POP/{year}").rename([f"p{year}"]) for year in (2000, 2020)]
        place = ee.Geometry(mapping(REGION.geometry), "EPSG:4326", geodesic=False)
        counted = ee.Image.cat(years).reduceRegion(ee.Reducer.sum(), place, maxPixels=1e9).getInfo()
    told = pd.read_csv(folder / "statistics.csv").set_index(["period", "name"])["value"]
    assert told["2001-2024", "population_total"] == pytest.approx(counted["p2020"], rel=0.01)
    assert counted["p2000"] < 0.95 * counted["p2020"]
    for period in ("2001-2024", "baseline", "report-1", "report-2"):
        people = told[period].filter(like="population_").drop("population_total")
        assert people.sum() == pytest.approx(told[period, "population_total"])
        assert 0 < people["population_degraded"] < 0.8 * people.sum()


def test_bad_requests_say_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(ValidationError) as backwards:
        AssessRequest(years="2010-2001")  # type: ignore[arg-type]
    assert "in the wrong order" in str(plain_failure(backwards.value))
    with pytest.raises(ValidationError) as project:
        AssessRequest(source="earthengine")
    assert "--project" in str(plain_failure(project.value))
    with pytest.raises(UnknownSource, match=r"catalog.json"), opened(str(tmp_path), None, {}):
        pass


def test_regions_command(tmp_path: Path) -> None:
    listed = CliRunner().invoke(app, ["regions", "--data", str(tmp_path)])
    assert listed.exit_code == 0
    assert "otindag" in listed.output
