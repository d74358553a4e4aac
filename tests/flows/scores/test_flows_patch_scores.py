"""Scores of verdicts: the rates are what their words say, and in the landscape most verdicts are right."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from typed import Drylands

from flows.region.landscape.causes import scored_patches
from flows.scores.patches import CELL, SQUARES, crossed, places, rates

UNDETERMINED = "cannot be determined"


def test_rates_by_hand() -> None:
    rows = [
        ("grazing", "grazing", 2010), ("grazing", UNDETERMINED, 2011), ("grazing", UNDETERMINED, None),
        ("water", "grazing", 2012), ("unknown", "mining", 2013), ("unknown", UNDETERMINED, 2013),
        ("none", "fire", 2014), ("climate", "climate", 2015),
    ]  # fmt: skip
    found = rates(pd.DataFrame(rows, columns=["truth", "verdict", "year"]))
    assert (found.patches, found.caused, found.innocent) == (8, 4, 4)
    assert found.decided == pytest.approx(3 / 4)
    assert found.right == pytest.approx(2 / 5)
    assert found.blamed == pytest.approx(1 / 4)
    table = crossed(pd.DataFrame(rows, columns=["truth", "verdict", "year"]))
    assert list(table.index) == ["climate", "grazing", "water", "unknown", "none"]
    assert table.loc["grazing", UNDETERMINED] == 2
    assert table.to_numpy().sum() == 8


@pytest.mark.slow
def test_most_verdicts_are_right_and_few_people_are_blamed_in_vain(tmp_path: Path) -> None:
    chosen = [
        each
        for each in places((41, 43), "real", tmp_path)
        if (each.region.id, each.seed) in {("ordos-square", 41), ("eastern-gobi-square", 43)}
    ]
    table = pd.concat([scored_patches(each) for each in chosen])
    found = rates(table)
    assert found.patches > 25
    assert found.right >= 0.7
    assert found.decided >= 0.3
    assert found.blamed <= 0.1
    assert {"truth", "true_year", "seed", "world", "region"} <= set(table)


def test_squares_and_what_the_command_refuses(drylands: Drylands, tmp_path: Path) -> None:
    assert len(places(range(3), "easy", tmp_path)) == 3 * len(SQUARES)
    assert {each.cell for each in places((0,), "hard", tmp_path)} == {CELL}
    status, _, said = drylands("score", "--patches", "--cell", "0.05")
    assert status == 1
    assert "leave out --cell" in said
    assert "use easy, real, hard" in drylands("score", "--patches", "--world", "kind")[2]
