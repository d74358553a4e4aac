"""Commands that messages suggest are pasted into a real shell and run."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli.main import app
from flows.request.suggest import command, hint

NASTY = "data of 'Saran' $(date) & [b] ?*"


def pasted(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """What a shell makes of a line; the command is that of this environment."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-c", line], cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip


@pytest.mark.parametrize("database", [None, f"{NASTY}.sqlite"])
def test_what_practices_suggests_next_runs_as_it_is_printed(tmp_path: Path, database: str | None) -> None:
    data = tmp_path / NASTY
    asked = ["practices", "--data", str(data), *(["--database", str(tmp_path / database)] if database else [])]
    said = CliRunner().invoke(app, asked)
    assert said.exit_code == 0, said.output
    (line,) = [each for each in said.output.splitlines() if each.startswith("Next: ")]
    suggested = line.removeprefix("Next: ").split("  ")[0]
    assert shlex.split(suggested)[:3] == ["drylands", "practices", "show"]
    done = pasted(suggested, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "(revision 1)" in done.stdout


def test_words_reach_a_program_as_they_were_given(tmp_path: Path) -> None:
    line = command("assess", NASTY, data=tmp_path / NASTY, database=str(tmp_path / NASTY))
    got = pasted(f"printf '%s\\n' {line}", tmp_path).stdout.splitlines()
    assert got == ["drylands", "assess", NASTY, "--data", str(tmp_path / NASTY), "--database", str(tmp_path / NASTY)]


@pytest.mark.parametrize(
    "url", ["postgresql://anna:secret@host/land", "postgresql://anna@host/land?password=secret&host=/tmp"]
)
def test_a_database_with_a_password_is_left_to_the_environment(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DRYLANDS_DATABASE", raising=False)
    assert command("export", database=url) == "drylands export"
    assert "DRYLANDS_DATABASE" in hint(url)
    assert "secret" not in hint(url)
    monkeypatch.setenv("DRYLANDS_DATABASE", url)
    assert hint(url) == ""


def test_a_socket_in_a_url_is_quoted() -> None:
    url = "postgresql://anna@/land?host=/tmp/a"
    assert command("export", database=url) == f"drylands export --database '{url}'"


def test_a_file_with_spaces_is_imported_as_suggested(tmp_path: Path) -> None:
    file = tmp_path / "my practices.csv"
    said = CliRunner().invoke(app, ["practices", "template", str(file)])
    suggested = " ".join(said.output.split()).split("then: ")[1]
    assert shlex.split(suggested) == ["drylands", "practices", "import", str(file)]
