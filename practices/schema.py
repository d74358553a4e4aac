"""The one schema of all exports: which tables there are, and what every column means, in which units.

A table that is exported holds exactly the columns listed here, in this order; the data dictionary is this list.
"""

from __future__ import annotations

import pandas as pd

from practices.columns import Column, Table
from practices.models import ORIGINS
from practices.practice_tables import EVIDENCE, HISTORY, PRACTICES, SITES

__all__ = ["EVIDENCE", "HISTORY", "PRACTICES", "SITES", "Column", "Table"]

_REGION = Column("region", "string", "", "identifier of the region")
_NAME = Column("name", "string", "", "name of the region")
_COUNTRIES = Column("countries", "string", "", "ISO 3166 alpha-3 codes of the countries that the region lies in")
_PERIOD = Column("period", "string", "", "period assessed: baseline, reporting period, or first and last year")
_YEARS = (
    Column("year_first", "integer", "year", "first year of the period"),
    Column("year_last", "integer", "year", "last year of the period, included"),
)
_METHOD = Column("method", "string", "", "profile: the named set of choices by which the indicator was computed")
_ORIGIN = Column(
    "origin", "string", "", "earth-engine, offline-files, or simulated (a virtual landscape, no observation)", ORIGINS
)
_REVISION = Column("revision", "integer", "", "1 for the first result of its kind; the highest is the one that holds")
_RUN = Column("run", "string", "", "digest of everything that the result follows from")
_IDENTITY = (_REGION, _PERIOD, *_YEARS, _METHOD, _ORIGIN, _REVISION)
_CLASSES = ("degraded", "stable", "improved", "undetermined")

SUMMARY = Table(
    "summary",
    "Summary",
    "a region over a period: SDG 15.3.1 by class, trend and break years of productivity",
    (
        _REGION, _NAME, _COUNTRIES, _PERIOD, *_YEARS, _METHOD, _ORIGIN, _REVISION,
        *(Column(f"{name}_km2", "number", "km2", f"area of {name} land") for name in _CLASSES),
        *(Column(f"{name}_percent", "number", "%", f"share of the land that is {name}") for name in _CLASSES),
        Column("land_km2", "number", "km2", "land: the four classes together, without water and gaps"),
        Column("total_km2", "number", "km2", "area of the region"),
        Column("trend_percent_decade", "number", "% per decade", "Theil-Sen trend of productivity over its mean"),
        Column("trend_p", "number", "1", "two-sided p-value of the trend (Mann-Kendall)"),
        Column("break_years", "string", "year", "last year before each break of productivity, with its 95 % interval"),
        _RUN,
    ),
    key=('region', 'period', 'method', 'origin', 'revision'),
)  # fmt: skip
AREAS = Table(
    "areas",
    "Areas",
    "a class of an indicator in a region over a period",
    (
        *_IDENTITY,
        Column("indicator", "string", "", "sdg, productivity, land_cover or soil_organic_carbon"),
        Column("class_name", "string", "", "class; undetermined: something is missing and nothing is degraded"),
        Column("area_km2", "number", "km2", "area of the class on the WGS84 ellipsoid"),
        Column("valid_km2", "number", "km2", "area that could be judged: degraded, stable and improved"),
        Column("total_km2", "number", "km2", "area of the region"),
        Column("share", "number", "1", "share of the valid area, empty for classes outside it"),
        Column("low_km2", "number", "km2", "lower end of the 95 % interval of the area, where known"),
        Column("high_km2", "number", "km2", "upper end of it"),
        _RUN,
    ),
    key=("region", "period", "method", "origin", "revision", "indicator", "class_name"),
)
TRANSITIONS = Table(
    "transitions",
    "Land-cover transitions",
    "land that went from one class to another in a region over a period",
    (
        *_IDENTITY,
        Column("from_class", "string", "", "UNCCD land-cover class in the first year"),
        Column("to_class", "string", "", "UNCCD land-cover class in the last year"),
        Column("area_km2", "number", "km2", "area"),
        _RUN,
    ),
    key=("region", "period", "method", "origin", "revision", "from_class", "to_class"),
)
BREAKS = Table(
    "breaks",
    "Breaks",
    "a break in the series of a region",
    (
        _REGION,
        _ORIGIN,
        Column("variable", "string", "", "series that broke"),
        Column("date", "date", "", "last date before the break; the first of January for annual series"),
        Column("low", "date", "", "lower end of its 95 % interval (Bai 1997)"),
        Column("high", "date", "", "upper end of it"),
        Column("cadence", "string", "", "how finely the series is dated: yearly or monthly"),
        Column("magnitude", "number", "as the variable", "level after the break less level before"),
        _RUN,
    ),
    key=("region", "origin", "run", "variable", "date"),
)
SERIES = Table(
    "series",
    "Series",
    "a value of a variable over a region",
    (
        _REGION,
        _ORIGIN,
        Column(
            "variable", "string", "", "what was measured; the ending _annual marks values of whole years or seasons"
        ),
        Column("month", "date", "", "first day of the month, or of the year"),
        Column("value", "number", "see units", "mean over the region, cells weighted by area"),
        Column("units", "string", "", "units of the value"),
        _RUN,
    ),
    key=("region", "origin", "run", "variable", "month"),
)
RUNS = Table(
    "runs",
    "Runs",
    "one computation",
    (
        Column("run", "string", "", "digest of everything that the results follow from"),
        _ORIGIN,
        Column("datasets", "string", "", "data sets by variable: key of the catalogue and asset"),
        Column("package_version", "string", "", "version of drylands"),
        Column("finished", "date", "", "when it ended, UTC"),
    ),
)
TABLES = (SUMMARY, AREAS, TRANSITIONS, BREAKS, SERIES, PRACTICES, SITES, EVIDENCE, HISTORY, RUNS)


def dictionary() -> pd.DataFrame:
    """The data dictionary: a row for every column of every table."""
    return pd.DataFrame(
        [
            {"table": table.name, "column": c.name, "type": c.kind, "units": c.units, "meaning": c.meaning}
            for table in TABLES
            for c in table.columns
        ]
    )
