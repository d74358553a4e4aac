"""The whole line on the simulated landscape: pull, compute, publish; again; and what goes wrong."""

from __future__ import annotations

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
from flows.region.results import compute_profiles
from flows.request.assess import AssessRequest
from flows.run.failures import plain_failure
from practices.database.open import open_database
from practices.results.queries import areas
from regions.model import Region

REGION = Region(id="here", name="Here", countries=("CHN",), geometry=box(112, 43, 113, 43.8), source="test")


def run(request: AssessRequest) -> tuple[object, int, bool]:
    with opened(request.source, request.project, request.datasets) as source:
        pulled = pull_region(REGION, request, source)
        result = compute_profiles(REGION, pulled, request, source.origin)[0]
        published = publish_region(REGION, result, pulled, request)
        assert source.server is not None
        return result, source.server.count("pixels"), published.changed


def test_the_line_and_its_repetition(tmp_path: Path) -> None:
    request = AssessRequest(regions=("here",), data=tmp_path, resolution=1 / 20)
    first, pixels, changed = run(request)
    assert pixels > 0
    assert changed
    again, pixels, changed = run(request)
    assert (pixels, changed) == (0, False)
    assert again == first
    engine = open_database(request.database_url)
    table = areas(engine)
    engine.dispose()
    assert set(table["origin"]) == {"simulated"}
    assert set(table["period"]) == {"2001-2024", "baseline", "report-1", "report-2"}
    sums = table.groupby(["period", "indicator"])["area_km2"].sum()
    assert sums.max() - sums.min() < 1e-6
    rasters = sorted(path.name for path in first.folder.glob("*.tif"))  # type: ignore[attr-defined]
    assert "2001-2024-sdg.tif" in rasters
    told = set(pd.read_csv(first.folder / "observations.csv")["variable"])  # type: ignore[attr-defined]
    assert told >= {"productivity", "precipitation", "soil_moisture", "temperature", "wind", "spi_12", "spei_12"}
    assert "potential_evapotranspiration" in told
    assert told >= {"productivity_annual", "soil_organic_carbon_annual", "cropland_annual", "night_lights_annual"}
    sure = set(pd.read_csv(first.folder / "statistics.csv")["name"])  # type: ignore[attr-defined]
    assert sure >= {"field_significance", "detectable_decline_pixel", "driver_share_precipitation"}
    prais = set(pd.read_csv(first.folder / "prais.csv")["table"])  # type: ignore[attr-defined]
    assert prais >= {"SO1-4.T2", "SO3-1.T1", "SO3-1.spei"}


def test_people_on_degraded_land_are_counted_where_they_lived_in_2020(tmp_path: Path) -> None:
    import ee

    request = AssessRequest(regions=("here",), data=tmp_path, resolution=1 / 20)
    with opened(request.source, request.project, request.datasets) as source:
        pulled = pull_region(REGION, request, source)
        result = compute_profiles(REGION, pulled, request, source.origin)[0]
        image = ee.Image(source.datasets["population"].asset)
        place = ee.Geometry(mapping(REGION.geometry), "EPSG:4326", geodesic=False)
        counted = image.select(["p2000", "p2020"]).reduceRegion(ee.Reducer.sum(), place).getInfo()
    told = pd.read_csv(result.folder / "statistics.csv").set_index(["period", "name"])["value"]
    assert told["2001-2024", "population_total"] == pytest.approx(counted["p2020"], rel=0.01)
    assert counted["p2000"] < 0.95 * counted["p2020"]
    for period in ("2001-2024", "baseline", "report-1", "report-2"):
        people = told[period].filter(like="population_").drop("population_total")
        assert people.sum() == pytest.approx(told[period, "population_total"])
        assert 0 < people["population_degraded"] < 0.8 * people.sum()


def test_trends_earth_runs_on_the_same_data(tmp_path: Path) -> None:
    request = AssessRequest(regions=("here",), data=tmp_path, resolution=1 / 20, profiles="trends-earth")
    result, _, _ = run(request)
    assert result.share["degraded"] >= 0  # type: ignore[attr-defined]


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
