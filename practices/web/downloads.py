"""Files of a region to take away: tables, workbook, outline with its result, and the printed brief."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool

from practices.database.transactions import reading
from practices.exports.columns import REGION_NAME
from practices.exports.content import content
from practices.exports.formulas import guard
from practices.exports.workbook import write_workbook
from practices.report import brief, headlines
from practices.report.geojson_features import report_feature
from practices.report.practice_context import context
from practices.report.uncertainty import statistics
from practices.results import by_region, published_places, published_views
from practices.results.names import own_tables
from practices.web.errors import NotFound
from practices.web.page_helpers import Asked, Asking, Id, Revision, Service, WebService, Word, page
from practices.web.work_limit import WorkLimit

router = APIRouter(include_in_schema=False)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def requested_report(service: WebService, region: str, asking: Asked, revision: int | None) -> by_region.Report:
    """The report of exactly the view and revision requested. Raises NotFound if it is not published."""
    with reading(service.engine) as connection:
        choice = asking.exact(published_views.choices(connection, region), f"Region {region}")
        report = by_region.report(connection, region, choice.view, revision=revision)
    if report is None:
        raise NotFound(f"Region {region}: revision {revision} does not exist; leave out `revision` to get the latest.")
    return report


def identity(report: by_region.Report) -> dict[str, Any]:
    """The columns that say which result a row is of."""
    view = report.view
    return {
        "region": report.id, REGION_NAME: report.name, "period": view.period, "year_first": report.year_first,
        "year_last": report.year_last, "method": view.method, "origin": view.origin, "revision": report.revision,
    }  # fmt: skip


@router.get("/regions/{region}/areas.csv")
def areas(service: Service, region: Id, asking: Asking, revision: Revision = None) -> Response:
    """Areas by indicator and class."""
    report = requested_report(service, region, asking, revision)
    rows = [{**identity(report), **vars(each), "run": report.run} for each in report.areas]
    columns = [*identity(report), *(field.name for field in fields(by_region.ClassArea)), "run"]
    return table(columns, rows, f"{region}-areas")


@router.get("/regions/{region}/series.csv")
def series(service: Service, region: Id, asking: Asking, revision: Revision = None) -> Response:
    """The series, annual and monthly."""
    report = requested_report(service, region, asking, revision)
    columns = ("region", "origin", "variable", "month", "value", "units", "source", "run")
    own = own_tables(report.datasets)
    rows = [
        {
            "region": report.id, "origin": report.view.origin, "variable": each.variable, "month": day.isoformat(),
            "value": value, "units": each.units, "source": own.get(each.variable), "run": report.run,
        }
        for each in report.series
        for day, value in zip(each.dates, each.values, strict=True)
    ]  # fmt: skip
    return table(columns, rows, f"{region}-series")


@router.get("/regions/{region}/region.geojson")
def geojson(service: Service, region: Id, asking: Asking, revision: Revision = None) -> Response:
    """Outline and headline as one GeoJSON feature."""
    report = requested_report(service, region, asking, revision)
    with reading(service.engine) as connection:
        leading = headlines.of_report(report, statistics(connection, report))
    feature = report_feature(report, leading)
    return attached(json.dumps(feature, ensure_ascii=False), "application/geo+json", f"{region}.geojson")


@router.get("/regions/{region}/workbook.xlsx")
async def workbook(request: Request, service: Service, region: Id, origin: Word = None) -> Response:
    """The region by every period and method of one origin, latest revisions, and the practices in it, as a workbook.

    One is made at a time.
    """
    view = await run_in_threadpool(_of_origin, service, region, origin)
    turns: WorkLimit = request.app.state.workbooks
    async with turns.slot("Other workbooks are being made; try again in a minute, or take the tables (CSV)."):
        book = await run_in_threadpool(_book, service, region, view)
    return attached(book, XLSX, f"{region}.xlsx")


def _of_origin(service: WebService, region: str, origin: str | None) -> published_views.View:
    with reading(service.engine) as connection:
        return (
            Asked(None, None, origin or None)
            .exact(published_views.choices(connection, region), f"Region {region}")
            .view
        )


def _book(service: WebService, region: str, view: published_views.View) -> bytes:
    with reading(service.engine) as connection:
        report = by_region.report(connection, region, view)
        here = published_places.sites_near(connection, report) if report else []
        tables = content(connection, regions=[region], origin=view.origin, practices={each.practice for each in here})
    with TemporaryDirectory() as folder:
        path = Path(folder) / "region.xlsx"
        write_workbook(path, tables)
        return path.read_bytes()


@router.get("/regions/{region}/brief", response_class=HTMLResponse)
def region_brief(service: Service, region: Id, asking: Asking, revision: Revision = None) -> HTMLResponse:
    """One page for printing."""
    return HTMLResponse(
        brief.of_report(service.engine, requested_report(service, region, asking, revision), linked=True)
    )


@router.get("/practices/{practice}/card", response_class=HTMLResponse)
def practice_card(request: Request, service: Service, practice: Id) -> HTMLResponse:
    """A card of a practice for printing."""
    with reading(service.engine) as connection:
        return page(request, "card.html", **context(connection, practice), **brief.STYLE_LINKED)


def table(columns: Sequence[str], rows: list[dict[str, Any]], name: str) -> Response:
    """Rows as a CSV file, with a header even without rows, and the mark by which spreadsheets recognise UTF-8."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: guard(cell) for name, cell in row.items()} for row in rows)
    return attached("\ufeff" + text.getvalue(), "text/csv; charset=utf-8", f"{name}.csv")


def attached(content: str | bytes, media_type: str, name: str) -> Response:
    """A file to be kept under a name."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)
