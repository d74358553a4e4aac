"""Areas of classes, added block by block, and their tables."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from indicators.area.areas import UNJUDGED
from indicators.codes import MEANINGS, NODATA, UNCCD, WATER
from indicators.errors import IndicatorError

#: Number of int8 codes.
CODES = 256
LOWEST = -128
Sums = NDArray[np.float64]


def class_sums(codes: NDArray[np.int8], weight: NDArray[np.floating]) -> Sums:
    """Sum of `weight` (km²) of every int8 code, at index code + 128; blocks add up."""
    index = np.asarray(codes).ravel().astype(np.int16) - LOWEST
    return np.asarray(np.bincount(index, np.asarray(weight, float).ravel(), CODES), float)


def class_rows(
    sums: Sums, region: str, meanings: Mapping[int, str], unjudged: frozenset[int] = frozenset(UNJUDGED)
) -> pd.DataFrame:
    """The table of `indicators.area.areas.class_table` from sums: every class has a row, and rows add up to the total.

    Raises IndicatorError for a code that has an area and no meaning.
    """
    names = {**meanings, NODATA: "no data"}
    unknown = [code for code in (np.flatnonzero(sums) + LOWEST).tolist() if code not in names]
    if unknown:
        raise IndicatorError(f"class codes {unknown} have no meaning; give them in `meanings`")
    area = {code: float(sums[code - LOWEST]) for code in names}
    total = sum(area.values())
    valid = sum(value for code, value in area.items() if code not in unjudged | {NODATA})
    rows = [
        {
            "region": region,
            "class": name,
            "area_km2": area[code],
            "valid_km2": valid,
            "total_km2": total,
            "share": area[code] / valid if valid and code not in unjudged | {NODATA} else np.nan,
        }
        for code, name in names.items()
    ]
    return pd.DataFrame(rows)


def of_land(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of one indicator with `share` of the land: of all classes but water and no data, NaN for those."""
    land = ~rows["class"].isin((MEANINGS[WATER], "no data"))
    total = rows.loc[land, "area_km2"].sum()
    return rows.assign(share=(rows["area_km2"] / total).where(land) if total > 0 else np.nan)


def transition_sums(initial: NDArray[np.int8], final: NDArray[np.int8], weight: NDArray[np.floating]) -> Sums:
    """Sum of `weight` (8 × 8) from and to each UNCCD class; index 0 is land without class."""
    first, last = (np.where((each >= 1) & (each <= 7), each, 0).astype(np.int64) for each in (initial, final))
    sums = np.bincount((first * 8 + last).ravel(), np.asarray(weight, float).ravel(), 64)
    return np.asarray(sums, float).reshape(8, 8)


def transition_rows(sums: Sums) -> pd.DataFrame:
    """Every transition that occurs: from_class, to_class, area_km2."""
    rows = [
        {"from_class": UNCCD[a], "to_class": UNCCD[b], "area_km2": float(sums[a, b])}
        for a in UNCCD
        for b in UNCCD
        if sums[a, b] > 0
    ]
    return pd.DataFrame(rows, columns=["from_class", "to_class", "area_km2"])
