"""Serve the page of the database, and add or remove users who may edit."""

from __future__ import annotations

from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from flows.cli.ports import free_port
from flows.errors import FlowError
from flows.request.suggest import command, hint
from flows.run.stopping import last_act
from flows.store import database

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def run_serve(data: Path, url: str | None, *, host: str, port: int, editing: bool, https: bool) -> None:
    """Serve the page until interrupted.

    Raises FlowError if nobody may edit although editing is requested, or if passwords would travel unencrypted.
    """
    import uvicorn

    if editing and host not in LOOPBACK and not https:
        raise FlowError(
            f"editing on {host}: passwords would travel unencrypted; put a server with https in front and add "
            "--https, or serve on 127.0.0.1"
        )
    free_port(host, port)
    app = application(data, url, editing=editing, https=https)
    console = Console()
    console.print(f"The page is at [bold]http://{host}:{port}[/]" + (", with editing" if editing else ", read-only"))
    console.print("Stop it with Ctrl-C.")
    config = uvicorn.Config(app, host=host, port=port, log_level="warning", server_header=False)
    config.timeout_graceful_shutdown = 1
    serve_until_stopped(uvicorn.Server(config))


def serve_until_stopped(server: uvicorn.Server) -> None:
    """Serve in a thread until a signal ends the command; requests that are under way get a second to end.

    Raises FlowError if the server does not start.
    """
    serving = Thread(target=server.run, name="page", daemon=True)

    def stop(_: str) -> None:
        server.should_exit = True
        serving.join()

    with last_act(stop):
        serving.start()
        serving.join()
    if not server.started:
        raise FlowError(
            f"{server.config.host}:{server.config.port}: the server does not start, see the reason above; "
            f"choose another port with --port"
        )


def application(data: Path, url: str | None, *, editing: bool = False, https: bool = False) -> FastAPI:
    """The page over the database of a data folder or a URL. Raises FlowError for editing without users who may edit."""
    from flows.cli.practices_print import signature
    from practices.record.people import people
    from practices.web.app import create_app
    from practices.web.settings import WebSettings

    engine = database(data, url)
    if editing and not people(engine)["active"].any():
        engine.dispose()
        name = command("serve", "add-user", signature(None), data=data, database=url)
        raise FlowError(f"editing: no user may edit yet; add one first, such as yourself: {name}. {hint(url)}".strip())
    return create_app(engine, WebSettings(editing=editing, secure=https))


def run_add_user(name: str, password: str, data: Path, url: str | None, *, again: bool) -> None:
    """Give a user the right to edit; `again` gives an existing user another password."""
    from practices.record.people import add, change_password

    engine = database(data, url)
    try:
        (change_password if again else add)(engine, name, password)
    finally:
        engine.dispose()
    console = Console()
    following = command("serve", "--editing", data=data, database=url)
    said = Text.assemble((name, "bold"), " may edit. Serve the page with: ", (following, "bold"))
    console.print(said, highlight=False, soft_wrap=True)


def run_remove_user(name: str, data: Path, url: str | None) -> None:
    """Remove the right of a user to edit; what they wrote stays under their name."""
    from practices.record.people import deactivate

    engine = database(data, url)
    try:
        deactivate(engine, name)
    finally:
        engine.dispose()
    Console().print(f"[bold]{name}[/] can no longer edit.", highlight=False)
