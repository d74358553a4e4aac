"""The one schema of all exports: which tables there are, and what every column means, in which units.

An exported table has exactly the columns listed here, in this order; the data dictionary is this list.
"""

from __future__ import annotations

import pandas as pd

from practices.exports.columns import Column, Table, region_name
from practices.exports.practice_tables import EVIDENCE, HISTORY, PRACTICES, SITES
from practices.models import ORIGINS
from practices.report.shares import ASSESSMENT, LOST_WORDS, STATUS
from practices.results.names import LAND

__all__ = ["EVIDENCE", "HISTORY", "PRACTICES", "SITES", "Column", "Table"]

_REGION = Column("region", "string", "", "identifier of the region")
_NAME = Column("name", "string", "", "name of the region")
_REGION_NAME = region_name()
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
_REVISION = Column("revision", "integer", "", "1 for the first result of its kind; the highest is the valid one")
_RUN = Column("run", "string", "", "digest of everything that the result follows from")
_IDENTITY = (_REGION, _REGION_NAME, _PERIOD, *_YEARS, _METHOD, _ORIGIN, _REVISION)

INDICATOR_WORDS = (
    "sdg: SDG 15.3.1, assessment of the period alone; status: SDG 15.3.1, status against the baseline, in reporting "
    "periods; productivity, land_cover, soil_organic_carbon: sub-indicators"
)

HEADLINE_WORDS = (
    "which of the two numbers of SDG 15.3.1 the columns from degraded_… to undetermined_… contain: the status against "
    "the baseline, which a country reports for a reporting period, or the assessment of the period alone"
)
TRUE_WORDS = "interval of true shares (of the land whose productivity can be judged) that agree with"

