"""What the `drylands practices` commands do and print."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from flows.cli.display import print_template
from flows.errors import FlowError, RowsLeftOut
from flows.request.suggest import command, hint
from flows.store import database

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from practices.record.draft import PracticeDraft


@contextmanager
def _opened(data: Path, url: str | None) -> Iterator[Engine]:
    engine = database(data, url)
    try:
        yield engine
    finally:
        engine.dispose()


def signature(who: str | None) -> str:
    """Who edits: the name that is given, or that of the user of this machine. Raises FlowError if there is none."""
    if who:
        return who
    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:
        raise FlowError("nobody signs: this machine does not know your name; give it with --who") from error


def print_practices(country: str | None, data: Path, url: str | None) -> None:
    """Print the documented practices, of all countries or one. Raises FlowError for a country without practices."""
    from practices.results import practice_queries

    with _opened(data, url) as engine:
        found = practice_queries.practices(engine)
    console = Console()
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
        title = Text.assemble((each["practice"], "bold"), "\n", each["title"])
        if each["scope"] == "outside":
            title.append("\n(outside North-East Asia)")
        table.add_row(each["country"], since, title, each["measures"])
    console.print(table)
    console.print("Measures: WOCAT codes, assigned from the text of the sources.")
    if said := hint(url):
        console.print(said, highlight=False, soft_wrap=True)
    first = command("practices", "show", str(found["practice"].iloc[0]), data=data, database=url)
    console.print(
        Text.assemble("Next: ", (first, "bold"), "  description, outcome, sources and caveats of one"), soft_wrap=True
    )


def print_practice(practice: str, data: Path, url: str | None, *, as_json: bool = False) -> None:
    """Print all that is known of a practice. Raises UnknownPractice."""
    from practices.record.editing import current

    with _opened(data, url) as engine:
        revision, draft = current(engine, practice)
    if as_json:
        record = {"revision": revision, **draft.model_dump(mode="json")}
        typer.echo(json.dumps(record, ensure_ascii=False, indent=1))
        return
    console = Console()
    for name, text in described(draft, revision):
        console.print(Text.assemble((name, "bold"), f"  {text}"), soft_wrap=True)


def described(draft: PracticeDraft, revision: int) -> Iterator[tuple[str, str]]:
    """What is known of a practice as names and texts, codes with their meaning."""
    from practices.record import vocabularies as words

    yield "practice", f"{draft.id} (revision {revision})"
    for code, title in draft.title.items():
        yield ("title" if code == "en" else words.LANGUAGES.label(code)), title
    yield "place", ", ".join((*draft.admin, words.COUNTRIES.label(draft.country)))
    if draft.scope == "outside":
        yield "scope", words.SCOPES.label(draft.scope)
    years = f"{draft.start or 'not known'} to {draft.end or 'open'}"
    yield "years", f"{years} ({draft.period_note})" if draft.period_note else years
    for site in draft.sites:
        kind = "outline known" if site.polygon else f"radius {site.radius_km or '?'} km, a guess and no boundary"
        precision = f", known to {site.coord_precision_km:g} km" if site.coord_precision_km else ""
        basis = words.COORD_BASIS.label(site.coord_basis)
        yield "site", f"{site.name}: {site.lat:g} N {site.lon:g} E{precision}, {basis}; {kind}"
    for name in ("land_use", "degradation", "measures", "slm_groups", "goals", "purposes"):
        codes = getattr(draft, name)
        if codes:
            yield name.replace("_", " "), "; ".join(words.VOCABULARIES[name].label(code) for code in codes)
    yield "codes", draft.codes_basis
    yield "description", draft.description
    yield "outcome", f"{draft.outcome} ({words.EVIDENCE_TYPES.label(draft.evidence_type)})"
    for each in draft.indicators:
        yield "indicator", _figure(each)
    yield "confidence", words.CONFIDENCE.label(draft.confidence)
    for caveat in draft.caveats:
        yield "caveat", caveat
    why = f": {draft.satellite_fit_why}" if draft.satellite_fit_why else ""
    yield "satellites", f"{words.SATELLITE_FIT.label(draft.satellite_fit)}{why}"
    for source in draft.sources:
        cited = ", ".join(filter(None, (source.title, source.publisher, source.date, source.url)))
        yield "source", f"{cited} ({words.SOURCE_KINDS.label(source.kind)})"


def _figure(each: Any) -> str:
    before = f"{each.baseline:g} to " if each.baseline is not None else ""
    value = f"{each.value:g}" if each.value is not None else "?"
    when = f" ({each.when})" if each.when else ""
    return f"{each.name}: {before}{value} {each.unit or ''}".rstrip() + when


def make_template(file: Path) -> None:
    """Write a template and say what to do with it."""
    from practices.exchange.files import write_template

    write_template(file)
    print_template(file, command("practices", "import", str(file)))


def run_import(file: Path, data: Path, url: str | None, *, who: str | None, why: str, skip_bad: bool) -> None:
    """Import a file and say what came of it.

    Raises BadImport if nothing was written. Raises RowsLeftOut, after printing the rest, if rows were left out.
    """
    from practices.exchange.files import import_file

    with _opened(data, url) as engine:
        done = import_file(engine, file, who=signature(who), why=why, skip_bad=skip_bad)
    console = Console()
    for practice in done.written:
        console.print(f"written    {practice}", highlight=False)
    for practice in done.unchanged:
        console.print(f"unchanged  {practice}", highlight=False)
    for problem in done.bad:
        console.print(Text(f"left out   {problem.text}", style="red"), soft_wrap=True)
    if done.bad:
        raise RowsLeftOut(file.name, len(done.bad), len(done.written) + len(done.unchanged))


def run_export(file: Path, ids: tuple[str, ...], data: Path, url: str | None) -> None:
    """Export practices and say how many."""
    from practices.exchange.files import export_practices

    with _opened(data, url) as engine:
        count = export_practices(engine, file, ids)
    Console().print(f"{count} practices  {file}", highlight=False, soft_wrap=True)


def run_edit(
    practice: str, changes: tuple[str, ...], file: Path | None, data: Path, url: str | None, **signed: Any
) -> None:
    """Write an edited record, from a file or from single changes. Raises FlowError if there is neither."""
    from practices.record.changes import changed
    from practices.record.editing import current, save

    if (file is None) == (not changes):
        raise FlowError("edit: give either --set field=value, as often as needed, or --file RECORD.json")
    with _opened(data, url) as engine:
        base, draft = current(engine, practice)
        if file is not None:
            base, draft = _record(file, practice)
        else:
            draft = changed(draft, changes)
        revision = save(engine, draft, who=signature(signed["who"]), base=base, why=signed["why"])
    Console().print(f"{practice}: revision {revision}", highlight=False)


def _record(file: Path, practice: str) -> tuple[int, PracticeDraft]:
    """The record of a JSON file, and the revision that it is an edit of."""
    from practices.exchange.sheets import MOST_BYTES
    from practices.record.draft import checked

    try:
        if file.stat().st_size > MOST_BYTES:
            raise FlowError(f"{file}: larger than {MOST_BYTES} bytes; leave out what is not needed")
        values = json.loads(file.read_text(encoding="utf-8-sig"))
        base = int(values.pop("revision"))
    except (OSError, ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise FlowError(
            f"{file}: is not a record with its revision ({error}); make one with: "
            f"{command('practices', 'show', practice, '--json')}"
        ) from error
    draft = checked(values)
    if draft.id != practice:
        raise FlowError(f"{file}: is the record of {draft.id}, not of {practice}; an id cannot be changed")
    return base, draft


def print_history(practice: str, data: Path, url: str | None) -> None:
    """Print the revisions of a practice, newest last."""
    from practices.record.editing import history

    with _opened(data, url) as engine:
        told = history(engine, practice)
    table = Table(title=practice, title_justify="left", box=SIMPLE_HEAD)
    for heading in ("revision", "who", "when (UTC)", "what", "why"):
        table.add_column(heading, overflow="fold")
    for number, row in enumerate(told.to_dict("records")):
        what = "retired" if row["retired"] else ("first" if number == 0 else row["changed"] or "restored")
        table.add_row(str(row["revision"]), Text(row["who"]), f"{row['at']:%Y-%m-%d %H:%M}", what, Text(row["why"]))
    Console().print(table)


def run_retire(practice: str, data: Path, url: str | None, *, who: str | None, why: str) -> None:
    """Retire a practice and say under which revision."""
    from practices.record.editing import retire

    with _opened(data, url) as engine:
        revision = retire(engine, practice, who=signature(who), why=why)
    Console().print(f"{practice}: retired, revision {revision}", highlight=False)


def run_restore(practice: str, data: Path, url: str | None, *, revision: int | None, who: str | None, why: str) -> None:
    """Bring back a practice and say under which revision."""
    from practices.record.editing import restore

    with _opened(data, url) as engine:
        number = restore(engine, practice, who=signature(who), why=why, revision=revision)
    Console().print(f"{practice}: revision {number}", highlight=False)
