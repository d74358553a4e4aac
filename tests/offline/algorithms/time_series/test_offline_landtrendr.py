"""LandTrendr on series whose segments are known: ramps, steps, spikes, noise, and what the planted landscape holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ee
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offline.algorithms.neighbourhood.segments import dampened, p_of_f, segmented
from offline.protocol.server import Server

YEARS = np.arange(2000.0, 2025.0)
#: Earth Engine's defaults; `most_segments` has none.
USUAL: dict[str, Any] = {"most_segments": 6, "spike": 0.9, "overshoot": 3, "not_in_a_year": False, "recovery": 0.25,
                         "p_most": 0.1, "proportion": 0.75}  # fmt: skip


def corners(values: np.ndarray, **choices: Any) -> tuple[list[int], np.ndarray]:
    marks, fitted = segmented(YEARS, values, **{**USUAL, **choices})
    return YEARS[marks].astype(int).tolist(), fitted


def noise(seed: int, spread: float) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, spread, YEARS.size)


def test_a_line_is_one_segment() -> None:
    values = 3 + 0.5 * (YEARS - 2000)
    found, fitted = corners(values)
    assert found == [2000, 2024]
    np.testing.assert_allclose(fitted, values, atol=1e-9)


def test_a_step_is_found_in_its_year() -> None:
    """300 until 2009, 700 from 2010, without noise and with: the disturbance lies between these two years."""
    values = np.where(YEARS < 2010, 300.0, 700.0)
    found, fitted = corners(values)
    assert {2009, 2010} <= set(found)
    np.testing.assert_allclose(fitted, values, atol=1e-6)
    for seed in range(20):
        found, fitted = corners(values + noise(seed, 15))
        assert {2009, 2010} <= set(found)
        assert np.abs(fitted - values).mean() < 15


def test_ramps_meet_at_their_corners() -> None:
    """Up to 2008, level to 2016, down to 2024: corners within a year, values within the noise."""
    values = np.interp(YEARS, [2000, 2008, 2016, 2024], [100, 500, 500, 200])
    found, fitted = corners(values)
    assert found == [2000, 2008, 2016, 2024]
    np.testing.assert_allclose(fitted, values, atol=1e-6)
    hits, misses = 0, []
    for seed in range(30):
        found, fitted = corners(values + noise(seed, 12))
        hits += any(abs(y - 2008) <= 1 for y in found) and any(abs(y - 2016) <= 1 for y in found)
        misses.append(np.sqrt(np.mean((fitted - values) ** 2)))
    assert hits >= 24
    assert np.mean(misses) < 14


def test_noise_alone_has_no_segments() -> None:
    """Of 200 series of noise about a fifth get segments at a p of 0.05: several models are tried for each."""
    given = sum(np.ptp(corners(100 + noise(seed, 10), p_most=0.05)[1]) > 0 for seed in range(200))
    assert given <= 50


def test_a_recovery_faster_than_allowed_is_not_a_segment() -> None:
    """Falls by all of the range in one year: allowed at a threshold of 1, not at 0.25 (four years), nor where
    recoveries of one year are switched off."""
    values = np.where(YEARS < 2012, 800.0, 200.0)
    assert {2011, 2012} <= set(corners(values, recovery=1.0)[0])
    for choices in ({"recovery": 0.25}, {"recovery": 1.0, "not_in_a_year": True}):
        marks, fitted = segmented(YEARS, values, **{**USUAL, **choices})
        for first, last in zip(np.flatnonzero(marks)[:-1], np.flatnonzero(marks)[1:], strict=True):
            span, fall = YEARS[last] - YEARS[first], (fitted[first] - fitted[last]) / 600
            assert fall / span <= choices["recovery"] + 1e-9
            assert span > 1 or fall <= 1e-9 or not choices.get("not_in_a_year")


def test_spikes_are_dampened_and_steps_are_not() -> None:
    """A single year that returns to where it was is a spike of size 1; a step has size 0 by its neighbours."""
    spiky = np.full(9, 5.0)
    spiky[4] = 9.0
    np.testing.assert_allclose(dampened(spiky, 0.9), 5.0)
    np.testing.assert_array_equal(dampened(spiky, 1.0), spiky)
    step = np.array([1.0, 1, 1, 1, 4, 4, 4, 4])
    np.testing.assert_array_equal(dampened(step, 0.9), step)


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.floats(-1e4, 1e4), min_size=8, max_size=25),
    segments=st.integers(1, 7),
    scale=st.floats(0.01, 100),
)
def test_laws(values: list[float], segments: int, scale: float) -> None:
    """Never more segments than allowed, both ends are vertices, lines between them; scaling scales the fit."""
    years, y = YEARS[: len(values)], np.array(values)
    choices = {**USUAL, "most_segments": segments}
    marks, fitted = segmented(years, y, **choices)
    assert marks[0]
    assert marks[-1]
    assert marks.sum() <= segments + 1
    np.testing.assert_allclose(fitted, np.interp(years, years[marks], fitted[marks]), atol=1e-6 * (1 + np.abs(y).max()))
    again = segmented(years, y * scale, **choices)
    if (again[0] == marks).all():
        np.testing.assert_allclose(again[1], fitted * scale, rtol=1e-6, atol=1e-5 * (1 + np.abs(y).max()) * scale)


def test_p_of_f_is_that_of_a_regression() -> None:
    """One segment: the p value of simple linear regression."""
    from scipy.stats import linregress

    values = 0.3 * YEARS + noise(3, 4)
    known = linregress(YEARS, values)
    total = ((values - values.mean()) ** 2).sum()
    found = p_of_f(np.array([total * (1 - known.rvalue**2)]), total, YEARS.size, np.array([1]))
    assert found[0] == pytest.approx(known.pvalue, rel=1e-9)


def yearly(series: list[float]) -> ee.ImageCollection:
    images = [
        ee.Image(value).rename("a").addBands(ee.Image(2 * value).rename("b"))
        .set("system:time_start", ee.Date.fromYMD(2000 + n, 7, 1).millis())
        for n, value in enumerate(series)
    ]  # fmt: skip
    return ee.ImageCollection(images)


def test_through_the_client(few: Server, pixels: Callable[..., np.ndarray]) -> None:
    """Rows of the first band are year, source, fitted and vertex; a further band is fitted at the same vertices."""
    series = [10.0] * 8 + [30.0] * 8
    made = ee.Algorithms.TemporalSegmentation.LandTrendr(yearly(series), maxSegments=4)
    table = made.select("LandTrendr")
    vertices = table.arraySlice(0, 3, 4).arrayProject([1])
    years = table.arraySlice(0, 0, 1).arrayProject([1]).arrayMask(vertices)
    flat = (
        table.arrayReduce(ee.Reducer.max(), [1]).arrayProject([0]).arrayFlatten([["year", "source", "fit", "vertex"]])
    )
    got = pixels(flat.addBands(made.select("rmse")).addBands(years.arrayLength(0).rename("corners")))[0, 0]
    assert got["year"] == 2015
    assert (got["source"], got["vertex"], got["corners"]) == (30, 1, 4)
    assert got["fit"] == pytest.approx(30)
    assert got["rmse"] == pytest.approx(0, abs=1e-9)
    more = pixels(made.select("b_fit").arrayGet([15]))
    assert more[0, 0][0] == pytest.approx(60)
    again = ee.Algorithms.TemporalSegmentation.LandTrendrFit(yearly(series), years)
    assert again.bandNames().getInfo() == ["a_fit", "b_fit"]
    assert pixels(again.select("a_fit").arrayGet([8]))[0, 0][0] == pytest.approx(30)


def test_too_few_years_are_masked_and_two_of_a_year_refused(few: Server, pixels: Callable[..., np.ndarray]) -> None:
    run = ee.Algorithms.TemporalSegmentation.LandTrendr
    short = run(yearly([1.0, 2, 3, 4]), maxSegments=2).select("rmse").mask()
    assert pixels(short)["rmse"].max() == 0
    twice = ee.ImageCollection([ee.Image(1).set("system:time_start", 0), ee.Image(2).set("system:time_start", 1)])
    with pytest.raises(ee.EEException, match="two images of one year"):
        run(twice, maxSegments=2).getInfo()
