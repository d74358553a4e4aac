"""The climate-adjusted trajectory of ne-asia: the sums of rain put in are found, and blocks change nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
import xarray as xr
import zarr
from made_cubes import CELL, YEARS, made, rasters_of, region, write_cube

from flows.pull.pulled import Pulled
from flows.region.files.tables import break_table
from flows.region.measuring import job_of
from flows.region.result import RegionResult
from flows.region.results import compute_profiles
from flows.region.whole.rain_sums import climates
from flows.request.assess import AssessRequest
from flows.run.workers import workforce
from indicators.breaks import attribute_change, breakpoints, tss_restrend_annual
from indicators.codes import DEGRADED, STABLE
from indicators.profiles import PROFILES
from indicators.trends.restrend import residual
from regions.grid import geobox
from series.cubes.layout import CubeAxis, begin_cube
from series.cubes.stored import look, nearest, open_cube

HERE = region(24, 30)
MONTHS = pd.date_range("1981-01-01", "2024-12-01", freq="MS")
#: Vegetation of September answers to the rain of May … August.
LENGTH, BEFORE = 4, 1
DECLINE, WARMTH = -0.004, 0.01


def rain_cube(store: Path, rain: np.ndarray) -> Path:
    """Monthly rain as a cube."""
    target = store / "precipitation_months-1.zarr"
    axis = CubeAxis.of("time", [day.date() for day in MONTHS])
    draft = begin_cube(target, "precipitation_months", axis, geobox(HERE, 0.1), {"units": "mm"}, {"origin": "x"})
    zarr.open_array(draft / "precipitation_months", mode="r+")[...] = rain
    draft.replace(target)
    return target


def summed(rain: np.ndarray, month: int) -> np.ndarray:
    """Sums of the months put in, that end before `month` of each year (year, y, x)."""
    ends = [MONTHS.get_loc(pd.Timestamp(year, month, 1)) - BEFORE for year in YEARS]
    return np.stack([rain[end - LENGTH + 1 : end + 1].sum(0) for end in ends])


@pytest.fixture(scope="module")
def temperature() -> np.ndarray:
    return np.random.default_rng(8).normal(15, 1, len(YEARS))


@pytest.fixture(scope="module")
def pulled(tmp_path_factory: pytest.TempPathFactory, temperature: np.ndarray) -> Pulled:
    """Half of the pixels (the even columns) decline by the same small step a year; rain and warmth hide it."""
    store = tmp_path_factory.mktemp("cubes")
    base = made(store, HERE)
    rng = np.random.default_rng(3)
    grid, coarse = geobox(HERE, CELL), geobox(HERE, 0.1)
    rain = rng.gamma(4, 10, (len(MONTHS), *coarse.shape)).astype(np.float32)
    cells = [coarse.coords[name].values for name in ("latitude", "longitude")]
    pixels = [grid.coords[name].values for name in ("latitude", "longitude")]
    rows, columns = (nearest(a, b, 0.1) for a, b in zip(cells, pixels, strict=True))
    near = summed(rain, HERE.growing_season[1])[:, rows][:, :, columns]
    year = np.arange(len(YEARS))[:, None, None]
    declines = np.broadcast_to(np.arange(grid.shape[1]) % 2 == 0, grid.shape)
    vi = 0.3 + 0.001 * (near - 160) + np.where(declines, DECLINE, 0.0) * (year - 12)
    vi = vi + WARMTH * (temperature - 15)[:, None, None] + 0.01 * rng.standard_normal(vi.shape)
    vi[rng.random(vi.shape) < 0.04] = np.nan
    season = write_cube(store, "productivity/answers", grid, vi)
    first, last = HERE.growing_season
    rows_of = [
        {"region": "made", "variable": "temperature", "month": pd.Timestamp(y, m, 1), "value": t, "units": "degC"}
        for y, t in zip(YEARS, temperature, strict=True)
        for m in range(first, last + 1)
    ] + [{"region": "made", "variable": "productivity", "month": "2001-06-01", "value": 0.3, "units": "1"}]
    monthly = store / "monthly.csv"
    pd.DataFrame(rows_of).to_csv(monthly, index=False)
    return replace(
        base,
        cubes={**base.cubes, "productivity": season},
        annual={**base.annual, "season_mean": season},
        monthly=monthly,
        rain_months=rain_cube(store, rain),
    )


def run(pulled: Pulled, folder: Path, side: int) -> dict[str, RegionResult]:
    request = AssessRequest(regions=("made",), data=folder, profiles=("ne-asia", "sepal-gpg2"), permutations=19)
    return {each.profile: each for each in compute_profiles(HERE, pulled, request, "simulated", side=side)}


@pytest.fixture(scope="module")
def whole(pulled: Pulled, tmp_path_factory: pytest.TempPathFactory) -> dict[str, RegionResult]:
    return run(pulled, tmp_path_factory.mktemp("whole"), 512)


def test_the_sum_put_in_is_found_in_every_climate_cell(whole: dict[str, RegionResult]) -> None:
    chosen = whole["ne-asia"].climate
    assert chosen["cells"] >= 12
    assert chosen["months_summed"] == {str(LENGTH): chosen["cells"]}
    assert chosen["months_before"] == {str(BEFORE): chosen["cells"]}
    assert chosen["median_r2"] > 0.5
    assert "partial p" in chosen["temperature"]
    assert whole["sepal-gpg2"].climate == {}


def test_the_chosen_sums_lie_beside_the_other_rasters_with_their_legend(whole: dict[str, RegionResult]) -> None:
    folder = whole["ne-asia"].folder
    for layer, code, meaning in (("summed", LENGTH, "4_months"), ("before", BEFORE, "ends_1_month_before")):
        with rasterio.open(folder / f"2001-2024-rain_months_{layer}.tif") as file:
            values, tags = file.read(1), file.tags()
            assert file.res == pytest.approx((0.1, 0.1))
            assert file.shape == tuple(geobox(HERE, 0.1).shape)
        assert set(values[values != file.nodata].tolist()) == {code}
        assert (values != file.nodata).sum() == whole["ne-asia"].climate["cells"]
        codes = [int(each) for each in tags["flag_values"].strip("{}").split(",")]
        assert tags["flag_meanings"].split()[codes.index(code)].startswith(meaning)
        assert (tags["origin"], tags["profile"], tags["layer"]) == ("simulated", "ne-asia", f"rain_months_{layer}")
    with rasterio.open(folder / "2001-2024-rain_r2.tif") as file:
        explained = file.read(1)
    assert np.nanmedian(explained) == pytest.approx(whole["ne-asia"].climate["median_r2"], abs=1e-3)
    assert not list(whole["sepal-gpg2"].folder.glob("*rain_*"))


def test_blocks_change_nothing(pulled: Pulled, whole: dict[str, RegionResult], tmp_path: Path) -> None:
    cut = run(pulled, tmp_path, 11)
    for profile, result in whole.items():
        assert cut[profile].climate == result.climate
        found = rasters_of(cut[profile].folder)
        for name, values in rasters_of(result.folder).items():
            np.testing.assert_array_equal(found[name], values, err_msg=f"{profile} {name}")
        for table in result.folder.glob("*.csv"):
            pd.testing.assert_frame_equal(
                pd.read_csv(cut[profile].folder / table.name), pd.read_csv(table), rtol=1e-9, obj=table.name
            )


def test_what_rain_hid_is_seen_and_other_profiles_keep_the_rain_of_the_season(
    pulled: Pulled, whole: dict[str, RegionResult], tmp_path: Path
) -> None:
    season = run(replace(pulled, rain_months=None), tmp_path, 512)
    assert season["ne-asia"].climate == {}

    def classes(result: RegionResult) -> tuple[float, float]:
        """Shares of the land that declines, and of that which does not, which are called degraded."""
        layer = rasters_of(result.folder)["2001-2024-trajectory_adjusted.tif"]
        declines = np.broadcast_to(np.arange(layer.shape[1]) % 2 == 0, layer.shape)
        land = np.isin(layer, (DEGRADED, STABLE, 1))
        return tuple(float((layer[land & part] == DEGRADED).mean()) for part in (declines, ~declines))  # type: ignore[return-value]

    found, false = classes(whole["ne-asia"])
    hidden, _ = classes(season["ne-asia"])
    assert found > 0.95
    assert false < 0.10
    assert hidden < 0.6
    name = "2001-2024-trajectory_adjusted.tif"
    kept, same = (rasters_of(each["sepal-gpg2"].folder)[name] for each in (whole, season))
    np.testing.assert_array_equal(kept, same)


def test_the_tree_of_pixels_takes_out_the_sum_put_in(pulled: Pulled, whole: dict[str, RegionResult]) -> None:
    """By ne-asia as the best sum alone gives it, twenty years of it behind; by another profile the season's rain."""
    vi = look(pulled.annual["season_mean"])
    found = {name: rasters_of(whole[name].folder) for name in ("ne-asia", "sepal-gpg2")}
    rain = open_cube(pulled.rain_months).values
    coarse = geobox(HERE, 0.1)
    ends = [MONTHS.get_loc(pd.Timestamp(year, HERE.growing_season[1], 1)) - BEFORE for year in range(1982, 2025)]
    sums = np.stack([rain[end - LENGTH + 1 : end + 1].sum(0) for end in ends])
    y, x = (coarse.coords[name].values for name in ("latitude", "longitude"))
    for row, column in ((12, 18), (15, 27), (20, 9)):
        one = xr.DataArray(vi._array[:, row, column], dims="year", coords={"year": list(YEARS)})
        cell = nearest(y, vi.y[[row]], 0.1)[0], nearest(x, vi.x[[column]], 0.1)[0]
        wet = xr.DataArray(sums[:, cell[0], cell[1]], dims="year", coords={"year": np.arange(1982, 2025)})
        tree = tss_restrend_annual(one, wet.sel(year=list(YEARS)))
        told = {name: values[row, column] for name, values in found["ne-asia"].items() if "-rain_" not in name}
        assert told["2001-2024-break_method.tif"] == int(tree["method"])
        assert told["2001-2024-break_year.tif"] == int(np.nan_to_num(float(tree["break_year"])))
        parts = attribute_change(one, wet)
        for part in ("land_use", "climate_change", "climate_variability"):
            expected = float(parts[part] / one.mean())
            assert told[f"2001-2024-change_{part}.tif"] == pytest.approx(expected, rel=1e-4, abs=1e-6)
    assert np.isnan(found["sepal-gpg2"]["2001-2024-change_climate_change.tif"]).all()


