"""Maps of classes and of breaks: what is drawn where, in which colour, and how much of the land that is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
from affine import Affine
from made_cubes import made, region
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image
from shapely import box
from typer.testing import CliRunner

from flows.cli.figure import app
from flows.errors import FlowError
from flows.figures.break_years_map import break_map
from flows.figures.class_map import COLOURS, TITLES, class_map, class_shares
from flows.figures.maps import outlines_of
from flows.region.files.publish import publish_region
from flows.region.opening import newest_result
from flows.region.result import RegionResult
from flows.region.results import compute_profiles
from flows.request.assess import AssessRequest
from indicators.codes import DEGRADED, IMPROVED, MEANINGS, NODATA, STABLE, WATER
from regions.model import Region

#: A quarter each, on 4 by 8 cells of half a degree; the outline cuts the westernmost column of cells in half.
QUARTERS = np.repeat([[DEGRADED, STABLE, IMPROVED, WATER]], 4, axis=0).repeat(2, axis=1).astype(np.int8)
OUTLINE = box(100.25, 44.0, 104.0, 46.0)


def result(data: Path, name: str = "here", codes: np.ndarray = QUARTERS, breaks: tuple[int, ...] = (2010,)) -> Path:
    """A result with one class raster, and breaks upward."""
    folder = data / "results" / name / "ne-asia-1"
    folder.mkdir(parents=True)
    with rasterio.open(
        folder / "2001-2020-sdg.tif", "w", driver="GTiff", count=1, height=codes.shape[0], width=codes.shape[1],
        dtype="int8", nodata=NODATA, crs="EPSG:4326", transform=Affine(0.5, 0, 100.0, 0, -0.5, 46.0),
    ) as file:  # fmt: skip
        file.write(codes, 1)
    rows = [
        {"region": name, "variable": "productivity", "year": year, "low": year - 2, "high": year + 1, "magnitude": 0.1}
        for year in breaks
    ]
    pd.DataFrame(rows, columns=["region", "variable", "year", "low", "high", "magnitude"]).to_csv(
        folder / "breaks.csv", index=False
    )
    nothing = {"area_km2": {}, "share": {}, "trend_percent_decade": None, "trend_p": None, "breaks": []}
    common = {"region": name, "period": "2001-2020", "profile": "ne-asia", "origin": "offline-files", "digest": "1"}
    common |= {"breaks_are": "first year after a break in the growing-season mean of NDVI"}
    common |= dict.fromkeys(("started", "finished"), "2026-01-01T00:00:00+00:00")
    (folder / "summary.json").write_text(json.dumps({**common, **nothing}))
    return folder


def colour_at(figure: Figure, where: tuple[float, float]) -> tuple[float, ...]:
    """The colour of the map at a longitude and latitude."""
    figure.canvas.draw()
    column, row = figure.axes[0].transData.transform(where)
    picture = np.asarray(figure.canvas.buffer_rgba())  # type: ignore[attr-defined]
    return tuple(picture[picture.shape[0] - 1 - int(row), int(column), :3] / 255)


def words(figure: Figure) -> str:
    return "\n".join(each.get_text() for each in figure.findobj(Text))


def test_each_class_is_drawn_where_it_is(tmp_path: Path) -> None:
    result(tmp_path)
    drawn = class_map([newest_result(tmp_path, "here", "ne-asia")], {"here": OUTLINE})
    for longitude, name in ((100.6, "degraded"), (101.5, "stable"), (102.5, "improved"), (103.5, "water")):
        assert colour_at(drawn, (longitude, 45.2)) == pytest.approx(to_rgb(COLOURS[name]), abs=0.01)
    assert colour_at(drawn, (100.1, 45.2)) == (1, 1, 1)  # a cell at the edge is cut at the outline
    said = words(drawn)
    assert "here: SDG 15.3.1, 2001-2020, by ne-asia" in said
    assert "data from local files" in said
    assert "undetermined" not in said  # only classes that are there have a place in the legend


def test_shares_are_of_the_land_inside_the_outline(tmp_path: Path) -> None:
    """A quarter is water, and half of the first column lies outside: 1.5, 2 and 2 columns of land are left."""
    result(tmp_path)
    (found,) = class_shares(
        [newest_result(tmp_path, "here", "ne-asia")], {"here": OUTLINE}, "sdg", "2001-2020"
    ).to_dict("records")
    assert found.pop("degraded") == pytest.approx(100 * 1.5 / 5.5)
    assert found.pop("stable") == found.pop("improved") == pytest.approx(100 * 2 / 5.5)
    assert set(found.values()) == {0.0}


def test_land_without_data_is_grey_and_counts(tmp_path: Path) -> None:
    result(tmp_path, codes=np.where(QUARTERS == STABLE, NODATA, QUARTERS).astype(np.int8))
    drawn = class_map([newest_result(tmp_path, "here", "ne-asia")], {"here": OUTLINE})
    assert colour_at(drawn, (101.5, 45.2)) == pytest.approx(to_rgb(COLOURS["no data"]), abs=0.01)
    assert "36" in words(drawn).split()  # two columns of 5.5


def test_shares_are_those_of_the_tables(tmp_path: Path) -> None:
    where = region()
    pulled = made(tmp_path / "cubes", where)
    request = AssessRequest(regions=("made",), data=tmp_path, permutations=19)
    found = compute_profiles(where, pulled, request, "simulated")[0]
    table = pd.read_csv(found.folder / "areas.csv")
    for indicator in ("sdg", "productivity", "land_cover"):
        own = table[(table["indicator"] == indicator) & (table["period"] == found.period)].set_index("class")[
            "area_km2"
        ]
        land = own.drop("water")
        shown = class_shares([found], {"made": where.geometry}, indicator, found.period).loc["made"]
        for name, share in shown.items():
            assert share == pytest.approx(100 * land[name] / land.sum(), abs=0.01)
    publish_region(where, found, pulled, request)
    assert outlines_of(["made", "otindag", "nowhere"], tmp_path).keys() == {"made", "otindag"}
    assert outlines_of(["made"], tmp_path)["made"].equals(where.geometry)
    check_maps_say_what_leads(found, where)
    drawn = class_map([found], {"made": where.geometry}, indicator="state", period="baseline")
    assert "made: state of productivity, baseline" in words(drawn)
    assert "SIMULATED landscape" in words(drawn)


def check_maps_say_what_leads(found: RegionResult, where: Region) -> None:
    """Under a map of either number of SDG 15.3.1: which of the two it is, and what leads."""
    outlines = {"made": where.geometry}
    accord = {"degraded_share_in_accord": (None, 0.981, 0.985)}
    mapped = {"sdg": {"degraded": 10.0, "stable": 90.0}}
    interval = replace(found, periods=(replace(found.periods[0], statistics=accord, areas=mapped),))
    said = words(class_map([interval], outlines))
    assert "share of the land as mapped by the assessment of the period alone, %" in said
    assert "made: at least 98.1 % degraded; the interval of the true share excludes the mapped share" in said
    status = words(class_map([found], outlines, indicator="status"))
    assert "share of the land as mapped by the status against the baseline, %" in status
    assert "made: SDG 15.3.1, status against the baseline, report-2" in status
    shares = class_shares([found], outlines, "status", "report-2").loc["made"]
    table = pd.read_csv(found.folder / "areas.csv").query("indicator == 'status' and period == 'report-2'")
    own = table.set_index("class")["area_km2"]
    assert shares["stability"] == pytest.approx(100 * own["stability"] / own.sum(), abs=0.01)
    with pytest.raises(FlowError, match="no status for the period baseline; choose report-1 or report-2"):
        class_map([found], outlines, indicator="status", period="baseline")


def test_a_map_of_one_cell(tmp_path: Path) -> None:
    result(tmp_path, codes=np.array([[DEGRADED]], np.int8))
    shares = class_shares([newest_result(tmp_path, "here", "ne-asia")], {}, "sdg", "2001-2020")
    assert shares.loc["here", "degraded"] == pytest.approx(100)


def test_what_cannot_be_mapped_is_refused_with_what_can(tmp_path: Path) -> None:
    result(tmp_path)
    found = newest_result(tmp_path, "here", "ne-asia")
    with pytest.raises(FlowError, match="indicator 'slope' cannot be mapped; allowed: sdg, status, productivity"):
        class_map([found], {}, indicator="slope")
    with pytest.raises(
        FlowError, match=r"region here, ne-asia: there is no sdg for the period '1066'; periods with it: 2001-2020"
    ):
        class_map([found], {}, period="1066")
    with pytest.raises(FlowError, match=r"there is no state .*; periods with it: none"):
        class_map([found], {}, indicator="state")
    with pytest.raises(FlowError, match="region here: no outline"):
        break_map([found], {})


def test_several_regions_share_a_map_and_have_a_bar_each(tmp_path: Path) -> None:
    results = []
    for name in ("first", "second"):
        result(tmp_path, name)
        results.append(newest_result(tmp_path, name, "ne-asia"))
    outlines = {"first": OUTLINE, "second": box(104.0, 44.0, 105.0, 46.0)}
    drawn = class_map(results, outlines)
    assert [each.get_text() for each in drawn.axes[1].get_yticklabels()] == ["first", "second"]
    assert "second" in [each.get_text() for each in drawn.axes[0].texts]
    assert drawn.axes[0].get_xlim()[1] > 105


def test_breaks_are_drawn_by_year_and_interval(tmp_path: Path) -> None:
    result(tmp_path, "none", breaks=())
    result(tmp_path, "twice", breaks=(2006, 2015))
    words_of = {"breaks_are": "first year after a break in the yearly mean"}
    found = [replace(newest_result(tmp_path, name, "ne-asia"), **words_of) for name in ("none", "twice")]
    outlines = {"none": OUTLINE, "twice": box(104.5, 44.0, 106.0, 46.0)}
    drawn = break_map(found, outlines)
    assert "twice\n2006\n2015" in words(drawn)
    assert [each.get_text() for each in drawn.axes[1].texts] == ["no break"]
    assert colour_at(drawn, (100.6, 44.2)) == (1, 1, 1)
    assert colour_at(drawn, (104.7, 44.2)) != (1, 1, 1)
    spans = [line.get_xdata() for line in drawn.axes[1].lines if len(line.get_xdata()) == 2]
    assert [list(map(int, span)) for span in spans] == [[2004, 2007], [2013, 2016]]


@pytest.mark.parametrize("draw", [class_map, break_map])
def test_results_of_different_origin_never_share_a_map(
    tmp_path: Path, draw: Callable[[list[RegionResult], dict[str, object]], Figure]
) -> None:
    result(tmp_path, "first")
    found = newest_result(tmp_path, "first", "ne-asia")
    other = replace(found, region="second", origin="simulated")
    with pytest.raises(FlowError, match=r"different origin: first \(offline-files\), second \(simulated\)"):
        draw([found, other], {"first": OUTLINE, "second": OUTLINE})


def test_a_suffix_that_is_no_format_is_refused(tmp_path: Path) -> None:
    result(tmp_path, "otindag")
    said = CliRunner().invoke(app, ["map", "otindag", "--to", str(tmp_path / "x.doc"), "--data", str(tmp_path)])
    assert isinstance(said.exception, FlowError)
    assert "unknown format '.doc'; use .png, .svg or .pdf" in str(said.exception)


def test_the_command_draws_both(tmp_path: Path) -> None:
    result(tmp_path, "otindag")
    for indicator in ("sdg", "breaks"):
        target = tmp_path / f"{indicator}.png"
        words_given = ["map", "otindag", "--indicator", indicator, "--profile", "ne-asia", "--to", str(target)]
        said = CliRunner().invoke(app, [*words_given, "--data", str(tmp_path)])
        assert said.exit_code == 0, said.output
        with Image.open(target) as picture:
            assert np.asarray(picture).std() > 10
    assert not (tmp_path / "practices.sqlite").exists()


@pytest.mark.parametrize("eyes", ["normal", "protan", "deutan", "tritan"])
def test_the_colours_are_told_apart_by_all(eyes: str) -> None:
    """Distances in CIELAB as eyes see them without one kind of cone (matrices of Machado et al. 2009, severity 1)."""
    matrix = np.array(
        {
            "normal": np.eye(3),
            "protan": [[0.1522, 1.0525, -0.2048], [0.1145, 0.7862, 0.0992], [-0.0038, -0.0481, 1.0519]],
            "deutan": [[0.3673, 0.8606, -0.2279], [0.2800, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9688]],
            "tritan": [[1.2555, -0.0767, -0.1787], [-0.0784, 0.9308, 0.1476], [0.0047, 0.6913, 0.3039]],
        }[eyes]
    )  # fmt: skip
    seen = {name: lab(np.clip(matrix @ linear(np.array(to_rgb(colour))), 0, 1)) for name, colour in COLOURS.items()}
    for one, other in combinations(seen, 2):
        assert np.linalg.norm(seen[one] - seen[other]) > 10, (one, other)
    assert set(MEANINGS.values()) < set(COLOURS)
    assert "sdg" in TITLES


def linear(colour: np.ndarray) -> np.ndarray:
    return np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)


def lab(light: np.ndarray) -> np.ndarray:
    """CIELAB (D65) of linear sRGB."""
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    ratio = np.array(to_xyz) @ light / np.array([0.9505, 1.0, 1.089])
    root = np.where(ratio > 0.0088, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def test_results_are_read_as_they_were_written(tmp_path: Path) -> None:
    assert RegionResult.read(result(tmp_path)).period == "2001-2020"
