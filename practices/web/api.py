"""The JSON API: what the pages show, for programs. Every answer says the origin of its results."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, select

from practices.database.transactions import reading
from practices.models import Practice
from practices.record.draft import PracticeDraft
from practices.report import headlines, uncertainty
from practices.report import practice as practice_view
from practices.report.evidence import Proof, proofs, reasons
from practices.results import by_region
from practices.web.errors import NotFound
from practices.web.practice_pages import Filtered, listed
from practices.web.site import Asked, Asking, Id, Revision, Served

PROBLEM: dict[int | str, dict[str, Any]] = {
    404: {"description": "nothing answers; the detail says what there is"},
    422: {"description": "the question was not understood"},
}
router = APIRouter(prefix="/api/v1", tags=["results"], responses=PROBLEM)
Offset = Annotated[int, Query(ge=0, le=1_000_000)]
Limit = Annotated[int, Query(ge=1, le=5000)]


class _Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class PublishedView(_Answer):
    """Which results: a period, a method and an origin (simulated is a virtual landscape, no observation)."""

    period: str
    method: str
    origin: str
    year_first: int
    year_last: int


class PublishedRegion(_Answer):
    """A region that something is published for."""

    id: str
    name: str
    countries: list[str]
    kind: str


class PublishedArea(_Answer):
    """Area of a class of an indicator as mapped, km² on the ellipsoid; `share` (0…1) is of the land.

    `corrected_km2` is the area corrected by reference sites; `low_km2` and `high_km2` are of that where it is given.
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


class PublishedHeadline(_Answer):
    """What leads, which of the two numbers of SDG 15.3.1 it is, and how sure it is; shares in percent of the land.

    True shares are of the land whose productivity can be judged.
    """

    headline_is: str = Field(description="status against the baseline, or assessment of the period alone")
    leads: str = Field(description="what to show large")
    degraded_percent: float | None = Field(description="as mapped, by headline_is")
    true_low_percent: float | None = Field(description="interval of true shares in accord with degraded_percent")
    true_high_percent: float | None
    alone_km2: float | None = Field(description="degraded by the assessment of the period alone, as mapped")
    alone_percent: float | None
    alone_true_low_percent: float | None
    alone_true_high_percent: float | None
    corrected_km2: float | None = Field(description="the same corrected by reference sites, with its 95 % interval")
    corrected_low_km2: float | None
    corrected_high_km2: float | None
    corrected_percent: float | None
    ranked_percent: float | None = Field(
        description="share to rank and colour by; null where its interval excludes it or determines none"
    )
    state_alone_percent: float | None = Field(description="of the degraded land, what state alone calls degraded")
    statement: str = Field(description="all of it in sentences")
    warning: str | None = Field(description="what to check before the number is reported")


class PublishedTransition(_Answer):
    """Area that went from one land-cover class to another, km²."""

    from_class: str
    to_class: str
    area_km2: float


class PublishedBreak(_Answer):
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
        description="lowest SPI of 12 months, in the 12 months to the end of the first growing season after it"
    )
    spei: float | None = Field(description="lowest SPEI there")
    soil_moisture_z: float | None = Field(description="lowest standardised soil moisture there")
    drought: str | None = Field(
        description="none above -1 (near normal), else the class of PRAIS 4 that follows; null: nothing is recorded"
    )
    explained_by_rain: bool | None = Field(description="whether the break is none once the effect of rain is removed")


class Edition(_Answer):
    """A revision that stays readable."""

    revision: int
    finished: dt.datetime
    run: str
    package_version: str


class Result(PublishedView):
    """All that is published of a region in one view, its series apart."""

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
    revisions: list[Edition]


class Value(_Answer):
    """A value of a series."""

    variable: str
    month: dt.date
    value: float
    units: str


class SeriesPage(_Answer):
    """Values of a region's series, a page of them."""

    region: str
    origin: str
    run: str
    total: int
    offset: int
    values: list[Value]


class PracticeSummary(_Answer):
    """A practice in the list."""

    id: str
    title: dict[str, str]
    country: str
    start: int | None
    end: int | None
    evidence_type: str
    effect: str


class PracticeAnswer(_Answer):
    """A practice with its record and what satellites say of it; the kinds of evidence stand apart."""

    id: str
    revision: int
    record: PracticeDraft
    satellite: list[Proof]
    context_only_because: dict[str, str] = Field(description="site: why satellites give context and no effect")


