"""Means without gaps, against numpy."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from indicators.area.means import known_mean


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int16])
@pytest.mark.parametrize("dims", [("year", "y", "x"), ("y", "x", "year")])
def test_what_is_there_is_averaged_whatever_the_order_and_the_chunks(kind: type, dims: tuple[str, ...]) -> None:
    rng = np.random.default_rng(0)
    data = xr.DataArray(rng.normal(100, 20, (9, 5, 70)).astype(kind), dims=("year", "y", "x"))
    if np.dtype(kind).kind == "f":
        data = data.where(rng.random(data.shape) > 0.2)
        data[2, 1, 3], data[:, 2, 2] = np.inf, np.nan
    found = known_mean(data.transpose(*dims))
    values = np.where(np.isfinite(data.values), data.values, np.nan).astype(float)
    known = np.isfinite(values)
    wanted = np.where(known, values, 0).sum(0) / np.where(known.any(0), known.sum(0), np.nan)
    np.testing.assert_allclose(found, wanted, rtol=1e-6 if kind is np.float32 else 1e-14)
    assert found.dims == ("y", "x")
    xr.testing.assert_equal(known_mean(data.transpose(*dims).chunk({"x": 30})).compute(), found)


def test_no_years_at_all_have_no_mean() -> None:
    none = known_mean(xr.DataArray(np.zeros((3, 4)), dims=("year", "x")).isel(year=slice(0)))
    assert none.shape == (4,)
    assert none.isnull().all()
