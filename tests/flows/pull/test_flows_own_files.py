"""The whole line on files, real ones where they are at hand, and ones of the same make that the tests write.

Every expectation comes straight from the files, by another way than the line's own: exactextract in the files' own
projection, or numpy on the raw numbers.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio.features
from exactextract import exact_extract
from generated_sources import BREAK_YEAR, assaba_like, chile_like, lai_like
from pyproj import Geod
from real_sources import ABSENT, DATA, assaba, chile, lai_asia

from flows.pull.region import pull_region
from flows.pull.sources import opened
from flows.region.files.publish import publish_region
from flows.region.result import RegionResult
from flows.region.results import compute_profiles
from flows.request.assess import AssessRequest
from flows.request.selection import select_regions
from indicators.codes import BELOW_DETECTABILITY, MEANINGS
from practices.database.open import open_database
from practices.report.summary import summary
from practices.results.queries import areas

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:Spatial reference system:RuntimeWarning")]


def run(request: AssessRequest) -> dict[str, RegionResult]:
    """Pull, compute and publish every region of a request, without Prefect."""
    results = {}
    with opened(request.source, request.project, request.datasets) as source:
        for region in select_regions(request):
            pulled = pull_region(region, request, source)
            results[region.id] = compute_profiles(region, pulled, request, source.origin)[0]
            publish_region(region, results[region.id], pulled, request)
    return results


@pytest.fixture(scope="module", params=["generated", "real"])
def data(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder laid out as `shared/data`."""
    if request.param == "real":
        if not DATA.is_dir():
            pytest.skip(ABSENT)
        return DATA
    folder = tmp_path_factory.mktemp("generated")
    assaba_like(folder)
    lai_like(folder)
    chile_like(folder)
    return folder


def is_real(data: Path) -> bool:
    return data == DATA


def annual(result: RegionResult, variable: str = "productivity") -> pd.Series:
    table = pd.read_csv(result.folder / "observations.csv", parse_dates=["month"])
    chosen = table[table["variable"] == f"{variable}_annual"]
    return pd.Series(chosen["value"].to_numpy(), index=chosen["month"].dt.year)


def class_areas(result: RegionResult, indicator: str, period: str) -> pd.Series:
    table = pd.read_csv(result.folder / "areas.csv")
    return table[(table["indicator"] == indicator) & (table["period"] == period)].set_index("class")["area_km2"]


@pytest.fixture(scope="module")
def assaba_run(data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, RegionResult], AssessRequest]:
    folder = tmp_path_factory.mktemp("assaba")
    districts = ("blajmil", "laweissi", "hseiy-tin", "guerou") if is_real(data) else ("falling", "steady", "bare")
    request = AssessRequest(
        regions=districts,
        regions_file=data / "assaba/admin/Assaba_Districts_layer.shp",
        years=(2010, 2023),
        source=str(assaba(folder / "source", data)),
        resolution="native",
        data=folder / "out",
    )
    return run(request), request


def districts_of(data: Path, result: RegionResult, crs: object) -> gpd.GeoDataFrame:
    table = gpd.read_file(data / "assaba/admin/Assaba_Districts_layer.shp")
    own = table[table["ADM3_EN"].str.lower().str.replace(" ", "-") == result.region]
    assert len(own) == 1
    return own.to_crs(crs)


def test_district_series_are_those_of_the_files(
    data: Path, assaba_run: tuple[dict[str, RegionResult], AssessRequest]
) -> None:
    for result in assaba_run[0].values():
        series = annual(result)
        if result.region == "bare":
            assert series.empty
            continue
        assert list(series.index) == list(range(2010, 2024))
        for year in (2010, 2016, 2023):
            with rasterio.open(data / "assaba/gpp" / f"{year}_GP.tif") as file:
                values, crs, transform, shape = file.read(1), file.crs, file.transform, file.shape
            own = districts_of(data, result, crs)
            inside = rasterio.features.geometry_mask(own.geometry, shape, transform, invert=True)
            good = values[inside & (values < 65533)]
            assert series[year] == pytest.approx(good.mean() * 1e-4, rel=0.02)


def test_rain_of_a_district_is_that_of_the_files(
    data: Path, assaba_run: tuple[dict[str, RegionResult], AssessRequest]
) -> None:
    for result in assaba_run[0].values():
        with rasterio.open(data / "assaba/precipitation/2020R.tif") as file:
            own = districts_of(data, result, file.crs)
            expected = exact_extract(file, own, ["mean"], output="pandas")["mean"][0]
        # rain is pulled on its own cells of 0.05 degrees and read at the nearest one
        assert annual(result, "precipitation")[2020] == pytest.approx(expected, rel=0.05)


