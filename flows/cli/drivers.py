"""`drylands drivers`: write a template for own tables of drivers, or check a filled one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

app = typer.Typer(help="Write a template for own tables of drivers, or check a filled one.", no_args_is_help=True)

DriverFile = Annotated[Path, typer.Argument(help="A file that ends with .csv or .xlsx.")]


@app.callback()
def drivers() -> None:
    """Write a template for own tables of drivers, or check a filled one."""


@app.command()
def template(file: DriverFile) -> None:
    """Write FILE, a table for your own yearly series of herds, water, mining and others, with examples."""
    from flows.cli.display import print_template
    from flows.request.driver_template import write_template
    from flows.request.suggest import command

    write_template(file)
    print_template(file, command("drivers", "check", str(file)))


@app.command()
def check(file: DriverFile) -> None:
    """List the series of FILE, or everything that is wrong in it by row and column."""
    from flows.request.driver_table import read_driver_table
    from series.own_drivers import ANNUAL

    table = Table()
    for heading in ("region", "variable", "years", "values", "units", "source"):
        table.add_column(heading, overflow="fold")
    for (region, variable), own in read_driver_table(file).rows.groupby(["region", "variable"], sort=False):
        years = own["month"].dt.year
        plain, sources = str(variable).removesuffix(ANNUAL), ", ".join(dict.fromkeys(own["source"]))
        units = str(own["units"].iloc[0])
        table.add_row(str(region), plain, f"{years.min()}-{years.max()}", str(len(own)), units, sources)
    Console().print(table)
