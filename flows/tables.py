"""What the listing commands print: regions, practices, and the files of an export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from flows.errors import FlowError

if TYPE_CHECKING:
    from sqlalchemy import Engine


def own_regions(data: Path) -> Path:
    """The folder of the regions that a user has added."""
    return data / "regions"


def season_months(text: str) -> tuple[int, int]:
    """`"5-9"` as `(5, 9)`. Raises FlowError where it is not two months."""
    first, _, last = text.partition("-")
    if not (first.isdigit() and last.isdigit() and 1 <= int(first) <= 12 and 1 <= int(last) <= 12):
        raise FlowError(f"season {text!r} is not two months; write May to September as 5-9")
    return int(first), int(last)


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
        growing_season=season_months(season),
    )
    console = Console()
    for region in added:
        console.print(f"added [bold]{region.id}[/] ({region.name})")
    console.print(f"Next: [bold]drylands assess {added[0].id}[/]")


def database(data: Path, url: str | None) -> Engine:
    """The good-practice database, made and brought up to date where needed."""
    from practices.database import open_database

    if url is None:
        data.mkdir(parents=True, exist_ok=True)
    return open_database(url or data / "practices.sqlite")
