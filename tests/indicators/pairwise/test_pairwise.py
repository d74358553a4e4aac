"""The kernel of all pairs against a plain numpy oracle: equal to the last bit, whatever the data look like."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.pairwise.block import LANES
from indicators.pairwise.kernel import LONGEST
from indicators.trends.theil_sen import mann_kendall, theil_sen, theil_sen_mann_kendall


def oracle(y: np.ndarray, t: np.ndarray) -> tuple[float, float, float]:
    """Slope, intercept at t = 0, S of one series, as they are defined."""
    known = np.isfinite(y)
    y, t = y[known].astype(float), t[known].astype(float)
    if len(y) < 2:
        return np.nan, np.nan, 0.0
    i, j = np.triu_indices(len(y), 1)
    slope = np.median((y[j] - y[i]) / (t[j] - t[i]))
    origin = YEARS[0]
    return slope, np.median(y - slope * (t - origin)) - slope * origin, np.sign(y[j] - y[i]).sum()


YEARS = np.arange(2001, 2025)


def assert_is_oracle(values: np.ndarray) -> None:
    """`values` (24, pixels): every pixel bit for bit."""
    found = theil_sen_mann_kendall(xr.DataArray(values, dims=("year", "x"), coords={"year": YEARS}))
    expected = np.array([oracle(pixel, YEARS) for pixel in values.T]).T
    for name, wanted in zip(("slope", "intercept", "s"), expected, strict=True):
        np.testing.assert_array_equal(found[name].values, wanted, err_msg=name)


def noise(pixels: int, seed: int = 0) -> np.ndarray:
    return 0.3 + 0.02 * np.random.default_rng(seed).normal(size=(24, pixels))


@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_noise_with_gaps(kind: type) -> None:
    values = noise(1000).astype(kind)
    values[np.random.default_rng(1).random(values.shape) < 0.3] = np.nan
    assert_is_oracle(values)


@pytest.mark.parametrize("decimals", [1, 2, 4])
def test_ties(decimals: int) -> None:
    assert_is_oracle(noise(300).round(decimals))


def test_whole_numbers() -> None:
    values = (noise(200) * 10_000).astype(np.int16)
    assert_is_oracle(values)
    assert_is_oracle(values.astype(np.int64) * 2**40)


@pytest.mark.parametrize("trend", [0.001, 1.0, 1e4])
def test_trends_that_dwarf_their_noise(trend: float) -> None:
    assert_is_oracle(noise(200) + trend * np.arange(24)[:, None])
    assert_is_oracle(trend * np.arange(24)[:, None] * np.ones(3))


def test_spikes_steps_and_values_that_float32_cannot_tell_apart() -> None:
    values = noise(200)
    values[5, ::2] = 1e6
    values[10:, ::3] -= 5
    assert_is_oracle(values)
    assert_is_oracle(1 + noise(200) * 1e-13)


@pytest.mark.parametrize("scale", [1e-300, 1e-20, 1e20, 1e300])
def test_any_scale(scale: float) -> None:
    assert_is_oracle(noise(100) * scale)


def test_few_values_none_and_constants() -> None:
    values = np.full((24, 30), np.nan)
    for pixel in range(30):
        values[: pixel // 2, pixel] = np.arange(pixel // 2) ** 2 if pixel % 2 else 7.0
    values[3, 29] = np.inf  # not finite is a gap
    assert_is_oracle(values)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.lists(
            st.one_of(st.floats(allow_nan=False, allow_infinity=False, width=32), st.integers(-3, 3), st.just(np.nan)),
            min_size=24,
            max_size=24,
        ),
        min_size=1,
        max_size=5,
    )
)
def test_anything(pixels: list[list[float]]) -> None:
    assert_is_oracle(np.array(pixels, float).T)


@pytest.mark.parametrize("pixels", [1, LANES - 1, LANES, LANES + 1, 20_000])
def test_no_pixel_changes_another(pixels: int) -> None:
    """Blocks, threads and a gap in the neighbour leave a pixel as it is."""
    values = noise(pixels)
    alone = theil_sen_mann_kendall(xr.DataArray(values[:, -1], dims="year", coords={"year": YEARS}))
    values[:, :-1][3] = np.nan
    beside = theil_sen_mann_kendall(xr.DataArray(values, dims=("year", "x"), coords={"year": YEARS}))
    xr.testing.assert_identical(beside.isel(x=-1), alone)


@pytest.mark.parametrize("order", [("year", "y", "x"), ("y", "year", "x"), ("y", "x", "year")])
@pytest.mark.parametrize("chunks", [None, {"year": 5, "y": 7}, {"y": 3, "x": 10}])
def test_order_of_dimensions_and_chunks_do_not_matter(order: tuple[str, ...], chunks: dict[str, int] | None) -> None:
    cube = xr.DataArray(noise(20 * 30).reshape(24, 20, 30), dims=("year", "y", "x"), coords={"year": YEARS})
    turned = cube.transpose(*order)
    found = theil_sen_mann_kendall(turned.chunk(chunks) if chunks else turned)
    assert all((layer.chunks is not None) == (chunks is not None) for layer in found.values())
    xr.testing.assert_identical(found.compute(), theil_sen_mann_kendall(cube))


def test_users_of_the_kernel_say_the_same() -> None:
    cube = xr.DataArray(noise(50), dims=("year", "x"), coords={"year": YEARS}, attrs={"units": "g m-2"})
    both = theil_sen_mann_kendall(cube)
    xr.testing.assert_identical(both[["slope", "intercept"]], theil_sen(cube))
    xr.testing.assert_identical(both[["s", "tau", "z", "p"]], mann_kendall(cube))
    assert both["slope"].attrs["units"] == "g m-2 year-1"
    assert both["p"].attrs["long_name"] == "Mann-Kendall two-sided p"


def test_uneven_years_and_long_series() -> None:
    rng = np.random.default_rng(3)
    for n in (24, LONGEST, LONGEST + 1):
        years = np.sort(rng.choice(3000, n, replace=False))
        values = rng.normal(size=(n, 3)) + 0.001 * years[:, None]
        values[rng.random(values.shape) < 0.1] = np.nan
        found = theil_sen_mann_kendall(xr.DataArray(values, dims=("year", "x"), coords={"year": years}))
        for pixel in range(3):
            known = np.isfinite(values[:, pixel])
            y, t = values[known, pixel], years[known]
            i, j = np.triu_indices(len(y), 1)
            slope = np.median((y[j] - y[i]) / (t[j] - t[i]))
            assert float(found["slope"][pixel]) == slope
            assert float(found["s"][pixel]) == np.sign(y[j] - y[i]).sum()
            assert float(found["intercept"][pixel]) == pytest.approx(np.median(y - slope * t), abs=1e-9)