def test_tables_close_to_the_land_and_to_each_other(
    data: Path, assaba_run: tuple[dict[str, RegionResult], AssessRequest]
) -> None:
    geod = Geod(ellps="WGS84")
    for result in assaba_run[0].values():
        outline = districts_of(data, result, "EPSG:4326").geometry.iloc[0]
        land = abs(geod.geometry_area_perimeter(outline)[0]) / 1e6
        for indicator in ("sdg", "productivity", "land_cover", "soil_organic_carbon"):
            total = class_areas(result, indicator, "2010-2023").sum()
            assert total == pytest.approx(land, rel=0.005)
        changes = pd.read_csv(result.folder / "transitions.csv")
        mapped = class_areas(result, "land_cover", "2010-2023").drop("no data").sum()
        moved = changes[changes["period"] == "2010-2023"]["area_km2"].sum()
        assert moved == pytest.approx(mapped, rel=1e-6)


def test_what_has_no_productivity_is_undetermined_unless_something_degraded_it(
    assaba_run: tuple[dict[str, RegionResult], AssessRequest],
) -> None:
    for result in assaba_run[0].values():
        productivity = class_areas(result, "productivity", "2010-2023")
        sdg = class_areas(result, "sdg", "2010-2023")
        unknown = productivity["no data"]
        assert sdg["undetermined"] <= unknown + 1e-6
        with rasterio.open(result.folder / "2010-2023-sdg.tif") as file:
            combined = file.read(1)
            assert file.tags()["origin"] == "offline-files"
        with rasterio.open(result.folder / "2010-2023-productivity.tif") as file:
            blank = file.read(1) == file.nodata
        assert not np.isin(combined[blank], [0, 1]).any()


def test_the_generated_truth_is_found(data: Path, assaba_run: tuple[dict[str, RegionResult], AssessRequest]) -> None:
    if is_real(data):
        pytest.skip("the truth of real data is not known")
    results = assaba_run[0]
    falling, steady, bare = (results[name] for name in ("falling", "steady", "bare"))
    assert falling.share["degraded"] > 0.99
    cleared = 7 / 54  # the strip, less the margin of the districts
    assert steady.share["degraded"] == pytest.approx(cleared, abs=0.01)
    assert steady.share["stable"] == pytest.approx(1 - cleared, abs=0.01)
    assert bare.share["degraded"] == pytest.approx(cleared, abs=0.01)
    assert bare.share["undetermined"] == pytest.approx(1 - cleared, abs=0.01)
    assert falling.trend_percent_decade == pytest.approx(-40 / (1 - 0.04 * 6.5), rel=0.02)
    assert falling.trend_p is not None
    assert falling.trend_p < 0.001
    assert bare.trend_percent_decade is None
    assert class_areas(bare, "soil_organic_carbon", "2010-2023")["no data"] < 1e-6


def test_rain_leads_growth_in_the_sahel(data: Path, assaba_run: tuple[dict[str, RegionResult], AssessRequest]) -> None:
    if not is_real(data):
        pytest.skip("the generated rain has nothing to do with the generated growth")
    wet, green = (
        pd.DataFrame({name: annual(r, v) for name, r in assaba_run[0].items()}).mean(axis=1)
        for v in ("precipitation", "productivity")
    )
    assert wet.corr(green) > 0.5


def test_districts_are_published_as_files_of_their_own_origin(
    assaba_run: tuple[dict[str, RegionResult], AssessRequest],
) -> None:
    results, request = assaba_run
    engine = open_database(request.database_url)
    table = summary(engine)
    engine.dispose()
    assert set(table["region"]) == set(results)
    assert set(table["origin"]) == {"offline-files"}
    whole = table[table["period"] == "2010-2023"].set_index("region")
    for name, result in results.items():
        assert whole.loc[name, "degraded_km2"] == pytest.approx(result.area_km2["degraded"])


