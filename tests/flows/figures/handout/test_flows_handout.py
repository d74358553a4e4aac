"""What is handed out as maps: every file is there, styles have the palette, the project opens what lies beside it."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import numpy as np
import pytest
import rasterio
from made_cubes import made, region
from PIL import Image
from typer.testing import CliRunner

from flows.cli.main import app
from flows.errors import FlowError
from flows.figures.causes_map import causes_figure
from flows.figures.class_map import round_length
from flows.figures.handout.folder import published_results, write_maps
from flows.figures.handout.layers import HANDED, HandedRaster, classes_in, handed_rasters
from flows.figures.handout.styles import style
from flows.region.files.publish import publish_region
from flows.region.result import RegionResult
from flows.region.results import compute_profiles
from flows.request.assess import AssessRequest
from practices.database.open import open_database
from practices.report.palette import CLASSES, RAMP, SHARES
from practices.results.names import label

HERE = region(40, 50, "handed")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with an assessed region, published."""
    folder = tmp_path_factory.mktemp("data")
    request = AssessRequest.model_validate(
        {"regions": (HERE.id,), "data": folder, "permutations": 19, "pixel_breaks": False, "workers": 1}
    )
    pulled = made(folder / "cubes", HERE)
    result = compute_profiles(HERE, pulled, request, "simulated")[0]
    publish_region(HERE, result, pulled, request)
    return folder


@pytest.fixture(scope="module")
def result(data: Path) -> RegionResult:
    found, lost = published_results(open_database(data / "practices.sqlite"), data, (), None)
    assert lost == []
    return found[0]


