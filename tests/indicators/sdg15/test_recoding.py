"""Recoding by polygon: only what is allowed, only what the map shows, each change counted and told with its reason."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.codes import NODATA, UNDETERMINED
from indicators.errors import IndicatorError
from indicators.sdg15.recoding import EXPERT, SHOWN, TARGETS, Correction, correction, reasons, recode

SAID = {
    "wrongly_shown_as": "degraded",
    "should_be": "improved",
    "periods": "report-1, report-2",
    "justification": "Saxaul was planted; the shrubs were cut first",
    "who": "Institute of Geography",
    "date": "2026-03-31",
}
PERIODS = ["baseline", "report-1", "report-2"]


def cube(codes: list[int]) -> xr.DataArray:
    values = np.broadcast_to(np.array([codes], np.int8), (3, 1, len(codes))).copy()
    return xr.DataArray(values, coords={"period": PERIODS}, dims=("period", "y", "x"))


def test_an_area_is_read_by_its_meaning() -> None:
    found = correction("east", SAID)
    assert found == Correction(
        "east", "degraded", "improved", ("report-1", "report-2"), SAID["justification"], SAID["who"],
        dt.date(2026, 3, 31),
    )  # fmt: skip
    assert correction("all", {**SAID, "periods": "all"}).periods == ()
    assert found.prais_term == "false negative"
    assert (
        correction("x", {**SAID, "wrongly_shown_as": "stable", "should_be": "degraded"}).prais_term == "false positive"
    )
    assert correction("y", {**SAID, "wrongly_shown_as": "stable"}).prais_term == ""


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"should_be": "degraded"}, "degraded land cannot become 'degraded'; give one of stable, improved, no data"),
        ({"wrongly_shown_as": "water"}, "'water' cannot be recoded"),
        ({"justification": " "}, "area 'east': justification is missing"),
        ({"who": None}, "who is missing"),
        ({"date": "last week"}, "'last week' is not a date"),
    ],
)
def test_a_bad_area_says_what_is_wrong(wrong: dict[str, str], message: str) -> None:
    with pytest.raises(IndicatorError, match=message):
        correction("east", {**SAID, **wrong})


@pytest.mark.parametrize("shown", SHOWN)
def test_every_class_has_its_three_targets(shown: str) -> None:
    taken = []
    for target in TARGETS:
        try:
            taken.append(correction("a", {**SAID, "wrongly_shown_as": shown, "should_be": target}).should_be)
        except IndicatorError:
            assert target == shown
    assert len(taken) == 3


def test_only_what_the_map_shows_changes_in_the_periods_named() -> None:
    sdg = cube([-1, -1, 0, 1, UNDETERMINED, NODATA])
    mask = np.array([[True, False, True, True, True, True]])
    weight = np.array([[2.0, 3.0, 1.0, 1.0, 1.0, 1.0]])
    found, table = recode(sdg, [correction("east", SAID)], [mask], weight)
    assert found.sel(period="baseline").equals(sdg.sel(period="baseline"))
    assert found.sel(period="report-1").values[0].tolist() == [1, -1, 0, 1, UNDETERMINED, NODATA]
    assert table.to_dict("records") == [
        {"name": "east", "period": name, "pixels": 1, "area_km2": 2.0, "before_km2": 5.0} for name in PERIODS[1:]
    ]
    bits = xr.full_like(sdg, 1).where(sdg == -1, 0)
    assert reasons(bits, sdg, found).sel(period="report-2").values[0].tolist() == [0, 1, 0, 0, 0, 0]
    assert reasons(bits, found, sdg).sel(period="report-2").values[0].tolist() == [EXPERT, 1, 0, 0, 0, 0]


def test_quarrels_and_unknown_periods_are_refused() -> None:
    mask = np.array([[True, True]])
    two = [correction("a", SAID), correction("b", {**SAID, "should_be": "stable"})]
    with pytest.raises(IndicatorError, match="areas 'a' and 'b' overlap"):
        recode(cube([-1, 0]), two, [mask, mask], np.ones((1, 2)))
    agreeing = [two[0], correction("c", SAID)]
    assert recode(cube([-1, 0]), agreeing, [mask, mask], np.ones((1, 2)))[1]["pixels"].tolist() == [1, 1, 1, 1]
    with pytest.raises(IndicatorError, match="no period 'report-9'"):
        recode(cube([0]), [correction("a", {**SAID, "periods": "report-9"})], [mask[:, :1]], np.ones((1, 1)))


@given(st.permutations(range(4)), st.integers(0, 2**16))
@settings(max_examples=25, deadline=None)
def test_the_order_of_corrections_never_matters(order: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    sdg = cube(rng.choice([-1, 0, 1, UNDETERMINED, NODATA], 12).tolist())
    said = [("degraded", "stable"), ("stable", "degraded"), ("improved", "stable"), ("degraded", "stable")]
    areas = [correction(str(n), {**SAID, "wrongly_shown_as": a, "should_be": b}) for n, (a, b) in enumerate(said)]
    masks = [rng.random((1, 12)) < 0.5 for _ in areas]
    plain = recode(sdg, areas, masks, np.ones((1, 12)))[0]
    turned = recode(sdg, [areas[n] for n in order], [masks[n] for n in order], np.ones((1, 12)))[0]
    assert turned.equals(plain)
