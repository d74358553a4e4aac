"""Names of own regions in their own script, on the terminal, in reports and on figures, whatever fonts there are."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont
from matplotlib.text import Text
from PIL import Image
from rich.console import Console
from shapely import box
from test_flows_class_map import QUARTERS, result

from flows.cli.doctor import run_doctor
from flows.cli.regions_print import add_regions, print_regions
from flows.figures.canvas import save
from flows.figures.class_map import class_map
from flows.figures.fonts import SCRIPTS, advised, check_fonts, families, missing, plain, title_of
from flows.region.files.period_results import PeriodResult
from flows.region.opening import newest_result
from flows.report import Outcome, closing_table, markdown_report
from flows.request.assess import AssessRequest
from practices.results.names import LAND

#: matplotlib brings this font along, so that it is on every machine.
ALWAYS = ("DejaVu Sans",)
HAN = "锡林郭勒盟 $x^$"


def words(drawn: Figure) -> str:
    return "\n".join(each.get_text() for each in drawn.findobj(Text))


def test_a_name_is_drawn_as_it_is_where_a_font_has_it(caplog: pytest.LogCaptureFixture) -> None:
    assert plain("Өмнөговь", ALWAYS) == "Өмнөговь"
    with caplog.at_level(logging.WARNING, "drylands"):
        assert plain("沙地 a", ALWAYS) == "ShaDe a"
    assert "No font of this machine has the characters 沙地" in caplog.text
    assert "Noto Sans CJK" in caplog.text
    assert plain("a$b$", ALWAYS) == r"a\$b\$"
    assert plain("ы" * 60, ALWAYS) == "ы" * 39 + "…"
    assert title_of("otindag", "Otindag sandy land") == "otindag"


def test_every_font_in_use_is_of_this_machine() -> None:
    assert families()[0] == ALWAYS[0]
    lacking = [script for script, sample in SCRIPTS.items() if missing(sample)]
    assert "Cyrillic" not in lacking
    said = check_fonts()
    assert all(script in said for script in SCRIPTS)
    assert ("install " in said) == bool(lacking)


def test_the_font_to_install_is_one_that_has_the_script() -> None:
    assert "apt install fonts-noto-cjk" in advised("沙地")
    assert "Mongolian" not in advised("沙地")
    assert advised("ᠮᠣᠩ").startswith("Noto Sans Mongolian")
    assert "CJK" not in advised("ᠮᠣᠩ ᠭᠣ")
    assert all(each in advised("沙ᠮ") for each in ("CJK", "Mongolian"))


def test_a_font_that_is_installed_later_is_found(tmp_path: Path) -> None:
    """Matplotlib stores its list of fonts and does not search again: "install a font, draw again" changed nothing."""
    environment = {**os.environ, "MPLCONFIGDIR": str(tmp_path / "cache"), "XDG_DATA_HOME": str(tmp_path)}

    def lacking() -> str:
        code = (
            "from flows.figures.fonts import families, missing; "
            "print('Noto Sans SC' in families(), missing('\U000f1234'))"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, encoding="utf-8"
        )
        return done.stdout.strip()

    assert lacking() == "False \U000f1234"
    assert list((tmp_path / "cache").glob("fontlist*"))
    with TTFont(findfont("DejaVu Sans")) as font:
        for record in font["name"].names:
            if record.nameID in (1, 16):
                record.string = "Noto Sans SC"
        for table in font["cmap"].tables:
            if table.format == 12:
                table.cmap[0xF1234] = "A"
        (tmp_path / "fonts").mkdir()
        font.save(tmp_path / "fonts" / "later.ttf")
    assert lacking() == "True"


def test_nothing_is_cut_from_a_figure_with_many_regions(tmp_path: Path) -> None:
    """The title of a map of five regions was outside its picture; the lines under it named regions by their ids."""
    result(tmp_path)
    found = newest_result(tmp_path, "here", "ne-asia")
    periods = (PeriodResult(found.period, (2001, 2020), {"sdg": found.area_km2}, {}),)
    five = [replace(found, region=f"r{n}", name=f"Өмнөговь {n}", periods=periods) for n in range(5)]
    outlines = {each.region: box(100, 44.0 + n / 9, 104.0, 44.1 + n / 9) for n, each in enumerate(five)}
    drawn = class_map([replace(each, folder=found.folder) for each in five], outlines)
    save(drawn, tmp_path / "five.png")
    picture = np.asarray(Image.open(tmp_path / "five.png").convert("L"))
    assert all((edge == 255).all() for edge in (picture[:4], picture[-4:], picture[:, :4], picture[:, -4:]))
    assert "Өмнөговь 4: " in words(drawn)
    assert "r4" not in words(drawn)


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_figures_have_no_boxes_in_place_of_letters(tmp_path: Path, suffix: str) -> None:
    """A glyph that no font has is a warning of matplotlib, and warnings are errors here."""
    result(tmp_path)
    named = [replace(newest_result(tmp_path, "here", "ne-asia"), name=name) for name in (HAN, "Өмнөговь")]
    for each in named:
        drawn = class_map([each], {"here": box(100.25, 44, 104, 46)})
        save(drawn, tmp_path / f"map.{suffix}")
    assert "Өмнөговь (here): SDG 15.3.1" in words(drawn)
    result(tmp_path, "there", np.flipud(QUARTERS))
    both = [named[1], replace(newest_result(tmp_path, "there", "ne-asia"), name=HAN)]
    drawn = class_map(both, {"here": box(100, 44, 101, 46), "there": box(102, 44, 103, 46)})
    save(drawn, tmp_path / f"both.{suffix}")
    assert words(drawn).splitlines().count("Өмнөговь") >= 2  # on the map, and beside its bar


def test_tables_and_reports_show_the_name_beside_the_id(tmp_path: Path) -> None:
    result(tmp_path)
    areas = dict.fromkeys(LAND, 25.0)
    shares = dict.fromkeys(LAND, 0.25)
    found = replace(
        newest_result(tmp_path, "here", "ne-asia"), name="Өмнөговь | [/b] сум", area_km2=areas, share=shares
    )
    console = Console(width=80)
    with console.capture() as captured:
        console.print(closing_table([found]))
    said = captured.get()
    assert "here" in said
    assert "Өмнөговь" in said
    report = markdown_report(AssessRequest(data=tmp_path), Outcome((found,)))
    assert r"| here | Өмнөговь \| [/b] сум |" in report


def test_names_that_look_like_markup_are_shown_as_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from typed import polygons

    monkeypatch.setenv("COLUMNS", "120")
    file = polygons(tmp_path / "a.geojson", {"[bold]x[/] Тува [/]": box(112, 43, 113, 44)})
    add_regions(file, tmp_path / "my data", season="4-10")
    print_regions(tmp_path / "my data")
    said = capsys.readouterr().out
    assert said.count("[bold]x[/] Тува [/]") == 2
    assert f"drylands assess bold-x-tuva --data '{tmp_path / 'my data'}'" in said


def test_doctor_says_which_scripts_figures_can_draw(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_doctor(None, tmp_path / "data", None)
    assert f"fonts: {check_fonts()}" in capsys.readouterr().out.replace("\n", " ").replace("  ", " ")
