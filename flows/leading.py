"""The headline of each region and period, as tables, lines and cells for the terminal and the report of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from practices.numbers import percent
from practices.report.headline_words import warnings
from regions.naming import evident

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

    from flows.region.files.period_results import PeriodResult
    from flows.region.result import RegionResult


#: Width of the lines of a region's name in a table.
NAME_WIDTH = 14


class RegionCell:
    """The id of a region and further lines, as a cell that wraps at spaces and hyphens, and inside words as a last way.

    A terminal otherwise cuts `daurian-steppe` wherever the column ends.
    """

    def __init__(self, *lines: str) -> None:
        """The lines from the top."""
        self.lines = lines

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The lines as they fit the column."""
        yield Text("\n".join(piece for line in self.lines for piece in wrap(line, options.max_width) or [""]))

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """From the longest piece to the longest line."""
        pieces = (piece for line in self.lines for piece in wrap(line, 1, break_long_words=False))
        least, most = (max(map(len, each), default=0) for each in (pieces, self.lines))
        return Measurement(least, most).with_maximum(options.max_width)


def headline_lines(results: Sequence[RegionResult]) -> list[str]:
    """A line for each result: the headline of the whole record, with its certainty."""
    several = len({each.profile for each in results}) > 1
    return [
        f"{each.title}{f' by {each.profile}' if several else ''}, {each.period}: {each.headline.statement}"
        for each in results
    ]


def period_rows(results: Sequence[RegionResult]) -> list[dict[str, str]]:
    """A row for each period that countries report: headline, status and assessment as mapped, share of state alone."""
    return [
        {
            "region": result.region,
            "name": result.name,
            "profile": result.profile,
            "period": each.name,
            "what leads": each.headline.lead,
            "status": percent(each.headline.official.percent) if each.headline.alone else "–",
            "period alone": percent((each.headline.alone or each.headline.official).percent),
            "corrected": percent(each.headline.corrected.percent if each.headline.corrected else None),
            "state alone": percent(each.headline.state_alone),
        }
        for result, each in _reported(results)
    ]


def periods_table(results: Sequence[RegionResult]) -> Table | None:
    """The periods that countries report, for a terminal of 80 columns; None if none was assessed."""
    rows = period_rows(results)
    if not rows:
        return None
    table = Table(
        title="Periods that countries report, degraded in % of the land",
        title_justify="left", box=SIMPLE_HEAD, padding=(0, 0, 0, 1),
    )  # fmt: skip
    several = len({row["profile"] for row in rows}) > 1
    corrected = any(row["corrected"] != "–" for row in rows)
    columns = ["region", "period", "what leads", "status", "period alone"]
    columns += [*(["corrected"] if corrected else []), "state alone"]
    for name in columns:
        words = name.split() in (["region"], ["period"], ["what", "leads"])
        heading = name if words else name.replace(" ", "\n")
        table.add_column(heading, justify="left" if words else "right", overflow="fold")
    for row in rows:
        named = RegionCell(
            row["region"], *name_lines(row["region"], row["name"]), *([row["profile"]] if several else [])
        )
        lead = row["what leads"].removesuffix(" degraded")
        table.add_row(named, row["period"], lead, *(row[name].removesuffix(" %") for name in columns[3:]))
    return table


def name_lines(region: str, name: str) -> list[str]:
    """The name of a region as lines of a narrow column; none if its id already shows it."""
    return [] if evident(region, name) else wrap(name, NAME_WIDTH)


def warning_lines(results: Sequence[RegionResult]) -> list[str]:
    """A warning that names every period whose degraded land depends on state alone; none if there is none."""
    several = len({each.profile for each in results}) > 1
    who = {id(each): f"{each.title} by {each.profile}" if several else each.title for each in results}
    said = warnings((f"{who[id(result)]} {each.name}", each.headline) for result in results for each in result.periods)
    return [said] if said else []


def lead_text(result: RegionResult, digits: int) -> str:
    """Degraded land in a cell: the mapped area and share, below the headline if that is another number."""
    mapped = f"{result.area_km2['degraded']:,.{digits}f}\n{100 * result.share['degraded']:.1f}"
    leading = result.headline
    if leading.leads == "map":
        return mapped
    lead = leading.cell.replace(" %", "").replace(" to ", "-").replace("not determined", "not\ndeter-\nmined")
    lead = lead.replace("at most ", "at most\n").replace("at least ", "at least\n")
    return f"{lead}\nmapped:\n{mapped}"  # a line of its own: the table has 80 columns, and no number may be cut


def ranked_text(result: RegionResult) -> str:
    """Percent of the land that is degraded; `?` if no number may rank the region."""
    ranked = result.headline.ranked
    return "?" if ranked is None else f"{ranked:.1f}"


def markdown_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as a table of markdown."""
    headings = list(rows[0])
    lines = [" | ".join(headings), " | ".join("---" for _ in headings)]
    lines += [" | ".join(str(value).replace("|", "\\|") for value in row.values()) for row in rows]
    return "\n".join(f"| {line} |" for line in lines)


def _reported(results: Sequence[RegionResult]) -> Iterator[tuple[RegionResult, PeriodResult]]:
    """Each period after the whole record, with its result."""
    for result in results:
        for each in result.periods[1:]:
            yield result, each
