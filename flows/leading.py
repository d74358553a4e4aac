"""What leads in each region and period, as lines and cells for the terminal and the report of a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flows.computing import RegionResult
    from practices.headline import Headline


def headline_lines(results: Sequence[RegionResult]) -> list[str]:
    """For each result what leads over the whole record, then each period that countries report, with its warning."""
    several = len({each.profile for each in results}) > 1
    said = []
    for result in results:
        who = f"{result.region}{f' by {result.profile}' if several else ''}"
        said += [line(f"{who}, {result.period}", result.headline)]
        said += [
            line(f"{who}, {each.name} ({each.years[0]}-{each.years[1]})", each.headline) for each in result.periods[1:]
        ]
    return said


def line(what: str, found: Headline) -> str:
    """What leads in a period, with the words for it and a warning, as one line."""
    return " ".join(filter(None, (f"{what}: {found.lead}. {found.statement}", found.warning)))


def lead_text(result: RegionResult, digits: int) -> str:
    """Degraded land in a cell of two or three lines: what leads, else the mapped area and share, marked as mapped."""
    mapped = f"{result.area_km2['degraded']:,.{digits}f}\n{100 * result.share['degraded']:.1f}"
    found = result.headline
    if found.leads == "map":
        return mapped
    lead = found.cell.replace(" %", "").replace(" to ", "-").replace("not determined", "not deter-\nmined")
    return f"{lead}\nmapped: {mapped}"


def ranked_text(result: RegionResult) -> str:
    """Percent of the land that is degraded; `?` where the interval of the true share excludes the mapped share."""
    ranked = result.headline.ranked
    return "?" if ranked is None else f"{ranked:.1f}"
