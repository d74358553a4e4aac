"""The project rules hold, and each is noticed where it is broken."""

from __future__ import annotations

from pathlib import Path

import pytest
import rules
from checkout import ROOT


def test_no_folder_has_more_than_twenty_modules() -> None:
    assert rules.large_folders(ROOT) == []


def test_every_folder_says_which_question_it_answers() -> None:
    assert rules.folders_without_an_answer(ROOT) == []


def test_no_class_name_is_defined_twice() -> None:
    assert rules.classes_defined_twice(ROOT) == []


def test_no_modules_import_each_other() -> None:
    assert rules.circles(rules.imports(ROOT)) == []


@pytest.mark.parametrize("package", rules.PACKAGES)
def test_no_folders_of_a_package_import_each_other(package: str) -> None:
    assert rules.circles(rules.folder_graph(ROOT, package)) == []


def test_flows_is_at_most_eight_folders_deep() -> None:
    assert rules.depth(rules.folder_graph(ROOT, "flows")) <= 8


def test_imports_stand_on_top() -> None:
    assert rules.late_imports(ROOT) == []


def test_flows_computes_nothing_outside_region() -> None:
    assert rules.arithmetic_in_flows(ROOT) == []


def test_no_ufunc_is_compiled() -> None:
    assert rules.compiled_ufuncs(ROOT) == []


def checkout(folder: Path, **files: str) -> Path:
    """A checkout with empty packages and some files."""
    for package in rules.PACKAGES:
        (folder / package).mkdir()
        (folder / package / "__init__.py").write_text('"""What?"""\n')
    for name, text in files.items():
        path = folder / Path(*name.split("__")).with_suffix(".py")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return folder


def test_each_broken_rule_is_found(tmp_path: Path) -> None:
    many = {f"series__m{number}": "" for number in range(rules.MOST_MODULES + 1)}
    broken = checkout(
        tmp_path,
        **many,
        flows__run__one="from flows.pull import two\nclass Twice: ...\n",
        indicators__fast="from numba import guvectorize, njit\n",
        flows__pull__two="from flows.run import one\nclass Twice: ...\ndef late():\n    import numpy\n",
    )
    assert rules.large_folders(broken) == [f"series: {rules.MOST_MODULES + 1}"]
    assert rules.folders_without_an_answer(broken) == ["flows/pull", "flows/run"]
    assert rules.classes_defined_twice(broken) == ["Twice: flows.pull.two, flows.run.one"]
    assert rules.circles(rules.imports(broken)) == [["flows.pull.two", "flows.run.one"]]
    assert rules.circles(rules.folder_graph(broken, "flows")) == [["flows.pull", "flows.run"]]
    assert rules.late_imports(broken) == ["flows.pull.two:4 numpy"]
    assert rules.arithmetic_in_flows(broken) == ["flows.pull.two"]
    assert rules.compiled_ufuncs(broken) == ["indicators.fast:1 guvectorize"]


def test_depth_counts_the_longest_way() -> None:
    assert rules.depth({"a": {"b", "d"}, "b": {"c"}, "c": {"d"}, "d": set()}) == 4
