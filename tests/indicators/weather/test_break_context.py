"""Drought beside breaks: the window, the class in words, what is unknown, and which breaks rain explains."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from indicators.breaks import breakpoints
from indicators.errors import IndicatorError
from indicators.weather.break_context import breaks_with_drought, breaks_with_rain, drought_indices
from indicators.weather.drought import spei, spi, ssmi

MONTHS = pd.date_range("1981-01-01", "2024-12-01", freq="MS")


def rain(dry: tuple[str, str] = ("2010-05", "2010-09"), share: float = 0.2) -> pd.Series:
    """Summer rain of 44 years, a part of it in the dry months."""
    rng = np.random.default_rng(5)
    season = 60 * np.exp(-(((MONTHS.month.to_numpy() - 7) / 1.5) ** 2)) + 1
    values = pd.Series(season * rng.gamma(8, 1 / 8, len(MONTHS)), MONTHS)
    values.loc[dry[0] : dry[1]] *= share
    return values


def test_the_window_ends_with_the_first_season_after_the_break() -> None:
    """August 2010 counts for breaks whose first month after is October 2009 to September 2010, when the season ends."""
    index = pd.Series(0.5, MONTHS)
    index["2010-08"] = -1.7
    days = ["2009-09-01", "2009-10-01", "2010-04-01", "2010-09-01", "2010-10-01"]
    found = breaks_with_drought(pd.DataFrame({"date": pd.to_datetime(days)}), {"spi": index}, last_month=9)
    assert found["spi"].tolist() == [0.5, -1.7, -1.7, -1.7, 0.5]
    assert found["drought"].tolist() == ["no drought", *["severe drought"] * 3, "no drought"]
    # without a season it is the year that the first value after the break lies in
    calendar = breaks_with_drought(
        pd.DataFrame({"date": pd.to_datetime(["2009-12-01", "2010-01-01", "2011-01-01"])}), {"spi": index}
    )
    assert calendar["spi"].tolist() == [0.5, -1.7, 0.5]
    # the season ends in September: August 2010 belongs to a break whose first year after is 2010
    years = breaks_with_drought(pd.DataFrame({"year": [2009, 2010, 2011]}), {"spi": index}, last_month=9)
    assert years["spi"].tolist() == [0.5, -1.7, 0.5]
    # twelve months, neither more nor less: for 2010 from October 2009 to September 2010
    for month, counts in (("2009-09", False), ("2009-10", True), ("2010-09", True), ("2010-10", False)):
        one = pd.Series(0.5, MONTHS)
        one[month] = -1.7
        seen = breaks_with_drought(pd.DataFrame({"year": [2010]}), {"spi": one}, last_month=9)["spi"].tolist()
        assert seen == [-1.7 if counts else 0.5], month
        gap = breaks_with_drought(pd.DataFrame({"year": [2010]}), {"spi": one.drop(pd.Timestamp(month))}, last_month=9)
        assert bool(gap["spi"].isna()[0]) == counts, month
    with pytest.raises(IndicatorError, match="13 is not a month"):
        breaks_with_drought(pd.DataFrame({"year": [2008]}), {}, last_month=13)


@pytest.mark.parametrize(
    ("z", "words"),
    [
        (0.3, "no drought"), (-0.0, "no drought"), (-0.4, "no drought"), (-0.99, "no drought"),
        (-1.0, "moderate drought"), (-1.2, "moderate drought"), (-1.7, "severe drought"), (-2.4, "extreme drought"),
    ],
)  # fmt: skip
def test_a_drought_is_named_where_one_begins(z: float, words: str) -> None:
    found = breaks_with_drought(pd.DataFrame({"year": [2009]}), {"spi": pd.Series(z, MONTHS)})
    assert found["drought"].tolist() == [words]


def test_indices_are_those_of_drought_and_the_dry_summer_is_seen() -> None:
    soil = rain().rolling(3).mean().dropna() / 400
    pet = pd.Series(40.0, MONTHS) + rain() * 0
    found = drought_indices(rain(), soil, pet)
    series = rain().rename_axis("time")
    pd.testing.assert_series_equal(found["spi"], spi(series, 12, None).to_series().dropna())
    balance = (series - 40.0).rename_axis("time")
    pd.testing.assert_series_equal(found["spei"], spei(balance, scale=12, reference=None).to_series().dropna())
    pd.testing.assert_series_equal(
        found["soil_moisture_z"], ssmi(soil.rename_axis("time"), 12, None).to_series().dropna()
    )
    breaks = breaks_with_drought(pd.DataFrame({"year": [2010, 2015]}), found, last_month=9)
    assert breaks["drought"].tolist()[0] == "extreme drought"
    assert (breaks.loc[0, ["spi", "spei", "soil_moisture_z"]].astype(float) < -1.5).all()
    assert breaks["spi"].iloc[1] > -1.5


def test_what_is_not_recorded_stays_empty() -> None:
    breaks = pd.DataFrame({"year": [1980, 2010, 2025]})
    nothing = breaks_with_drought(breaks, drought_indices())
    assert nothing[["spi", "spei", "soil_moisture_z"]].isna().all(axis=None)
    assert nothing["drought"].tolist() == [None, None, None]
    known = breaks_with_drought(breaks, drought_indices(rain()))
    # before the record, within it, and a window that ends after it
    assert known["spi"].isna().tolist() == [True, False, True]
    assert known["drought"].tolist()[::2] == [None, None]
    assert drought_indices(rain()[:60]) == {}
    assert breaks_with_drought(breaks.iloc[:0], drought_indices(rain())).columns.tolist()[-1] == "drought"
    balance_only = breaks_with_drought(pd.DataFrame({"year": [2009]}), {"spei": pd.Series(-1.2, MONTHS)})
    assert balance_only["drought"].tolist() == ["moderate drought"]


def series(values: np.ndarray) -> xr.DataArray:
    return xr.DataArray(values, dims="year", coords={"year": np.arange(2001, 2001 + len(values))})


def test_a_fall_with_the_rain_is_explained_and_one_without_is_not() -> None:
    """Five dry years from 2013 on; land lost after 2006. Rain out: the loss alone stands; as seen, the drought too."""
    rng = np.random.default_rng(2)
    wet = np.where(np.arange(24) >= 12, -1.0, 0.0) + 0.1 * rng.normal(size=24)
    noise = 0.006 * rng.normal(size=24)
    seen = series(0.3 + 0.08 * wet + noise)
    found = breaks_with_rain(seen, seen - 0.08 * wet)
    assert found["series"].tolist() == ["observed"]
    assert found["explained_by_rain"].tolist() == [True]
    assert found["date"].tolist() == [2013]
    lost = series(0.3 + 0.08 * wet + noise - 0.1 * (np.arange(24) >= 6))
    both = breaks_with_rain(lost, lost - 0.08 * wet)
    assert both["series"].tolist() == ["rain_removed", "observed"]
    assert both["date"].tolist() == [2007, 2013]
    assert both["explained_by_rain"].tolist() == [False, True]


def test_a_break_explained_by_rain_is_judged_up_to_the_next_one() -> None:
    """Dry from 2008 on, land lost after 2013: the loss is no part of what rain leaves around the drought."""
    rng = np.random.default_rng(2)
    wet = np.where(np.arange(24) >= 7, -1.0, 0.0) + 0.1 * rng.normal(size=24)
    seen = series(0.3 + 0.08 * wet + 0.006 * rng.normal(size=24) - 0.1 * (np.arange(24) >= 13))
    found = breaks_with_rain(seen, seen - 0.08 * wet)
    assert found[["series", "date", "explained_by_rain"]].to_numpy().tolist() == [
        ["rain_removed", 2014, False],
        ["observed", 2008, True],
    ]


def doubtful(seed: int, loss: float, year: int) -> tuple[xr.DataArray, xr.DataArray]:
    """A series of 24 years that falls with its rain in 2013 and loses a little land after a `year`; rain taken out."""
    rng = np.random.default_rng(seed)
    wet = np.where(np.arange(24) >= 12, -1.0, 0.0) + 0.3 * rng.normal(size=24)
    rest = 0.3 + 0.02 * rng.normal(size=24) - loss * (np.arange(2001, 2025) > year)
    return series(rest + 0.06 * wet), series(rest)


@pytest.mark.parametrize(
    ("drawn", "observed", "told"),
    [
        # in 2012 the rest breaks as well (p of its Chow test 0.026), though not enough to be listed
        ((6, 0.02, 2008), [2005, 2012], [("observed", 2005)]),
        # the rest does not break in 2013 (0.31), but a break of it may be dated then: 2010, from 2009 to 2013
        ((19, 0.03, 2008), [2013], [("rain_removed", 2010), ("rain_removed", 2016)]),
        # up to the next one, in 2013, not even what was observed breaks in 2009 (0.07)
        ((266, 0.0, 2012), [2009, 2013], [("observed", 2013)]),
    ],
)
def test_doubtful_breaks_are_not_explained(
    drawn: tuple[int, float, int], observed: list[int], told: list[tuple[str, int]]
) -> None:
    seen, rest = doubtful(*drawn)
    assert breakpoints(seen, h=0.2).breaks["date"].tolist() == observed
    found = breaks_with_rain(seen, rest)
    assert list(zip(found["series"], found["date"], strict=True)) == told


def test_without_rain_nobody_knows() -> None:
    values = series(0.3 - 0.1 * (np.arange(24) >= 12) + 0.005 * np.random.default_rng(0).normal(size=24))
    found = breaks_with_rain(values, None)
    assert 2013 in found["date"].tolist()
    assert set(found["explained_by_rain"]) == {None}
    assert set(breaks_with_rain(values, values)["series"]) == {"rain_removed"}
