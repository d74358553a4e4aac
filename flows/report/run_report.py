"""The report of a run as markdown, and its rows for the table artifact."""

from __future__ import annotations

from typing import Any

from flows import leading
from flows.pull.left_out import left_out_lines
from flows.report.outcome import Outcome
from flows.report.result_text import (
    agreement_text,
    break_lines,
    break_text,
    certainty_text,
    gap_lines,
    own_series_lines,
    sensor_lines,
    share_text,
    trend_text,
)
from flows.request.assess import AssessRequest
from practices.report.wording import PERIOD_COLUMNS, origin_sentence
from practices.results.names import LAND as CLASSES


def summary_rows(outcome: Outcome) -> list[dict[str, Any]]:
    """One row for each region and profile: period, class areas and shares, trend, breaks, origin."""
    return [
        {
            "region": result.region,
            "name": result.name,
            "profile": result.profile,
            "period": result.period,
            "what leads": result.headline.lead,
            **{f"{name}, as mapped": share_text(result, name) for name in CLASSES},
            "trend": trend_text(result),
            "how sure": certainty_text(result) if result.certainty else "",
            "first year after a break": break_text(result),
            "origin": result.origin,
        }
        for result in outcome.assessments
    ]


def markdown_report(request: AssessRequest, outcome: Outcome) -> str:
    """The report of a run as markdown."""
    rows = summary_rows(outcome)
    names = ", ".join(f"`{name}`" for name in request.profiles)
    parts = [
        "# Land degradation assessment",
        f"Profiles {names}, years {request.years[0]}–{request.years[1]}, source `{request.source}`.",
    ]
    parts += [f"Years: {outcome.years_note}."] if outcome.years_note else []
    parts += [f"Data: {line}" for line in outcome.stale]
    parts += [f"**{origin_sentence(origin)}**" for origin in sorted({result.origin for result in outcome.results})]
    if rows:
        parts.append(leading.markdown_table(rows))
    parts += ["## What leads, and how sure", *(f"- {each}" for each in leading.headline_lines(outcome.assessments))]
    periods = leading.period_rows(outcome.assessments)
    parts += ["## Periods that countries report", leading.markdown_table(periods), PERIOD_COLUMNS] if periods else []
    parts += [f"**{each}**" for each in leading.warning_lines(outcome.assessments)]
    parts += [f"- {line}" for line in break_lines(outcome.assessments)]
    parts += [
        f"- {line}"
        for line in (
            *sensor_lines(outcome.assessments),
            *own_series_lines(outcome.assessments),
            *gap_lines(outcome.results),
        )
    ]
    parts += [f"- **{result.title}**: {agreement_text(result)}" for result in outcome.agreements]
    if missing := left_out_lines(outcome.results):
        parts += ["## Left out", "\n".join(f"- {line}" for line in missing)]
    if outcome.failures:
        parts.append("## Regions that failed")
        parts += [f"- **{region}**: {reason}" for region, reason in outcome.failures.items()]
    return "\n\n".join(parts) + "\n"
