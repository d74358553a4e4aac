"""Pages of the documentation that are generated when it is built: the command, the API, and files of the repository.

MkDocs calls `on_config` and `on_files`. Nothing here names a module of the project: the command comes from
`[project.scripts]` of pyproject.toml, the packages from the list that the import rules use.
"""

from __future__ import annotations

import ast
import os
import re
import tomllib
from pathlib import Path
from posixpath import dirname, relpath
from typing import TYPE_CHECKING, Any

from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

ROOT = Path(__file__).resolve().parents[1]
#: Files of the repository that are pages of the site, too, and the page of each.
REPOSITORY_PAGES = {
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "offline/README.md": "reference/offline-engine.md",
    "tests/expected_divergences.md": "science/differences.md",
}
#: Other files of the repository that links in those files point to, and the page that takes their place.
INSTEAD = {"README.md": "index.md", "indicators/README.md": "science/methods.md"}
#: Folders of packages without an API page: scripts that Alembic runs.
WITHOUT_PAGE = ("migrations",)
#: The entry of the navigation that is replaced by the list of API pages.
API_ENTRY = "API"
#: How mkdocstrings shows a package itself: its docstring alone.
PACKAGE_OPTIONS = "{members: [], show_root_heading: false, show_root_toc_entry: false}"
LINK = re.compile(r"\[([^\]]+)\]\(([^)\s#:]+)(#[^)\s]*)?\)")


def project() -> dict[str, Any]:
    """The content of pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def package_folders() -> dict[str, list[str]]:
    """Every package of the project by its dotted name, and the names of its public modules."""
    found: dict[str, list[str]] = {}
    for package in project()["tool"]["importlinter"]["root_packages"]:
        for init in sorted((ROOT / package).rglob("__init__.py")):
            folder = init.parent.relative_to(ROOT)
            if set(folder.parts).isdisjoint(WITHOUT_PAGE):
                modules = sorted(path.stem for path in init.parent.glob("*.py") if not path.stem.startswith("_"))
                found[".".join(folder.parts)] = modules
    return found


def api_pages() -> dict[str, str]:
    """Path of each API page and its Markdown; the docstring of the package comes first, then its modules."""
    pages = {}
    for package, modules in package_folders().items():
        parts = [f"# `{package}`", f"::: {package}\n    options: {PACKAGE_OPTIONS}"]
        parts += [f"::: {package}.{module}" for module in modules]
        pages[f"reference/api/{package}.md"] = "\n\n".join(parts) + "\n"
    return pages


def command_page() -> str:
    """The reference of the command with all subcommands and options, as typer writes it."""
    from typer.cli import MARKUP_MODE_KEY, get_docs_for_click
    from typer.main import get_command

    from flows.cli.main import app

    name = next(iter(project()["project"]["scripts"]))
    command = get_command(app)
    show_whole_sentences(command)
    with command.make_context(name, [], resilient_parsing=True) as context:
        context.obj = {MARKUP_MODE_KEY: "rich"}
        return get_docs_for_click(obj=command, ctx=context, name=name, title=f"The command `{name}`")


def show_whole_sentences(command: Any) -> None:
    """Make lists of subcommands show all of each help text; typer cuts it after 45 characters."""
    for inner in getattr(command, "commands", {}).values():
        inner.short_help = inner.short_help or inner.help
        show_whole_sentences(inner)


def repository_page(path: str) -> str:
    """The Markdown of a file of the repository, its links pointing to pages of the site."""
    page = REPOSITORY_PAGES[path]

    def link(match: re.Match[str]) -> str:
        text, target, anchor = match[1], match[2], match[3] or ""
        name = os.path.normpath(Path(path).parent / target)
        pages = {**REPOSITORY_PAGES, **INSTEAD}
        to = name.removeprefix("docs/") if name.startswith("docs/") else pages.get(name, "")
        return f"[{text}]({relpath(to, dirname(page) or '.')}{anchor})" if to else text

    return LINK.sub(link, (ROOT / path).read_text(encoding="utf-8"))


def summary(package: str) -> str:
    """The first paragraph of a package's docstring."""
    init = ROOT / Path(*package.split(".")) / "__init__.py"
    text = ast.get_docstring(ast.parse(init.read_text(encoding="utf-8"))) or ""
    return " ".join(text.split("\n\n")[0].split())


def api_index() -> str:
    """The page that lists the packages, a sentence each."""
    rows = [f"| [`{package}`]({package}.md) | {summary(package)} |" for package in package_folders()]
    return "\n".join(["# Python API", "", "| Package | What it answers |", "|---|---|", *rows, ""])


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the API pages where the navigation says `API`."""
    pages = ["reference/api/index.md", *api_pages()]
    for section in config.nav or []:
        for entries in section.values():
            if isinstance(entries, list):
                entries[:] = [{API_ENTRY: pages} if entry == {API_ENTRY: "generated"} else entry for entry in entries]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages."""
    pages = api_pages() | {"reference/api/index.md": api_index(), "reference/command.md": command_page()}
    pages |= {page: repository_page(path) for path, page in REPOSITORY_PAGES.items()}
    for path, content in pages.items():
        files.append(File.generated(config, path, content=content))
    return files
