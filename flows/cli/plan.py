"""`drylands plan`: what an assessment will request and cost, before the first request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from flows.cli.assess import parse_resolution
from flows.request.assess import DEMONSTRATION, AssessRequest
from series.cost import EECU_A_REQUEST, PIXELS_A_SECOND, SECONDS_A_PIXEL, SECONDS_A_REQUEST, Cost
from series.cubes.delivery import LARGE
from series.service.turns import MOST

if TYPE_CHECKING:
    import pandas as pd

ASSUMED = (
    f"Assumed, because the service publishes no rule: {SECONDS_A_REQUEST:g} s a request and "
    f"{SECONDS_A_PIXEL * 1e6:g} s a million stored pixels, up to {MOST} requests at the same time; one EECU reads "
    f"{PIXELS_A_SECOND / 1e6:g} million stored pixels a second, and a request costs {EECU_A_REQUEST:g} EECU-seconds. "
    f"Minutes are those of requests; how long an export waits and runs is not known. With --export-to, cubes of more "
    f"than {LARGE / 1e6:g} million pixel-years are exported. "
    f"What is stored already is not counted. Community projects have 150 EECU-hours a month."
)


def run_plan(*, resolution: str, regions: tuple[str, ...], as_json: bool, **options: object) -> None:
    """Print what an assessment of these regions will request. Raises the errors of `flows.pull.checks`."""
    own = options.get("regions_file") is not None
    request = AssessRequest.model_validate(
        {
            "regions": regions or (() if own else DEMONSTRATION),
            "resolution": parse_resolution(resolution),
            **{name: value for name, value in options.items() if value is not None},
        }
    )
    from flows.pull.checks import check_assess
    from flows.pull.plan import planned

    table, total = planned(request, check_assess(request))
    if as_json:
        typer.echo(table.to_json(orient="records"))
        return
    console = Console()
    shown = "variable" if table["region"].nunique() == 1 else "region"
    names = ", ".join(table["region"].unique()) if shown == "variable" else f"{table['region'].nunique()} regions"
    console.print(f"What an assessment of {names} will request ({total.requests:,} requests)", highlight=False)
    console.print(_printed(table, shown, total))
    console.print(ASSUMED)


def _printed(rows: pd.DataFrame, shown: str, total: Cost) -> Table:
    """The rows, put together by region or variable, and their sum, as a table for the terminal."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 0, 0, 1))
    table.add_column(shown, overflow="fold")
    table.add_column("via")
    for heading in ("requests", "exports", "MB", "Mpixels\nread", "minutes", "EECU-\nhours"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, row in rows.groupby(shown, sort=False):
        numbers = row.sum(numeric_only=True)
        megabytes, pixels, exported = numbers[["megabytes", "million_pixels", "million_pixels_exported"]] * 1e6
        cost = Cost(int(numbers["requests"]), megabytes, pixels, int(numbers["exports"]), exported)
        if cost != Cost():
            table.add_row(_label(str(name)), _ways(row), *_cells(cost))
    table.add_section()
    table.add_row("all together", _ways(rows), *_cells(total))
    return table


def _ways(rows: pd.DataFrame) -> str:
    """How the pixels of some rows come: one way, or both."""
    return " and ".join(sorted({*rows["via"]} - {""}))


def _cells(cost: Cost) -> list[str]:
    return [
        f"{cost.requests:,}", f"{cost.exports:,}", f"{cost.bytes / 1e6:,.1f}", f"{cost.pixels / 1e6:,.1f}",
        f"{cost.minutes:,.1f}", f"{cost.eecu_hours:,.3f}",
    ]  # fmt: skip


def _label(name: str) -> str:
    """A region, or the variable of a step."""
    return name.removeprefix("cube ").replace("annual ", "productivity, ").replace("_", " ")
