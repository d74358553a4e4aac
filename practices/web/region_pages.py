"""Pages of regions: the map, the list, one region, and the comparison of two."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection, func, select

from practices.charts import MapShape, legend, region_map
from practices.charts.units import units_for_people
from practices.database.transactions import reading
from practices.models import Practice
from practices.numbers import number
from practices.record.vocabularies import COUNTRIES
from practices.report import area_charts, headlines, region_context, series_charts, uncertainty
from practices.report.headline import Headline
from practices.report.headline_words import warnings
from practices.report.wording import origin_mark
from practices.results import by_region, published_places, published_views
from practices.results.by_region import land_km2, percent_degraded
from practices.results.names import HEADLINE, INDICATORS
from practices.results.published_views import Choice, View
from practices.web import national_report
from practices.web.errors import NotFound
from practices.web.page_helpers import Asking, Id, Revision, Service, Word, page, query, switches

router = APIRouter(include_in_schema=False)
Flag = Annotated[str, Query(max_length=5)]


@router.get("/", response_class=HTMLResponse)
def overview(
    request: Request, service: Service, asking: Asking, indicator: Word = None, sites: Flag = ""
) -> HTMLResponse:
    """The map of regions by an indicator, and the same as a table."""
    shown = indicator if indicator in INDICATORS else HEADLINE
    with reading(service.engine) as connection:
        count = connection.scalar(select(func.count(Practice.id))) or 0
        found = published_views.choices(connection)
        if not found:
            return page(request, "overview.html", view=None, practice_count=count, indicator_name=INDICATORS[shown])
        choice, notice = asking.closest(found, "the map")
        rows, shapes = _mapped(connection, choice.view, shown)
        places = published_places.sites(connection) if sites else []
    view = choice.view
    years = f"{choice.year_first}–{choice.year_last}"
    drawn = region_map(
        shapes,
        title=f"Regions by share of land degraded, as mapped, {INDICATORS[shown]}, {years}",
        points=[(f"{s.title} ({s.name})", s.lat, s.lon, f"/practices/{s.practice}") for s in places],
        mark=origin_mark(view.origin),
    )
    return page(
        request, "overview.html", view=view, notice=notice, practice_count=count, indicators=INDICATORS,
        indicator=shown, indicator_name=INDICATORS[shown], switches=switches(found, view), map=drawn, legend=legend(),
        rows=rows, years=years, with_sites=bool(sites),
        which=", ".join(sorted({row["which"] for row in rows if row.get("which")})),
    )  # fmt: skip


def _mapped(connection: Connection, view: View, indicator: str) -> tuple[list[dict[str, Any]], list[MapShape]]:
    """Rows of the table, most degraded first, and shapes of the map; regions without a result are shapes only.

    Regions that must not be ranked (`Headline.must_not_rank`) are not coloured by a share; they come last.
    """
    found = _shown(connection, view, indicator)
    rows, shapes = [], []
    for place in published_places.regions(connection):
        result = found.get(place.id)
        link = f"/regions/{place.id}?{query(view)}"
        if result is None:
            shapes.append(MapShape(place.id, place.name, place.geometry, link))
            continue
        shapes.append(
            MapShape(place.id, place.name, place.geometry, link, result["percent"], result["said"], open=result["open"])
        )
        rows.append({"id": place.id, "name": place.name, "countries": " ".join(place.countries), **result})
    return sorted(rows, key=_order), shapes


def _order(row: dict[str, Any]) -> tuple[bool, float, str]:
    return row["open"], -(row["percent"] or 0), row["name"]


def _shown(connection: Connection, view: View, indicator: str) -> dict[str, dict[str, Any]]:
    """By region what the map and the table show of an indicator: the number to rank by, and what is said."""
    if indicator == HEADLINE:
        return {region: ranked(found) for region, found in headlines.of_view(connection, view).items()}
    shown = {}
    for region, areas in by_region.shares(connection, view, indicator).items():
        percent, degraded = percent_degraded(areas), areas.get("degraded")
        cell = "–" if percent is None else f"{number(percent, 1)} %"
        area = degraded.area_km2 if degraded else None
        shown[region] = {"percent": percent, "cell": cell, "said": f"{cell} degraded", "area": area, "open": False}
    return shown


def ranked(found: Headline) -> dict[str, Any]:
    """What maps and tables of regions show of a headline; `open`: the region must not be ranked."""
    official, fixed = found.official, found.own_corrected
    return {
        "percent": found.ranked, "cell": found.cell, "said": found.lead, "open": found.must_not_rank,
        "area": None if found.must_not_rank else fixed.km2 if fixed else official.km2, "which": official.name,
    }  # fmt: skip


@router.get("/regions", response_class=HTMLResponse)
def region_list(request: Request, service: Service, q: Word = None) -> HTMLResponse:
    """All regions, or those whose name, id, kind or country contains every word of the query."""
    with reading(service.engine) as connection:
        found = published_views.choices(connection)
        view = found[0].view if found else None
        shown = _shown(connection, view, HEADLINE) if view else {}
        places = published_places.regions(connection)
    wanted = (q or "").casefold().split()
    rows = [
        {
            "id": place.id, "name": place.name, "countries": " ".join(place.countries), "kind": place.kind,
            **shown.get(place.id, {"percent": None, "cell": "–", "open": False}),
        }
        for place in places
        if all(word in searched(place) for word in wanted)
    ]  # fmt: skip
    return page(
        request, "regions.html", view=view, rows=sorted(rows, key=lambda r: r["name"]), q=q or "", total=len(places)
    )


def searched(place: Any) -> str:
    """The text of a region that a search looks into, in small letters: id, name, kind, countries by code and name."""
    countries = [f"{code} {COUNTRIES.label(code)}" for code in place.countries]
    return " ".join((place.id, place.name, place.kind, *countries)).casefold()


@router.get("/regions/{region}", response_class=HTMLResponse)
def region_page(
    request: Request, service: Service, region: Id, asking: Asking, revision: Revision = None
) -> HTMLResponse:
    """One region: what, since when, why, how sure."""
    with reading(service.engine) as connection:
        found = _choices(connection, region)
        choice, notice = asking.closest(found, f"region {region}")
        report = by_region.report(connection, region, choice.view, revision=revision)
        if report is None:
            raise NotFound(
                f"Region {region}: revision {revision} does not exist; leave out `revision` to get the latest."
            )
        shown = region_context.context(connection, report)
        reporting: dict[str, Any] = {
            "forms": national_report.forms(connection, report),
            "recoded": national_report.recodes(connection, report),
            "by_country": national_report.countries(connection, report),
        }
    own = [each for each in shown["beside"] if each.view.method == choice.view.method]
    return page(
        request, "region.html", notice=notice, switches=switches(found, choice.view), **shown, **reporting,
        warned=warnings((each.view.period, each.headline) for each in own),
    )  # fmt: skip


def _choices(connection: Connection, region: str) -> list[Choice]:
    found = published_views.choices(connection, region)
    if not found:
        raise NotFound(f"There is no region {region!r} with published results; see the list of regions.")
    return found


@router.get("/compare", response_class=HTMLResponse)
def compared(request: Request, service: Service, asking: Asking, a: Word = None, b: Word = None) -> HTMLResponse:
    """Two regions side by side, in one view."""
    with reading(service.engine) as connection:
        found = published_views.choices(connection)
        if not found:
            return page(request, "compare.html", view=None, places=[])
        for each in filter(None, (a, b)):
            common = [choice.view for choice in _choices(connection, each)]
            found = [choice for choice in found if choice.view in common]
        if not found:
            raise NotFound(f"Regions {a} and {b} have no result by the same period, method and origin.")
        choice, notice = asking.closest(found, "the comparison")
        view = choice.view
        shares_by_region = by_region.shares(connection, view, HEADLINE)
        places = [place for place in published_places.regions(connection) if place.id in shares_by_region]
        first, second = _pair([place.id for place in places], a, b)
        reports = [by_region.report(connection, each, view) for each in (first, second)]
        shown = [report for report in reports if report is not None]
        leading = [headlines.of_report(each, uncertainty.statistics(connection, each)) for each in shown]
    return page(
        request, "compare.html", view=view, notice=notice, places=places, a=first, b=second,
        switches=switches(found, view), reports=[{"report": r, **_compared(r)} for r in shown],
        lines=[*_leading(leading), *_side_by_side(shown)],
    )  # fmt: skip


def _pair(there: list[str], a: str | None, b: str | None) -> tuple[str, str]:
    """The two ids to compare: the requested ones, else the first ones."""
    first = a or there[0]
    return first, b or next((each for each in there if each != first), first)


def _compared(report: by_region.Report) -> dict[str, Any]:
    return {
        "areas": area_charts.areas(report),
        "parts": area_charts.parts(report),
        "annual": [*series_charts.annual(report), *series_charts.drivers(report)],
    }


def _leading(found: list[Headline]) -> list[tuple[str, list[str], str]]:
    """The rows of the comparison that say what leads, and which number it is."""
    return [
        ("Degraded land: what leads", [each.lead for each in found], ""),
        ("Which number, and how sure", [each.statement for each in found], ""),
    ]


def _side_by_side(reports: list[by_region.Report]) -> list[tuple[str, list[str], str]]:
    """Rows of the comparison: what, the value of each region, and the units."""

    def numbers(report: by_region.Report) -> dict[str, tuple[float | None, str]]:
        made: dict[str, tuple[float | None, str]] = {}
        for indicator, name in INDICATORS.items():
            made[f"{name}: degraded in the period alone, as mapped"] = (
                percent_degraded(report.classes(indicator)), "% of the land",
            )  # fmt: skip
        made[f"Trend of {report.quantity[1]}"] = report.trend_percent_decade, "% a decade"
        made["Land"] = land_km2(report.classes(HEADLINE).values()), "km²"
        for series in report.series:
            if series.variable.endswith("_annual") and series.values:
                shown, _ = series_charts.variable(series.variable, report.quantity[1])
                mean = sum(series.values) / len(series.values)
                made[f"{shown.name}, mean"] = mean, units_for_people(series.units)
        return made

    tables = [numbers(report) for report in reports]
    keys = [key for key in tables[0] if all(key in table for table in tables)] if tables else []
    return [(key, [number(t[key][0]) for t in tables], tables[0][key][1]) for key in keys]
