"""The tables of PRAIS 4, strategic objective 1, from the class rasters of a region.

Ids and contents: UNCCD, PRAIS 4 Reporting Manual, chapter 1 (2026 edition, github.com/unccd/Prais4-reporting-manual,
SO1.md). Tables of words (SO1-1.T1 to T3, SO1-4.T4 and T5) are for people to fill; SO1-4.T3 is what `recoding` keeps.

All tables share one land mask: water in the first land cover of a period is water in all tables of the period.
Undetermined, below detectability, no data and water are rows, so that every table adds up to the region. The amounts
(km², and tonnes of carbon) add up over regions and over blocks of one: `amounts` of the parts, `add`, then `finish`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from indicators.codes import MEANINGS, NODATA, UNCCD, UNDETERMINED, WATER
from indicators.sdg15 import state_alone
from indicators.sdg15.one_out_all_out import STATUS_MEANINGS, status3
from indicators.sdg15.periods import Period, is_baseline

TITLES = {
    "SO1-1.T4": "Land cover: extent of each class by year",
    "SO1-1.T5": "Land-cover change, baseline or whole record: from (rows) to (columns)",
    "SO1-1.T6": "Land-cover change, reporting period: from (rows) to (columns)",
    "SO1-1.T7": "Land-cover degradation by period",
    "SO1-2.T1": "Land productivity dynamics by land cover, baseline or whole record",
    "SO1-2.T2": "Land productivity dynamics by land cover, reporting period",
    "SO1-2.T3": "Land productivity degradation by period",
    "SO1-2.conversion": "Land productivity dynamics where land cover changed (as in the form of 2022), by period",
    "SO1-3.T1": "Soil organic carbon stock of the topsoil by land cover and year",
    "SO1-3.T2": "Soil organic carbon degradation by period",
    "SO1-4.T1": "Status against the baseline by reporting period",
    "SO1-4.cover": "SDG 15.3.1 by land cover: assessment, in reporting periods status (beside the forms)",
    "SO1-4.T2": "Degraded land and its proportion (SDG 15.3.1): status against the baseline in reporting periods, else "
    "the assessment of the period alone; and change against the baseline",
}
#: Tables of strategic objective 3; `indicators.weather.drought` computes them. A country may report the SPEI instead of
#: the SPI, by the same method (PRAIS 4 manual, 3.1.1).
DROUGHT_TITLES = {
    "SO3-1.T1": "Land by class of drought: SPI of the twelve months up to December of each year",
    "SO3-1.spei": "Land by class of drought: SPEI of the twelve months up to December of each year (beside the form)",
}
#: The table of strategic objective 4 that outlines of areas can fill; `flows.region.links.key_areas` computes it. SO4-1
#: (carbon stocks) has no table of its own: it is reported as SO1-3. SO4-2 (Red List Index, SDG 15.5.1) needs categories
#: of species by year, which no map has; SO4-2.T2 and SO4-3.T2 are words (PRAIS 4 manual, SO4.md).
KEY_AREAS_TABLE = "SO4-3.T1"
NATURE_TITLES = {
    KEY_AREAS_TABLE: "Key biodiversity areas: mean share that lies in protected areas, by year (SDG 15.1.2), of areas "
    "of which at least half lies in the region. Non-commercial use only: see the sources",
}
#: Rows and columns in the order of the reporting forms; others (years, conversions) follow.
ORDER = (
    *UNCCD.values(), "all land",
    "declining", "early signs of decline", "stable but stressed", "degraded", "stable", "increasing", "improved",
    *STATUS_MEANINGS.values(), "undetermined", "below detectability",
    "total land area", "degraded land", "proportion degraded (SDG 15.3.1)", "change of degraded land",
    "change of the proportion", "degraded by state alone, of degraded land (beside the form)",
    "degraded in the period alone (beside the form)", "no data",
)  # fmt: skip
#: Kept while amounts are added; `finish` makes SO1-3.T1 and SO1-4.T2 of them.
CARBON, LAND = "carbon", "land"
NO_DATA = "no data"
COLUMNS = ["table", "period", "row", "column", "value", "units"]
Row = tuple[str, str, str, str, float, str]
KEY = ["table", "period", "row", "column", "units"]
LAND_COVER = {**UNCCD, NODATA: NO_DATA}
THREE = {**{code: name.replace("_", " ") for code, name in MEANINGS.items()}, NODATA: NO_DATA}
#: Codes of classes that are not a status are shifted up by this much, clear of the seven.
SPECIAL = 20
#: What counts as land: everything but water and cells without any data.
NO_LAND = (THREE[WATER], NO_DATA)


@dataclass(frozen=True)
class Layers:
    """Input of the tables, on one grid (y, x).

    `classes`: layers of an assessment by name, each with dimension `period`; `weight`: km² of every cell inside the
    region; `ends`: first and last land cover (UNCCD classes) of each period that has them.
    """

    classes: xr.Dataset
    weight: NDArray[np.floating]
    ends: Mapping[str, tuple[NDArray[np.integer], NDArray[np.integer]]] = field(default_factory=dict)


def amounts(layers: Layers, periods: Sequence[Period]) -> pd.DataFrame:
    """Areas behind every table of a period: table, period, row, column, value, units. They may be added."""
    return _frame(row for period in periods for row in _of_period(layers, period, periods))


def extents(
    cover: xr.DataArray, stock: xr.DataArray | None, weight: NDArray[np.floating], periods: Sequence[Period]
) -> pd.DataFrame:
    """Area of land cover (year, y, x), and soil carbon (t/ha) in it, in the years that periods begin and end with."""
    return _frame(_by_year(cover, stock, weight, periods))


def _frame(rows: Iterable[Row]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=COLUMNS).astype({"value": float})


def add(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Amounts of several regions, or several blocks of one, as one."""
    joined = pd.concat(parts, ignore_index=True)
    return joined.groupby(KEY, sort=False)[["value"]].sum().reset_index()[COLUMNS]


