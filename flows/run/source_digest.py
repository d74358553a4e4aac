"""Digests of code. Results are named by that of the code that computes, so that changed code never reads an old result.

It covers every module and table of `indicators/`, and the modules of other packages that `flows.region.results` reaches
by imports and that can change a number (`INSIDE`). A module that `flows.region.results` reaches and that cannot change
a number is listed in `OUTSIDE`, with the reason. A test compares both lists with the imports.

The offline engine has a digest of its own: what it computes is pulled into cubes, which are named by it. So has the
comparison with the simulated landscape, by which kept scores are named.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

#: The folder of the packages: a checkout, or `site-packages`.
ROOT = Path(__file__).parents[2]
#: Packages that count as a whole, with their tables.
SCIENCE, ENGINE = "indicators", "offline"
#: The package that scores are computed by, beside those.
COMPARISON = "flows/region/landscape"
SUFFIXES = (".py", ".csv")
INSIDE = (
    "flows.pull.pulled", "flows.region.attribution", "flows.region.blocks", "flows.region.break_words",
    "flows.region.causes.borders", "flows.region.causes.found_patches", "flows.region.causes.gathering",
    "flows.region.causes.judging", "flows.region.causes.writing", "flows.region.chances",
    "flows.region.corrections", "flows.region.drivers", "flows.region.drought", "flows.region.files.period_results",
    "flows.region.files.rasters", "flows.region.files.tables", "flows.region.gaps", "flows.region.job",
    "flows.region.links.blocks", "flows.region.links.key_areas", "flows.region.links.rows",
    "flows.region.links.statistics", "flows.region.links.trends", "flows.region.links.zones",
    "flows.region.measuring", "flows.region.pixel_breaks", "flows.region.population", "flows.region.result",
    "flows.region.results", "flows.region.sampling", "flows.region.seams", "flows.region.uncertainty",
    "flows.region.whole.change_models", "flows.region.whole.confusion", "flows.region.whole.long_record",
    "flows.region.whole.own_series", "flows.region.whole.rain_products", "flows.region.whole.rain_sums",
    "flows.region.whole.reference_best", "flows.request.choices", "flows.request.habitat_file",
    "flows.request.options", "flows.request.polygon_file", "flows.request.recoding_file", "flows.run.workers",
    "practices.report.headline", "practices.report.headline_tables", "practices.report.shares",
    "practices.results.names", "regions.catalogue", "regions.covered", "regions.grid", "regions.model",
    "regions.reference_areas", "series.areas.catalogue", "series.areas.model", "series.areas.stored",
    "series.cubes.layout", "series.cubes.stored", "series.cubes.tiles", "series.own_drivers",
)  # fmt: skip
OUTSIDE = {
    "flows.errors": "classes of errors",
    "flows.run.progress": "messages for the screen",
    "flows.region.files.provenance": "tags; it changes no number",
    "flows.region.files.raster_classes": "names and colours of classes",
    "flows.request.assess": "its values are part of a result's name",
    "flows.run.source_digest": "computes no number of a result",
    "flows.request.suggest": "commands that messages suggest",
    "practices.numbers": "how numbers are written on pages",
    "practices.report.headline_words": "sentences, made when a result is shown",
    "regions.errors": "classes of errors",
    "regions.naming": "names for people",
    "regions.outlines": "the outline that it makes is part of a result's name",
    "series.errors": "classes of errors",
    "series.exclusive": "a lock",
    "series.notes": "text beside numbers",
}


@cache
def source_digest() -> str:
    """The digest of the code that computes, as it was when this process first asked."""
    return computing_digest(ROOT)


@cache
def engine_digest() -> str:
    """The digest of the offline engine with the simulated landscape, as it was when this process first asked."""
    return _digest(ROOT, _all_of(ROOT, ENGINE))


@cache
def comparison_digest() -> str:
    """The digest of the code that compares results with the simulated landscape, as it was when this process asked."""
    return _digest(ROOT, _all_of(ROOT, COMPARISON))


def computing_digest(root: Path) -> str:
    """The digest of the code that computes in the packages under `root`.

    It depends on names and text alone: not on line endings, times of files or compiled files.
    """
    named = (root.joinpath(*module.split(".")).with_suffix(".py") for module in INSIDE)
    return _digest(root, [*_all_of(root, SCIENCE), *named])


def _all_of(root: Path, package: str) -> list[Path]:
    return [path for path in (root / package).rglob("*") if path.suffix in SUFFIXES]


def _digest(root: Path, files: Iterable[Path]) -> str:
    found = hashlib.sha256()
    for path in sorted(files, key=lambda path: path.relative_to(root).parts):
        text = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        found.update(f"{path.relative_to(root).as_posix()} {len(text)}\n".encode() + text)
    return found.hexdigest()
