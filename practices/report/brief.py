"""Pages for printing: a region on one page, and a practice on a card, as HTML.

A document needs no other file: the style is inside. Simulated results are marked.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from shlex import quote
from typing import Any

from markupsafe import Markup
from sqlalchemy import Engine

from practices.database.files import together
from practices.database.transactions import reading
from practices.errors import NothingToExport, UnknownPractice
from practices.report import region_context
from practices.report.practice_context import context
from practices.report.templating import environment, style_sheet
from practices.results import by_region, published_places, published_views
from practices.results.by_region import Report

STYLE_LINKED: dict[str, Any] = {"style": None}


def render(
    engine: Engine, region: str, *, period: str | None = None, method: str | None = None, origin: str | None = None
) -> str:
    """The brief of a region as a whole HTML document, in the requested view, or the one that the page shows first.

    Raises NothingToExport if no published result matches.
    """
    with reading(engine) as connection:
        found = published_views.choices(connection, region)
        choice = published_views.chosen(found, period=period, method=method, origin=origin)
        report = by_region.report(connection, region, choice.view) if choice else None
    if report is None:
        there = "; ".join(f"{c.view.period}, {c.view.method}, {c.view.origin}" for c in found) or "nothing"
        raise NothingToExport(
            f"region {region!r}: nothing is published for period {period or 'any'}, method {method or 'any'}, origin "
            f"{origin or 'any'}; published: {there}. Assess it first: drylands assess {quote(region)}"
        )
    return of_report(engine, report)


def of_report(engine: Engine, report: Report, *, linked: bool = False) -> str:
    """The brief of a report; `linked`: with the page's own style sheet instead of one inside."""
    with reading(engine) as connection:
        shown = region_context.context(connection, report)
    return environment().get_template("brief.html").render(
        **shown,
        by_method=[each for each in shown["beside"] if each.view.period == report.view.period],
        periods=[each for each in shown["beside"] if each.view.method == report.view.method],
        **(STYLE_LINKED if linked else style_inside()),
    )  # fmt: skip


def card(engine: Engine, practice: str) -> str:
    """The card of a practice as a whole HTML document. Raises NothingToExport if no practice has this id."""
    with reading(engine) as connection:
        try:
            found = context(connection, practice)
        except UnknownPractice as error:
            raise NothingToExport(str(error)) from error
    return environment().get_template("card.html").render(**found, **style_inside())


def style_inside() -> dict[str, Any]:
    """The style sheet as text of the document itself."""
    return {"style": Markup(style_sheet())}  # our own file, no one else's text


def documents(
    engine: Engine, *, regions: Sequence[str] = (), origin: str | None = None, practices: bool = True
) -> dict[str, str]:
    """A brief for each of `regions` (none: all) and a card for each practice, by name of file.

    Raises NothingToExport if no published result matches.
    """
    with reading(engine) as connection:
        names = list(regions) or [place.id for place in published_places.regions(connection)]
        ids = sorted({site.practice for site in published_places.sites(connection)}) if practices else []
    found = {f"brief-{name}.html": render(engine, name, origin=origin) for name in names}
    return found | {f"practice-{name}.html": card(engine, name) for name in ids}


def write_documents(folder: Path, texts: dict[str, str]) -> list[Path]:
    """Write `documents` into a folder. Returns the files."""
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in texts]


def write(
    engine: Engine, folder: Path, *, regions: Sequence[str] = (), origin: str | None = None, practices: bool = True
) -> list[Path]:
    """Write `documents` into a folder, where they appear together. Returns the files.

    Raises NothingToExport, ExportFailed, DiskFull.
    """
    texts = documents(engine, regions=regions, origin=origin, practices=practices)
    with together(folder) as draft:
        write_documents(draft, texts)
    return [folder / name for name in texts]
