"""`drylands serve`: serve the page of the database, and manage who may edit."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.cli.options import DatabaseUrl, DataFolder, refuse_before_subcommand
from flows.defaults import DEFAULT_DATA

app = typer.Typer(help="Serve the page of the database, or manage who may edit.", invoke_without_command=True)


@app.callback()
def serve(
    context: typer.Context,
    host: Annotated[
        str, typer.Option(help="Address of the server; by default only this machine reaches it.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port.")] = 8765,
    editing: Annotated[bool, typer.Option("--editing", help="Allow users to sign in and edit the practices.")] = False,
    https: Annotated[bool, typer.Option("--https", help="The page is reached through a server with https.")] = False,
    data: DataFolder = DEFAULT_DATA,
    database: DatabaseUrl = None,
) -> None:
    """Serve the page of the database until interrupted, read-only unless --editing is given."""
    refuse_before_subcommand(context)
    if context.invoked_subcommand is None:
        from flows.cli.page import run_serve

        run_serve(data, database, host=host, port=port, editing=editing, https=https)


@app.command("add-user")
def add_user(
    name: Annotated[str, typer.Argument(help="Name that edits are signed with.")],
    password: Annotated[str, typer.Option(prompt=True, confirmation_prompt=True, hide_input=True)],
    again: Annotated[bool, typer.Option("--again", help="Give an existing user another password.")] = False,
    data: DataFolder = DEFAULT_DATA,
    database: DatabaseUrl = None,
) -> None:
    """Give NAME the right to edit; the password is asked for."""
    from flows.cli.page import run_add_user

    run_add_user(name, password, data, database, again=again)


@app.command("remove-user")
def remove_user(
    name: Annotated[str, typer.Argument(help="User whose right to edit is removed.")],
    data: DataFolder = DEFAULT_DATA,
    database: DatabaseUrl = None,
) -> None:
    """Remove the right of NAME to edit; what they wrote stays under their name."""
    from flows.cli.page import run_remove_user

    run_remove_user(name, data, database)
