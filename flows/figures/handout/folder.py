"""The maps of an export: rasters with styles, a QGIS project, pictures, and the page that opens all of the export."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flows.errors import FlowError
from flows.figures.canvas import save, say_origin
from flows.figures.causes_map import causes_figure
from flows.figures.class_map import class_map, lead_of
from flows.figures.file_names import dated
from flows.figures.handout.layers import HandedRaster, handed_rasters
from flows.figures.handout.project import write_project
from flows.figures.handout.styles import style
from flows.region.opening import result_folders
from flows.region.result import RegionResult
from practices.database.transactions import reading
from practices.report.brief import style_inside
from practices.report.templating import environment
from practices.results import by_region, published_places, published_views

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from shapely.geometry.base import BaseGeometry
    from sqlalchemy import Engine

MAPS = "maps"
PROJECT, INDEX = "drylands.qgz", "index.html"
#: What an export holds beside the maps, as the page names it.
BESIDE = {
    "drylands.xlsx": "Workbook of all tables",
    "drylands.gpkg": "Regions, sites and patches for QGIS (GeoPackage)",
    "datapackage.json": "Description of the tables (Frictionless data package)",
    "data-dictionary.csv": "What the columns of the tables mean",
}


@dataclass(frozen=True)
class Picture:
    """A picture of a map, from the page that shows it, and what it shows."""

    file: str
    title: str


@dataclass(frozen=True)
class HandedRegion:
    """A region on the page: its name, period, headline, and its files; `links` are rasters by title."""

    name: str
    period: str
    lead: str
    simulated: bool
    assessed: str
    pictures: Sequence[Picture]
    links: Mapping[str, str]
    brief: str


def published_results(
    engine: Engine, data: Path, regions: Sequence[str], origin: str | None
) -> tuple[list[RegionResult], list[str]]:
    """The results on this machine that the published assessments are from, and the regions whose result is not here.

    Of each region that view which pages show first.
    """
    found, lost = [], []
    with reading(engine) as connection:
        for region in regions or [place.id for place in published_places.regions(connection)]:
            view = published_views.chosen(published_views.choices(connection, region), origin=origin)
            report = None if view is None else by_region.report(connection, region, view.view)
            if report is None:
                continue
            here = [RegionResult.read(folder) for folder in result_folders(data, region)]
            own = [each for each in here if each.digest == report.run]
            found += own[:1]
            lost += [] if own else [region]
    return found, lost


def write_maps(
    folder: Path, results: Sequence[RegionResult], outlines: Mapping[str, BaseGeometry], lost: Iterable[str] = ()
) -> list[Path]:
    """Write the maps of results into the folder of an export, which holds its other files already. Returns the files.

    `maps/REGION/` has rasters, each with its classes and its style for QGIS, and pictures; `drylands.qgz` opens all of
    the rasters, `index.html` everything. `lost`: regions whose rasters are not on this machine, for the page.
    """
    written: list[Path] = []
    groups: dict[str, list[HandedRaster]] = {}
    places: dict[Path, str] = {}
    shown = []
    for result in results:
        home = folder / MAPS / result.region
        home.mkdir(parents=True)
        title = result.name or result.region
        groups[title] = list(handed_rasters(result))
        for raster in groups[title]:
            written += _with_style(raster, home)
            places[raster.path] = f"{MAPS}/{result.region}/{raster.path.name}"
        pictures = list(_pictures(result, outlines, home))
        written += [folder / each.file for each in pictures]
        brief = f"briefs/brief-{result.region}.html"
        links = {each.title: places[each.path] for each in groups[title]}
        shown.append(
            HandedRegion(
                title, dated(result, result.period), lead_of(result.headline), result.origin == "simulated",
                f"{result.finished:%Y-%m-%d}", pictures, links, brief if (folder / brief).is_file() else "",
            )
        )  # fmt: skip
    if results:
        write_project(folder / PROJECT, groups, places)
        written.append(folder / PROJECT)
    others = {name: title for name, title in BESIDE.items() if (folder / name).is_file()}
    page = environment().get_template("handout.html").render(
        regions=shown, lost=sorted(lost), others=others, project=PROJECT if results else "", **style_inside()
    )  # fmt: skip
    (folder / INDEX).write_text(page, encoding="utf-8")
    return [folder / INDEX, *written]


def _with_style(raster: HandedRaster, home: Path) -> list[Path]:
    """Copy a raster with the table of its classes, if it has one, and write its style."""
    classes = raster.path.with_name(f"{raster.path.name}.aux.xml")
    copies = []
    for each in filter(Path.is_file, (raster.path, classes)):
        copies.append(home / each.name)
        shutil.copyfile(each, copies[-1])
    target = home / raster.path.with_suffix(".qml").name
    target.write_text(style(raster), encoding="utf-8")
    return [*copies, target]


def _pictures(result: RegionResult, outlines: Mapping[str, BaseGeometry], home: Path) -> Iterable[Picture]:
    """The map of SDG 15.3.1 of every period, of the status where there is one, and of the causes of patches."""
    wanted = [("sdg", each) for each in (result.period, *(p.name for p in result.periods if p.name != result.period))]
    wanted += [("status", each.name) for each in result.periods if each.headline.alone is not None]
    for indicator, period in wanted:
        target = home / f"{period}-{indicator}.png"
        drawn = class_map([result], outlines, indicator=indicator, period=period)
        _save(drawn, result, target)
        yield Picture(f"{MAPS}/{result.region}/{target.name}", f"{_TITLES[indicator]}, {dated(result, period)}")
    try:
        drawn = causes_figure(result)
    except FlowError:  # a record under 12 years, or without patches
        return
    target = home / f"{result.period}-causes.png"
    _save(drawn, result, target)
    yield Picture(f"{MAPS}/{result.region}/{target.name}", "What the loss of degraded patches goes with")


def _save(drawn: Figure, result: RegionResult, target: Path) -> None:
    """Save a picture that says when and by what its result was computed: it may be passed on alone."""
    when = f"assessed {result.finished:%Y-%m-%d}"
    say_origin(drawn, result.origin, f"{when}, drylands {result.package_version}".removesuffix(", drylands "))
    save(drawn, target)


_TITLES = {"sdg": "SDG 15.3.1", "status": "Status against the baseline"}
