"""`drylands regions`: list the dryland regions, or add your own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import DataFolder, Encoding, IdField, Layer, NameField, Prefix, refuse_before_subcommand
from flows.defaults import DEFAULT_DATA

app = typer.Typer(help="List the dryland regions, or add your own.", invoke_without_command=True)


@app.callback()
def list_regions(context: typer.Context, data: DataFolder = DEFAULT_DATA) -> None:
    """List the dryland regions, or add your own."""
    refuse_before_subcommand(context)
    if context.invoked_subcommand is None:
        from flows.cli.regions_print import print_regions

        print_regions(data)


@app.command("add")
def add_region(
    file: Annotated[Path, typer.Argument(help="GeoJSON, GeoPackage, shapefile or KML with polygons.")],
    layer: Layer = None,
    encoding: Encoding = None,
    id_field: IdField = None,
    name_field: NameField = None,
    prefix: Prefix = "",
    replace: Annotated[bool, typer.Option("--replace", help="Replace regions that have the same id.")] = False,
    season: Annotated[str, typer.Option(help="First and last month of the growing season.")] = "5-9",
    data: DataFolder = DEFAULT_DATA,
) -> None:
    """Add the polygons of FILE as regions of your own."""
    from flows.cli.regions_print import add_regions

    add_regions(
        file,
        data,
        season=season,
        layer=layer,
        encoding=encoding,
        id_field=id_field,
        name_field=name_field,
        prefix=prefix,
        replace=replace,
    )
