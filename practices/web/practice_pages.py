"""Pages of practices: the list with search and filters, one practice, and its card for printing."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection, select

from practices.database.transactions import reading
from practices.errors import UnknownPractice
from practices.models import Practice
from practices.record import editing
from practices.report import practice as practice_view
from practices.report.evidence import proofs
from practices.report.practice import Filters, Listed
from practices.report.practice_context import context
from practices.web.errors import NotFound
from practices.web.page_helpers import Id, Service, Word, page

router = APIRouter(include_in_schema=False)


def filters(
    q: Word = None,
    country: Word = None,
    land_use: Word = None,
    degradation: Word = None,
    measure: Word = None,
    effect: Word = None,
    kind: Word = None,
) -> Filters:
    """The filters of a query."""
    asked = (q, country, land_use, degradation, measure, effect, kind)
    return Filters(*((each or "").strip() for each in asked))


Filtered = Annotated[Filters, Depends(filters)]


def listed(connection: Connection) -> list[Listed]:
    """All practices, by country and start."""
    found = proofs(connection)
    query = (
        select(Practice.id, Practice.record)
        .where(Practice.retired.is_(False))
        .order_by(Practice.country, Practice.start, Practice.id)
    )
    return [
        Listed(row.id, row.record, practice_view.effect_of(p for p in found if p.practice == row.id))
        for row in connection.execute(query)
    ]


@router.get("/practices", response_class=HTMLResponse)
def practices(request: Request, service: Service, asked: Filtered) -> HTMLResponse:
    """The practices that match a search."""
    with reading(service.engine) as connection:
        everything = listed(connection)
    chosen = practice_view.matching(everything, asked)
    return page(
        request, "practices.html", found=chosen, total=len(everything), asked=asked,
        options=practice_view.options(everything), effects=practice_view.EFFECTS, kinds=practice_view.KINDS,
    )  # fmt: skip


@router.get("/practices/{practice}", response_class=HTMLResponse)
def practice_page(request: Request, service: Service, practice: Id) -> HTMLResponse:
    """One practice with its sources, caveats, sites and evidence."""
    with reading(service.engine) as connection:
        return page(request, "practice.html", **context(connection, practice))


@router.get("/practices/{practice}/history", response_class=HTMLResponse)
def history(request: Request, service: Service, practice: Id) -> HTMLResponse:
    """Every revision of a practice: who wrote it, when, why, and which fields changed. Retired ones have theirs too."""
    try:
        found = editing.history(service.engine, practice)
    except UnknownPractice as error:
        raise NotFound(str(error)) from error
    rows = found.to_dict("records")[::-1]
    return page(request, "history.html", id=practice, rows=rows, title=rows[0]["record"]["title"]["en"])
