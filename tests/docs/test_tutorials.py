"""The pages that show commands and their output are followed to the letter; pages of one walk share a folder."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from pathlib import Path

import pytest
from walk import DOCS, FENCE, missing, walking

from flows.run.prefect_server import own_server

#: Pages that are read one after the other; each walk starts in an empty folder.
WALKS = {
    "region": (
        "index.md",
        "tutorials/assess-a-region.md",
        "tutorials/notebook.md",
        "how-to/read-results.md",
        "tutorials/workshop-hand-out.md",
    ),
    "own data": (
        "tutorials/own-data.md",
        "how-to/own-regions.md",
        "how-to/own-periods.md",
        "how-to/own-drivers.md",
    ),
    "schedule": ("tutorials/schedule.md",),
}
#: Ports that pages name; each is replaced by a free one, so that a walk runs beside others.
PORTS = ("8764", "8765", "4200")


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", WALKS)
def test_pages_do_what_they_say(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ports = {port: free_port() for port in PORTS}
    variables: dict[str, str] = {}
    with ExitStack() as stack:
        if name == "schedule":
            variables["PREFECT_API_URL"] = f"http://127.0.0.1:{ports['4200']}/api"
            variables["DRYLANDS_DATA"] = str(tmp_path / "data")
        elif name == "own data":
            # its assessments share a server, which saves the start of one each; the walk "region" starts its own
            monkeypatch.setenv("PREFECT_HOME", str(tmp_path / ".prefect"))
            variables["PREFECT_API_URL"] = stack.enter_context(own_server())
        walk = stack.enter_context(walking(tmp_path, variables))
        for page in WALKS[name]:
            walk.follow(page, ports)
    assert "bash" in walk.ran
    assert "text" in walk.ran


def test_every_page_with_commands_to_run_is_followed() -> None:
    followed = {page for pages in WALKS.values() for page in pages}
    runnable = {
        path.relative_to(DOCS).as_posix()
        for path in DOCS.rglob("*.md")
        if any(language in ("bash", "python") for language, _, _ in FENCE.findall(path.read_text(encoding="utf-8")))
    }
    assert runnable == followed


def test_a_line_that_is_not_shown_is_found() -> None:
    shown = "  tuva   published  \n  Done in 8 s\n"
    assert missing(shown, "tuva published\nDone in 8 s") == []
    assert missing(shown, "tuva published\ntuva failed") == ["tuva failed"]
