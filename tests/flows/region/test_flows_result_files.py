"""Files of results: names that no other request overwrites, and rasters that GDAL and xarray can explain."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
import rasterio
import rioxarray
from made_cubes import made, region
from matplotlib.text import Text
from PIL import Image
from rasterio.shutil import copy
from typer.testing import CliRunner

from flows.cli.figure import app
from flows.figures.canvas import agreement_figure, pixel_figure
from flows.figures.file_names import dated, export_folder, regions_part
from flows.figures.maps import draw_map
from flows.figures.pixel import series_at
from flows.region.files.publish import publish_profiles
from flows.region.opening import newest_result
from flows.region.result import RegionResult
from flows.region.results import compute_profiles
from flows.request.assess import AssessRequest
from flows.run.source_digest import source_digest
from practices.report.palette import CLASSES, NAMED, colours_of, rgb

NAMES = ("first", "second")
PROFILES = ("ne-asia-2", "trends-earth")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two regions by two profiles over the whole record and the periods of PRAIS 4."""
    data = tmp_path_factory.mktemp("data")
    for name in NAMES:
        where = region(12, 15, name)
        request = AssessRequest(
            regions=(name,), data=data, profiles=PROFILES, permutations=19, pixel_breaks=False, workers=1
        )
        pulled = made(data / "cubes" / name, where)
        publish_profiles(where, compute_profiles(where, pulled, request, "simulated"), pulled, request)
    return data


@pytest.fixture
def result(data: Path) -> RegionResult:
    return newest_result(data, "first", "ne-asia-2")


