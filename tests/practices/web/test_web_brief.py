"""Briefs and cards as files: whole, alone, and true to the database."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import Engine

from practices.errors import ExportFailed, NothingToExport
from practices.record.catalogue import load
from practices.report import brief


def test_a_brief_says_what_is_published_and_stands_alone(engine: Engine) -> None:
    text = brief.render(engine, "otindag")
    for said in (
        "Otindag sandy land, 2001–2024",
        "55.5 % degraded",
        "44.4 % to 66.6 %",
        "SIMULATED",
        "SIMULATED DATA:",
    ):
        assert said in text
    assert (
        "16.7 % of the land that can be judged is mapped as degraded by all 5 methods, 83.3 % by at least one." in text
    )
    assert "chance alone would give 5.0 % (field significance p = 0.002)" in text
    assert "resampled significance, not how often the map is wrong" in text
    assert not re.search(r'(?:src|href)="(?!#)', text)
    assert "<script" not in text
    assert "<style>" in text
    real = brief.render(engine, "dornod")
    assert "7.0 % degraded" in real
    assert "SIMULATED" not in re.sub(r"<style>.*?</style>", "", real, flags=re.DOTALL)


def test_what_is_not_published_has_no_brief(engine: Engine) -> None:
    with pytest.raises(
        NothingToExport, match="region 'otindag': nothing is published for period any, method any, origin"
    ):
        brief.render(engine, "otindag", origin="earth-engine")
    with pytest.raises(NothingToExport, match="drylands assess nowhere"):
        brief.render(engine, "nowhere")
    with pytest.raises(NothingToExport, match="no practice 'nothing'"):
        brief.card(engine, "nothing")


def test_files_are_written_whole_and_for_each(engine: Engine, tmp_path: Path) -> None:
    written = brief.write(engine, tmp_path / "out")
    names = {path.name for path in written}
    assert names == {f"brief-{name}.html" for name in ("dornod", "ordos", "otindag")} | {
        f"practice-{record.id}.html" for record in load()
    }
    assert all(path.read_text(encoding="utf-8").rstrip().endswith("</html>") for path in written)
    assert {path.name for path in (tmp_path / "out").iterdir()} == names
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportFailed, match="cannot be written"):
        brief.write(engine, tmp_path / "file", practices=False)
    # What cannot take its place leaves nothing half done beside it.
    (tmp_path / "taken" / "brief-ordos.html").mkdir(parents=True)
    with pytest.raises(ExportFailed, match=r"brief-ordos\.html: cannot be written"):
        brief.write(engine, tmp_path / "taken", regions=["ordos"], practices=False)
    assert [path.name for path in (tmp_path / "taken").iterdir()] == ["brief-ordos.html"]


def test_drought_stands_beside_the_break(engine: Engine) -> None:
    text = brief.render(engine, "otindag")
    assert (
        "Severe drought around the break (lowest value in twelve months: SPI −1.70, soil moisture −1.10); rain does not"
        in text
    )
    assert "also breaks (first year after: 2006 (moderate drought)); rain explains that break." in text
