"""Drought beside an assessment: what a cube with one dry year says of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from shapely import box

from flows.region.drivers import driver_statistics
from flows.region.drought import drought_tables, index_series
from flows.region.files.tables import break_table
from indicators.sdg15.prais import DROUGHT_TITLES
from indicators.weather.drought import spei
from practices.results.rows import break_rows
from regions.grid import geobox
from regions.model import Region
from series.cubes.layout import CubeAxis, begin_cube
from series.cubes.stored import open_cube
from series.datasets import DATASETS

REGION = Region(id="here", name="Here", countries=("MNG",), geometry=box(112, 43, 112.4, 43.3), source="drawn")
MONTHS = pd.date_range("1981-01-01", "2024-12-01", freq="MS")


def rain_cube(folder: Path, dry: int) -> Path:
    """Monthly rain of 44 years on 0.1°, a third of the usual in one year."""
    rng = np.random.default_rng(1)
    season = 60 * np.exp(-(((MONTHS.month.to_numpy() - 7) / 1.5) ** 2)) + 1
    usual = season[:, None, None] * rng.gamma(8, 1 / 8, (len(MONTHS), *geobox(REGION, 0.1).shape))
    return months_cube(folder, "precipitation", usual * np.where(MONTHS.year == dry, 1 / 3, 1.0)[:, None, None])


def evaporation_cube(folder: Path, hot: int, first: int = 1981) -> Path:
    """Potential evapotranspiration on the same cells from a year on, a half more than usual in one year."""
    rng = np.random.default_rng(2)
    season = 150 * np.exp(-(((MONTHS.month.to_numpy() - 7) / 2.5) ** 2)) + 5
    usual = season[:, None, None] * rng.normal(1, 0.04, (len(MONTHS), *geobox(REGION, 0.1).shape))
    values = usual * np.where(MONTHS.year == hot, 1.5, 1.0)[:, None, None]
    return months_cube(folder, "potential_evapotranspiration", values[MONTHS.year >= first], first)


def months_cube(folder: Path, variable: str, values: np.ndarray, first: int = 1981) -> Path:
    """A cube (time, y, x) of months, as a pull leaves it."""
    import zarr

    name, days = f"{variable}_months", tuple(day.date() for day in MONTHS[MONTHS.year >= first])
    target = folder / f"{name}-{first}.zarr"
    axis = CubeAxis.of("time", days)
    unfinished = begin_cube(target, name, axis, geobox(REGION, 0.1), {"units": "mm"}, {"origin": "x"})
    zarr.open_array(unfinished / name, mode="r+")[...] = values.astype(np.float32)
    unfinished.replace(target)
    return target


def test_a_dry_year_is_extreme_and_its_land_adds_up(tmp_path: Path) -> None:
    prais, course = drought_tables(REGION, rain_cube(tmp_path, 2010), None, (2001, 2024), "2001-2024")
    land = prais.pivot_table(index="row", columns="column", values="value", aggfunc="sum")
    totals = land.sum(axis=1)
    assert totals.nunique() == 1 or np.ptp(totals) < 1e-6 * totals.iloc[0]
    assert len(land) == 24
    severe = land["severe drought"] + land["extreme drought"]
    assert severe.idxmax() == "2010"
    assert severe["2010"] > 0.9 * totals["2010"]
    assert set(prais["table"]) == {"SO3-1.T1"}
    series = course.set_index("month")["value"]
    assert series["2010-12-01"] < -2
    assert (course["month"].min(), course["month"].max()) == (pd.Timestamp("2001-01-01"), pd.Timestamp("2024-12-01"))
    assert set(course["variable"]) == {"spi_12"}
    assert not drought_tables(REGION, None, None, (2001, 2024), "x")[0].size


def test_a_hot_year_is_dry_by_the_spei_alone(tmp_path: Path) -> None:
    """2010 lacks rain and 2015 is hot: the SPEI knows both years, the SPI the first; each has a table of its own."""
    rain, demand = rain_cube(tmp_path, 2010), evaporation_cube(tmp_path, 2015)
    prais, course = drought_tables(REGION, rain, demand, (2001, 2024), "2001-2024")
    assert set(prais["table"]) == {"SO3-1.T1", "SO3-1.spei"} <= {*DROUGHT_TITLES}
    land = prais.pivot_table(index=["table", "row"], columns="column", values="value", aggfunc="sum")
    severe = land["severe drought"] + land["extreme drought"]
    whole = land.sum(axis=1)
    assert np.ptp(whole) < 1e-6 * whole.iloc[0]
    share = (severe / whole).unstack("table")
    assert share.loc["2010", "SO3-1.T1"] > 0.9
    assert share.loc["2015", "SO3-1.T1"] < 0.1
    assert share.loc["2015", "SO3-1.spei"] > 0.9
    alone = drought_tables(REGION, rain, None, (2001, 2024), "2001-2024")[0]
    pd.testing.assert_frame_equal(prais[prais["table"] == "SO3-1.T1"], alone)
    series = course.pivot_table(index="month", columns="variable", values="value")
    assert set(series) == {"spi_12", "spei_12", "potential_evapotranspiration"}
    assert series.loc["2015-12-01", "spei_12"] < -2
    assert abs(series.loc["2015-12-01", "spi_12"]) < 2
    cubes = [open_cube(each).mean(("y", "x")).sel(time=slice("1981", "2024")) for each in (rain, demand)]
    expected = spei(*cubes, reference=(1981, 2010)).sel(time="2018-08-01")
    assert series.loc["2018-08-01", "spei_12"] == pytest.approx(float(expected.item()), abs=0.05)
    assert series.loc["2018-08-01", "potential_evapotranspiration"] == pytest.approx(
        float(cubes[1].sel(time="2018-08-01").item()), rel=0.01
    )
    assert set(course.groupby("variable")["units"].first()) == {"1", "mm"}


def test_evaporation_of_fewer_years_than_the_rain(tmp_path: Path) -> None:
    """From 1995 on there are sixteen years of the reference; from 2015 on there is no SPEI, and the SPI stays."""
    rain = rain_cube(tmp_path, 2010)
    _, course = drought_tables(REGION, rain, evaporation_cube(tmp_path, 2015, 1995), (2001, 2024), "x")
    series = course.pivot_table(index="month", columns="variable", values="value")
    assert series["spei_12"].notna().all()
    assert series.loc["2015-12-01", "spei_12"] < -2
    prais, course = drought_tables(REGION, rain, evaporation_cube(tmp_path, 2015, 2016), (2001, 2024), "x")
    assert set(course["variable"]) == {"spi_12", "potential_evapotranspiration"}
    assert set(prais["table"]) == {"SO3-1.T1"}


def test_what_rain_explains_stands_beside_the_rest() -> None:
    rng = np.random.default_rng(4)
    months = pd.date_range("2001-01-01", "2024-12-01", freq="MS")
    rain = rng.gamma(6, 8, len(months))
    yearly = pd.Series(rain, months)[months.month.isin(range(5, 10))].groupby(lambda day: day.year).sum()
    vegetation = 0.2 + 0.0004 * yearly - 0.002 * (yearly.index - 2001) + rng.normal(0, 0.002, len(yearly))
    frames = [
        pd.DataFrame({"variable": name, "month": months, "value": values, "units": units})
        for name, values, units in (
            ("precipitation", rain, "mm"),
            ("temperature", rng.normal(15, 2, len(months)), "degC"),
            ("productivity", np.full(len(months), 0.3), "1"),
        )
    ]
    found = driver_statistics(REGION, vegetation, pd.concat(frames), "2001-2024").set_index("name")
    shares = found[found.index.str.startswith("driver_share_")]["value"]
    assert shares.sum() == pytest.approx(1)
    assert shares["driver_share_precipitation"] > 0.5
    assert found.loc["driver_trend_residual", "high"] < 0
    assert found.loc["driver_trend_residual", "value"] == pytest.approx(-0.02, abs=0.004)
    assert driver_statistics(REGION, vegetation[:5], pd.concat(frames), "x").empty
    assert DATASETS["era5-land-precipitation"].units == "mm"


def test_drought_stands_beside_the_breaks_of_a_region(tmp_path: Path) -> None:
    """Land lost after 2009, in whose next season 2010 is dry: an extreme drought stands beside it and does not explain.

    Soil moisture comes from the monthly table, SPI and SPEI from the months since 1981.
    """
    cubes = rain_cube(tmp_path, 2010), evaporation_cube(tmp_path, 2015)
    _, course = drought_tables(REGION, *cubes, (2001, 2024), "2001-2024")
    rng = np.random.default_rng(6)
    months = pd.date_range("2001-01-01", "2024-12-01", freq="MS")
    soil = 0.2 + 0.02 * rng.standard_normal(len(months)) - 0.06 * (months.year == 2010)
    table = pd.DataFrame({"variable": "soil_moisture", "month": months, "value": soil, "units": "m3 m-3"})
    indices = index_series(course, table)
    assert set(indices) == {"spi", "spei", "soil_moisture_z"}
    assert set(index_series(course[course["variable"] == "spi_12"], table)) == {"spi", "soil_moisture_z"}
    years = pd.date_range("2001-01-01", "2024-01-01", freq="YS")
    wet = 200 + 40 * rng.standard_normal(24) - 120 * (years.year == 2010)
    green = 0.3 + 0.0004 * wet - 0.08 * (years.year > 2009) + 0.004 * rng.standard_normal(24)
    annual = pd.concat(
        pd.DataFrame({"variable": f"{name}_annual", "month": years, "value": values})
        for name, values in (("productivity", green), ("precipitation", wet))
    )
    found = break_table("here", annual, None, indices, last_month=9)
    lost = found[found["variable"] == "productivity"].set_index("year").loc[2010]
    assert lost["drought"] == "extreme drought"
    assert lost["spi"] < -2
    assert lost["soil_moisture_z"] < -1
    assert lost["spei"] == pytest.approx(indices["spei"]["2009-10":"2010-09"].min())
    assert lost["spei"] < -1
    assert not lost["explained_by_rain"]
    assert lost["explained_by_rain"] is not None
    bare = break_table("here", annual[annual["variable"] == "productivity_annual"])
    assert set(bare["variable"]) == {"productivity"}
    beside = ["spi", "spei", "soil_moisture_z", "drought", "explained_by_rain"]
    assert bare[beside].isna().all(axis=None)
    # the file that they are published from keeps what is known and what is not
    for number, table in enumerate((found, bare)):
        table.to_csv(tmp_path / f"{number}.csv", index=False)
        published = break_rows(pd.read_csv(tmp_path / f"{number}.csv"), "test")
        assert [row["spei"] is None for row in published] == [number == 1] * len(published)
        assert [row["explained_by_rain"] for row in published] == ([False] if number == 0 else [None] * len(bare))
        assert [row["drought"] for row in published] == (["extreme drought"] if number == 0 else [None] * len(bare))
    assert index_series(course.iloc[:0], None) == {}
