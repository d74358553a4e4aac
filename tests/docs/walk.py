"""Runs the pages of the documentation as a reader does: their commands, in order, in one folder.

Fenced blocks of a page are run by their language:

- `bash`: in a shell of its own; it must end well. With `title="Second terminal"` (or third) it goes on in the
  background until the walk ends.
- `python`: as the next cell of one notebook.
- `text`: each line must stand in what the block before it printed, spaces folded.

Other languages (`shell`, `json`, `yaml`) are shown and not run.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)")
BACKGROUND = ('title="Second terminal"', 'title="Third terminal"')
#: Seconds for one block, and for output of a block in the background to come.
LIMIT = 300


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    language: str
    title: str
    text: str


def blocks(page: str, replaced: Mapping[str, str]) -> list[Block]:
    """The fenced blocks of a page, with words of this machine in place of those of the page."""
    text = (DOCS / page).read_text(encoding="utf-8")
    for old, new in replaced.items():
        text = text.replace(old, new)
    return [Block(language, title.strip(), content) for language, title, content in FENCE.findall(text)]


def folded(text: str) -> str:
    """Text with every run of white space as one space."""
    return " ".join(text.split())


def missing(shown: str, expected: str) -> list[str]:
    """Lines of `expected` that do not stand in `shown`."""
    within = folded(shown)
    return [line for line in expected.splitlines() if folded(line) not in within]


def listening(port: int, deadline: float) -> None:
    """Wait until a server answers at a port: some print their address before they listen."""
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert time.monotonic() < deadline, f"nothing listens at port {port}"
        time.sleep(0.5)


@dataclass
class Walk:
    """One folder in which pages are followed, one after the other."""

    folder: Path
    environment: dict[str, str]
    stack: ExitStack
    notebook: NotebookClient | None = None
    log: Path | None = None
    shown: str = ""
    ran: list[str] = field(default_factory=list)

    def follow(self, page: str, replaced: Mapping[str, str]) -> None:
        """Run the blocks of a page; fails with the block and its output where one does not do what the page says."""
        for block in blocks(page, replaced):
            where = f"{page}:\n{block.text}"
            if block.language == "bash" and block.title in BACKGROUND:
                self.stack.enter_context(self.background(block.text))
            elif block.language == "bash":
                self.bash(block.text, where)
            elif block.language == "python":
                self.cell(block.text)
            elif block.language == "text":
                self.compare(block.text, where)
            self.ran.append(block.language)

    def bash(self, text: str, where: str) -> None:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=LIMIT, check=False,
        )  # fmt: skip
        self.log, self.shown = None, done.stdout
        assert done.returncode == 0, f"{where}\nends with exit code {done.returncode}:\n{done.stdout}"

    def cell(self, text: str) -> None:
        if self.notebook is None:
            resources = {"metadata": {"path": str(self.folder)}}
            empty = nbformat.v4.new_notebook()
            self.notebook = NotebookClient(empty, timeout=LIMIT, kernel_name="python3", resources=resources)
            self.stack.enter_context(self.notebook.setup_kernel(env=self.environment))
        cell = nbformat.v4.new_code_cell(text)
        self.notebook.nb.cells.append(cell)
        done = self.notebook.execute_cell(cell, len(self.notebook.nb.cells) - 1)
        parts = [output.get("text") or output.get("data", {}).get("text/plain", "") for output in done["outputs"]]
        self.log, self.shown = None, "\n".join(parts)

    def compare(self, text: str, where: str) -> None:
        deadline = time.monotonic() + LIMIT
        while True:
            shown = self.shown if self.log is None else self.log.read_text(encoding="utf-8")
            absent = missing(shown, text)
            if not absent or self.log is None or time.monotonic() > deadline:
                break
            time.sleep(0.5)
        assert not absent, f"{where}\nnot shown: {absent}\nshown:\n{shown}"
        if self.log is not None:
            for port in ADDRESS.findall(text):
                listening(int(port), deadline)

    @contextmanager
    def background(self, text: str) -> Iterator[None]:
        """Start a command that goes on until the walk ends; what it prints goes to a log."""
        self.log = self.folder / f".terminal-{len(self.ran)}.log"
        with self.log.open("w") as out:
            process = subprocess.Popen(
                ["bash", "-euo", "pipefail", "-c", text], cwd=self.folder, env=self.environment,
                stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        try:
            yield
        finally:
            for wish in (signal.SIGTERM, signal.SIGKILL):
                if process.poll() is None:
                    os.killpg(process.pid, wish)
                    try:
                        process.wait(30)
                    except subprocess.TimeoutExpired:
                        continue


@contextmanager
def walking(folder: Path, variables: Mapping[str, str]) -> Iterator[Walk]:
    """A walk in an empty folder, with the commands of this environment and the variables that its pages set."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "DRYLANDS_"))}
    environment = {
        **own,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "80",
        "NO_COLOR": "1",
        "PYTHONUNBUFFERED": "1",
        "DRYLANDS_HOME": str(ROOT),
        "PREFECT_HOME": str(folder / ".prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        **variables,
    }
    with ExitStack() as stack:
        yield Walk(folder, environment, stack)
