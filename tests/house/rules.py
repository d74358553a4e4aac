"""The project rules, as functions over a checkout: each returns the places that break it."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGES = ("regions", "series", "indicators", "practices", "offline", "flows")
#: Modules in a folder at most, without its `__init__.py`.
MOST_MODULES = 20
#: Libraries that take long to import; they are imported where they are used.
SLOW = {
    "alembic", "anyascii", "argon2", "distributed", "geemap", "geopandas", "matplotlib", "openpyxl", "prefect",
    "rioxarray", "statsmodels", "uvicorn", "xlsxwriter",
}  # fmt: skip


def modules(root: Path) -> dict[str, Path]:
    """Every module of the packages by its dotted name."""
    found = {}
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def large_folders(root: Path) -> list[str]:
    """Folders with more than `MOST_MODULES` modules."""
    counts: dict[Path, int] = defaultdict(int)
    for path in modules(root).values():
        counts[path.parent] += path.name != "__init__.py"
    return [f"{folder.relative_to(root)}: {count}" for folder, count in counts.items() if count > MOST_MODULES]


def folders_without_an_answer(root: Path) -> list[str]:
    """Folders without an `__init__.py` that says in its first sentence what they are for."""
    folders = {path.parent for path in modules(root).values()}
    silent = []
    for folder in folders:
        face = folder / "__init__.py"
        if not face.exists() or not ast.get_docstring(parsed(face)):
            silent.append(str(folder.relative_to(root)))
    return sorted(silent)


def classes_defined_twice(root: Path) -> list[str]:
    """Names of classes that more than one module defines."""
    owners: dict[str, list[str]] = defaultdict(list)
    for name, path in modules(root).items():
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.ClassDef):
                owners[node.name].append(name)
    return [f"{name}: {', '.join(places)}" for name, places in sorted(owners.items()) if len(places) > 1]


def imports(root: Path) -> dict[str, set[str]]:
    """What each module imports of the packages, at any place, for types too."""
    known = modules(root)
    graph: dict[str, set[str]] = {name: set() for name in known}
    for name, path in known.items():
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    whole = f"{node.module}.{alias.name}"
                    graph[name] |= {each for each in (whole if whole in known else node.module,) if each in known}
            elif isinstance(node, ast.Import):
                graph[name] |= {alias.name for alias in node.names if alias.name in known}
        graph[name].discard(name)
    return graph


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Groups of modules that import each other (strongly connected components, Tarjan 1972)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in graph[name]:
            if other not in index:
                visit(other)
            if other in stack:
                low[name] = min(low[name], low[other])
        if low[name] == index[name]:
            group = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(group) > 1:
                found.append(sorted(group))

    for name in graph:
        if name not in index:
            visit(name)
    return found


def folder_graph(root: Path, package: str) -> dict[str, set[str]]:
    """Which folders of a package import which others of it; a folder's own subfolders count as the folder."""
    graph: dict[str, set[str]] = defaultdict(set)
    for name, others in imports(root).items():
        if not name.startswith(f"{package}."):
            continue
        own = _folder(root, name)
        graph[own] |= {_folder(root, each) for each in others if each.startswith(f"{package}.")} - {own}
    for others in list(graph.values()):
        for each in others:
            graph.setdefault(each, set())
    return dict(graph)


def _folder(root: Path, name: str) -> str:
    """The folder directly below the package that a module lies in; a module of the package itself is its own folder."""
    parts = name.split(".")
    return ".".join(parts[:2])


def depth(graph: dict[str, set[str]]) -> int:
    """The most nodes on a way down a graph without circles."""

    @cache
    def below(name: str) -> int:
        return 1 + max((below(each) for each in graph[name]), default=0)

    return max(map(below, graph), default=0)


def late_imports(root: Path) -> list[str]:
    """Imports inside functions, other than of slow libraries, outside `flows/cli/`."""
    found = []
    for name, path in modules(root).items():
        if name.startswith("flows.cli"):
            continue
        for function in ast.walk(parsed(path)):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                found += [f"{name}:{line} {library}" for line, library in _imported(function) if library not in SLOW]
    return sorted(set(found))


def compiled_ufuncs(root: Path) -> list[str]:
    """Modules that have numba make a ufunc.

    Numba keeps the kernel and its wrapper in two files, and looks the wrapper up by a name that differs from process to
    process. Two processes that compile at the same time leave files that do not belong together, and every process that
    reads them ends in a segmentation fault.
    """
    return [
        f"{name}:{node.lineno} {alias.name}"
        for name, path in sorted(modules(root).items())
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom) and node.module == "numba"
        for alias in node.names
        if alias.name in ("guvectorize", "vectorize")
    ]


def arithmetic_in_flows(root: Path) -> list[str]:
    """Modules of `flows` that import numpy or scipy, other than for types, outside `region/` and `figures/`.

    Figures place pixels on paper; everything else that computes belongs to `indicators`.
    """
    found = []
    for name, path in modules(root).items():
        if not name.startswith("flows.") or name.startswith(("flows.region", "flows.figures")):
            continue
        libraries = {library for node in _at_run_time(parsed(path)) for _, library in _imported(node)}
        if libraries & {"numpy", "scipy"}:
            found.append(name)
    return found


def _at_run_time(module: ast.Module) -> Iterator[ast.stmt]:
    """The statements of a module that are not for type checkers alone."""
    for node in module.body:
        if not (isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"):
            yield node


def _imported(function: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and library of each import inside a function."""
    for node in ast.walk(function):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module.partition(".")[0]
        elif isinstance(node, ast.Import):
            yield node.lineno, node.names[0].name.partition(".")[0]
