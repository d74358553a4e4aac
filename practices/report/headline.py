"""What leads in a statement about degraded land: the mapped share, a corrected area, an interval, or no number.

`headline` is the one place that decides it. Page, brief, terminal, workbook, GeoPackage, API, OGC layers, figures and
the report of a run all take the numbers and the words from here.

Two numbers are called SDG 15.3.1. The *assessment of the period alone* looks at the years of one period. The *status
against the baseline* is what a country reports for a reporting period: land degraded in the period, plus land degraded
in the baseline that did not improve in the period. If a status is published, it is the headline, and the assessment of
the period is given with it, by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from practices.numbers import percent
from practices.report import headline_words as words
from practices.report.shares import ASSESSMENT, STATUS, WIDEST, Corrected, Share, between
from practices.results.names import HEADLINE, LAND

#: Statistics that the headline is made of.
ACCORD, STATUS_ACCORD = "degraded_share_in_accord", "status_share_in_accord"
CORRECTED = "corrected_area_degraded"
#: Shares of the land that lost and gained productivity for reasons other than weather.
LOST, GAINED = "share_lost", "share_gained"
STATE_ALONE, STATUS_STATE_ALONE = "degraded_by_state_alone", "status_by_state_alone"
NAMES = (ACCORD, STATUS_ACCORD, CORRECTED, STATE_ALONE, STATUS_STATE_ALONE)
#: Classes of the status that count as degraded, stable and improved (Good Practice Guidance, addendum).
STATUS_CLASSES = {
    "degraded": ("persistent degradation", "recent degradation", "baseline degradation"),
    "stable": ("stability",),
    "improved": ("baseline improvement", "recent improvement", "persistent improvement"),
}

Lead = Literal["map", "reference sites", "interval", "not determined", "no land"]
#: Areas in km² by indicator and class; statistics by name as value, low and high.
Areas = Mapping[str, Mapping[str, float]]
Statistics = Mapping[str, Sequence[float | None]]


@dataclass(frozen=True)
class Headline:
    """The headline of one assessment.

    `official`: what a country reports (status in a reporting period); `classes`: its km² of the land by class; `alone`:
    the assessment of the period alone where that is another number, else None. `state_alone`: of the land that
    `official` counts as degraded, the percentage degraded by *state* alone.
    """

    land_km2: float
    classes: Mapping[str, float]
    official: Share
    alone: Share | None
    corrected: Corrected | None
    undetermined: float
    state_alone: float | None

    @property
    def own_corrected(self) -> Corrected | None:
        """The corrected area, or None if the headline is a status: reference sites never correct a status."""
        return self.corrected if self.alone is None else None

    @property
    def leads(self) -> Lead:
        """What leads the statement."""
        own = self.own_corrected
        if self.official.percent is None:
            return "no land"
        if own is not None:
            return "not determined" if own.high - own.low > WIDEST else "reference sites"
        if self.official.wide or self.undetermined > WIDEST:
            return "not determined"
        return "interval" if self.official.excluded else "map"

    @property
    def must_not_rank(self) -> bool:
        """Whether no number may rank the region: its interval excludes the mapped share or is too wide."""
        return self.leads in ("interval", "not determined")

    @property
    def ranked(self) -> float | None:
        """Percentage used to order and colour regions; None if this region must not be ranked."""
        if self.must_not_rank:
            return None
        return self.own_corrected.percent if self.own_corrected else self.official.percent

    @property
    def lead(self) -> str:
        """The lead in large type."""
        if self.leads == "no land":
            return "No land"
        if self.leads == "not determined":
            return "Cannot be determined"
        if self.leads == "interval":
            return f"{between(self.official)} degraded"
        return f"{percent(self.ranked)} degraded"

    @property
    def cell(self) -> str:
        """The lead in a few characters, for a cell of a table."""
        if self.leads == "interval":
            return between(self.official)
        if self.leads == "not determined":
            return "not determined"
        return percent(self.ranked)

    @property
    def statement(self) -> str:
        """Which number it is, how sure it is, and the other number by name: whole sentences."""
        return words.statement(self)

    @property
    def warning(self) -> str:
        """A warning where most of the degraded land rests on state alone; else empty."""
        return words.warning(self)

    def fields(self) -> dict[str, Any]:
        """The headline as fields, under the names that tables and programs use."""
        own, alone, corrected = self.official, self.alone or self.official, self.corrected
        return {
            "headline_is": own.name,
            "leads": self.lead,
            "degraded_percent": own.percent,
            "true_low_percent": own.low,
            "true_high_percent": own.high,
            "alone_km2": alone.km2,
            "alone_percent": alone.percent,
            "alone_true_low_percent": alone.low,
            "alone_true_high_percent": alone.high,
            "corrected_km2": corrected.km2 if corrected else None,
            "corrected_low_km2": corrected.low_km2 if corrected else None,
            "corrected_high_km2": corrected.high_km2 if corrected else None,
            "corrected_percent": corrected.percent if corrected else None,
            "ranked_percent": self.ranked,
            "state_alone_percent": self.state_alone,
            "statement": self.statement,
            "warning": self.warning or None,
        }


def headline(areas: Areas, statistics: Statistics) -> Headline:
    """The headline of one assessment: which number of SDG 15.3.1 leads, and how sure it is.

    Parameters
    ----------
    areas : mapping of str to mapping of str to float
        Area in km² by indicator (`sdg`, `status`) and class; other indicators are ignored.
    statistics : mapping of str to sequence of float or None
        Value, low and high by name (`NAMES`): shares 0 to 1, areas in km²; other names are ignored.

    Returns
    -------
    Headline
        Shares in percent of the land: degraded, stable, improved and undetermined, without water and gaps.

    Examples
    --------
    >>> found = headline({"sdg": {"degraded": 20.0, "stable": 80.0}}, {ACCORD: (0.2, 0.15, 0.3)})
    >>> found.lead, found.leads
    ('20.0 % degraded', 'map')
    """
    classes = areas.get(HEADLINE, {})
    land = sum(classes.get(name, 0.0) for name in LAND)
    status = status_areas(areas)
    low, high = _ends(statistics, ACCORD, 100)
    mapped = classes.get("degraded") if classes else None
    alone = Share(ASSESSMENT, _percent(mapped, land), mapped, low, high)
    if status is None:
        official, beside = alone, None
    else:
        low, high = _ends(statistics, STATUS_ACCORD, 100)
        official = Share(STATUS, _percent(status["degraded"], land), status["degraded"], low, high, level=90)
        beside = alone
    by_state = _value(statistics, STATE_ALONE if status is None else STATUS_STATE_ALONE)
    return Headline(
        land,
        {name: classes[name] for name in LAND if name in classes} if status is None else status,
        official,
        beside,
        _corrected(statistics, land),
        _percent(classes.get("undetermined", 0.0), land) or 0.0,
        None if by_state is None else 100 * by_state,
    )


def status_areas(areas: Areas) -> dict[str, float] | None:
    """The status as km² of degraded, stable, improved and undetermined land; None if none is published.

    Land that one of the two assessments could not judge is undetermined, so that the land is that of SDG 15.3.1.
    """
    found = areas.get("status", {})
    if not any(name in found for names in STATUS_CLASSES.values() for name in names):
        return None
    three = {name: sum(found.get(each, 0.0) for each in names) for name, names in STATUS_CLASSES.items()}
    land = sum(areas.get(HEADLINE, {}).get(name, 0.0) for name in LAND)
    return {**three, "undetermined": max(land - sum(three.values()), 0.0)}


def _corrected(statistics: Statistics, land: float) -> Corrected | None:
    value, (low, high) = _value(statistics, CORRECTED), _ends(statistics, CORRECTED, 1)
    if value is None or low is None or high is None or not land:
        return None
    return Corrected(value, low, high, *(100 * each / land for each in (value, low, high)))


def _percent(part: float | None, land: float) -> float | None:
    return 100 * part / land if part is not None and land else None


def _value(statistics: Statistics, name: str) -> float | None:
    return _number(statistics[name][0]) if name in statistics else None


def _ends(statistics: Statistics, name: str, scale: float) -> tuple[float | None, float | None]:
    if name not in statistics:
        return None, None
    low, high = (_number(each) for each in statistics[name][1:3])
    return (None, None) if low is None or high is None else (low * scale, high * scale)


def _number(value: Any) -> float | None:
    """A number, or None where it is missing or not one."""
    return None if value is None or value != value else float(value)
