"""PRAIS 4 tables: they close, they add up over parts of a region, and small maps give the numbers worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from indicators.codes import MEANINGS, NODATA, UNDETERMINED, WATER, attributes
from indicators.sdg15 import prais
from indicators.sdg15.lpd import LPD_MEANINGS
from indicators.sdg15.one_out_all_out import status
from indicators.sdg15.periods import PRAIS

YEARS = np.arange(2001, 2025)
SHAPE = (2, 4)
CODES = [*MEANINGS, NODATA]


def layers(sdg: np.ndarray, cover: np.ndarray, weight: np.ndarray, *, lpd: np.ndarray | None = None) -> prais.Layers:
    """An assessment of three periods whose layers are all made from `sdg` (period, y, x)."""
    coords = {"period": [period.name for period in PRAIS]}
    made = xr.DataArray(sdg.astype(np.int8), coords=coords, dims=("period", "y", "x"))
    dynamics = lpd if lpd is not None else np.where(np.isin(sdg, (-1, 0, 1)), sdg * 2 + 3, NODATA)
    found = xr.Dataset(dict.fromkeys(("sdg", "productivity", "land_cover", "soil_organic_carbon"), made))
    found["lpd"] = made.copy(data=dynamics.astype(np.int8)).assign_attrs(attributes("lpd", LPD_MEANINGS, ""))
    base = made.sel(period="baseline", drop=True)
    states = [status(base, made.sel(period=p.name, drop=True)) for p in PRAIS]
    found["status"] = made.copy(data=np.stack([each.values for each in states]))
    at = {year: layer.astype(np.int8) for year, layer in zip(YEARS, cover, strict=True)}
    ends = {p.name: (at[p.land_cover[0]], at[p.land_cover[1]]) for p in PRAIS}
    return prais.Layers(found, weight, ends)


def parts(sdg: np.ndarray, cover: np.ndarray, weight: np.ndarray, **also: np.ndarray) -> pd.DataFrame:
    """Amounts of every table, with 20 t/ha of soil carbon everywhere."""
    maps = xr.DataArray(cover.astype(np.int8), coords={"year": YEARS}, dims=("year", "y", "x"))
    yearly = prais.extents(maps, xr.full_like(maps, 20.0, dtype=float), weight, PRAIS)
    return prais.add([prais.amounts(layers(sdg, cover, weight, **also), PRAIS), yearly])


def tables(*maps: np.ndarray, **also: np.ndarray) -> pd.DataFrame:
    return prais.finish(parts(*maps, **also))


maps = st.tuples(
    arrays(np.int8, (3, *SHAPE), elements=st.sampled_from(CODES)),
    arrays(np.int8, (len(YEARS), *SHAPE), elements=st.sampled_from([1, 2, 3, 4, 5, 6, 7, NODATA])),
    arrays(float, SHAPE, elements=st.floats(0, 1, width=32)),
)


@given(maps)
@settings(max_examples=15, deadline=None)
def test_every_table_of_areas_adds_up_to_the_region(drawn: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    found = tables(*drawn)
    closed = found[(found["units"] == "km2") & ~found["table"].isin(["SO1-2.conversion", "SO1-4.T2"])]
    sums = closed.groupby(["table", "period"])["value"].sum()
    assert {name for name, _ in sums.index} == set(prais.TITLES) - {"SO1-2.conversion", "SO1-4.T2", "SO1-3.T1"}
    np.testing.assert_allclose(sums, drawn[2].sum(), atol=1e-9)


@given(maps)
@settings(max_examples=15, deadline=None)
def test_parts_of_a_region_add_up_to_the_whole(drawn: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    sdg, cover, weight = drawn
    halves = [parts(sdg[..., half], cover[..., half], weight[..., half]) for half in (slice(0, 2), slice(2, None))]
    whole = tables(*drawn).set_index(prais.KEY)["value"]
    joined = prais.finish(prais.add(halves)).set_index(prais.KEY)["value"]
    pd.testing.assert_series_equal(joined.sort_index(), whole.sort_index(), atol=1e-9)


def test_the_headline_is_that_of_the_status_matrix() -> None:
    """10 cells of 1 km²: 2 water; of 8 km² land 2 degraded first; then one of those improves, one more degrades."""
    base = np.array([[-1, -1, 0, 0, 0, 1, 1, 0, WATER, WATER]])
    later = np.array([[0, 1, -1, 0, 0, -1, 0, 0, WATER, WATER]])
    sdg = np.stack([base, later, later])
    cover = np.full((len(YEARS), 1, 10), 2)
    cover[:, :, 8:] = 7
    found = tables(sdg, cover, np.ones((1, 10)))
    head = found[found["table"] == "SO1-4.T2"].set_index(["period", "row"])["value"]
    assert head["baseline", "total land area"] == 8
    assert head["baseline", "degraded land"] == 2
    # still degraded: the first cell (stable since), newly: the third and the sixth
    assert head["report-2", "degraded land"] == 3
    assert head["report-2", "proportion degraded (SDG 15.3.1)"] == pytest.approx(37.5)
    assert head["report-2", "change of degraded land"] == 1
    assert head["report-2", "change of the proportion"] == pytest.approx(12.5)
    by_cover = prais.wide(found, "SO1-4.cover", "report-2")
    assert by_cover.loc["grassland", ["degraded", "stable", "improved"]].tolist() == [3, 3, 2]
    assert by_cover.loc["water"].to_dict() == {**dict.fromkeys(by_cover.columns, 0), "water": 2}
    condition = prais.wide(found, "SO1-4.T1", "report-1")["area"]
    named = {"baseline degradation": 1, "recent improvement": 1, "recent degradation": 2, "baseline improvement": 1}
    assert condition[list(named)].to_dict() == named
    assert (condition["stability"], condition["water"], condition["persistent degradation"]) == (3, 2, 0)
    shares = found[(found["table"] == "SO1-4.T1") & (found["units"] == "%") & (found["period"] == "report-1")]
    assert shares["value"].sum() == pytest.approx(100)


def test_land_that_the_baseline_could_not_judge_is_undetermined_land() -> None:
    """Three cells of land, one unknown in the baseline: it has no status, and counts in what shares are of."""
    base, later = np.array([[-1, UNDETERMINED, 0]]), np.array([[-1, -1, 0]])
    found = tables(np.stack([base, later, later]), np.full((len(YEARS), 1, 3), 2), np.ones((1, 3)))
    condition = prais.wide(found, "SO1-4.T1", "report-1")["area"]
    assert (condition["persistent degradation"], condition["undetermined"], condition["no data"]) == (1, 1, 0)
    head = found[found["table"] == "SO1-4.T2"].set_index(["period", "row"])["value"]
    assert head["report-1", "total land area"] == 3
    shares = prais.wide(found, "SO1-4.T1", "report-1", units="%")["area"]
    assert shares["persistent degradation"] == pytest.approx(head["report-1", "proportion degraded (SDG 15.3.1)"])


def test_transitions_extents_and_dynamics_by_land_cover() -> None:
    cover = np.full((len(YEARS), 1, 4), 2)
    cover[YEARS >= 2010, 0, 0] = 3
    cover[YEARS >= 2018, 0, 1] = 5
    lpd = np.broadcast_to(np.array([[5, 1, 4, NODATA]]), (3, 1, 4))
    found = tables(np.zeros((3, 1, 4)), cover, np.array([[1.0, 2.0, 4.0, 8.0]]), lpd=lpd)
    change = prais.wide(found, "SO1-1.T5", "baseline")
    assert (change.loc["grassland", "cropland"], change.loc["grassland", "grassland"]) == (1, 14)
    assert prais.wide(found, "SO1-1.T6", "report-1").loc["grassland", "artificial"] == 2
    dynamics = prais.wide(found, "SO1-2.T1", "baseline")
    assert dynamics.loc["grassland"].to_dict() == {
        **{"declining": 2, "early signs of decline": 0, "stable but stressed": 0},
        **{"stable": 4, "increasing": 1, "no data": 8},
    }
    moved = prais.wide(found, "SO1-2.conversion", "baseline")
    assert moved.index.tolist() == ["grassland to cropland"]
    assert moved.loc["grassland to cropland", "increasing"] == 1
    extent = found[(found["table"] == "SO1-1.T4") & (found["row"] == "cropland")].set_index("column")["value"]
    assert extent.to_dict() == {"2001": 0, "2015": 1, "2016": 1, "2019": 1, "2022": 1}
    carbon = found[found["table"] == "SO1-3.T1"]
    assert set(carbon["units"]) == {"t ha-1"}
    np.testing.assert_allclose(carbon["value"], 20.0)


def test_without_land_cover_only_what_can_be_known_is_told() -> None:
    made = layers(np.zeros((3, 1, 2)), np.full((len(YEARS), 1, 2), 2), np.ones((1, 2)))
    bare = prais.Layers(made.classes, made.weight)
    found = prais.finish(prais.amounts(bare, PRAIS))
    assert set(found["table"]) == {"SO1-1.T7", "SO1-2.T3", "SO1-3.T2", "SO1-4.T1", "SO1-4.T2"}
    assert found.groupby(["table", "period", "units"])["value"].sum()["SO1-4.T1", "report-1", "km2"] == 2
