"""The year of a break is the first year after it in every output: a planted step, followed from pixels to the page."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace
from pathlib import Path

import httpx
import numpy as np
import pandas as pd
import pytest
import rasterio
import zarr
from made_cubes import CELL, COARSE, made, region
from matplotlib.text import Text
from openpyxl import load_workbook
from sqlalchemy import Engine

from flows.figures.break_years_map import break_map
from flows.figures.course import answer_of, course, draw
from flows.figures.pixel_breaks_map import breaks_figure
from flows.region import open_result
from flows.region.files.publish import publish_region
from flows.region.result import RegionResult
from flows.region.results import compute_profiles
from flows.report.result_text import break_text
from flows.request.assess import AssessRequest
from indicators.breaks import bfast, bfast01, breakpoints, sup_f, tss_restrend, tss_restrend_annual
from practices.database.open import open_database
from practices.exports import schema
from practices.exports.content import content
from practices.exports.workbook import write_workbook
from practices.web.app import create_app
from regions.grid import geobox

HERE = region(24, 30, "stepped")
#: The first growing season of less vegetation, and its first month.
FIRST, MONTH = 2013, "2013-05"


def planted() -> tuple[np.ndarray, np.ndarray]:
    """Vegetation (year, y, x) that follows rain and loses a third from `FIRST` on, and its rain."""
    rng = np.random.default_rng(21)
    fine, coarse = geobox(HERE, CELL), geobox(HERE, COARSE)
    wet = 300 + 60 * rng.standard_normal(24)
    rain = np.broadcast_to(wet[:, None, None], (24, *coarse.shape)) + rng.normal(0, 2, (24, *coarse.shape))
    green = 0.3 + 0.0004 * (wet[:, None, None] - 300) + 0.01 * rng.standard_normal((24, *fine.shape))
    green[FIRST - 2001 :] -= 0.1
    return green, rain


def monthly() -> pd.DataFrame:
    """A monthly series of the region that loses a third from `MONTH` on."""
    months = pd.date_range("2001-01-01", "2024-12-01", freq="MS")
    season = 0.1 * np.cos(2 * np.pi * (months.month.to_numpy() - 7) / 12)
    noise = np.random.default_rng(22).normal(0, 0.01, len(months))
    value = 0.3 + season + noise - 0.1 * (months >= MONTH)
    return pd.DataFrame({"region": HERE.id, "variable": "productivity", "month": months, "value": value, "units": "1"})


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of an assessment, published."""
    data = tmp_path_factory.mktemp("data")
    pulled = made(data / "cubes" / HERE.id, HERE)
    green, rain = planted()
    zarr.open_array(pulled.productivity["season_mean"] / "productivity", mode="r+")[...] = green
    zarr.open_array(pulled.cubes["precipitation"] / "precipitation", mode="r+")[...] = rain
    series = data / "monthly.csv"
    monthly().to_csv(series, index=False)
    pulled = replace(pulled, monthly=series)
    request = AssessRequest(regions=(HERE.id,), data=data, permutations=19, workers=1)
    (result,) = compute_profiles(HERE, pulled, request, "simulated")
    publish_region(HERE, result, pulled, request)
    return data


def asked(engine: Engine, *paths: str) -> list[str]:
    """What the page answers, without a server."""

    async def all_of_them() -> list[str]:
        page = httpx.ASGITransport(create_app(engine))
        async with httpx.AsyncClient(transport=page, base_url="http://127.0.0.1") as client:
            return [(await client.get(path)).text for path in paths]

    return asyncio.run(all_of_them())


@pytest.fixture
def result(data: Path) -> RegionResult:
    (folder,) = (data / "results" / HERE.id).glob("ne-asia-*")
    return RegionResult.read(folder)


