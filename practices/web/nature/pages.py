"""The page on land, climate and nature of all regions, its table as a file, and the answer for programs."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from practices.database.transactions import reading
from practices.report.nature.country_table import COLUMNS, nature_rows
from practices.report.nature.measures import needed
from practices.report.nature.page_tables import nature_page
from practices.results import nature, published_places, published_views
from practices.web.api import PROBLEM
from practices.web.api_answers import CountryNature, NatureAnswer
from practices.web.downloads import table
from practices.web.page_helpers import Asked, Asking, Service, WebService, page, switches

router = APIRouter(include_in_schema=False)
programs = APIRouter(prefix="/api/v1", tags=["results"], responses=PROBLEM)
WHOSE = "Land, climate and nature"


@router.get("/nature", response_class=HTMLResponse)
def nature_of_all(request: Request, service: Service, asking: Asking) -> HTMLResponse:
    """What links land, climate and nature, by country and over all regions."""
    with reading(service.engine) as connection:
        found = published_views.choices(connection)
        if not found:
            return page(request, "nature.html", view=None)
        choice, notice = asking.closest(found, WHOSE)
        regions = nature.of_view(connection, choice.view, needed())
        shown = {each.id for each in regions}
        others = [each.name for each in published_places.regions(connection) if each.id not in shown]
    return page(
        request, "nature.html", view=choice.view, notice=notice, switches=switches(found, choice.view),
        years=f"{choice.year_first}–{choice.year_last}", others=others,
        **nature_page(regions),
    )  # fmt: skip


@router.get("/nature.csv")
def nature_csv(service: Service, asking: Asking) -> Response:
    """The same as a table."""
    view, rows = _rows(service, asking)
    return table(COLUMNS, rows, f"nature-{view.period}-{view.method}")


@programs.get("/nature", summary="Land, climate and nature by country")
def nature_for_programs(service: Service, asking: Asking) -> NatureAnswer:
    """Sums over the regions of each country, and over all, in the requested view or the one that is shown first.

    Regions in several countries are a row of their own, so that the rows before `all` add up to it.
    """
    view, rows = _rows(service, asking)
    names = CountryNature.model_fields
    return NatureAnswer(
        **vars(view),
        simulated=view.simulated,
        sums=[CountryNature(**{name: row[name] for name in names}) for row in rows],
    )


def _rows(service: WebService, asking: Asked) -> tuple[published_views.View, list[dict[str, Any]]]:
    with reading(service.engine) as connection:
        view = asking.exact(published_views.choices(connection), WHOSE).view
        return view, nature_rows(nature.of_view(connection, view, needed()), view)
