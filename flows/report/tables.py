"""The tables of a run for a terminal of 80 columns: all numbers of few results, or the shares of many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.table import Table

from flows import leading
from flows.report.outcome import Outcome
from flows.report.result_text import no_break, signed
from practices.report.shares import ASSESSMENT
from practices.results.names import LAND as CLASSES

if TYPE_CHECKING:
    from flows.region.result import RegionResult

#: Areas of a region smaller than this have decimals.
SMALL_KM2 = 100
#: From this area on, columns of areas stand closer together: 80 columns hold no more.
LARGE_KM2 = 100_000


def closing_table(results: Sequence[RegionResult]) -> Table:
    """The summary for a terminal of 80 columns: shares under areas, p-values under trends, each break on a line."""
    period = ", ".join(sorted({result.period for result in results}))
    roomy = all(area < LARGE_KM2 for result in results for area in result.area_km2.values())
    title = f"SDG 15.3.1, {period}, {ASSESSMENT}"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 0, 0, int(roomy)))
    table.add_column("region\n", overflow="fold")
    for heading in ("degraded\nkm², %", "stable\nkm², %", "improved\nkm², %", "undeterm.\nkm², %"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("trend\n%/decade", justify="right", no_wrap=True)
    table.add_column("break\n(95 %)", justify="right", no_wrap=True)
    several = len({result.profile for result in results}) > 1
    for result in results:
        named = leading.RegionCell(
            result.region, *leading.name_lines(result.region, result.name), *([result.profile] if several else [])
        )
        digits = 0 if sum(result.area_km2[name] for name in CLASSES) >= SMALL_KM2 else 2
        areas = [f"{result.area_km2[name]:,.{digits}f}\n{100 * result.share[name]:.1f}" for name in CLASSES]
        areas[0] = leading.lead_text(result, digits)
        breaks = "\n".join(f"{b.year} ({b.low % 100:02d}-{b.high % 100:02d})" for b in result.breaks)
        trend = "too short"
        if result.trend_percent_decade is not None:
            trend = f"{signed(result.trend_percent_decade)}\np {result.trend_p:.2f}"
        table.add_row(named, *areas, trend, breaks or no_break(result), end_section=True)
    return table


#: From this number of profiles on, columns stand closer together.
ROOMY = 6


def comparison_table(outcome: Outcome) -> Table:
    """Degraded land by region and profile, percent of the land, for a terminal of 80 columns.

    Further columns: the share that all profiles call degraded, of the land that can be judged; and, where people are
    counted, the lowest and highest number of people (thousands) on land that a profile calls degraded.
    """
    results = outcome.assessments
    profiles = list(dict.fromkeys(each.profile for each in results))
    period = ", ".join(sorted({result.period for result in results}))
    title = f"SDG 15.3.1, {period}: mapped as degraded, % of the land"
    # Six profiles fit 80 columns with a single space between them.
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 0, 0, int(len(profiles) < ROOMY)))
    table.add_column("region\n", overflow="fold")
    headings = [
        *(profile.replace("-", "-\n", 1) for profile in profiles),
        "all\n",
        "undet.\n",
        "people\n1000",
    ]
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    together = {each.region: each for each in outcome.agreements}
    for region in dict.fromkeys(each.region for each in results):
        own = {each.profile: each for each in results if each.region == region}
        agreed = together.get(region)
        counts = [each.certainty.get("population_degraded") for each in own.values()]
        people = [count / 1000 for count in counts if count is not None]
        named = leading.name_lines(region, next(iter(own.values())).name)
        table.add_row(
            leading.RegionCell(region, *named),
            *(leading.ranked_text(own[profile]) if profile in own else "-" for profile in profiles),
            "-" if agreed is None else f"{100 * list(agreed.share.values())[-1]:.1f}",
            f"{100 * next(iter(own.values())).share['undetermined']:.1f}",
            f"{min(people):,.1f}-{max(people):,.1f}" if people else "-",
        )
    return table
