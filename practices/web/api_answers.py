"""The forms of the JSON API's answers: fields, units and meaning, as the OpenAPI description shows them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from practices.record.draft import PracticeDraft
from practices.report.evidence import SiteEffect


class Answered(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class PublishedView(Answered):
    """Which results: a period, a method and an origin (simulated is a virtual landscape, not an observation)."""

    period: str
    method: str
    origin: str
    year_first: int
    year_last: int


class PublishedRegion(Answered):
    """A region that something is published for."""

    id: str
    name: str
    countries: list[str]
    kind: str


class PublishedArea(Answered):
    """Area of a class of an indicator as mapped, km² on the ellipsoid; `share` (0…1) is of the land.

    `corrected_km2` is the area corrected by reference sites. `low_km2` and `high_km2` bound corrected_km2 where it is
    given, else area_km2 as mapped (see statistic `interval_kind`).
    """

    indicator: str
    class_name: str
    area_km2: float
    valid_km2: float
    total_km2: float
    share: float | None
    corrected_km2: float | None
    low_km2: float | None
    high_km2: float | None


class PublishedHeadline(Answered):
    """What leads, which of the two numbers of SDG 15.3.1 it is, and how sure it is; shares in percent of the land.

    True shares are of the land whose productivity can be judged.
    """

    headline_is: str = Field(description="status against the baseline, or assessment of the period alone")
    leads: str = Field(description="what to show large")
    degraded_percent: float | None = Field(description="as mapped, by headline_is")
    true_low_percent: float | None = Field(description="interval of true shares that agree with degraded_percent")
    true_high_percent: float | None
    alone_km2: float | None = Field(description="degraded by the assessment of the period alone, as mapped")
    alone_percent: float | None
    alone_true_low_percent: float | None
    alone_true_high_percent: float | None
    corrected_km2: float | None = Field(description="the same corrected by reference sites, with its 95 % interval")
    corrected_low_km2: float | None
    corrected_high_km2: float | None
    corrected_percent: float | None
    lost_percent: float | None = Field(
        description="land that lost productivity for reasons other than weather, by methods with probabilities"
    )
    lost_low_percent: float | None
    lost_high_percent: float | None
    ranked_percent: float | None = Field(
        description="share to rank and colour by; null if its interval excludes it or is too wide"
    )
    state_alone_percent: float | None = Field(
        description="percent of the degraded land that only state classifies as degraded"
    )
    statement: str = Field(description="all of it in sentences")
    warning: str | None = Field(description="what to check before the number is reported")


class PublishedTransition(Answered):
    """Area that went from one land-cover class to another, km²."""

    from_class: str
    to_class: str
    area_km2: float


class PublishedPatch(Answered):
    """A patch of degraded land, and what its loss is associated with; not a proof of cause."""

    patch: int
    area_km2: float
    lat: float
    lon: float
    year: int | None = Field(description="first year of the loss against matched land, with its 80 % interval")
    low: int | None
    high: int | None
    loss: float | None = Field(description="fraction of productivity lost against matched land by the last year")
    verdict: str = Field(
        description="climate, grazing, water, mining, cultivation, fire, several, or cannot be determined"
    )
    probability: float | None
    driver: str | None
    r: float | None = Field(description="rank correlation of productivity with the driver, both against matched land")
    r_low: float | None
    r_high: float | None
    sentence: str


class PublishedBreak(Answered):
    """First date after a break, with its 95 % interval, its series and method, and the drought around it."""

    variable: str
    date: dt.date = Field(description="first date after the break; 1 January of the first year of an annual series")
    low: dt.date
    high: dt.date
    cadence: str
    series: str | None = Field(description="what was searched for breaks, and what was removed from it")
    break_method: str | None = Field(description="how the breaks were found")
    magnitude: float
    test: str | None
    p: float | None
    spi: float | None = Field(
        description="lowest 12-month SPI, in the 12 months that end with the first growing season that ends after the "
        "break"
    )
    spei: float | None = Field(
        description="lowest 12-month SPEI there: rain less FAO-56 reference evapotranspiration; null: no record"
    )
    soil_moisture_z: float | None = Field(description="lowest standardised soil moisture there")
    drought: str | None = Field(
        description="none above -1 (near normal), else the class of PRAIS 4 that follows; null: nothing is recorded"
    )
    explained_by_rain: bool | None = Field(
        description="whether the break disappears when the effect of rain is removed"
    )


class Edition(Answered):
    """A revision that stays readable."""

    revision: int
    finished: dt.datetime
    run: str
    package_version: str


class Result(PublishedView):
    """All that is published of a region in one view, except its series."""

    region: PublishedRegion
    simulated: bool
    revision: int
    run: str
    finished: dt.datetime
    package_version: str
    headline: PublishedHeadline
    degraded_percent: float | None = Field(
        description="mapped share of the land, in percent: status in a reporting period (headline.headline_is says so)"
    )
    trend_percent_decade: float | None
    trend_p: float | None
    areas: list[PublishedArea]
    transitions: list[PublishedTransition]
    breaks: list[PublishedBreak]
    statistics: list[dict[str, Any]]
    patches: list[PublishedPatch]
    revisions: list[Edition]


class Value(Answered):
    """A value of a series."""

    variable: str
    month: dt.date
    value: float
    units: str
    source: str | None = Field(description="source of a series of the user's own table")


class SeriesPage(Answered):
    """Values of a region's series, a page of them."""

    region: str
    origin: str
    run: str
    total: int
    offset: int
    values: list[Value]


class CountryNature(Answered):
    """A number added up over regions; `missing`: ids of regions that lack it and are not in the sum."""

    countries: str = Field(
        description="ISO 3166 alpha-3 code; several codes: regions that lie in all of these countries, and are in no "
        "other row; all: the sum of the rows before"
    )
    name: str
    value: float | None
    low: float | None = Field(description="95 % interval, where every region has one: its ends are added")
    high: float | None
    units: str
    regions: int
    missing: str
    note: str = Field(description="what it is, how the interval was made, and the terms of the data")


class NatureAnswer(Answered):
    """Land, climate and nature by country in one view."""

    period: str
    method: str
    origin: str
    simulated: bool
    sums: list[CountryNature]


class PracticeSummary(Answered):
    """A practice in the list."""

    id: str
    title: dict[str, str]
    country: str
    start: int | None
    end: int | None
    evidence_type: str
    effect: str


class PracticeAnswer(Answered):
    """A practice with its record and the evidence from satellites; the kinds of evidence are separate."""

    id: str
    revision: int
    record: PracticeDraft
    satellite: list[SiteEffect]
    context_only_because: dict[str, str] = Field(description="site: why satellites give context and no effect")