@router.get("/views", summary="Views that there are results for")
def views(site: Served) -> list[PublishedView]:
    """Period, method and origin of all results, what the page shows first at the head."""
    with reading(site.engine) as connection:
        return [_view(each) for each in by_region.choices(connection)]


def _view(choice: by_region.Choice) -> PublishedView:
    return PublishedView(**vars(choice.view), year_first=choice.year_first, year_last=choice.year_last)


@router.get("/regions", summary="Regions")
def all_regions(site: Served) -> list[PublishedRegion]:
    """All regions by id."""
    with reading(site.engine) as connection:
        return [PublishedRegion.model_validate(each) for each in by_region.regions(connection)]


def _report(connection: Connection, region: str, asking: Asked, revision: int | None) -> by_region.Report:
    choice = asking.of(by_region.choices(connection, region), f"Region {region}")
    report = by_region.report(connection, region, choice.view, revision=revision)
    if report is None:
        raise NotFound(f"Region {region}: revision {revision} is not there; leave it out for the latest.")
    return report


@router.get("/regions/{region}", summary="The result of a region")
def one_region(site: Served, region: Id, asking: Asking, revision: Revision = None) -> Result:
    """A region in the view that is asked for, or that the page shows first."""
    with reading(site.engine) as connection:
        report = _report(connection, region, asking, revision)
        found = uncertainty.statistics(connection, report)
    leading = headlines.of_report(report, found)
    return Result(
        **vars(report.view),
        region=PublishedRegion.model_validate(report),
        simulated=report.view.simulated,
        **{name: getattr(report, name) for name in _SAME},
        headline=PublishedHeadline(**leading.fields()),
        degraded_percent=leading.official.percent,
        areas=[PublishedArea.model_validate(each) for each in report.areas],
        transitions=[PublishedTransition.model_validate(each) for each in report.transitions],
        breaks=[PublishedBreak.model_validate(each) for each in report.breaks],
        statistics=[vars(each) for each in found],
        revisions=[
            Edition(revision=r.revision, finished=r.finished, run=r.digest, package_version=r.package_version)
            for r in report.revisions
        ],
    )


_SAME = (
    "year_first", "year_last", "revision", "run", "finished", "package_version", "trend_percent_decade", "trend_p",
)  # fmt: skip


@router.get("/regions/{region}/series", summary="The series of a region")
def series(
    site: Served,
    region: Id,
    asking: Asking,
    variable: Annotated[str | None, Query(max_length=100, description="only this variable")] = None,
    revision: Revision = None,
    offset: Offset = 0,
    limit: Limit = 1000,
) -> SeriesPage:
    """Values by variable and month; those of whole years have `_annual` in the name of their variable."""
    with reading(site.engine) as connection:
        report = _report(connection, region, asking, revision)
    values = [
        Value(variable=each.variable, month=day, value=value, units=each.units)
        for each in report.series
        if variable in (None, each.variable)
        for day, value in zip(each.dates, each.values, strict=True)
    ]
    return SeriesPage(
        region=region, origin=report.view.origin, run=report.run, total=len(values), offset=offset,
        values=values[offset : offset + limit],
    )  # fmt: skip


@router.get("/practices", summary="Practices", tags=["practices"])
def practices(site: Served, asked: Filtered) -> list[PracticeSummary]:
    """The practices that answer a search; the filters are those of the page."""
    with reading(site.engine) as connection:
        found = practice_view.matching(listed(connection), asked)
    return [
        PracticeSummary(id=each.id, effect=each.effect, **{name: each.record[name] for name in _SUMMARY})
        for each in found
    ]


_SUMMARY = ("title", "country", "start", "end", "evidence_type")


@router.get("/practices/{practice}", summary="A practice", tags=["practices"])
def one_practice(site: Served, practice: Id) -> PracticeAnswer:
    """The record of a practice, its sources and caveats included, and its evidence."""
    with reading(site.engine) as connection:
        query = select(Practice.record, Practice.revision).where(Practice.id == practice, Practice.retired.is_(False))
        row = connection.execute(query).first()
        if row is None:
            raise NotFound(f"There is no practice {practice!r}; /api/v1/practices lists all that there are.")
        found = proofs(connection, practice)
        why = dict(reasons(connection, row.record, found))
    record = PracticeDraft.model_validate(row.record)
    return PracticeAnswer(id=practice, revision=row.revision, record=record, satellite=found, context_only_because=why)