def test_functions_date_a_break_by_what_comes_first_after_it() -> None:
    green, rain = planted()
    years = pd.Index(range(2001, 2025), name="year")
    series = pd.Series(green[:, 5, 5], years)
    assert breakpoints(series, h=0.2).breaks["date"].tolist() == [FIRST]
    assert sup_f(series).date == FIRST
    cube = series.to_xarray().expand_dims("x")
    assert breakpoints(cube, h=0.2)["date"].isel({"break": 0}).values.tolist() == [FIRST]
    assert sup_f(cube)["date"].values.tolist() == [FIRST]
    wet = cube.copy(data=rain[None, :, 0, 0])
    assert tss_restrend_annual(cube, wet)["break_year"].values.tolist() == [FIRST]
    months = monthly().set_index("month")["value"]
    first = pd.Timestamp(MONTH)
    assert bfast(months).trend_breaks["date"].tolist() == [first]
    assert bfast01(months).candidate["date"] == first
    before = pd.date_range("1998-01-01", "2024-12-01", freq="MS")
    showers = pd.Series(np.random.default_rng(3).gamma(4, 10, len(before)), before)
    assert tss_restrend(months, showers).break_year == FIRST


def test_rasters_and_tables(result: RegionResult) -> None:
    with rasterio.open(result.folder / "2001-2024-break_year.tif") as file:
        years = file.read(1)
        assert file.tags()["long_name"] == "first year after the break, 0: none"
    assert (years[years > 0] == FIRST).mean() > 0.95
    assert (years[years >= 0] > 0).mean() > 0.95
    opened = open_result(HERE.id, folder=result.folder)["break_year"]
    assert opened.attrs["long_name"] == "first year after the break, 0: none"
    table = pd.read_csv(result.folder / "breaks.csv")
    (row,) = table[table["variable"] == "productivity"].to_dict("records")
    assert (row["year"], row["low"] <= FIRST <= row["high"]) == (FIRST, True)
    assert [found.year for found in result.breaks] == [FIRST]


def test_terminal_and_figures(result: RegionResult, tmp_path: Path) -> None:
    assert re.match(rf"{FIRST} \(20\d\d-20\d\d", break_text(result))
    assert result.breaks_are.startswith("first year after a break in the growing-season mean of NDVI")
    drawn = break_map([result], {HERE.id: HERE.geometry})
    said = [text.get_text() for text in drawn.findobj(Text)]
    assert f"{HERE.id}\n{FIRST}" in "\n".join(said)
    assert "first year after the last break" in said
    picture = breaks_figure(result).axes[0].get_images()[-1]
    shown = np.ma.compressed(picture.get_array())
    assert (shown[np.isfinite(shown)] == FIRST).mean() > 0.95
    target = tmp_path / "course.svg"
    draw(
        course(result.folder, HERE.name, result.origin, last_month=9, quantity="ndvi", answer=answer_of(result)), target
    )
    text = target.read_text(encoding="utf-8")
    assert "<!-- May 2013" in text
    assert "<!-- first month after a break, 95 % interval -->" in text
    assert f"main answer): {FIRST} (" in text


def test_database_workbook_page_brief_and_api(data: Path, result: RegionResult, tmp_path: Path) -> None:
    engine = open_database(AssessRequest(regions=(HERE.id,), data=data).database_url)
    try:
        tables = content(engine)
        write_workbook(tmp_path / "book.xlsx", tables)
        page, brief, answer = asked(
            engine, f"/regions/{HERE.id}", f"/regions/{HERE.id}/brief", f"/api/v1/regions/{HERE.id}"
        )
    finally:
        engine.dispose()
    assert tables["summary"]["break_years"].iloc[0].startswith(f"{FIRST} (")
    sheet = load_workbook(tmp_path / "book.xlsx")["Breaks"]
    head, row = ([cell.value for cell in sheet[number]] for number in (3, 4))
    assert dict(zip(head, row, strict=True))["date"].date().isoformat() == f"{FIRST}-01-01"
    meaning = schema.dictionary().set_index(["table", "column"])["meaning"]
    assert meaning["breaks", "date"] == "first date after the break; annual series: 1 January of the first year after"
    assert meaning["summary", "break_years"].startswith("first year after each break")
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert f"{FIRST} First year after the last break" in plain
    assert re.search(rf"First year after the last break, {result.breaks[0].low}–{result.breaks[0].high}", brief)
    assert [each["date"] for each in json.loads(answer)["breaks"]] == [f"{FIRST}-01-01"]