def finish(found: pd.DataFrame) -> pd.DataFrame:
    """The tables from their amounts: proportions, mean stocks and change against the baseline are put in."""
    plain = found[~found["table"].isin([CARBON, LAND, state_alone.TABLE])]
    done = [plain, _percentages(plain), _mean_stocks(found[found["table"] == CARBON])]
    done.append(_headline(found[found["table"] == LAND], state_alone.shares(found)))
    whole = pd.concat([part for part in done if len(part)], ignore_index=True) if len(found) else _nothing()
    order = {name: place for place, name in enumerate(TITLES)}
    return whole.sort_values("table", key=lambda names: names.map(order), kind="stable").reset_index(drop=True)


def wide(found: pd.DataFrame, table: str, period: str, units: str = "km2") -> pd.DataFrame:
    """One table as people read it: rows and columns by name."""
    own = found[(found["table"] == table) & (found["period"] == period) & (found["units"] == units)]
    return own.pivot_table(index="row", columns="column", values="value", sort=False, aggfunc="sum")


def crosstab(
    first: NDArray[np.integer],
    second: NDArray[np.integer],
    weight: NDArray[np.floating],
    names: tuple[Mapping[int, str], Mapping[int, str]],
) -> list[tuple[str, str, float]]:
    """Area by two classifications: (row, column, area), a triple for all names. Codes without a name are no data."""
    places = [_places(np.asarray(codes), named) for codes, named in zip((first, second), names, strict=True)]
    size = tuple(len(named) for named in names)
    flat = places[0].reshape(-1) * size[1] + places[1].reshape(-1)
    sums = np.bincount(flat, weights=np.asarray(weight, float).reshape(-1), minlength=size[0] * size[1])
    pairs = [(row, column) for row in names[0].values() for column in names[1].values()]
    return [(*pair, float(value)) for pair, value in zip(pairs, sums, strict=True)]


def _places(codes: NDArray[np.integer], named: Mapping[int, str]) -> NDArray[np.int64]:
    """Position of every code (int8) among the names; that of no data for any other."""
    table = np.full(256, list(named).index(NODATA))
    for place, code in enumerate(named):
        table[code + 128] = place
    return table[np.asarray(codes, np.int16) + 128]