def test_no_request_for_a_figure_overwrites_that_of_another(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`otindag-sdg.png` was the name for every profile and period, `regions-sdg.png` for every choice of regions."""
    monkeypatch.chdir(tmp_path)
    wanted = {
        "first-sdg-ne-asia-2-2001-2024-simulated.png": ["map", "first"],
        "first-state-ne-asia-2-2001-2024-simulated.png": ["map", "first", "--indicator", "state"],
        "first-sdg-trends-earth-2001-2024-simulated.png": ["map", "first", "--profile", "trends-earth"],
        "first-sdg-ne-asia-2-baseline-2001-2015-simulated.png": ["map", "first", "--period", "baseline"],
        "first-region-breaks-ne-asia-2-2001-2024-simulated.png": ["map", "first", "--indicator", "breaks"],
        "first-second-sdg-ne-asia-2-2001-2024-simulated.png": ["map", *NAMES],
        "first-agreement-2001-2024-simulated.png": ["agreement", "first"],
        "first-agreement-report-1-2004-2019-simulated.png": ["agreement", "first", "--period", "report-1"],
    }
    for name, words in wanted.items():
        said = CliRunner().invoke(app, [*words, "--data", str(data)])
        assert said.exit_code == 0, said.output
        assert said.output.split() == ["wrote", name]
    for place in ("110.05,44.05", "110.1,44.1"):
        assert CliRunner().invoke(app, ["pixel", "first", "--at", place, "--data", str(data)]).exit_code == 0
    pixels = {path.name for path in tmp_path.glob("first-pixel-*-2001-2024-simulated.png")}
    assert len(pixels) == 2
    assert {path.name for path in tmp_path.iterdir()} == {*wanted, *pixels}


def test_many_regions_have_a_short_name_of_their_own() -> None:
    many = [f"region-{number}" for number in range(40)]
    assert re.fullmatch(r"region-0-and-39-more-[0-9a-f]{6}", regions_part(many))
    assert regions_part(many) != regions_part([*many[:-1], "another"])
    folders = [
        export_folder((), None),
        export_folder(["a"], None),
        export_folder((), "simulated"),
        export_folder(["a"], "simulated"),
    ]
    assert folders == ["export", "export-a", "export-simulated", "export-a-simulated"]


def test_titles_name_the_years(data: Path, result: RegionResult) -> None:
    assert [dated(result, name) for name in ("2001-2024", "report-2")] == ["2001-2024", "report-2 (2008-2023)"]
    vi, where, results, units = series_at(data, "first", None)
    figures = [
        (draw_map(["first"], data, period="baseline")[0], "2001-2015"),
        (draw_map(NAMES, data, indicator="breaks")[0], "2001-2024"),
        (agreement_figure(newest_result(data, "first", "agreement"), "report-1"), "2004-2019"),
        (pixel_figure(vi, where, results, units), "2001-2024"),
    ]
    for figure, years in figures:
        assert any(years in each.get_text() for each in figure.findobj(Text))


def test_an_older_result_is_drawn_where_its_period_is_asked_for(data: Path, tmp_path: Path) -> None:
    where = region(12, 15)
    pulled = made(tmp_path / "cubes" / "made", where)

    def assess(**options: object) -> RegionResult:
        request = AssessRequest.model_validate(
            {"regions": ("made",), "data": tmp_path, "permutations": 19, "pixel_breaks": False, **options}
        )
        return compute_profiles(where, pulled, request, "simulated")[0]

    whole = assess()
    own = assess(baseline="2003-2012", reporting=("2013-2020",))
    assert newest_result(tmp_path, "made", "ne-asia-2").digest == own.digest
    assert newest_result(tmp_path, "made", "ne-asia-2", "report-1").digest == whole.digest
    assert newest_result(tmp_path, "made", "ne-asia-2", "baseline-2003-2012").digest == own.digest
    assert (
        assess().digest == newest_result(tmp_path, "made", "ne-asia-2").digest == whole.digest
    )  # asked for last, not made last


def test_a_raster_says_what_it_holds(result: RegionResult) -> None:
    with rasterio.open(result.folder / "report-1-sdg.tif") as file:
        assert (file.descriptions, file.units, file.nodata) == (("SDG 15.3.1",), ("1",), -128)
        assert (file.scales, file.offsets, file.crs) == ((1.0,), (0.0,), "EPSG:4326")
        tags = file.tags()
    assert tags["TIFFTAG_SOFTWARE"] == f"drylands {version('drylands')}"
    assert tags["history"].endswith("from: SIMULATED landscape, no observation of any place")
    assert "productivity: MODIS/061/MOD13Q1" in tags["source"]
    assert "soilgrids2-ocs: CC BY 4.0" in tags["licence"]
    told = {name: tags[name] for name in ("region", "origin", "profile", "period", "years", "source_digest")}
    assert told == {
        "region": "first", "origin": "simulated", "profile": "ne-asia-2", "period": "report-1", "years": "2004-2019",
        "source_digest": source_digest(),
    }  # fmt: skip
    with rasterio.open(result.folder / "2001-2024-slope.tif") as file:
        assert (file.descriptions, file.units) == (("slope of annual productivity",), ("year-1",))
    with rioxarray.open_rasterio(result.folder / "2001-2024-sdg.tif") as opened:
        assert opened.attrs["flag_values"].tolist() == [-1, 0, 1, 2, 3]
        assert opened.attrs["flag_meanings"].split()[0] == "degraded"


@pytest.mark.parametrize("layer", ["sdg", "status", "lpd", "state", "partial", "agreement"])
def test_classes_have_names_and_a_palette(data: Path, result: RegionResult, layer: str, tmp_path: Path) -> None:
    folder = (newest_result(data, "first", "agreement") if layer == "agreement" else result).folder
    period = "report-1" if layer == "status" else "2001-2024"
    with rasterio.open(folder / f"{period}-{layer}.tif") as file:
        codes, tags = file.read(1), file.tags()
    values = [int(code) for code in tags["flag_values"].strip("{}").split(",")]
    names = tags["flag_meanings"].split()
    with rasterio.open(folder / f"{period}-{layer}.vrt") as view:
        numbers, palette = view.read(1), view.colormap(1)
        assert (view.nodata, view.colorinterp[0].name) == (0, "palette")
        assert view.tags()["origin"] == "simulated"
    expected = np.zeros(codes.shape, np.uint8)
    for number, (code, colour) in enumerate(zip(values, colours_of(names), strict=True), start=1):
        expected[codes == code] = number
        assert palette[number] == (*rgb(colour), 255)
    np.testing.assert_array_equal(numbers, expected)
    assert palette[0] == (0, 0, 0, 0)
    # GDAL reads the attribute table: it copies it to the file beside a copy.
    copy(folder / f"{period}-{layer}.tif", tmp_path / "copy.tif", driver="GTiff")
    rows = ET.parse(tmp_path / "copy.tif.aux.xml").findall(".//GDALRasterAttributeTable/Row")
    told = [[cell.text for cell in row] for row in rows]
    assert told == [[str(v), n, *map(str, rgb(c))] for v, n, c in zip(values, names, colours_of(names), strict=True)]


def test_a_view_is_drawn_in_the_colours_of_the_figures(result: RegionResult, tmp_path: Path) -> None:
    with rasterio.open(result.folder / "2001-2024-sdg.tif") as file:
        codes = file.read(1)
    copy(result.folder / "2001-2024-sdg.vrt", tmp_path / "view.png", driver="PNG")
    with Image.open(tmp_path / "view.png") as picture:
        drawn = np.asarray(picture.convert("RGBA"))
    for code, name in ((-1, "degraded"), (0, "stable"), (1, "improved"), (3, "water")):
        assert (codes == code).any()
        assert {tuple(each) for each in drawn[codes == code].tolist()} == {(*rgb(CLASSES[name]), 255)}
    assert (drawn[codes == -128][:, 3] == 0).all()


def test_classes_that_have_no_colour_of_their_own_differ() -> None:
    months = [f"{number}_months" for number in range(1, 8)]
    assert len(set(colours_of(months))) == len(months)
    assert not set(months) & set(NAMED)
