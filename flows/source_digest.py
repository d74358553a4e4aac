"""Digests of code. Results are named by that of the code that computes, so that changed code never reads an old result.

It covers every module and table of `indicators/`, and the modules of other packages that `flows.computing` reaches by
imports and that can change a number (`INSIDE`). A module that `flows.computing` reaches and that cannot change a number
stands in `OUTSIDE`, with the reason. A test compares both lists with the imports.

The offline engine has a digest of its own: what it computes is pulled into cubes, which are named by it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

#: The folder that holds the packages: a checkout, or `site-packages`.
ROOT = Path(__file__).parent.parent
#: Packages that count as a whole, with their tables.
SCIENCE, ENGINE = "indicators", "offline"
SUFFIXES = (".py", ".csv")
INSIDE = (
    "flows.beside", "flows.blocks", "flows.break_words", "flows.care", "flows.changes", "flows.choices",
    "flows.climate", "flows.computing", "flows.confidence", "flows.driving", "flows.droughts", "flows.exposed",
    "flows.gaps", "flows.job", "flows.measuring", "flows.period_results", "flows.pixel_breaks", "flows.pulled",
    "flows.rasters", "flows.recoding_file", "flows.reference", "flows.reference_best", "flows.result_tables",
    "flows.sampling", "flows.workforce",
    "practices.report.headline", "practices.report.headline_tables", "practices.report.shares",
    "practices.results.names",
    "regions.catalogue", "regions.covered", "regions.grid", "regions.model",
    "series.blocks", "series.pull", "series.shared_blocks",
)  # fmt: skip
OUTSIDE = {
    "flows.errors": "classes of errors",
    "flows.left_out": "words on what is missing; what is there is part of a result's name",
    "flows.progress": "messages for the screen",
    "flows.provenance": "tags; it changes no number",
    "flows.raster_classes": "names and colours of classes",
    "flows.request": "its values are part of a result's name",
    "flows.source_digest": "computes no number of a result",
    "flows.sources": "decides what is pulled; cubes are named by what they hold",
    "flows.suggest": "commands that messages suggest",
    "flows.variables": "decides what is pulled; cubes are named by what they hold",
    "practices.numbers": "how numbers are written on pages",
    "practices.report.headline_words": "sentences, made when a result is shown",
    "regions.errors": "classes of errors",
    "regions.naming": "names for people",
    "regions.outlines": "the outline that it makes is part of a result's name",
    "series.class_names": "names of classes",
    "series.datasets": "its entries are part of a cube's name",
    "series.earth_engine": "repeats requests; changes no answer",
    "series.errors": "classes of errors",
    "series.exclusive": "a lock",
    "series.graphs": "keeps the text of expressions",
    "series.origins": "words",
}


@cache
def source_digest() -> str:
    """The digest of the code that computes, as it was when this process first asked."""
    return computing_digest(ROOT)


@cache
def engine_digest() -> str:
    """The digest of the offline engine with the simulated landscape, as it was when this process first asked."""
    return _digest(ROOT, _all_of(ROOT, ENGINE))


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
