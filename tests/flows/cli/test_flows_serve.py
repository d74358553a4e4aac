"""The command that serves the page: read-only by default, people added by a prompt, refusals in one plain line."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from flows.cli.main import app
from flows.cli.page import application, run_serve
from flows.errors import FlowError

PASSWORD = "steppe-grass-2026"


def add(data: Path, *more: str, password: str = PASSWORD) -> object:
    command = ["serve", "add-user", "Saran", "--data", str(data), *more]
    return CliRunner().invoke(app, command, input=f"{password}\n{password}\n")


def test_nobody_edits_before_somebody_is_added(tmp_path: Path) -> None:
    with pytest.raises(FlowError, match=r"drylands serve add-user \S+ --data "):
        application(tmp_path, None, editing=True)
    result = add(tmp_path)
    assert result.exit_code == 0, result.output  # type: ignore[attr-defined]
    assert PASSWORD not in result.output  # type: ignore[attr-defined]
    assert application(tmp_path, None, editing=True).state.service.settings.editing


def test_weak_passwords_and_names_twice_are_refused(tmp_path: Path) -> None:
    short = add(tmp_path, password="short")
    assert "a password has 12 to 200 characters" in str(short.exception)  # type: ignore[attr-defined]
    add(tmp_path)
    assert "with that name exists already" in str(add(tmp_path).exception)  # type: ignore[attr-defined]
    assert add(tmp_path, "--again", password="another-steppe-2026").exit_code == 0  # type: ignore[attr-defined]
    gone = CliRunner().invoke(app, ["serve", "remove-user", "Saran", "--data", str(tmp_path)])
    assert gone.exit_code == 0
    with pytest.raises(FlowError, match="no user may edit yet"):
        application(tmp_path, None, editing=True)


def test_passwords_never_travel_unencrypted(tmp_path: Path) -> None:
    with pytest.raises(FlowError, match="passwords would travel unencrypted"):
        run_serve(tmp_path, None, host="0.0.0.0", port=1, editing=True, https=False)


def test_the_command_serves_until_it_is_stopped(tmp_path: Path) -> None:
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "flows.cli.main", "serve", "--data", str(tmp_path), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        try:
            for _ in range(240):
                try:
                    answer = httpx.get(f"http://127.0.0.1:{port}/practices")
                    break
                except httpx.ConnectError:
                    assert server.poll() is None, server.stdout.read()  # type: ignore[union-attr]
                    time.sleep(0.25)
            assert answer.status_code == 200
            assert "practices" in answer.text
            assert httpx.get(f"http://127.0.0.1:{port}/edit").status_code == 404
        finally:
            server.terminate()
            server.wait(timeout=20)
