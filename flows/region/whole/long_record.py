"""Is a decline part of a longer cycle? The mean of a region since 1982, as statistics of an assessment."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from flows.region.population import statistic
from flows.region.whole.rain_sums import cell_means
from indicators.area.areas import cell_area
from indicators.errors import IndicatorError
from indicators.joined.longer import answer_of, longer
from regions.grid import coverage, geobox
from series.cubes.stored import open_cube

if TYPE_CHECKING:
    import xarray as xr

    from flows.pull.pulled import Pulled
    from flows.region.measuring import Work
    from indicators.joined import Estimate, LongerAnswer, LongerRecord
    from indicators.profiles import Profile

STATISTICS = ["name", "value", "low", "high", "p", "units", "note", "period"]
COURSE = ["year", "value", "sensor", "join_error"]
#: Name of the table of the course, and of the series among the observations.
LONG_COURSE = "long_record"
SERIES = "productivity_long_annual"
#: The sensor of the years of the long record that are used.
CONVERTED = "AVHRR"
#: Kept pixels that must lie along a cell of the long record, so that the gain can be estimated.
FINER = 4
LIMITS = "the product was itself fitted to MODIS, so that the error of the join is a lower bound"


@dataclass(frozen=True, eq=False)
class LongRecordTables:
    """Statistics of a long record, and its `course` by year: value, sensor, standard error of the join."""

    statistics: pd.DataFrame
    course: pd.DataFrame

    def observed(self, region: str, units: str) -> pd.DataFrame:
        """The course as observations of the first of January."""
        days = pd.to_datetime(self.course["year"].astype(int).astype(str) + "-01-01")
        return pd.DataFrame(
            {"region": region, "variable": SERIES, "month": days, "value": self.course["value"], "units": units}
        )


def long_record_tables(work: Work, profile: Profile, pulled: Pulled) -> LongRecordTables:
    """The long record of a region with the vegetation of a profile; empty where none was pulled for it.

    Where the two are not joined, the statistics say why.
    """
    job = work.job
    if pulled.long_record is None or profile.annual != next(iter(pulled.productivity)):
        return LongRecordTables(pd.DataFrame(columns=STATISTICS), pd.DataFrame(columns=COURSE))
    coarse = open_cube(pulled.long_record).compute()
    kept = cell_means(job, profile.annual, coarse, work.workers)
    share = coverage(job.region, geobox(job.region, float(coarse.attrs["cell_degrees"])))
    share = share.assign_coords(y=coarse["y"], x=coarse["x"])
    own = pulled.datasets["productivity"]
    attrs = job.annual[profile.annual].attrs
    return tables_of(
        kept, coarse, share, job.periods[0].name, key=pulled.beside["long_record"].key, sensor=own.sensor or own.key,
        attrs=attrs, units=str(attrs.get("units", "1")),
    )  # fmt: skip


def tables_of(
    kept: xr.DataArray,
    coarse: xr.DataArray,
    share: xr.DataArray,
    period: str,
    *,
    key: str,
    sensor: str,
    attrs: dict[str, Any],
    units: str = "1",
) -> LongRecordTables:
    """The tables of cell means `kept` and of the long record `coarse` (year, y, x), whose key is `key`.

    `share` (y, x): part of each cell inside the region. `sensor`: of the kept years; `attrs`: those of the kept cube;
    one of two sensors names those of its years, and has the error of that join.
    """
    fine = float(attrs["cell_degrees"]) <= float(coarse.attrs["cell_degrees"]) / FINER
    try:
        record = longer(kept, coarse, share, (sensor, CONVERTED), area=cell_area(coarse), fine=fine)
        answer = answer_of(record, covariance_between(record, attrs))
    except IndicatorError as error:
        first = int(kept["year"].values[0])
        note = f"the years before {first} are not joined, and whether a decline is part of a longer cycle is unknown: "
        rows = pd.DataFrame([statistic("missing_long_record", None, note=f"{note}{error}")])
        return LongRecordTables(rows.assign(period=period)[STATISTICS], pd.DataFrame(columns=COURSE))
    named = {int(year): name for year, name in json.loads(attrs.get("sensors", "{}")).items()}
    sensors = [
        CONVERTED if converted else named.get(year, sensor)
        for year, converted in zip(record.years, record.converted, strict=True)
    ]
    values = {"year": record.years, "value": record.values, "sensor": sensors, "join_error": record.errors}
    rows = pd.DataFrame(rows_of(record, answer, key, sensor, units)).assign(period=period)[STATISTICS]
    return LongRecordTables(rows, pd.DataFrame(values)[COURSE])


def covariance_between(record: LongerRecord, attrs: dict[str, Any]) -> np.ndarray | None:
    """Error of the join of two kept sensors (year, other year), from the attributes of their cube; None for one."""
    if "join_covariance" not in attrs:
        return None
    years = [int(year) for year in json.loads(attrs["sensors"])]
    logarithms = pd.DataFrame(json.loads(attrs["join_covariance"]), years, years)
    own = logarithms.reindex(index=record.years, columns=record.years).fillna(0.0).to_numpy()
    found: np.ndarray = own * np.outer(record.values, record.values)
    return found


def rows_of(record: LongerRecord, answer: LongerAnswer, key: str, sensor: str, units: str) -> list[dict[str, Any]]:
    """The statistics: trends, level, and the answer as a sentence."""
    relation, mean = record.relation, float(record.values.mean())
    before, all_years = "{}-{}".format(*answer.before), f"{record.years[0]}-{record.years[-1]}"
    recent = recent_years(record)
    gain = "taken as 1" if record.gain_known else f"{relation.gain:.2f} ± {relation.gain_error:.2f}"
    how = (
        f"{CONVERTED} ({key}) {before} in units of {sensor}, by the {len(relation.years)} years "
        f"{relation.years[0]}-{relation.years[-1]} of both on {record.cells} cells; gain {gain}; standard error of the "
        f"join {record.errors.max():.4f}; {LIMITS}"
    )
    return [
        trend_row("long_record_trend", answer.whole, mean, f"trend of the region's yearly mean {all_years}; {how}"),
        trend_row(
            "long_record_trend_recent", answer.recent, mean,
            f"trend of the same series in the years of the kept sensor alone, {recent}",
        ),
        statistic(
            "long_record_level", answer.level, low=answer.low, high=answer.high, units=units,
            note=f"mean of the last five years; range: lowest and highest mean of five years in a row in {before}; "
            f"standard error of the difference, by the join, {answer.error:.4f}",
        ),
        statistic("long_record_answer", None, note=answer_words(record, answer)),
    ]  # fmt: skip


def trend_row(name: str, found: Estimate, mean: float, note: str) -> dict[str, Any]:
    """A trend in percent of the mean of all years, a decade."""
    value, low, high = (1000 * each / mean for each in (found.value, found.low, found.high))
    return statistic(name, value, low=low, high=high, p=found.p, units="% decade-1", note=note)


def recent_years(record: LongerRecord) -> str:
    """First and last year of the kept sensor."""
    kept = [year for year, converted in zip(record.years, record.converted, strict=True) if not converted]
    return f"{kept[0]}-{kept[-1]}"


def answer_words(record: LongerRecord, answer: LongerAnswer) -> str:
    """Is the recent decline part of a longer cycle? One sentence, by the rules of `indicators.joined.longer`."""
    before, recent = "{}-{}".format(*answer.before), recent_years(record)
    level = f"the mean of the last five years ({answer.level:.3f})"
    place = {
        "within": f"lies within the range of five-year means of {before} ({answer.low:.3f} to {answer.high:.3f})",
        "below": f"is below every five-year mean of {before} (lowest {answer.low:.3f})",
        "above": f"is above every five-year mean of {before} (highest {answer.high:.3f})",
    }[answer.place]
    if not answer.declines:
        return f"no decline of {recent} is certain, and {level} {place}"
    meaning = {
        "within": "it may be part of a longer cycle",
        "below": "it is not part of a cycle that the record shows",
        "above": "it has not gone below what was usual before",
    }[answer.place]
    return f"vegetation declines in {recent}; {level} {place}: {meaning}"
