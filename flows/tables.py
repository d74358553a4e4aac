"""What the listing commands print: regions, practices, and the files of an export."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from flows.errors import FlowError
from flows.request import Season

if TYPE_CHECKING:
    import pandas as pd
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
    console.print(f"Next: [bold]drylands assess {added[0].id}[/]")


def print_practices(country: str | None, practice: str | None, data: Path, url: str | None) -> None:
    """Print the documented practices, of one country if asked for, or all that is known of one.

    Raises FlowError for a country or an id that has none.
    """
    from practices import queries

    engine = database(data, url)
    try:
        found = queries.practices(engine)
    finally:
        engine.dispose()
    console = Console()
    if practice is not None:
        _print_practice(console, found, practice)
        return
    if country is not None:
        chosen = found[found["country"] == country.upper()]
        if chosen.empty:
            known = ", ".join(sorted(set(found["country"])))
            raise FlowError(f"country {country!r}: no practice is documented; there are some for {known}")
        found = chosen
    table = Table(title="Documented practices", title_justify="left", box=SIMPLE_HEAD)
    table.add_column("country")
    table.add_column("since")
    table.add_column("practice", overflow="fold")
    table.add_column("measures", overflow="fold")
    for each in found.to_dict("records"):
        since = f"{each['start']:.0f}" if each["start"] == each["start"] else ""
        table.add_row(each["country"], since, f"[bold]{each['practice']}[/]\n{each['title']}", each["measures"])
    console.print(table)
    console.print("Measures: WOCAT codes, assigned from the text of the sources.")
    console.print("Next: [bold]drylands practices --show ID[/] for description, outcome, sources and caveats.")


def _print_practice(console: Console, found: pd.DataFrame, practice: str) -> None:
    chosen = found[found["practice"] == practice]
    if chosen.empty:
        near = get_close_matches(practice, list(found["practice"]), n=3, cutoff=0.3)
        raise FlowError(f"there is no practice {practice!r}; did you mean {' or '.join(near) or 'another'}?")
    for name, value in chosen.iloc[0].items():
        if value is None or value != value or value == "":
            continue
        text = f"{value:.0f}" if isinstance(value, float) else str(value)
        console.print(f"[bold]{name}[/]  {text}", highlight=False)


def database(data: Path, url: str | None) -> Engine:
    """The good-practice database, made and brought up to date where needed, the documented practices in it."""
    from practices.catalogue import seed
    from practices.database import open_database

    if url is None:
        data.mkdir(parents=True, exist_ok=True)
    engine = open_database(url or data / "practices.sqlite")
    seed(engine)
    return engine
