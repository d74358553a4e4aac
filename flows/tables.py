"""What the commands about regions print, and the database that all commands open."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter
from rich.console import Console
from rich.table import Table
from rich.text import Text

from flows.request import Season
from flows.suggest import command

if TYPE_CHECKING:
    from sqlalchemy import Engine


def own_regions(data: Path) -> Path:
    """The folder of the regions that a user has added."""
    return data / "regions"


def print_regions(data: Path) -> None:
    """Print the catalogue, the user's own regions included."""
    from regions.catalogue import load

    table = Table(title="Dryland regions", title_justify="left")
    for heading in ("id", "name", "countries", "kind", "season"):
        table.add_column(heading, overflow="fold")
    for region in load(extra=own_regions(data) if own_regions(data).is_dir() else None).values():
        first, last = region.growing_season
        table.add_row(region.id, region.name, " ".join(region.countries), region.kind, f"{first}-{last}")
    console = Console()
    console.print(table)
    console.print("Outlines are rough and drawn for statistics; they express no view on any border.")


def add_regions(file: Path, data: Path, *, id_field: str | None, name_field: str | None, season: str) -> None:
    """Add the polygons of `file` to the user's own regions and say under which ids."""
    from regions.own import add

    added = add(
        file,
        own_regions(data),
        id_field=id_field,
        name_field=name_field,
        growing_season=TypeAdapter(Season).validate_python(season),
    )
    console = Console()
    for region in added:
        console.print(f"added [bold]{region.id}[/] ({region.name})")
    console.print(Text.assemble("Next: ", (command("assess", added[0].id, data=data), "bold")), soft_wrap=True)


def database(data: Path, url: str | None) -> Engine:
    """The good-practice database, made and brought up to date where needed, the documented practices in it."""
    from practices.catalogue import seed
    from practices.database import open_database

    if url is None:
        data.mkdir(parents=True, exist_ok=True)
    engine = open_database(url or data / "practices.sqlite")
    seed(engine)
    return engine
