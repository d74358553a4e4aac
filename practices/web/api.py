"""The JSON API: the content of the pages for programs. Every answer says the origin of its results."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import Connection, select

from practices.database.transactions import reading
from practices.models import Practice
from practices.record.draft import PracticeDraft
from practices.report import headlines, uncertainty
from practices.report import practice as practice_view
from practices.report.evidence import proofs, reasons
from practices.results import by_region, published_places, published_views
from practices.results.names import own_tables
from practices.web.api_answers import (
    Edition,
    PracticeAnswer,
    PracticeSummary,
    PublishedArea,
    PublishedBreak,
    PublishedHeadline,
    PublishedPatch,
    PublishedRegion,
    PublishedTransition,
    PublishedView,
    Result,
    SeriesPage,
    Value,
)
from practices.web.errors import NotFound
from practices.web.page_helpers import Asked, Asking, Id, Revision, Service
from practices.web.practice_pages import Filtered, listed

PROBLEM: dict[int | str, dict[str, Any]] = {
    404: {"description": "nothing matches; the detail lists what exists"},
    422: {"description": "the request is not valid"},
}
router = APIRouter(prefix="/api/v1", tags=["results"], responses=PROBLEM)
Offset = Annotated[int, Query(ge=0, le=1_000_000)]
Limit = Annotated[int, Query(ge=1, le=5000)]


@router.get("/views", summary="Views with published results")
def views(service: Service) -> list[PublishedView]:
    """Period, method and origin of all results. The first one is what the page shows first."""
    with reading(service.engine) as connection:
        return [_view(each) for each in published_views.choices(connection)]


def _view(choice: published_views.Choice) -> PublishedView:
    return PublishedView(**vars(choice.view), year_first=choice.year_first, year_last=choice.year_last)


@router.get("/regions", summary="Regions")
def all_regions(service: Service) -> list[PublishedRegion]:
    """All regions by id."""
    with reading(service.engine) as connection:
        return [PublishedRegion.model_validate(each) for each in published_places.regions(connection)]


def _report(connection: Connection, region: str, asking: Asked, revision: int | None) -> by_region.Report:
    choice = asking.exact(published_views.choices(connection, region), f"Region {region}")
    report = by_region.report(connection, region, choice.view, revision=revision)
    if report is None:
        raise NotFound(f"Region {region}: revision {revision} does not exist; leave out `revision` to get the latest.")
    return report


@router.get("/regions/{region}", summary="The result of a region")
def one_region(service: Service, region: Id, asking: Asking, revision: Revision = None) -> Result:
    """A region in the requested view, or the one that the page shows first."""
    with reading(service.engine) as connection:
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
        patches=[PublishedPatch.model_validate(each) for each in report.patches],
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
    service: Service,
    region: Id,
    asking: Asking,
    variable: Annotated[str | None, Query(max_length=100, description="only this variable")] = None,
    revision: Revision = None,
    offset: Offset = 0,
    limit: Limit = 1000,
) -> SeriesPage:
    """Values by variable and month; those of whole years have `_annual` in the name of their variable."""
    with reading(service.engine) as connection:
        report = _report(connection, region, asking, revision)
    own = own_tables(report.datasets)
    values = [
        Value(variable=each.variable, month=day, value=value, units=each.units, source=own.get(each.variable))
        for each in report.series
        if variable in (None, each.variable)
        for day, value in zip(each.dates, each.values, strict=True)
    ]
    return SeriesPage(
        region=region, origin=report.view.origin, run=report.run, total=len(values), offset=offset,
        values=values[offset : offset + limit],
    )  # fmt: skip


@router.get("/practices", summary="Practices", tags=["practices"])
def practices(service: Service, asked: Filtered) -> list[PracticeSummary]:
    """The practices that match a search; the filters are those of the page."""
    with reading(service.engine) as connection:
        found = practice_view.matching(listed(connection), asked)
    return [
        PracticeSummary(id=each.id, effect=each.effect, **{name: each.record[name] for name in _SUMMARY})
        for each in found
    ]


_SUMMARY = ("title", "country", "start", "end", "evidence_type")


@router.get("/practices/{practice}", summary="A practice", tags=["practices"])
def one_practice(service: Service, practice: Id) -> PracticeAnswer:
    """The record of a practice, its sources and caveats included, and its evidence."""
    with reading(service.engine) as connection:
        query = select(Practice.record, Practice.revision).where(Practice.id == practice, Practice.retired.is_(False))
        row = connection.execute(query).first()
        if row is None:
            raise NotFound(f"There is no practice {practice!r}; /api/v1/practices lists all practices.")
        found = proofs(connection, practice)
        why = dict(reasons(connection, row.record, found))
    record = PracticeDraft.model_validate(row.record)
    return PracticeAnswer(id=practice, revision=row.revision, record=record, satellite=found, context_only_because=why)
