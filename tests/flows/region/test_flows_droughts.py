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
from practices.results.rows import break_rows
from regions.grid import geobox
from regions.model import Region
from series.cubes.layout import CubeAxis, begin_cube
from series.datasets import DATASETS

REGION = Region(id="here", name="Here", countries=("MNG",), geometry=box(112, 43, 112.4, 43.3), source="drawn")
MONTHS = pd.date_range("1981-01-01", "2024-12-01", freq="MS")


def rain_cube(folder: Path, dry: int) -> Path:
    """Monthly rain of 44 years on 0.1°, a third of the usual in one year."""
    import zarr

    grid = geobox(REGION, 0.1)
    rng = np.random.default_rng(1)
    season = 60 * np.exp(-(((MONTHS.month.to_numpy() - 7) / 1.5) ** 2)) + 1
    usual = season[:, None, None] * rng.gamma(8, 1 / 8, (len(MONTHS), *grid.shape))
    values = usual * np.where(MONTHS.year == dry, 1 / 3, 1.0)[:, None, None]
    target = folder / "precipitation_months-1.zarr"
    days = tuple(day.date() for day in MONTHS)
    unfinished = begin_cube(
        target, "precipitation_months", CubeAxis.of("time", days), grid, {"units": "mm"}, {"origin": "x"}
    )
    zarr.open_array(unfinished / "precipitation_months", mode="r+")[...] = values.astype(np.float32)
    unfinished.replace(target)
    return target


def test_a_dry_year_is_extreme_and_its_land_adds_up(tmp_path: Path) -> None:
    prais, course = drought_tables(REGION, rain_cube(tmp_path, 2010), (2001, 2024), "2001-2024")
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
    assert not drought_tables(REGION, None, (2001, 2024), "x")[0].size


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

    Soil moisture comes from the monthly table, the SPI from the rain since 1981; SPEI is empty, for nobody gave any
    evapotranspiration.
    """
    _, course = drought_tables(REGION, rain_cube(tmp_path, 2010), (2001, 2024), "2001-2024")
    rng = np.random.default_rng(6)
    months = pd.date_range("2001-01-01", "2024-12-01", freq="MS")
    soil = 0.2 + 0.02 * rng.standard_normal(len(months)) - 0.06 * (months.year == 2010)
    table = pd.DataFrame({"variable": "soil_moisture", "month": months, "value": soil, "units": "m3 m-3"})
    indices = index_series(course, table)
    assert set(indices) == {"spi", "soil_moisture_z"}
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
    assert np.isnan(lost["spei"])
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
        assert [row["explained_by_rain"] for row in published] == ([False] if number == 0 else [None] * len(bare))
        assert [row["drought"] for row in published] == (["extreme drought"] if number == 0 else [None] * len(bare))
    assert index_series(course.iloc[:0], None) == {}
