"""The documentation builds without warnings, says everything that it generates, and needs nothing from elsewhere."""

from __future__ import annotations

import html
import importlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from chromium import chromium
from playwright.sync_api import Browser
from prefect.automations import Automation
from typer.main import get_command
from walk import DOCS, FENCE, ROOT

from flows.cli.main import app

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
#: Markdown files of the repository whose links people follow there.
FOLLOWED = (
    "README.md",
    "CONTRIBUTING.md",
    "indicators/README.md",
    "offline/README.md",
    "tests/expected_divergences.md",
)
LINK = re.compile(r"\]\(([^)\s#:]+)(?:#[^)\s]*)?\)")
#: What a browser loads by itself.
LOADED = re.compile(r'<(?:script|img|iframe|link)\b[^>]*?(?:src|href)="([^"]+)"')


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files without a line on standard error for each."""

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


def build(site: Path, config: Path = ROOT / "mkdocs.yml") -> subprocess.CompletedProcess[str]:
    """Build the site as `make docs` does."""
    command = [
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "--strict",
        "--config-file",
        str(config),
        "--site-dir",
        str(site),
    ]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=500, check=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = build(folder)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


def commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """The command and its subcommands, by the words that one types."""
    yield name, command
    for word, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, f"{name} {word}")


@pytest.mark.slow
def test_every_subcommand_and_option_is_in_the_reference(site: Path) -> None:
    page = html.unescape(re.sub(r"<[^>]+>", "", (site / "reference/command.html").read_text(encoding="utf-8")))
    name = next(iter(PROJECT["project"]["scripts"]))
    found = dict(commands(get_command(app), name))
    assert len(found) > 20
    for words, command in found.items():
        section = page.split(f"{words}¶", 1)[-1]
        assert section != page, f"{words} has no heading"
        for parameter in command.params:
            for option in parameter.opts if parameter.param_type_name == "option" else ():
                assert option in section, f"{words} {option}"


@pytest.mark.slow
def test_every_package_has_a_page_that_opens_with_its_docstring(site: Path) -> None:
    for package in PROJECT["tool"]["importlinter"]["root_packages"]:
        text = (site / f"reference/api/{package}.html").read_text(encoding="utf-8")
        docstring = importlib.import_module(package).__doc__
        assert docstring is not None
        first = docstring.split(".")[0].split("`")[0]
        assert " ".join(first.split()) in html.unescape(" ".join(text.split())), package
        assert "doc doc-heading" in text


@pytest.mark.slow
def test_pages_load_nothing_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 40
    for page in pages:
        loaded = LOADED.findall(page.read_text(encoding="utf-8"))
        assert loaded, page
        assert [url for url in loaded if re.match(r"(?:https?:)?//", url)] == [], page
    assert (site / "search/search_index.json").stat().st_size > 100_000


@pytest.fixture
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.mark.slow
def test_search_finds_pages_and_asks_no_other_machine(site: Path, browser: Browser) -> None:
    handler = partial(QuietHandler, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"127.0.0.1:{server.server_port}"
        asked: list[str] = []
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"http://{address}/index.html")
        page.fill("input.md-search__input", "RESTREND")
        page.wait_for_selector(".md-search-result__item", timeout=120_000)
        results = page.locator(".md-search-result__item").all_inner_texts()
        server.shutdown()
    assert any("Methods" in result for result in results)
    assert {urlsplit(url).netloc for url in asked} == {address}


@pytest.mark.slow
def test_a_link_to_a_missing_page_fails(tmp_path: Path) -> None:
    shutil.copytree(DOCS, tmp_path / "docs")
    page = tmp_path / "docs/how-to/postgresql.md"
    page.write_text(page.read_text(encoding="utf-8") + "\n[gone](no-such-page.md)\n", encoding="utf-8")
    config = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    # the pages of the API stay text here, which is quicker; the checks of links are those of the site
    config |= {"docs_dir": "docs", "hooks": [str(DOCS / "hooks.py")], "plugins": []}
    (tmp_path / "mkdocs.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    done = build(tmp_path / "site", tmp_path / "mkdocs.yml")
    assert done.returncode != 0
    warnings = [line for line in done.stderr.splitlines() if "WARNING" in line]
    assert [line for line in warnings if "no-such-page.md" in line] == warnings, done.stderr
    assert warnings


@pytest.mark.parametrize("name", FOLLOWED)
def test_links_between_files_of_the_repository_exist(name: str) -> None:
    file = ROOT / name
    links = LINK.findall(file.read_text(encoding="utf-8"))
    assert [link for link in links if not (file.parent / link).exists()] == []


def test_the_readme_is_short_and_shows_what_the_checked_page_shows() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 80
    start = next(number for number, line in enumerate(lines) if line.split()[:2] == ["region", "degraded"])
    shown = " ".join(" ".join(lines[start : lines.index("", start)]).split())
    checked = [" ".join(text.split()) for language, _, text in FENCE.findall((DOCS / "index.md").read_text("utf-8"))]
    assert any(shown in text for text in checked)


def test_words_are_explained_once() -> None:
    text = (DOCS / "glossary.md").read_text(encoding="utf-8")
    terms = [
        term.strip().lower() for line in re.findall(r"^(.+)\n:   ", text, re.MULTILINE) for term in line.split(",")
    ]
    assert len(terms) > 80
    assert len(set(terms)) == len(terms)
    assert "docs/glossary.md" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_the_citation_is_that_of_the_package() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    package = PROJECT["project"]
    assert (citation["version"], citation["license"]) == (package["version"], package["license"])
    assert citation["authors"] == package["authors"]
    assert citation["keywords"] == package["keywords"]


def test_checks_before_a_commit_download_nothing() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert {repository["repo"] for repository in config["repos"]} == {"local"}
    hooks = [hook for repository in config["repos"] for hook in repository["hooks"]]
    assert {hook["language"] for hook in hooks} == {"system"}
    lint = (ROOT / "Makefile").read_text(encoding="utf-8")
    for hook in hooks:
        program = hook["entry"].split()[0].removeprefix(".venv/bin/")
        assert f"$(BIN)/{program}" in lint, hook


def test_prefect_takes_the_automation_of_the_page() -> None:
    text = (DOCS / "how-to/failed-runs.md").read_text(encoding="utf-8")
    (content,) = [block for language, _, block in FENCE.findall(text) if language == "yaml"]
    known = content.replace("ID-OF-YOUR-DEPLOYMENT", "4c4da18d-5ec3-4541-8bd5-bda29c205cc9")
    assert known != content
    automation = Automation.model_validate(yaml.safe_load(known))
    (action,) = automation.actions
    assert action.type == "pause-deployment"
    assert {event.rpartition(".")[2] for event in automation.trigger.expect} == {"PartlyFailed", "Failed", "Crashed"}