@pytest.fixture(scope="module")
def handed(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the command writes."""
    to = tmp_path_factory.mktemp("stick")
    done = CliRunner().invoke(app, ["export", "--to", str(to), "--data", str(data), "--format", "maps,brief,xlsx"])
    assert done.exit_code == 0, done.output
    assert "maps" in done.output
    return to


def rasters(result: RegionResult) -> dict[str, HandedRaster]:
    return {each.path.name: each for each in handed_rasters(result)}


def test_every_link_of_the_page_leads_to_a_file(handed: Path, result: RegionResult) -> None:
    page = (handed / "index.html").read_text(encoding="utf-8")
    links = set(re.findall(r'(?:href|src)="([^"#]+)"', page))
    assert links
    assert not any(link.startswith(("http", "/", "data:")) for link in links)
    assert all((handed / link).is_file() for link in links), links
    assert {"drylands.qgz", "drylands.xlsx", f"briefs/brief-{HERE.id}.html"} <= links
    assert HERE.name in page
    assert "SIMULATED" in page
    assert len({link for link in links if link.endswith(".tif")}) == len(rasters(result))


def test_rasters_are_those_of_the_result_with_their_classes_and_style(handed: Path, result: RegionResult) -> None:
    home = handed / "maps" / HERE.id
    for name, raster in rasters(result).items():
        assert (home / name).read_bytes() == raster.path.read_bytes()
        assert (home / name).with_suffix(".qml").is_file()
        assert (home / f"{name}.aux.xml").is_file() == bool(classes_in(raster.path))
        with rasterio.open(home / name) as file:
            assert file.descriptions[0]
    assert {each.layer.name for each in rasters(result).values()} == {each.name for each in HANDED}


def test_styles_have_the_colours_of_all_other_outputs(result: RegionResult) -> None:
    found = rasters(result)
    classes = found[f"{result.period}-sdg.tif"]
    root = ElementTree.fromstring(style(classes).partition("\n")[2])
    entries = {each.get("value"): each for each in root.iter("paletteEntry")}
    assert {int(code or "") for code in entries} == set(classes_in(classes.path))
    for code, name in classes_in(classes.path).items():
        assert entries[str(code)].get("color") == CLASSES[name]
        assert entries[str(code)].get("label") == label(name)
    loss = ElementTree.fromstring(style(found[f"{result.period}-loss_probability.tif"]).partition("\n")[2])
    items = [(float(each.get("value") or ""), each.get("color"), each.get("label")) for each in loss.iter("item")]
    assert [colour for _, colour, _ in items] == list(SHARES)
    assert items[0] == (0.0, SHARES[0], "0 %")
    assert items[-1] == (1.0, SHARES[-1], "100 %")
    onset = ElementTree.fromstring(style(found[f"{result.period}-onset_year.tif"]).partition("\n")[2])
    years = [float(each.get("value") or "") for each in onset.iter("item")]
    assert (years[0], years[-1], len(years)) == (2001.0, 2024.0, len(RAMP))
    assert next(onset.iter("rasterrenderer")).get("type") == "singlebandpseudocolor"


def test_the_project_opens_every_raster_beside_it(handed: Path, result: RegionResult) -> None:
    with ZipFile(handed / "drylands.qgz") as archive:
        assert archive.namelist() == ["drylands.qgs"]
        root = ElementTree.fromstring(archive.read("drylands.qgs").partition(b"\n")[2])
    layers = {each.findtext("id"): each for each in root.iter("maplayer")}
    tree = list(root.iter("layer-tree-layer"))
    assert [each.get("id") for each in tree] == list(layers)
    assert len(layers) == len(rasters(result))
    assert [each.get("checked") for each in tree].count("Qt::Checked") == 1
    for each in layers.values():
        with rasterio.open(handed / (each.findtext("datasource") or "")) as file:
            bounds = file.bounds
        assert [float(each.findtext(f"extent/{edge}") or "") for edge in ("xmin", "ymin", "xmax", "ymax")] == list(
            bounds
        )
        assert each.findtext("srs/spatialrefsys/authid") == "EPSG:4326"
        assert each.find("pipe/rasterrenderer") is not None
    assert root.findtext("properties/Paths/Absolute") == "false"


def test_pictures_are_drawn_and_say_when(handed: Path, result: RegionResult) -> None:
    pictures = sorted((handed / "maps" / HERE.id).glob("*.png"))
    periods = [each.name for each in result.periods]
    status = {f"{each.name}-status.png" for each in result.periods if each.headline.alone is not None}
    # no degraded land hangs together here, so there is no picture of causes
    assert {each.name for each in pictures} == {f"{period}-sdg.png" for period in periods} | status
    with pytest.raises(FlowError, match="no degraded land of 25 cells or more hangs together"):
        causes_figure(result)
    for each in pictures:
        with Image.open(each) as picture:
            assert np.asarray(picture.convert("L")).std() > 10


def test_the_same_handout_has_the_same_bytes(result: RegionResult, tmp_path: Path) -> None:
    written = [write_maps(tmp_path / name, [result], {HERE.id: HERE.geometry}) for name in made_folders(tmp_path)]
    for one, other in zip(*written, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name


def made_folders(parent: Path) -> tuple[str, str]:
    for name in ("one", "two"):
        (parent / name).mkdir()
    return "one", "two"


def test_results_that_are_elsewhere_are_named(data: Path, tmp_path: Path) -> None:
    """Published here, computed on another machine."""
    elsewhere = tmp_path / "empty"
    elsewhere.mkdir()
    database = str(data / "practices.sqlite")
    arguments = ["--to", str(tmp_path / "to"), "--data", str(elsewhere), "--database", database, "--format", "maps"]
    done = CliRunner().invoke(app, ["export", *arguments])
    assert done.exit_code == 0, done.output
    assert f"No maps of {HERE.id}" in done.output.replace("\n", " ")
    page = (tmp_path / "to" / "index.html").read_text(encoding="utf-8")
    assert f"The rasters of {HERE.id} are not on the machine that wrote this" in page
    assert not (tmp_path / "to" / "drylands.qgz").exists()


@pytest.mark.parametrize(("most", "length"), [(47.0, 20.0), (20.0, 20.0), (9.99, 5.0), (1.0, 1.0), (0.19, 0.1)])
def test_the_scale_has_a_round_number(most: float, length: float) -> None:
    assert round_length(most) == pytest.approx(length)