def _of_period(layers: Layers, period: Period, periods: Sequence[Period]) -> Iterable[Row]:
    chosen = layers.classes.sel(period=period.name, drop=True)
    baseline = not period.reporting
    for table, layer in (("SO1-1.T7", "land_cover"), ("SO1-2.T3", "productivity"), ("SO1-3.T2", "soil_organic_carbon")):
        yield from _single(layers.weight, chosen[layer], THREE, table, period.name)
    sdg = chosen["sdg"]
    judged = sdg.values
    yield from _single(layers.weight, sdg, THREE, LAND, period.name, column="assessment")
    if period.reporting and "status" in chosen:
        status, names = _status(chosen)
        yield from _single(layers.weight, status, names, "SO1-4.T1", period.name)
        three = status3(chosen["status"].values)
        judged = np.where(status > SPECIAL, status - SPECIAL, three)
        yield from _single(layers.weight, judged, THREE, LAND, period.name, column="status")
    if "reason" in layers.classes:
        yield from state_alone.amounts(layers.classes, layers.weight, period, periods)
    if period.name not in layers.ends:
        return
    first, last = layers.ends[period.name]
    lpd = _named(chosen["lpd"])
    yield from _double(
        layers, first, last, (LAND_COVER, LAND_COVER), "SO1-1.T5" if baseline else "SO1-1.T6", period.name
    )
    yield from _double(
        layers,
        first,
        chosen["lpd"].values,
        (LAND_COVER, lpd),
        "SO1-2.T1" if baseline else "SO1-2.T2",
        period.name,
    )
    yield from _double(layers, first, judged, (LAND_COVER, THREE), "SO1-4.cover", period.name)
    yield from _conversions(layers, first, last, chosen["lpd"].values, lpd, period.name)


def _status(chosen: xr.Dataset) -> tuple[NDArray[np.integer], dict[int, str]]:
    """Status of seven classes, with water, and land that one of the two assessments could not judge, as classes."""
    status, sdg = chosen["status"].values, chosen["sdg"].values
    unknown = (status == NODATA) & (sdg != NODATA)
    special = {SPECIAL + code: THREE[code] for code in (UNDETERMINED, WATER)}
    codes = np.where(sdg == WATER, SPECIAL + WATER, np.where(unknown, SPECIAL + UNDETERMINED, status))
    return codes, {**STATUS_MEANINGS, **special, NODATA: NO_DATA}


def _conversions(
    layers: Layers,
    first: NDArray[np.integer],
    last: NDArray[np.integer],
    lpd: NDArray[np.integer],
    names: Mapping[int, str],
    period: str,
) -> list[Row]:
    """Productivity dynamics of land that went from one land-cover class to another; only pairs that occur."""
    pairs = {a * 10 + b: f"{UNCCD[a]} to {UNCCD[b]}" for a in UNCCD for b in UNCCD if a != b}
    known = np.isin(first, list(UNCCD)) & np.isin(last, list(UNCCD)) & (first != last)
    changed = np.where(known, first.astype(int) * 10 + last, NODATA)
    rows = _double(layers, changed, lpd, ({**pairs, NODATA: "unchanged"}, names), "SO1-2.conversion", period)
    occurring = {row[2] for row in rows if row[4] > 0} - {"unchanged"}
    return [row for row in rows if row[2] in occurring]


def _by_year(
    cover: xr.DataArray, stock: xr.DataArray | None, weight: NDArray[np.floating], periods: Sequence[Period]
) -> Iterable[Row]:
    named = {year for period in periods for year in (*period.land_cover, *period.soil_carbon)}
    for year in sorted(named & set(cover["year"].values.tolist())):
        classes = cover.sel(year=year).values
        yield from _single(weight, classes, LAND_COVER, "SO1-1.T4", str(year), column=str(year))
        if stock is None or year not in stock["year"].values:
            continue
        tonnes = stock.sel(year=year).values
        known = np.isfinite(tonnes)
        for column, units, amount in (
            ("area", "km2", np.where(known, weight, 0.0)),
            ("carbon", "t", np.where(known, weight * np.nan_to_num(tonnes) * 100, 0.0)),
        ):
            yield from _single(amount, classes, LAND_COVER, CARBON, str(year), column=column, units=units)


