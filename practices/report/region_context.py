"""Content of the page and the brief of a region."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from practices.report import answers, area_charts, headlines, series_charts, uncertainty
from practices.report.drivers import causes, table
from practices.report.drivers.helps import helping
from practices.report.nature import link_rows, link_terms, short_sentences
from practices.results import published_places
from practices.results.by_region import Report


def context(connection: Connection, report: Report) -> dict[str, Any]:
    """Names and values for the templates of a region."""
    statistics = uncertainty.statistics(connection, report)
    agreed = uncertainty.agreement(connection, report)
    what = answers.what(report)
    found = causes.cause_rows(report)
    return {
        "report": report,
        "view": report.view,
        "headline": headlines.of_report(report, statistics),
        "what": what,
        "since": answers.since_when(report),
        "drought_of": answers.drought_of,
        "why": [*causes.sentences(report), *answers.why(report)],
        "causes": found,
        "helping": helping(connection, report, found),
        "largest_patches": report.patches[: causes.SHOWN],
        "how_sure": uncertainty.sentences(report, statistics, agreed, what["undetermined"]),
        "sure": statistics,
        "agreed": agreed,
        "interval_note": uncertainty.interval_note(statistics),
        "interval_words": uncertainty.interval_words(statistics),
        "areas": area_charts.areas(report),
        "parts": area_charts.parts(report),
        "matrix": area_charts.transitions(report),
        "annual": series_charts.annual(report),
        "drivers": series_charts.drivers(report),
        "driver_rows": table.driver_rows(report),
        "border_notes": table.border_notes(statistics),
        "driver_sources": series_charts.driver_sources(report),
        "monthly": series_charts.monthly(report),
        "links": link_rows(statistics),
        "link_terms": link_terms(report.datasets),
        "links_in_short": short_sentences(statistics),
        "here": published_places.sites_near(connection, report),
        "beside": headlines.of_region(connection, report.id, report.view.origin),
    }
