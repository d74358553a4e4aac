"""Recoding: experts correct wrongly classed areas by polygon, and the reason is kept.

Rules as in Trends.Earth's recoding of errors (te_schemas, error_recode): land shown as degraded may be stable,
improved or without data, and so on; a class is never recoded to itself, and only degraded, stable and improved land
can be. PRAIS 4 calls land wrongly shown as *not* degraded a false positive and land wrongly shown as degraded a false
negative (table SO1-4.T3), the reverse of common use; here areas are named by the classes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from indicators.codes import DEGRADED, IMPROVED, NODATA, STABLE
from indicators.errors import IndicatorError

SHOWN = {"degraded": DEGRADED, "stable": STABLE, "improved": IMPROVED}
TARGETS = {**SHOWN, "no data": NODATA}
#: Bit of the reason raster: degraded by a decision of experts.
EXPERT = 64
NEEDED = ("wrongly_shown_as", "should_be", "periods", "justification", "who", "date")


@dataclass(frozen=True)
class Correction:
    """One area: what it is wrongly shown as, what it should be, in which periods (none: all), why, by whom, when."""

    name: str
    wrongly_shown_as: str
    should_be: str
    periods: tuple[str, ...]
    justification: str
    who: str
    date: date

    @property
    def prais_term(self) -> str:
        """What PRAIS 4 calls it in table SO1-4.T3; empty if degraded land is not concerned."""
        if self.wrongly_shown_as == "degraded":
            return "false negative"
        return "false positive" if self.should_be == "degraded" else ""


def correction(name: str, attributes: Mapping[str, Any]) -> Correction:
    """A correction from the attributes of a polygon.

    `periods` are names separated by commas, or `all`; the date is ISO 8601. Raises IndicatorError naming the area, the
    attribute and what is allowed.
    """
    whose = f"recoding, area {name!r}"
    text = {key: str(attributes[key]).strip() if attributes.get(key) is not None else "" for key in NEEDED}
    for key, value in text.items():
        if not value or value.lower() in ("nan", "nat"):
            raise IndicatorError(f"{whose}: {key} is missing; every area needs {', '.join(NEEDED)}")
    shown, target = (text[key].lower().replace("_", " ") for key in ("wrongly_shown_as", "should_be"))
    if shown not in SHOWN:
        raise IndicatorError(f"{whose}: wrongly_shown_as {shown!r} cannot be recoded; give one of {', '.join(SHOWN)}")
    allowed = [each for each in TARGETS if each != shown]
    if target not in allowed:
        raise IndicatorError(f"{whose}: {shown} land cannot become {target!r}; give one of {', '.join(allowed)}")
    periods = tuple(each.strip() for each in text["periods"].split(",") if each.strip())
    try:
        when = date.fromisoformat(text["date"][:10])
    except ValueError as error:
        raise IndicatorError(f"{whose}: date {text['date']!r} is not a date; write it as 2026-03-31") from error
    chosen = () if [each.lower() for each in periods] == ["all"] else periods
    return Correction(name, shown, target, chosen, text["justification"], text["who"], when)


def recode(
    sdg: xr.DataArray,
    corrections: Sequence[Correction],
    masks: Sequence[NDArray[np.bool_]],
    weight: NDArray[np.floating],
) -> tuple[xr.DataArray, pd.DataFrame]:
    """SDG 15.3.1 (period, y, x) with the corrections, and the changes that each of them made.

    `masks` (y, x) mark the cells of the polygon of each correction, `weight` (y, x) their km² inside the region. A
    correction changes only cells of the class that it names, always in the original map, so that the order of the
    corrections does not matter. The table has a row for each correction and period: name, period, pixels and area_km2
    changed, and before_km2, the area of the original class in the region. Raises IndicatorError for an unknown period,
    and where two corrections contradict each other in a cell.
    """
    names = [str(name) for name in sdg["period"].values]
    result = sdg.transpose("period", "y", "x").copy()
    shown = sdg.transpose("period", "y", "x").values
    claimed = np.full(shown.shape, -1)
    rows = []
    for number, (each, mask) in enumerate(zip(corrections, masks, strict=True)):
        unknown = [name for name in each.periods if name not in names]
        if unknown:
            raise IndicatorError(
                f"recoding, area {each.name!r}: there is no period {unknown[0]!r}; this assessment has "
                f"{', '.join(names)}"
            )
        for index, name in enumerate(names):
            if each.periods and name not in each.periods:
                continue
            original = shown[index] == SHOWN[each.wrongly_shown_as]
            changed = original & mask
            _refuse_contradiction(claimed[index][changed], corrections, each, name)
            claimed[index][changed] = number
            result.values[index][changed] = TARGETS[each.should_be]
            counted = changed & (weight > 0)
            rows.append(
                {
                    "name": each.name,
                    "period": name,
                    "pixels": int(counted.sum()),
                    "area_km2": float(weight[counted].sum()),
                    "before_km2": float(weight[original].sum()),
                }
            )
    columns = ["name", "period", "pixels", "area_km2", "before_km2"]
    return result.transpose(*sdg.dims), pd.DataFrame(rows, columns=columns)


def _refuse_contradiction(
    claims: NDArray[np.int64], corrections: Sequence[Correction], own: Correction, period: str
) -> None:
    for number in np.unique(claims[claims >= 0]):
        other = corrections[number]
        if other.should_be != own.should_be:
            raise IndicatorError(
                f"recoding, period {period}: areas {other.name!r} and {own.name!r} overlap: the same cells should be "
                f"{other.should_be} and {own.should_be}; separate the areas"
            )


def reasons(reason: xr.DataArray, before: xr.DataArray, after: xr.DataArray) -> xr.DataArray:
    """Reasons after recoding: 0 where land is no longer degraded, `EXPERT` where experts classed it degraded."""
    made = (after == DEGRADED) & (before != DEGRADED)
    freed = (before == DEGRADED) & (after != DEGRADED)
    return xr.where(freed, 0, xr.where(made, EXPERT, reason)).astype(reason.dtype).assign_attrs(reason.attrs)