def _single(
    weight: NDArray[np.floating],
    classes: xr.DataArray | NDArray[np.integer],
    names: Mapping[int, str],
    table: str,
    period: str,
    column: str = "area",
    units: str = "km2",
) -> list[Row]:
    codes = np.asarray(classes)
    cells = crosstab(codes, np.full(codes.shape, NODATA), weight, (names, {NODATA: column}))
    return [(table, period, *cell, units) for cell in cells]


def _double(
    layers: Layers,
    rows: NDArray[np.integer],
    columns: NDArray[np.integer],
    names: tuple[Mapping[int, str], Mapping[int, str]],
    table: str,
    period: str,
) -> list[Row]:
    return [(table, period, *cell, "km2") for cell in crosstab(rows, columns, layers.weight, names)]


def _named(layer: xr.DataArray) -> dict[int, str]:
    """Class names of a raster by its own flags, no data last."""
    flags = layer.attrs["flag_values"], str(layer.attrs["flag_meanings"]).split()
    named = {int(code): name.replace("_", " ") for code, name in zip(*flags, strict=True)}
    return {**{code: name for code, name in named.items() if code != NODATA}, NODATA: NO_DATA}


def _percentages(plain: pd.DataFrame) -> pd.DataFrame:
    """Shares of the land (without water and no data) for the tables of degradation and status."""
    own = plain[plain["table"].isin(["SO1-1.T7", "SO1-2.T3", "SO1-3.T2", "SO1-4.T1"])]
    own = own[~own["row"].isin(NO_LAND)]
    land = own.groupby(["table", "period"])["value"].transform("sum")
    return own.assign(value=100 * own["value"] / land.where(land > 0), units="%").dropna(subset="value")


def _mean_stocks(carbon: pd.DataFrame) -> pd.DataFrame:
    """Mean stock by land cover and year, t/ha; `all land` leaves water out. Classes without area have no row."""
    if carbon.empty:
        return _nothing()
    sums = carbon.pivot_table(index=["period", "row"], columns="column", values="value", aggfunc="sum", sort=False)
    dry = sums[~sums.index.get_level_values("row").isin((UNCCD[7], NO_DATA))]
    land = dry.groupby(level="period").sum().assign(row="all land").set_index("row", append=True)
    both = pd.concat([sums, land])
    both = both[both["area"] > 0]
    means = (both["carbon"] / (100 * both["area"])).rename("value").reset_index()
    return means.assign(table="SO1-3.T1", column=means["period"], units="t ha-1")[COLUMNS]


def _headline(land: pd.DataFrame, alone: Mapping[tuple[str, str], float]) -> pd.DataFrame:
    """SO1-4.T2 from areas of SDG 15.3.1 and, in reporting periods, of the status, with rows that the form lacks."""
    rows = []
    base: tuple[float, float] | None = None
    for period, own in land.groupby("period", sort=False):
        areas = {kind: part.set_index("row")["value"] for kind, part in own.groupby("column")}
        assessed = areas["assessment"]
        total = float(assessed.drop(list(NO_LAND)).sum())
        degraded = float(areas.get("status", assessed)["degraded"])
        percent = 100 * degraded / total if total > 0 else float("nan")
        base = (degraded, percent) if is_baseline(str(period)) else base
        rows += [(period, "total land area", total, "km2"), (period, "degraded land", degraded, "km2")]
        rows.append((period, "proportion degraded (SDG 15.3.1)", percent, "%"))
        if base is not None and "status" in areas:
            rows.append((period, "change of degraded land", degraded - base[0], "km2"))
            rows.append((period, "change of the proportion", percent - base[1], "percentage points"))
        share = alone.get((str(period), "status" if "status" in areas else "assessment"))
        if share is not None:
            rows.append((period, "degraded by state alone, of degraded land (beside the form)", 100 * share, "%"))
        if "status" in areas and total > 0:
            own_percent = 100 * float(assessed["degraded"]) / total
            rows.append((period, "degraded in the period alone (beside the form)", own_percent, "%"))
    frame = pd.DataFrame(rows, columns=["period", "row", "value", "units"])
    return frame.dropna(subset="value").assign(table="SO1-4.T2", column="value")[COLUMNS]


def _nothing() -> pd.DataFrame:
    return pd.DataFrame(columns=COLUMNS)
