"""Content of the page and the brief of a region."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from practices.report import answers, area_charts, headlines, series_charts, uncertainty
from practices.results import published_places
from practices.results.by_region import Report


def context(connection: Connection, report: Report) -> dict[str, Any]:
    """Names and values for the templates of a region."""
    statistics = uncertainty.statistics(connection, report)
    agreed = uncertainty.agreement(connection, report)
    what = answers.what(report)
    return {
        "report": report,
        "view": report.view,
        "headline": headlines.of_report(report, statistics),
        "what": what,
        "since": answers.since_when(report),
        "drought_of": answers.drought_of,
        "why": answers.why(report),
        "how_sure": uncertainty.sentences(report, statistics, agreed, what["undetermined"]),
        "sure": statistics,
        "agreed": agreed,
        "interval_note": uncertainty.interval_note(statistics),
        "interval_words": uncertainty.interval_words(statistics),
        "areas": area_charts.areas(report),
        "parts": area_charts.parts(report),
        "matrix": area_charts.transitions(report),
        "annual": series_charts.annual(report),
        "monthly": series_charts.monthly(report),
        "here": published_places.sites_near(connection, report),
        "beside": headlines.of_region(connection, report.id, report.view.origin),
    }
