"""What the commands about regions print."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from rich.console import Console
from rich.table import Table
from rich.text import Text

from flows.request.assess import Season
from flows.request.suggest import command
from flows.store import known_regions, own_regions
from practices.report.wording import BORDERS


def print_regions(data: Path) -> None:
    """Print the catalogue, the user's own regions included."""
    table = Table(title="Dryland regions", title_justify="left")
    for heading in ("id", "name", "countries", "kind", "season"):
        table.add_column(heading, overflow="fold")
    for region in known_regions(data).values():
        first, last = region.growing_season
        table.add_row(region.id, Text(region.name), " ".join(region.countries), region.kind, f"{first}-{last}")
    console = Console()
    console.print(table)
    console.print(BORDERS)


def add_regions(file: Path, data: Path, *, season: str, **options: Any) -> None:
    """Add the polygons of `file` (options of `regions.own.add`) to the user's own regions and list their ids."""
    from regions.own import add

    growing_season = TypeAdapter(Season).validate_python(season)
    added = add(file, own_regions(data), growing_season=growing_season, **options)
    console = Console()
    print_notes(console, added.notes)
    for region in added.regions:
        console.print(Text.assemble("added ", (region.id, "bold"), f" ({region.name})"), soft_wrap=True)
    following = command("assess", added.regions[0].id, data=data)
    console.print(Text.assemble("Next: ", (following, "bold")), soft_wrap=True)


def print_notes(console: Console, notes: list[str]) -> None:
    """Print what was chosen, repaired or left out in a file of polygons, one line for each note."""
    for note in notes:
        console.print(Text(f"note: {note}"), soft_wrap=True)
