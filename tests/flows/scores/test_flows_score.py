"""Scores against the landscape's truth: how breaks are dated, and a whole score of a small region."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import numpy as np
import pytest
from shapely import box
from shapely.geometry import mapping

from flows.cli.main import main
from flows.request.assess import ALL_PROFILES, AssessRequest
from flows.scores.methods import score
from indicators.certainty.break_scores import Dating, dating, largest_break, patches_of

YEARS = np.arange(2001, 2025)


def test_the_largest_break_is_dated_by_its_first_year() -> None:
    noise = np.random.default_rng(5).normal(scale=0.01, size=24)
    stepped = 0.4 + noise - 0.1 * (YEARS >= 2012)
    assert largest_break(stepped, YEARS) == 2012
    assert largest_break(0.4 + noise, YEARS) is None
    assert largest_break(np.where(YEARS == 2005, np.nan, stepped), YEARS) is None


def test_patches_are_told_apart_and_small_ones_left_out() -> None:
    planted = np.zeros((20, 20), int)
    planted[:4, :4], planted[10:14, :4], planted[:2, 15:], planted[4:8, :4] = 2010, 2010, 2015, 2012
    found = list(patches_of(planted))
    assert sorted((year, len(rows)) for year, rows, _ in found) == [(2010, 16), (2010, 16), (2012, 16)]


def test_dating_counts_what_was_found_and_how_far_off() -> None:
    planted = np.zeros((4, 12), int)
    planted[:, :4], planted[:, 8:] = 2010, 2015
    noise = np.random.default_rng(6).normal(scale=0.01, size=(24, 4, 12))
    series = 0.4 + noise - 0.1 * (YEARS[:, None, None] >= 2010) * (planted == 2010)
    patches, cells = dating(series, YEARS, planted)
    assert patches == Dating((0,), 2)
    assert cells.tried == 2
    assert (patches + Dating((-2, 1), 3)).tried == 5
    assert (patches + Dating((-2, 1), 3)).median == 1
    assert math.isnan(Dating((), 4).median)


@pytest.mark.slow
def test_a_small_region_scores_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    steppe = {"type": "Feature", "properties": {"name": "steppe"}, "geometry": mapping(box(110, 46, 110.7, 46.5))}
    Path("own.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [steppe]}))
    for words in (("regions", "add", "own.geojson"), ("score", "steppe")):
        monkeypatch.setattr(sys, "argv", ["drylands", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code
    said = capsys.readouterr().out
    scores = score(AssessRequest(regions=("steppe",), profiles="all"))  # type: ignore[arg-type]
    assert [each.profile for each in scores] == list(ALL_PROFILES)
    for each in scores:
        assert f"{each.degraded.f1:.2f}" in said
        assert each.degraded.precision > 0.6
        # Recall of the other three is a matter of their own choices (see the README); what they call must be right.
        if each.profile in ("ne-asia", "trends-earth"):
            assert each.degraded.recall > 0.6
        assert each.patches.tried >= 3
        assert len(each.patches.errors) == each.patches.tried
        assert each.patches.median <= 1
        assert each.false_alarms < 0.3 * each.quiet