SUMMARY = Table(
    "summary",
    "Summary",
    "a region over a period: SDG 15.3.1 by class, trend and break years of productivity",
    (
        _REGION, _NAME, _COUNTRIES, _PERIOD, *_YEARS, _METHOD, _ORIGIN, _REVISION,
        Column("leads", "string", "", "what leads: a degraded share, an interval, or that none can be determined"),
        Column("headline_is", "string", "", HEADLINE_WORDS, (ASSESSMENT, STATUS)),
        *(Column(f"{name}_km2", "number", "km2", f"area of {name} land as mapped, by headline_is") for name in LAND),
        *(Column(f"{name}_percent", "number", "%", f"share of the land that is {name}, as mapped") for name in LAND),
        Column("true_low_percent", "number", "%", f"lower end of the {TRUE_WORDS} degraded_percent"),
        Column("true_high_percent", "number", "%", "upper end of it"),
        Column("alone_km2", "number", "km2", f"area of degraded land as mapped by the {ASSESSMENT}"),
        Column("alone_percent", "number", "%", f"share of the land that is degraded by the {ASSESSMENT}, as mapped"),
        Column("alone_true_low_percent", "number", "%", f"lower end of the {TRUE_WORDS} alone_percent (95 %)"),
        Column("alone_true_high_percent", "number", "%", "upper end of it"),
        Column("corrected_km2", "number", "km2", f"degraded land by the {ASSESSMENT}, corrected by reference sites"),
        Column("corrected_low_km2", "number", "km2", "lower end of the 95 % interval of corrected_km2"),
        Column("corrected_high_km2", "number", "km2", "upper end of it"),
        Column("corrected_percent", "number", "%", "corrected_km2 as share of the land"),
        Column("lost_percent", "number", "%", f"land that {LOST_WORDS}, expected, by methods with probabilities"),
        Column("lost_low_percent", "number", "%", "lower end of the 95 % interval of lost_percent"),
        Column("lost_high_percent", "number", "%", "upper end of it"),
        Column("ranked_percent", "number", "%", "share to order and colour by; empty if no number may rank"),
        Column("state_alone_percent", "number", "%", "share of the degraded land that only state degrades"),
        Column("land_km2", "number", "km2", "land: the four classes together, without water and gaps"),
        Column("no_data_km2", "number", "km2", "area of the region without data, in no class and in no share"),
        Column("total_km2", "number", "km2", "area of the region"),
        Column("trend_percent_decade", "number", "% per decade", "Theil-Sen trend of productivity over its mean"),
        Column("trend_p", "number", "1", "two-sided p-value of the trend (Mann-Kendall)"),
        Column(
            "break_years", "string", "year",
            "first year after each break of productivity, with its 95 % interval; table breaks says of which series",
        ),
        Column("statement", "string", "", "which number it is, how sure it is, and the other number, in sentences"),
        Column("warning", "string", "", "what to check before the number is reported; empty if there is no warning"),
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
        Column("indicator", "string", "", INDICATOR_WORDS),
        Column("class_name", "string", "", "class; undetermined: something is missing and nothing is degraded"),
        Column("area_km2", "number", "km2", "area of the class as mapped, on the WGS84 ellipsoid"),
        Column("valid_km2", "number", "km2", "area that could be judged: degraded, stable and improved"),
        Column("total_km2", "number", "km2", "area of the region"),
        Column("share", "number", "1", "share of the land (all but water and no data), empty for those two"),
        Column("corrected_km2", "number", "km2", "area of the class corrected by reference sites, where known"),
        Column(
            "low_km2",
            "number",
            "km2",
            "lower end of the 95 % interval, where known: of corrected_km2 where that is given, else of the area that "
            "the method would map in other years of the same kind (statistic interval_kind)",
        ),
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
STATISTICS = Table(
    "statistics",
    "How sure",
    "a number on how sure an assessment is, or on who is concerned",
    (
        *_IDENTITY,
        Column(
            "name",
            "string",
            "",
            "what it is: field_significance, degraded_share_in_accord, population_degraded, …",
        ),
        Column("value", "number", "see units", "the number; empty if there is none, the note says why"),
        Column(
            "low",
            "number",
            "see units",
            "lower end of its 95 % interval, where known (degraded_share_in_accord: of the true share)",
        ),
        Column("high", "number", "see units", "upper end of it"),
        Column("p", "number", "1", "p-value, where it has one"),
        Column("units", "string", "", "units of value, low and high"),
        Column("note", "string", "", "how it was made, with the size of samples"),
        _RUN,
    ),
    key=("region", "period", "method", "origin", "revision", "name"),
)
PATCHES = Table(
    "patches",
    "Degraded patches",
    "a patch of degraded land of at least 25 cells, in a region over the whole record",
    (
        *_IDENTITY,
        Column("patch", "integer", "1", "number of the patch, the largest first"),
        Column("area_km2", "number", "km2", "area of the patch inside the region"),
        Column("lat", "number", "degrees", "latitude of its middle"),
        Column("lon", "number", "degrees", "longitude of its middle"),
        Column("year", "integer", "year", "first year in which it lost productivity that matched land kept"),
        Column("low", "integer", "year", "first year of the 80 % interval of it"),
        Column("high", "integer", "year", "last year of it"),
        Column("loss", "number", "1", "part of productivity lost against matched land, by the last year"),
        Column(
            "verdict",
            "string",
            "",
            "what the loss is associated with: climate, grazing, water, mining, cultivation, fire, several, cannot be "
            "determined; no proof of cause",
        ),
        Column("probability", "number", "1", "probability of it, given the drivers that were read"),
        Column("driver", "string", "", "the driver that speaks for it most"),
        Column("r", "number", "1", "rank correlation of productivity with that driver, both against matched land"),
        Column("r_low", "number", "1", "lower end of its 95 % interval"),
        Column("r_high", "number", "1", "upper end of it"),
        Column("sentence", "string", "", "the verdict in words, with its evidence"),
        _RUN,
    ),
    key=("region", "period", "method", "origin", "revision", "patch"),
)
RECODES = Table(
    "recodes",
    "Recoded areas",
    "an area that experts know to be classed wrongly, in a region over a period (PRAIS 4, SO1-4.T3)",
    (
        *_IDENTITY,
        Column("name", "string", "", "name of the area"),
        Column("wrongly_shown_as", "string", "", "class that the map shows"),
        Column("should_be", "string", "", "class that it should show"),
        Column("justification", "string", "", "why"),
        Column("who", "string", "", "who says so"),
        Column("date", "date", "", "when it was said"),
        Column(
            "prais_term",
            "string",
            "",
            "PRAIS 4 term; “false positive” there means degraded land that the map does not show",
        ),
        Column("pixels", "integer", "1", "cells that were changed"),
        Column("area_km2", "number", "km2", "area that was changed"),
        Column("before_km2", "number", "km2", "area of the class in the region before"),
        _RUN,
    ),
    key=("region", "period", "method", "origin", "revision", "name"),
)
PRAIS = Table(
    "prais",
    "PRAIS 4 tables",
    "a cell of a PRAIS 4 table of strategic objective 1, 3 or 4",
    (
        *_IDENTITY,
        Column(
            "table_id",
            "string",
            "",
            "id of the table in the PRAIS 4 Reporting Manual (2026), such as SO1-4.T2; beside "
            "the forms: SO1-2.conversion, SO1-4.cover, SO3-1.spei (drought by the SPEI)",
        ),
        Column("row_name", "string", "", "row: a class, a land cover or a year"),
        Column("column_name", "string", "", "column: a class, a year, or what the value is"),
        Column("value", "number", "see units", "the value"),
        Column("units", "string", "", "km2, %, percentage points or t ha-1"),
        _RUN,
    ),
    key=("region", "period", "method", "origin", "revision", "table_id", "row_name", "column_name", "units"),
)
COUNTRIES = Table(
    "countries",
    "Countries",
    "a class of an indicator in the regions of a country; regions in several countries count in full in each",
    (
        Column("country", "string", "", "ISO 3166 alpha-3 code"),
        _PERIOD, _METHOD, _ORIGIN,
        Column("indicator", "string", "", INDICATOR_WORDS),
        Column("class_name", "string", "", "class"),
        Column("regions", "integer", "1", "regions that were added up"),
        Column("area_km2", "number", "km2", "area of the class"),
        Column("valid_km2", "number", "km2", "area that could be judged"),
        Column("total_km2", "number", "km2", "area of the regions"),
        Column("shared_km2", "number", "km2", "part of the area that lies in regions of several countries"),
    ),
    key=("country", "period", "method", "origin", "indicator", "class_name"),
)  # fmt: skip
NATURE = Table(
    "nature",
    "Climate and nature by country",
    "a number on land, climate or nature, added up over the regions of a country, or over all regions",
    (
        Column(
            "countries",
            "string",
            "",
            "ISO 3166 alpha-3 code; several codes: regions that lie in each of them, and are in no other row; "
            "all: the sum of the others",
        ),
        _PERIOD, _METHOD, _ORIGIN,
        Column("name", "string", "", "what it is; the note says it in words. Names with share do not add up"),
        Column("value", "number", "see units", "the number; empty where no region has it"),
        Column("low", "number", "see units", "lower end of its 95 % interval, where every region has one"),
        Column("high", "number", "see units", "upper end of it"),
        Column("units", "string", "", "units of value, low and high"),
        Column("regions", "integer", "1", "regions that have it"),
        Column("missing", "string", "", "regions that lack it and are not in the sum; in row regions: left out"),
        Column("note", "string", "", "what it is, how the interval was made, and the terms of the data"),
    ),
    key=("countries", "period", "method", "origin", "name"),
)  # fmt: skip
_BESIDE = "in the 12 months that end with the first growing season that ends after the break"
BREAKS = Table(
    "breaks",
    "Breaks",
    "a break in the series of a region",
    (
        _REGION,
        _REGION_NAME,
        _ORIGIN,
        Column(
            "variable",
            "string",
            "",
            "series that broke; productivity: rain removed; productivity_as_observed: breaks that rain explains",
        ),
        Column("date", "date", "", "first date after the break; annual series: 1 January of the first year after"),
        Column("low", "date", "", "lower end of its 95 % interval (Bai 1997)"),
        Column("high", "date", "", "upper end of it"),
        Column("cadence", "string", "", "how finely the series is dated: yearly or monthly"),
        Column("magnitude", "number", "as the variable", "level after the break less level before"),
        Column(
            "series", "string", "", "what was searched for breaks, and what was removed from it; empty: not recorded"
        ),
        Column("break_method", "string", "", "how the breaks were found; empty: not recorded"),
        Column("spi", "number", "1", f"lowest SPI of 12 months {_BESIDE}; empty: no record of rain"),
        Column(
            "spei",
            "number",
            "1",
            "lowest SPEI of 12 months there (rain less FAO-56 reference evapotranspiration); empty: no record",
        ),
        Column(
            "soil_moisture_z", "number", "1", "lowest standardised soil moisture of 12 months there; empty: no record"
        ),
        Column("drought", "string", "", "drought by the SPI: none above -1 (near normal), else the class of PRAIS 4"),
        Column(
            "explained_by_rain",
            "string",
            "",
            "yes: the break disappears when the effect of rain is removed; no: it remains; empty: no rain known",
            ("yes", "no"),
        ),
        _RUN,
    ),
    key=("region", "origin", "run", "variable", "date"),
)
SERIES = Table(
    "series",
    "Series",
    "a value of a variable over a region",
    (
        Column("region", "string", "", "identifier of the region; table summary has its name"),
        _ORIGIN,
        Column(
            "variable",
            "string",
            "",
            "what was measured; _annual: values of whole years or seasons; spi_12, spei_12: "
            "drought indices of twelve months; potential_evapotranspiration: by FAO-56 with wind of 2 m/s",
        ),
        Column("month", "date", "", "first day of the month, or of the year"),
        Column("value", "number", "see units", "mean over the region, cells weighted by area"),
        Column("units", "string", "", "units of the value"),
        Column("source", "string", "", "source of a series of the user's own; empty: satellites, see table runs"),
        _RUN,
    ),
    key=("region", "origin", "run", "variable", "month"),
)
SOURCES = Table(
    "sources",
    "Sources of drivers",
    "the source of a series of what drives the land, and what to know of it",
    (
        Column("variable", "string", "", "series, without _annual"),
        _ORIGIN,
        Column("asset", "string", "", "asset of Earth Engine, or file"),
        Column("period", "string", "", "years that the source has"),
        Column("source", "string", "", "who made the data, with the citation"),
        Column("licence", "string", "", "licence of the data"),
        Column("uncertainty", "string", "", "how sure the values are, as far as it is known"),
        Column("trap", "string", "", "what the series seems to say and does not"),
        _RUN,
    ),
    key=("run", "variable"),
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
        Column("source_digest", "string", "", "digest of the code that computed it"),
        Column("finished", "date", "", "when it ended, UTC"),
    ),
)
TABLES = (
    SUMMARY, AREAS, STATISTICS, COUNTRIES, NATURE, PRAIS, RECODES, PATCHES, TRANSITIONS, BREAKS, SERIES,
    SOURCES, PRACTICES, SITES, EVIDENCE, HISTORY, RUNS,
)  # fmt: skip


def dictionary() -> pd.DataFrame:
    """The data dictionary: a row for every column of every table."""
    return pd.DataFrame(
        [
            {"table": table.name, "column": c.name, "type": c.kind, "units": c.units, "meaning": c.meaning}
            for table in TABLES
            for c in table.columns
        ]
    )
