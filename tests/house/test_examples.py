"""The examples of docstrings run and print what they say."""

from __future__ import annotations

import doctest
import importlib

import pytest
import rules
from checkout import ROOT

SHOWN = [name for name, path in rules.modules(ROOT).items() if ">>>" in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("name", SHOWN)
def test_examples_print_what_they_say(name: str) -> None:
    outcome = doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert outcome.attempted > 0
    assert outcome.failed == 0