def test_the_region_s_breaks_are_those_of_what_climate_leaves(
    pulled: Pulled, temperature: np.ndarray, tmp_path: Path
) -> None:
    request = AssessRequest(regions=("made",), data=tmp_path)
    job = job_of(HERE, pulled, request, [PROFILES["ne-asia"]])
    job.scratch.mkdir(parents=True)
    with workforce(None) as workers:
        climate = climates(job, pulled, workers)["season_mean"]
    assert climate.rain.shape == tuple(geobox(HERE, 0.1).shape)
    rain = climate.months
    ends = [MONTHS.get_loc(pd.Timestamp(year, 9, 1)) - BEFORE for year in YEARS]
    total = np.array([float(rain[end - LENGTH + 1 : end + 1].sum()) for end in ends])
    step = np.where(np.array(YEARS) >= 2013, -0.03, 0.0)
    noise = 0.004 * np.random.default_rng(2).standard_normal(len(YEARS))
    vi = pd.Series(0.3 + 0.01 * total + WARMTH * (temperature - 15) + step + noise, YEARS)
    rest = climate.removed(vi)
    assert rest is not None
    series = xr.DataArray(vi.to_numpy(), {"year": list(YEARS)}, "year")
    expected = residual(series, series.copy(data=total), series.copy(data=temperature))
    np.testing.assert_allclose(rest, expected)
    annual = pd.DataFrame({"month": [pd.Timestamp(y, 1, 1) for y in YEARS], "value": vi.to_numpy()})
    breaks = break_table("made", annual.assign(variable="productivity_annual"), climate)
    assert breaks["year"].tolist() == breakpoints(expected, h=0.2).breaks["date"].tolist()
    assert 2013 in breaks["year"].tolist()
    assert 2013 not in break_table("made", annual.assign(variable="productivity_annual"))["year"].tolist()
    assert climate.removed(vi[:5]) is None
