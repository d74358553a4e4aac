"""The `drylands practices` commands: list, show, import, export, edit, and look back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import DatabaseUrl, DataFolder, refuse_before_subcommand
from flows.defaults import DEFAULT_DATA

app = typer.Typer(
    help="List the documented practices; show, import, export and edit them.", invoke_without_command=True
)

Practice = Annotated[str, typer.Argument(help="Id of a practice (see [bold]drylands practices[/]).")]
PracticeFile = Annotated[Path, typer.Argument(help="A file that ends with .csv, .xlsx or .geojson.")]
Who = Annotated[
    str | None, typer.Option(envvar="DRYLANDS_WHO", help="Name of the editor; by default your name on this machine.")
]
Why = Annotated[str, typer.Option(help="Reason of the edit, kept in the history.")]


@app.callback()
def practices(
    context: typer.Context,
    country: Annotated[str | None, typer.Option(help="Only practices of this country, such as MNG.")] = None,
    show: Annotated[str | None, typer.Option(help="Show the practice with this id.")] = None,
    data: DataFolder = DEFAULT_DATA,
    database: DatabaseUrl = None,
) -> None:
    """List the documented practices; show, import, export and edit them."""
    refuse_before_subcommand(context)
    if context.invoked_subcommand is None:
        from flows.cli.practices_print import print_practice, print_practices

        if show is None:
            print_practices(country, data, database)
        else:
            print_practice(show, data, database)


@app.command("show")
def show_practice(
    practice: Practice,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, to edit and pass to edit --file.")] = False,
    data: DataFolder = DEFAULT_DATA,
    database: DatabaseUrl = None,
) -> None:
    """Show all that is known of a practice, with its sources and caveats."""
    from flows.cli.practices_print import print_practice

    print_practice(practice, data, database, as_json=as_json)


@app.command()
def template(file: PracticeFile) -> None:
    """Write FILE, an empty table for your own practices with one example."""
    from flows.cli.practices_print import make_template

    make_template(file)


@app.command("import")
def import_practices(
    file: PracticeFile,
    who: Who = None,
    why: Why = "",
    skip_bad: Annotated[bool, typer.Option(help="Import valid rows, list invalid ones, and exit with 3.")] = False,
    data: DataFolder = DEFAULT_DATA,
    database: DatabaseUrl = None,
) -> None:
    """Import the practices of FILE: all of them, or none if any row is invalid."""
    from flows.cli.practices_print import run_import

    run_import(file, data, database, who=who, why=why, skip_bad=skip_bad)


@app.command()
def export(
    file: PracticeFile,
    practice: Annotated[list[str] | None, typer.Option(help="Only this one; may be repeated.")] = None,
    data: DataFolder = DEFAULT_DATA,
    database: DatabaseUrl = None,
) -> None:
    """Write practices to FILE, to read, to edit and to import again."""
    from flows.cli.practices_print import run_export

    run_export(file, tuple(practice or ()), data, database)


@app.command()
def edit(
    practice: Practice,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", help="field=value, such as end=2020, title.mn=…, sites.1.lat=46.2, caveats.+=…"),
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="Edited record, in the form that [bold]show --json[/] prints.")
    ] = None,
    who: Who = None,
    why: Why = "",
    data: DataFolder = DEFAULT_DATA,
    database: DatabaseUrl = None,
) -> None:
    """Change a practice; the earlier version stays in its history."""
    from flows.cli.practices_print import run_edit

    run_edit(practice, tuple(changes or ()), file, data, database, who=who, why=why)


@app.command()
def history(practice: Practice, data: DataFolder = DEFAULT_DATA, database: DatabaseUrl = None) -> None:
    """Show who changed a practice, when, why and what."""
    from flows.cli.practices_print import print_history

    print_history(practice, data, database)


@app.command()
def retire(
    practice: Practice,
    why: Annotated[str, typer.Option(help="Reason for the removal.")],
    who: Who = None,
    data: DataFolder = DEFAULT_DATA,
    database: DatabaseUrl = None,
) -> None:
    """Hide a practice; it stays in the database with its history."""
    from flows.cli.practices_print import run_retire

    run_retire(practice, data, database, who=who, why=why)


@app.command()
def restore(
    practice: Practice,
    revision: Annotated[int | None, typer.Option(help="Revision to restore; by default the newest.")] = None,
    who: Who = None,
    why: Why = "",
    data: DataFolder = DEFAULT_DATA,
    database: DatabaseUrl = None,
) -> None:
    """Restore a practice that was retired, or an earlier revision of it."""
    from flows.cli.practices_print import run_restore

    run_restore(practice, data, database, revision=revision, who=who, why=why)