def test_productivity_alone_leaves_the_indicator_undetermined(data: Path, tmp_path: Path) -> None:
    request = AssessRequest(
        regions=("all",),
        years=(2001, 2020),
        source=str(lai_asia(tmp_path / "source", data)),
        data=tmp_path / "out",
    )
    regions = {region.id: region for region in select_regions(request)}
    results = run(request)
    assert set(results) == set(regions)
    path = data / "lai-asia/MOD15A2_LAI_China_G050_2001-2020.tif"
    for name, result in results.items():
        sdg, productivity = (class_areas(result, i, "2001-2020") for i in ("sdg", "productivity"))
        assert sdg["stable"] == sdg["improved"] == 0
        assert sdg["degraded"] == pytest.approx(productivity["degraded"])
        assert class_areas(result, "land_cover", "2001-2020")["no data"] == pytest.approx(sdg.sum())
        own = gpd.GeoDataFrame(geometry=[regions[name].geometry], crs="EPSG:4326")
        with rasterio.open(path) as file:
            expected = exact_extract(file, own, ["mean"], output="pandas").iloc[0].to_numpy(float)
        # exactextract weighs by degrees, the line by area
        assert annual(result).to_numpy() == pytest.approx(expected, rel=0.02)
        with rasterio.open(result.folder / "2001-2020-sdg.tif") as file:
            assert file.res == (0.5, 0.5)
    engine = open_database(request.database_url)
    table = areas(engine)
    engine.dispose()
    assert set(table["region"]) == set(regions)
    if not is_real(data):
        # the block that declines lies in the north of the Eastern Gobi and touches no other region but its neighbours
        assert results["eastern-gobi"].share["degraded"] > 0.1
        assert results["tuva"].share["degraded"] == 0


def season_means(path: Path, first: int, last: int) -> pd.Series:
    """Season means of a stack of 16-day composites, straight from the numbers; one over New Year ends in its year."""
    with rasterio.open(path) as file:
        stored = file.read().astype(float)
        starts = [date.fromisoformat(text) for text in file.descriptions]
    stored[stored == -3000] = np.nan
    found = {}
    for year in range(2001, 2022):
        opening = date(year - 1 if first > last else year, first, 1)
        closing = date(year, last + 1, 1)
        days = [max(0, (min(closing, start + timedelta(days=16)) - max(opening, start)).days) for start in starts]
        weight = np.array(days, float)[:, None, None] * np.isfinite(stored)
        total = weight.sum(0)
        mean = np.nansum(weight * np.nan_to_num(stored), 0) / np.where(total > 0, total, np.nan)
        mean[total < 0.6 * (closing - opening).days] = np.nan
        found[year] = np.nanmean(mean) * 1e-4 if np.isfinite(mean).any() else np.nan
    return pd.Series(found)


@pytest.mark.parametrize("season", [(10, 4), (5, 9)])
def test_dated_composites_over_new_year_and_their_break(data: Path, tmp_path: Path, season: tuple[int, int]) -> None:
    source = chile(tmp_path / "source", "central-chile", data)
    request = AssessRequest(
        regions=(),
        regions_file=source / "outline.geojson",
        season=season,
        years=(2001, 2021),
        source=str(source),
        resolution="native",
        data=tmp_path / "out",
    )
    (result,) = run(request).values()
    expected = season_means(data / "modis-chile/central-chile.tif", *season).dropna()
    series = annual(result)
    assert list(series.index) == list(expected.index)
    assert series.to_numpy() == pytest.approx(expected.to_numpy(), abs=0.006)
    if not is_real(data):
        (found,) = result.breaks
        assert (found.year, found.low, found.high) == pytest.approx((BREAK_YEAR,) * 3, abs=1)
    elif season == (5, 9):
        # Not 2010, when the drought began: wet 2016 brought the site back, and it fell for good after 2017.
        (found,) = result.breaks
        assert 2016 <= found.year <= 2018
        assert series[series.index > found.year].mean() < 0.9 * series[series.index <= found.year].mean()


def test_a_desert_pixel_is_below_detectability(data: Path, tmp_path: Path) -> None:
    if not is_real(data):
        pytest.skip("the generated site is no desert")
    source = chile(tmp_path / "source", "atacama", data)
    request = AssessRequest(
        regions=(),
        regions_file=source / "outline.geojson",
        season=(10, 3),
        years=(2001, 2021),
        source=str(source),
        resolution="native",
        data=tmp_path / "out",
    )
    (result,) = run(request).values()
    found = class_areas(result, "productivity", "2001-2021")
    assert found[MEANINGS[BELOW_DETECTABILITY]] > 0.8 * found.sum()
    assert json.loads((result.folder / "summary.json").read_text())["origin"] == "offline-files"
