"""Every table of the guidance, cell by cell, against the reference projects' values."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from indicators.codes import NODATA, UNDETERMINED
from indicators.errors import IndicatorError
from indicators.sdg15 import one_out_all_out as sdg
from indicators.sdg15 import productivity, soil_carbon
from indicators.sdg15.land_cover import LEGENDS, degradation, to_unccd

CODE = {"D": -1, "S": 0, "I": 1, "N": 0}
KEYS = [
    "DDD",
    "DDN",
    "DSD",
    "DSN",
    "DID",
    "DIN",
    "SDD",
    "SDN",
    "SSD",
    "SSN",
    "SID",
    "SIN",
    "IDD",
    "IDN",
    "ISD",
    "ISN",
    "IID",
    "IIN",
]
#: Trends.Earth (= PRAIS 4 manual, Table 13), and SEPAL's versions 1 and 2, in the order of KEYS.
TABLES = {
    "trends-earth": "1 1 1 1 1 1 1 2 3 4 4 4 2 5 5 5 5 5",
    "sepal-gpg1": "D D D D D D D S S S S S D I I I I I",
    "sepal-gpg2": "D D D S D D D S D S S S D I I I I I",
}
LPD3 = ["D", "D", "D", "D", "D", "D", "D", "D", "S", "S", "S", "S", "D", "I", "I", "I", "I", "I"]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("row", range(18))
def test_lpd(table: str, row: int) -> None:
    t, s, p = (xr.DataArray([CODE[letter]]) for letter in KEYS[row])
    expected = TABLES[table].split()[row]
    found = productivity.lpd(t, s, p, table)
    assert int(found[0]) == (int(expected) if expected.isdigit() else CODE[expected])
    if table == "trends-earth":
        assert int(productivity.lpd3(found)[0]) == CODE[LPD3[row]]


def test_lpd_with_a_missing_metric_is_nodata() -> None:
    missing = xr.DataArray([np.nan])
    assert int(productivity.lpd(missing, xr.DataArray([0]), xr.DataArray([0]))[0]) == NODATA
    with pytest.raises(IndicatorError, match="LPD table"):
        productivity.lpd(missing, missing, missing, "jrc")


@pytest.mark.parametrize("parts", list(itertools.product("DSI", repeat=3)), ids="".join)
def test_one_out_all_out(parts: tuple[str, str, str]) -> None:
    expected = "D" if "D" in parts else "I" if "I" in parts else "S"
    found = sdg.one_out_all_out(*(np.array([CODE[part]]) for part in parts))
    assert int(found["sdg"][0]) == CODE[expected]
    assert int(found["partial"][0]) == 0


@pytest.mark.parametrize(
    ("parts", "combined", "partial"),
    [
        ((-1, NODATA, NODATA), -1, 1),
        ((1, 0, NODATA), UNDETERMINED, 0),
        ((NODATA, NODATA, NODATA), NODATA, 0),
        ((-1, 0, 0), -1, 0),
    ],
)
def test_missing_parts_are_never_invented(parts: tuple[int, ...], combined: int, partial: int) -> None:
    found = sdg.one_out_all_out(*(np.array([part]) for part in parts))
    assert (int(found["sdg"][0]), int(found["partial"][0])) == (combined, partial)


@pytest.mark.parametrize(
    ("cell", "seven", "three"),
    [
        ("DD", 1, "D"),
        ("DS", 3, "D"),
        ("DI", 6, "I"),
        ("SD", 2, "D"),
        ("SS", 4, "S"),
        ("SI", 6, "I"),
        ("ID", 2, "D"),
        ("IS", 5, "I"),
        ("II", 7, "I"),
    ],
)
def test_status(cell: str, seven: int, three: str) -> None:
    found = sdg.status(np.array([CODE[cell[0]]]), np.array([CODE[cell[1]]]))
    assert int(found[0]) == seven
    assert int(sdg.status3(found)[0]) == CODE[three]


#: Default transitions, one row per initial class (tree, grass, crop, wetland, artificial, other, water).
PRAIS = ["0-----0", "+0+---0", "+-0---0", "---0--0", "++++0+0", "++++-00", "0000000"]
SIGN = {"0": 0, "-": -1, "+": 1}


def test_transition_matrix_all_49_cells() -> None:
    for initial, row in enumerate(PRAIS, start=1):
        for final, sign in enumerate(row, start=1):
            assert int(degradation(np.array([initial]), np.array([final]))[0]) == SIGN[sign], (
                initial,
                final,
            )
    cells = "".join(PRAIS)
    assert (cells.count("-"), cells.count("+"), cells.count("0")) == (18, 12, 19)


def test_pastoral_matrix_and_own_matrices() -> None:
    grass, crop, tree = np.array([2]), np.array([3]), np.array([1])
    assert int(degradation(grass, crop, "pastoral-dryland")[0]) == -1
    assert int(degradation(grass, tree, "pastoral-dryland")[0]) == 0
    with pytest.raises(IndicatorError, match="7×7"):
        degradation(grass, crop, pd.DataFrame(np.zeros((6, 7))))


def test_legends_reach_all_classes_and_refuse_what_is_not_listed() -> None:
    for legend in ("igbp", "esa-cci", "glc-fcs30d", "unccd"):
        assert set(LEGENDS[legend].values()) == set(range(1, 8))
    own = to_unccd(np.array([10, 20, 51, 92, 120, 153, 181, 187, 190, 200, 220, 210, 0, 250]), "glc-fcs30d")
    assert own.tolist() == [3, 3, 1, 1, 2, 2, 4, 4, 5, 6, 6, 7, NODATA, NODATA]
    assert to_unccd(np.array([1, 10, 12, 17, 255, 0])).tolist() == [1, 2, 3, 7, NODATA, NODATA]


def timeline(before: int, after: int) -> np.ndarray:
    """Stock in % of the start over 24 years after a transition, in a zone with factor 0.80."""
    cover = xr.DataArray(np.array([before] + [after] * 25), dims="year", coords={"year": np.arange(2000, 2026)})
    return 100 * soil_carbon.stock(1.0, cover, 4).values


@pytest.mark.parametrize(
    ("before", "after", "yearly", "first_degraded", "first_improved"),
    [(2, 3, -1.0, 10, None), (3, 2, 1.25, None, 8), (2, 6, -4.5, 3, None), (6, 2, 5.0, None, 2)],
)
def test_soil_carbon_timelines(
    before: int, after: int, yearly: float, first_degraded: int | None, first_improved: int | None
) -> None:
    stocks = timeline(before, after)
    np.testing.assert_allclose(stocks[:21], 100 + yearly * np.arange(21), atol=1e-9)
    np.testing.assert_allclose(stocks[20:], stocks[20], atol=1e-9)
    array = xr.DataArray(stocks, dims="year", coords={"year": np.arange(26)})
    classes = [int(soil_carbon.degradation(array, (0, year))) for year in range(1, 26)]
    assert (classes.index(-1) + 1 if -1 in classes else None) == first_degraded
    assert (classes.index(1) + 1 if 1 in classes else None) == first_improved


def test_round_trip_of_land_use_ends_at_115_percent() -> None:
    """Grass to crop for 8 years (92 %), back to grass: a quarter of 92 % is gained in 20 years."""
    cover = xr.DataArray(np.array([2] + [3] * 8 + [2] * 30), dims="year", coords={"year": np.arange(39)})
    stocks = soil_carbon.stock(100.0, cover, 4)
    assert float(stocks[8]) == pytest.approx(92)
    assert float(stocks[-1]) == pytest.approx(115)


@pytest.mark.parametrize(("zone", "f"), [(1, 0.69), (4, 0.80), (8, 0.80), (9, 0.64), (10, 0.48), (12, 0.58)])
def test_soil_carbon_factor_of_each_zone(zone: int, f: float) -> None:
    cover = xr.DataArray([2] + [3] * 21, dims="year", coords={"year": np.arange(22)})
    assert float(soil_carbon.stock(1.0, cover, zone)[-1]) == pytest.approx(f)


@pytest.mark.parametrize("percent", [1, 1.57, 3.14, 10, 29, 57, 95])
def test_a_change_as_large_as_the_threshold_counts(percent: float) -> None:
    """Few hundredths are doubles; a change of just as many, computed, is one all the same."""
    level = percent / 100
    change = xr.DataArray([(1 - level) - 1, -level + 2e-6, level - 2e-6, (1 + level) - 1, np.nan], dims="x")
    assert soil_carbon.classes(change, level).values.tolist() == [-1, 0, 0, 1, NODATA]


def test_soil_carbon_is_unknown_without_zone_or_class() -> None:
    cover = xr.DataArray([2, 3], dims="year", coords={"year": [2000, 2001]})
    assert np.isnan(soil_carbon.stock(1.0, cover, 0)).all()
    assert int(soil_carbon.degradation(soil_carbon.stock(1.0, cover, 0), (2000, 2001))) == NODATA
    with pytest.raises(IndicatorError, match="no stock for"):
        soil_carbon.degradation(soil_carbon.stock(1.0, cover, 4), (2000, 2010))
