"""The packages import what pyproject.toml declares; what only notebooks and tests import is in an extra."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path

import rules
from checkout import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
#: Packages whose import name does not say which distribution it is; pydantic-core comes with pydantic, at its version.
DISTRIBUTIONS = {"google": "google-auth", "pydantic_core": "pydantic"}
#: Used without an import: by xarray (`engine=`), SQLAlchemy (URLs of PostgreSQL) and FastAPI (forms).
WITHOUT_IMPORT = {"h5netcdf", "h5py", "psycopg", "python-multipart"}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=~! ]", name)[0]).lower()


def imported(paths: Iterable[Path]) -> set[str]:
    """Distributions that modules import, outside of the standard library and the project."""
    names = set()
    for path in paths:
        for node in ast.walk(rules.parsed(path)):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.split(".")[0])
    known = packages_distributions()
    others = names - set(sys.stdlib_module_names) - set(rules.PACKAGES)
    return {normal(DISTRIBUTIONS.get(name, known[name][0])) for name in others}


def test_runtime_dependencies_are_what_the_packages_import() -> None:
    declared = {normal(name) for name in PROJECT["dependencies"]}
    assert declared - WITHOUT_IMPORT == imported(rules.modules(ROOT).values())
    assert declared >= WITHOUT_IMPORT


def test_no_dependency_is_declared_twice() -> None:
    lists = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    names = [normal(name) for names in lists for name in names]
    assert len(names) == len(set(names))


def test_the_lock_has_every_dependency_and_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = {normal(name) for name in re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==", lock, re.MULTILINE)}
    lists = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    assert {normal(name) for names in lists for name in names} <= pinned
    assert "://" not in lock
