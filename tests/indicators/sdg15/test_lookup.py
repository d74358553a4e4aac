"""Truth tables and the stock of carbon as kernels: equal to plain numpy, on any codes, lazy or not."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from indicators.codes import DEGRADED, NODATA, UNDETERMINED
from indicators.errors import IndicatorError
from indicators.kernel.blocks import PART
from indicators.sdg15 import land_cover, soil_carbon
from indicators.sdg15 import one_out_all_out as sdg
from indicators.sdg15.lookup import codes, lookup, table
from indicators.sdg15.lpd import LPD_TABLES, lpd, lpd3

anything = arrays(np.int8, (3, 40), elements=st.integers(-128, 127))
likely = arrays(np.int8, (3, 40), elements=st.sampled_from([-1, 0, 1, 2, 3, NODATA]))


@settings(max_examples=60, deadline=None)
@given(st.one_of(anything, likely))
def test_one_out_all_out_by_its_definition(parts: np.ndarray) -> None:
    found = sdg.one_out_all_out(*parts)
    known = (parts >= -1) & (parts <= 1)
    worst = np.where(known, parts, 9).min(0)
    complete = known.all(0)
    best = np.where(known, parts, -9).max(0)
    expected = np.where(worst == DEGRADED, DEGRADED, np.where(complete, best, UNDETERMINED))
    np.testing.assert_array_equal(found["sdg"], np.where(known.any(0), expected, NODATA))
    np.testing.assert_array_equal(found["partial"], (worst == DEGRADED) & ~complete)
    judged = np.where(np.isin(found["sdg"], (-1, 0, 1)), found["sdg"], -9)
    # never better than the worst part: an improvement needs every part known and none degraded
    assert (judged[worst == DEGRADED] == DEGRADED).all()


@settings(max_examples=40, deadline=None)
@given(st.one_of(anything, likely))
@pytest.mark.parametrize("name", list(LPD_TABLES))
def test_lpd_reads_its_table(name: str, parts: np.ndarray) -> None:
    letter = {-1: "D", 0: "S", 1: "I"}
    expected = [
        LPD_TABLES[name].get(letter.get(t, "?") + letter.get(s, "?") + {-1: "D", 0: "N"}.get(p, "?"), NODATA)
        for t, s, p in parts.T.tolist()
    ]
    np.testing.assert_array_equal(lpd(*(xr.DataArray(part) for part in parts), table=name), expected)


def test_floats_are_codes_and_gaps_no_data() -> None:
    values = np.array([-1.0, 0.0, 1.0, np.nan, np.inf, 0.5, 200.0, -1e9])
    assert codes(values).tolist() == [-1, 0, 1] + [NODATA] * 5
    directions = [xr.DataArray(values) for _ in range(3)]
    assert lpd(*directions).values.tolist() == [1, 4] + [NODATA] * 6
    assert lpd3(xr.DataArray([1, 2, 3, 4, 5, 0, 15, NODATA])).values.tolist() == [-1, -1, 0, 0, 1] + [NODATA] * 3


def test_lazy_large_and_broadcast_rasters_give_the_same() -> None:
    rng = np.random.default_rng(1)
    first, last = (
        xr.DataArray(rng.integers(0, 9, (3, PART // 2)).astype(np.int8), dims=("y", "x"), attrs={"source": "map"})
        for _ in range(2)
    )
    found = land_cover.degradation(first, last)
    assert found.attrs == {"source": "map"}
    lazy = land_cover.degradation(first.chunk(y=1), last.chunk(y=1))
    assert lazy.chunks is not None
    xr.testing.assert_identical(lazy.compute(), found)
    matrix = np.array(land_cover.MATRICES["prais"])
    known = (first >= 1) & (first <= 7) & (last >= 1) & (last <= 7)
    expected = np.where(known, matrix[np.where(known, first, 1) - 1, np.where(known, last, 1) - 1], NODATA)
    np.testing.assert_array_equal(found, expected)
    row = land_cover.degradation(first, last.isel(y=0))
    np.testing.assert_array_equal(row[0], found[0])
    assert sdg.status(np.array([-1, 0, 5], np.int8), np.array([1, 0, 0], np.int8)).tolist() == [6, 4, NODATA]


def test_the_result_keeps_the_place_of_one_of_its_maps() -> None:
    maps = xr.DataArray(np.ones((2, 3), np.int8), {"period": ["baseline", "reporting"]}, ("period", "x"))
    found = sdg.status(maps.sel(period="baseline"), maps.sel(period="reporting"))
    assert found["period"].item() == "reporting"
    years = maps.rename(period="year").assign_coords(year=[2000, 2015])
    assert land_cover.degradation(years.sel(year=2000), years.sel(year=2015))["year"].item() == 2000


def test_a_table_that_does_not_fit_is_refused() -> None:
    with pytest.raises(IndicatorError, match="the table has shape"):
        table([[1, 2]], ((0, 1),))
    with pytest.raises(IndicatorError, match="does not fit"):
        lookup(table([1, 2], ((0, 1),)), ((0, 1),), np.zeros(3, np.int8), np.zeros(3, np.int8))
    with pytest.raises(IndicatorError, match="consecutive"):
        lookup(table([1, 2], ((0, 2),)), ((0, 2),), np.zeros(3, np.int8))


def carbon_oracle(cover: list[int], f: float) -> list[float]:
    """One pixel, year by year, straight from the text: linear for 20 years, again from the stock of a new change."""
    stock, yearly, left, now = 1.0, 0.0, 0, cover[0]
    found = [stock]
    for new in cover[1:]:
        if 1 <= new <= 7 and new != now:
            yearly, left, now = stock * (soil_carbon.factors(f)[now - 1, new - 1] - 1) / 20, 20, new
        if left:
            stock, left = stock + yearly, left - 1
        found.append(stock)
    return found


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 8), min_size=2, max_size=40), st.integers(1, 7), st.integers(1, 12))
def test_stock_by_its_definition(later: list[int], first: int, zone: int) -> None:
    cover = xr.DataArray(np.array([first, *later], np.int8), dims="year", coords={"year": np.arange(len(later) + 1)})
    found = soil_carbon.stock(1.0, cover, zone)
    np.testing.assert_allclose(found, carbon_oracle([first, *later], soil_carbon.CLIMATE_FACTOR[zone]), rtol=1e-12)


def test_stock_of_maps_lazy_or_not() -> None:
    rng = np.random.default_rng(2)
    cover = xr.DataArray(rng.integers(1, 8, (20, 6, 5)), dims=("year", "y", "x"), coords={"year": range(2001, 2021)})
    cover[0, 0, 0] = 0
    zone = xr.DataArray(rng.integers(0, 13, (6, 5)), dims=("y", "x"))
    start = xr.DataArray(rng.uniform(5, 50, (6, 5)), dims=("y", "x"))
    found = soil_carbon.stock(start, cover, zone)
    assert found.dims == cover.dims
    assert found[:, 0, 0].isnull().all()
    np.testing.assert_array_equal(found.isel(year=0).isnull(), (zone == 0) | (cover[0] == 0))
    lazy = soil_carbon.stock(start.chunk(y=2), cover.chunk(y=2, year=7), zone.chunk(y=2))
    assert lazy.chunks is not None
    xr.testing.assert_identical(lazy.compute(), found)
    classes = soil_carbon.degradation(lazy, (2001, 2020)).compute()
    xr.testing.assert_identical(classes, soil_carbon.degradation(found, (2001, 2020)))
    assert classes.dtype == np.int8
