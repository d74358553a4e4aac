"""Which algorithms each test calls: recorded, checked at every run, and counted by family in the engine's README.

`make families` runs the tests of the engine, writes the record beside this file, and the README's table again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import offline
from offline.evaluate import Evaluator
from offline.protocol.support import BEGIN, END, table

RECORD = Path(__file__).with_name("called.json")
README = Path(offline.__file__).parent / "README.md"
#: Set to write the record instead of checking against it.
RECORDING = "RECORD_FAMILIES" in os.environ
#: Tests that draw what they call.
DRAWN = {"test_random_graphs_get_an_answer_or_a_reason"}
_seen: dict[str, set[str]] = {}


@cache
def recorded() -> dict[str, list[str]]:
    """Test (file::function) → the algorithms that it calls."""
    return json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}


def key(item: pytest.Item) -> str:
    """A test without its parameters."""
    return f"{item.path.name}::{item.name.partition('[')[0]}"


def is_there(name: str) -> bool:
    """Whether a test of that name (file::function) exists."""
    file, _, function = name.partition("::")
    return any(f"def {function}(" in path.read_text(encoding="utf-8") for path in RECORD.parent.rglob(file))


@contextmanager
def watched() -> Iterator[set[str]]:
    """All algorithms that are called in the block, by whichever thread."""
    found: set[str] = set()
    plain = Evaluator._call

    def noted(self: Evaluator, call: dict[str, Any], scope: Any) -> Any:
        found.update({call["functionName"]} if "functionName" in call else ())
        return plain(self, call, scope)

    Evaluator._call = noted  # type: ignore[method-assign]
    try:
        yield found
    finally:
        Evaluator._call = plain  # type: ignore[method-assign]


def check(item: pytest.Item, found: set[str]) -> None:
    """Note what a test called; fails where it no longer calls what is recorded, so that no count says too much.

    Of a test with parameters the record holds what all of its cases call together, so a case is not checked.
    """
    drawn = item.name.partition("[")[0] in DRAWN or hasattr(getattr(item, "function", None), "hypothesis")
    _seen.setdefault(key(item), set()).update(set() if drawn else found)
    if RECORDING or drawn or hasattr(item, "callspec"):
        return
    less = sorted(set(recorded().get(key(item), [])) - found)
    if less:
        pytest.fail(f"{key(item)} does not call {', '.join(less)} any more, as is recorded: make families")


def write() -> None:
    """The record, in which a run of some tests replaces their part, and the table made of it."""
    tests = {name: called for name, called in recorded().items() if is_there(name)}
    tests = {**tests, **{name: sorted(called) for name, called in _seen.items()}}
    tests = {name: called for name, called in sorted(tests.items()) if called}
    RECORD.write_text(json.dumps(tests, indent=1) + "\n", encoding="utf-8")
    text = README.read_text(encoding="utf-8")
    start, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    README.write_text(f"{text[:start]}\n{table(tests)}\n{text[end:]}", encoding="utf-8")
