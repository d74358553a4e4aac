"""A long coarse record joined backwards to the mean of a region, and the answer about the recent decline."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from indicators.errors import IndicatorError
from indicators.joined import LongerRecord, answer_of, longer, mean_trend
from indicators.joined.longer import FEWEST_CELLS, SPELL

ALL, KEPT, COARSE = range(1982, 2025), range(2001, 2025), range(1982, 2016)
NAMES = ("MODIS", "AVHRR")


def landscape(course: np.ndarray, cells: tuple[int, int] = (5, 6), seed: int = 0) -> xr.DataArray:
    """True values (year, y, x): cells of different levels that all follow a course."""
    rng = np.random.default_rng(seed)
    level = 0.25 + 0.05 * rng.standard_normal((1, *cells))
    values = level + course[:, None, None] + 0.003 * rng.standard_normal((len(ALL), *cells))
    return xr.DataArray(
        values, {"year": list(ALL), "y": np.arange(cells[0]), "x": np.arange(cells[1])}, ("year", "y", "x")
    )


def weather(seed: int) -> np.ndarray:
    return 0.01 * np.random.default_rng(seed).standard_normal(len(ALL))


def seen(
    truth: xr.DataArray, *, gain: float = 1.1, offset: float = 0.03, seed: int = 1
) -> tuple[xr.DataArray, xr.DataArray]:
    """What both sensors measure: the coarse one in other units, with errors of a year that all cells share."""
    rng = np.random.default_rng(seed)
    kept = truth.sel(year=list(KEPT))
    own = 0.004 * rng.standard_normal((len(COARSE), 1, 1)) + 0.004 * rng.standard_normal(
        (len(COARSE), *truth.shape[1:])
    )
    return kept, offset + gain * truth.sel(year=list(COARSE)) + own


def joined(truth: xr.DataArray, **changed: float) -> LongerRecord:
    return longer(*seen(truth, **changed), xr.ones_like(truth[0]), NAMES)  # type: ignore[arg-type]


def test_years_before_the_kept_sensor_are_in_its_units() -> None:
    truth = landscape(weather(2))
    found = joined(truth)
    assert found.years == tuple(ALL)
    assert found.converted.tolist() == [year < 2001 for year in ALL]
    true = truth.mean(("y", "x")).values
    assert found.values[19:] == pytest.approx(true[19:], abs=1e-9)
    assert np.abs(found.values[:19] - true[:19]).mean() < 0.006
    assert abs((found.values - true)[:19].mean()) < 0.004
    assert (found.errors[19:] == 0).all()
    assert ((found.errors[:19] > 0.0005) & (found.errors[:19] < 0.02)).all()
    assert found.cells == 30
    assert not found.gain_known
    assert found.relation.years == tuple(range(2001, 2016))


def test_a_step_at_the_seam_is_what_the_join_takes_off() -> None:
    """Put end to end, the offset of the coarse sensor is a decline; joined, there is none."""
    truth = landscape(weather(3))
    kept, coarse = seen(truth, gain=1.0, offset=0.06)
    end_to_end = np.concatenate([coarse.mean(("y", "x")).values[:19], kept.mean(("y", "x")).values])
    assert mean_trend(end_to_end, ALL).high < 0
    whole = answer_of(joined(truth, gain=1.0, offset=0.06)).whole
    assert whole.low < 0 < whole.high


def test_few_cells_have_a_gain_of_one() -> None:
    truth = landscape(weather(4), (2, 3))
    assert truth[0].size < FEWEST_CELLS
    found = joined(truth, gain=1.0)
    assert found.gain_known
    assert (found.relation.gain, found.cells) == (1.0, 6)
    assert np.abs(found.values - truth.mean(("y", "x")).values).mean() < 0.006
    alone = landscape(weather(5), (1, 1))
    assert longer(*seen(alone, gain=1.0), xr.ones_like(alone[0]), NAMES).cells == 1


def test_cells_that_see_other_land_do_not_make_the_gain() -> None:
    """Half of the edge cells lies outside; the coarse sensor sees other land in them."""
    truth = landscape(weather(13) + 0.004 * (np.array(ALL) - 2003), (8, 9))
    kept, coarse = seen(truth, gain=1.0)
    share = xr.ones_like(truth[0])
    share[[0, -1], :] = 0.5
    share[:, [0, -1]] = 0.5
    own = xr.DataArray(0.06 * np.random.default_rng(14).standard_normal(share.shape), share.coords, share.dims)
    found = longer(kept, coarse + own.where(share < 1, 0.0), share, NAMES)
    assert not found.gain_known
    assert found.relation.gain == pytest.approx(1.0, abs=0.05)
    assert 0 < found.relation.gain_error < 0.1
    rough = longer(kept, coarse, share, NAMES, fine=False)
    assert (rough.gain_known, rough.relation.gain) == (True, 1.0)


def test_cells_that_are_alike_have_a_gain_of_one_too() -> None:
    truth = landscape(weather(6))
    alike = truth - truth.mean("year") + 0.3
    assert joined(alike, gain=1.0).gain_known


def test_a_cell_without_a_value_does_not_change_the_level() -> None:
    truth = landscape(weather(7))
    kept, coarse = seen(truth)
    greenest = dict(zip(("y", "x"), np.unravel_index(int(np.argmax(truth[0].values)), truth[0].shape), strict=True))
    lost = coarse.copy()
    lost[{"year": slice(0, 4), **greenest}] = np.nan
    whole, holed = (longer(kept, each, xr.ones_like(truth[0]), NAMES).values for each in (coarse, lost))
    assert holed == pytest.approx(whole, abs=0.001)


def test_cells_outside_the_region_do_not_count() -> None:
    truth = landscape(weather(8))
    kept, coarse = seen(truth)
    weights = xr.ones_like(truth[0])
    weights[:, 3:] = 0
    other = coarse.copy()
    other[:, :, 3:] = 0.9
    assert longer(kept, other, weights, NAMES).values == pytest.approx(longer(kept, coarse, weights, NAMES).values)


def test_what_cannot_be_joined_is_refused_with_the_reason() -> None:
    truth = landscape(weather(9))
    kept, coarse = seen(truth)
    with pytest.raises(IndicatorError, match="AVHRR is not joined to MODIS: overlap of 3 years"):
        longer(kept, coarse.sel(year=slice(None, 2003)), xr.ones_like(truth[0]), NAMES)
    years = xr.DataArray(np.array(COARSE) - 2008.0, {"year": list(COARSE)}, "year")
    with pytest.raises(IndicatorError, match="not stable: the difference drifts"):
        longer(kept, coarse + 0.008 * years, xr.ones_like(truth[0]), NAMES)
    with pytest.raises(IndicatorError, match="no cell in common"):
        longer(kept, coarse * np.nan, xr.ones_like(truth[0]), NAMES)
    with pytest.raises(IndicatorError, match="at least 8 and 5 are needed"):
        answer_of(longer(kept, coarse.sel(year=slice(1996, None)), xr.ones_like(truth[0]), NAMES))


CYCLE = 0.04 * np.cos(2 * np.pi * (np.array(ALL) - 2000) / 38)
#: Falls from the year 2001 on by 0.004 a year.
LOSS = np.where(np.array(ALL) > 2000, -0.004 * (np.array(ALL) - 2000), 0.0)


@pytest.mark.parametrize(
    ("course", "place", "declines"),
    [(CYCLE, "within", True), (LOSS, "below", True), (-LOSS, "above", False), (0 * LOSS, "within", False)],
    ids=["a cycle", "a loss", "a gain", "nothing"],
)
def test_the_answer_follows_from_the_years_before(course: np.ndarray, place: str, declines: bool) -> None:
    """The low of a cycle of 38 years was there in the eighties, too; a loss since 2001 was not."""
    found = answer_of(joined(landscape(course + 0.3 * weather(10))))
    assert (found.place, found.declines) == (place, declines)
    assert found.before == (1982, 2000)
    assert found.low < found.high
    assert found.error > 0


def test_a_level_just_outside_the_range_is_within_the_error_of_the_join() -> None:
    record = joined(landscape(weather(11)))
    found = answer_of(record)
    low = record.values.copy()
    low[-SPELL:] += found.low - 0.5 * found.error - low[-SPELL:].mean()
    changed = LongerRecord(
        record.years, low, record.converted, record.covariance, record.relation, record.cells, record.gain_known
    )
    assert answer_of(changed).level < found.low
    assert answer_of(changed).place == "within"
    nothing = LongerRecord(
        record.years, low, record.converted, 0 * record.covariance, record.relation, record.cells, record.gain_known
    )
    assert answer_of(nothing).place == "below"


def test_another_join_of_the_kept_years_widens_the_trends() -> None:
    record = joined(landscape(weather(12)))
    late = np.array(record.years) >= 2020
    more = 0.02**2 * np.outer(late, late)
    own, wider = answer_of(record), answer_of(record, more)
    assert wider.recent.error > own.recent.error
    assert wider.whole.error > own.whole.error
    assert wider.error > own.error
