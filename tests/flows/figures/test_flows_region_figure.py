"""The figure of a region, from the tables of a result; what stands in it is read off the drawing."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import textwrap
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from flows.errors import FlowError
from flows.figures.course import WRAPPED, answer_of, axis_name, course, draw
from flows.figures.long_course import DARK, LIGHT
from flows.region.opening import newest_result
from flows.region.result import RegionBreak, RegionResult
from indicators.weather.drought import CLASSES, classes

MONTHS = pd.date_range("2001-01-01", "2024-12-01", freq="MS")


def result(folder: Path, origin: str = "simulated") -> Path:
    """A result with a loss in June 2012 and a dry 2015, winters unseen."""
    rng = np.random.default_rng(2)
    season = np.exp(-(((MONTHS.month.to_numpy() - 7) / 2.0) ** 2))
    vegetation = 0.2 + 0.3 * season - 0.08 * (MONTHS >= "2012-06-01") + rng.normal(0, 0.01, len(MONTHS))
    rain = 60 * season * rng.gamma(8, 1 / 8, len(MONTHS)) * np.where(MONTHS.year == 2015, 0.3, 1.0)
    frames = [
        pd.DataFrame({"region": "here", "variable": name, "month": MONTHS, "value": values, "units": units})
        for name, values, units in (("productivity", vegetation, "1"), ("precipitation", rain, "mm"))
    ]
    table = pd.concat(frames)
    winter = (table["variable"] == "productivity") & ~table["month"].dt.month.isin(range(4, 11))
    folder.mkdir(parents=True)
    table[~winter].to_csv(folder / "observations.csv", index=False)
    nothing = {"area_km2": {}, "share": {}, "trend_percent_decade": None, "trend_p": None, "breaks": []}
    named = {"region": "here", "period": "2001-2024", "profile": folder.name[:-2], "origin": origin, "digest": "1"}
    times = dict.fromkeys(("started", "finished"), "2026-01-01T00:00:00+00:00")
    (folder / "summary.json").write_text(json.dumps({**named, **times, **nothing}))
    return folder


def test_the_drawing_says_what_the_series_does(tmp_path: Path) -> None:
    shown = course(result(tmp_path / "results" / "here" / "ne-asia-1"), "Here", "simulated")
    (found,) = shown.parts.trend_breaks.itertuples()
    assert found.date.year == 2012
    assert shown.spi.idxmin().year in (2015, 2016)
    assert shown.spi["2015-10"].iloc[0] < -1.5
    draw(shown, tmp_path / "here.svg")
    text = (tmp_path / "here.svg").read_text(encoding="utf-8")
    assert text.count("<path") > 30
    draw(shown, tmp_path / "here.png")
    assert (tmp_path / "here.png").stat().st_size > 30_000


def test_the_years_before_the_present_sensor_are_lighter(tmp_path: Path) -> None:
    """A third panel, with years of its own, where the result has a long record."""
    folder = result(tmp_path / "results" / "here" / "ne-asia-1")
    draw(course(folder, "Here", "simulated"), tmp_path / "short.svg")
    years = np.arange(1982, 2025)
    table = pd.DataFrame({"year": years, "value": 0.3 + 0.001 * (years - 2000), "sensor": "MODIS Terra"})
    table["join_error"] = np.where(years < 2001, 0.004, 0.0)
    table.loc[years < 2001, "sensor"] = "AVHRR"
    table.to_csv(folder / "long_record.csv", index=False)
    shown = course(folder, "Here", "simulated")
    assert len(shown.longer) == 43
    draw(shown, tmp_path / "long.svg")
    short, long = ((tmp_path / f"{name}.svg").read_text(encoding="utf-8") for name in ("short", "long"))
    assert LIGHT in long
    assert long.count(DARK) > short.count(DARK)
    assert LIGHT not in short
    assert "AVHRR, joined; band: 95 % of the join" in html.unescape(long)
    assert "AVHRR" not in short


def test_there_is_no_figure_without_a_result_or_monthly_values(tmp_path: Path) -> None:
    with pytest.raises(FlowError, match="drylands assess here"):
        newest_result(tmp_path, "here")
    folder = result(tmp_path / "results" / "here" / "ne-asia-1")
    assert newest_result(tmp_path, "here").folder == folder
    table = pd.read_csv(folder / "observations.csv").assign(variable=lambda t: t["variable"] + "_annual")
    table.to_csv(folder / "observations.csv", index=False)
    with pytest.raises(FlowError, match="yearly productivity only"):
        course(folder, "Here", "simulated")


def test_each_break_says_what_drought_was_around_it(tmp_path: Path) -> None:
    """A loss in June 2012 in ordinary rain; the same in the dry summer of 2015; without rain nobody can tell."""
    folder = result(tmp_path / "results" / "here" / "ne-asia-1")
    shown = course(folder, "Here", "simulated", last_month=9)
    draw(shown, tmp_path / "here.svg")
    (usual,) = labels(tmp_path / "here.svg")
    worst = shown.spi["2011-10":"2012-09"].min()  # type: ignore[misc]
    assert usual == CLASSES[int(classes(worst))]
    assert worst > -1.5
    table = pd.read_csv(folder / "observations.csv", parse_dates=["month"])
    late = (table["variable"] == "productivity") & table["month"].between("2012-06-01", "2015-05-31")
    table.loc[late, "value"] += 0.08
    own = pd.DataFrame({"region": "here", "variable": "spi_12", "month": MONTHS, "value": 0.4, "units": "1"})
    pd.concat([table, own]).to_csv(folder / "observations.csv", index=False)
    assert (course(folder, "Here", "simulated").spi == 0.4).all()  # what the assessment says of its longer record
    table.to_csv(folder / "observations.csv", index=False)
    draw(course(folder, "Here", "simulated", last_month=9), tmp_path / "dry.svg")
    assert labels(tmp_path / "dry.svg")[0] in ("severe drought", "extreme drought")
    table[table["variable"] == "productivity"].to_csv(folder / "observations.csv", index=False)
    draw(course(folder, "Here", "simulated"), tmp_path / "unknown.svg")
    assert labels(tmp_path / "unknown.svg") == []
    assert "drought unknown" in (tmp_path / "unknown.svg").read_text(encoding="utf-8")


def labels(path: Path) -> list[str]:
    """The drought that stands under each break; matplotlib notes every line of text as a comment."""
    lines = [html.unescape(each).strip() for each in re.findall(r"<!-- (.*?) -->", path.read_text(encoding="utf-8"))]
    assert any(re.match(r"\w{3} 20\d\d, ", line) for line in lines)
    return [line.split(" (")[0] for line in lines if re.search(r"drought \(SPI [−+]\d", line)]


def test_the_figure_says_which_answer_leads_and_what_it_marks(tmp_path: Path) -> None:
    """The marks are the first month after a break; gross primary production is not called NDVI."""
    folder = result(tmp_path / "results" / "here" / "ne-asia-1")
    words = "first year after a break in the yearly value of GPP, effect of rain removed"
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assessed = RegionResult(
        "here", "2001-2024", "ne-asia", "simulated", "d", folder, now, now, {}, {}, None, None,
        (RegionBreak(2013, 2012, 2014),), breaks_are=words, quantity="gpp",
    )  # fmt: skip
    shown = course(folder, "Here", "simulated", quantity="gpp", answer=answer_of(assessed))
    draw(shown, tmp_path / "here.svg")
    text = html.unescape((tmp_path / "here.svg").read_text(encoding="utf-8"))
    assert "Breaks according to the assessment (ne-asia; main answer): 2013 (2012–2014)." in text
    assert f"Meaning: {words}." in shown.answer
    assert all(line in text for line in textwrap.wrap(shown.answer, WRAPPED))  # none runs out of the picture
    assert "effect of rain not removed; BFAST" in text
    assert "<!-- NDVI -->" not in text
    assert "GPP" in text
    observed = shown.parts.components["observed"].dropna().index
    after = observed[int(shown.parts.trend_breaks["index"].iloc[0])]
    assert f"{after:%b %Y}, " in text
    assert axis_name("gpp", "kg m-2 year-1") == "GPP, kg m-2 year-1"
    assert axis_name("ndvi", "1") == "NDVI"
    assert axis_name(None, "kg m-2 year-1") == "productivity, kg m-2 year-1"


def test_the_method_that_leads_is_drawn_where_several_have_results(tmp_path: Path) -> None:
    for number, profile in enumerate(("ne-asia-2", "ne-asia", "trends-earth")):
        folder = result(tmp_path / "results" / "here" / f"{profile}-1")
        os.utime(folder / "summary.json", (number, number))
    assert newest_result(tmp_path, "here").folder.name == "ne-asia-2-1"
    shutil.rmtree(folder)
    result(folder, "earth-engine")
    assert newest_result(tmp_path, "here").folder.name == "trends-earth-1"  # of other data
