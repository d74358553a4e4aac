"""How often the verdict of a degraded patch is right, on simulated landscapes whose causes are known."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import track
from rich.table import Table
from shapely import box

from flows.region.landscape.causes import scored_patches
from flows.region.landscape.cubes import Place
from indicators.causes.drivers import CAUSES, HUMAN, SEVERAL, UNDETERMINED
from offline.landscape import WorldName
from regions.model import Region

#: Squares of dry land in the landscape (degrees west, south, east, north), and the size of their cells.
SQUARES = {
    "otindag-square": (113.0, 42.8, 114.6, 43.8),
    "eastern-gobi-square": (109.0, 44.5, 110.6, 45.5),
    "hulunbuir-square": (117.0, 47.5, 118.6, 48.5),
    "ordos-square": (108.0, 38.6, 109.4, 39.6),
}
CELL = 0.01
YEARS = (2001, 2024)


@dataclass(frozen=True)
class PatchRates:
    """Shares of patches: how many are decided and right, and how many without a human cause are blamed on people.

    `decided`: of the patches with a planted cause whose loss was dated; `right`: of all decided patches.
    """

    patches: int
    caused: int
    decided: float
    right: float
    innocent: int
    blamed: float


def places(seeds: Sequence[int], world: WorldName, folder: Path) -> list[Place]:
    """Every square of every seed."""
    return [
        Place(
            Region(id=name, name=name, geometry=box(*corners), growing_season=(5, 9), source="a square"),
            seed, world, YEARS, CELL, folder,
        )
        for seed in seeds
        for name, corners in SQUARES.items()
    ]  # fmt: skip


def score_patches(wanted: Sequence[Place]) -> Iterator[pd.DataFrame]:
    """The patches of each place with their verdicts and the planted causes, by as many processes as processors."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(dir=wanted[0].folder, prefix=".patches-")))
        workers = stack.enter_context(ProcessPoolExecutor(os.cpu_count(), get_context("spawn")))
        yield from workers.map(scored_patches, [replace(place, folder=folder) for place in wanted])


def rates(table: pd.DataFrame) -> PatchRates:
    """How good the verdicts of some patches are; `truth` is the planted cause, `year` is empty for undated losses."""
    decided = table["verdict"] != UNDETERMINED
    caused = table["truth"].isin([*CAUSES, SEVERAL]) & table["year"].notna()
    innocent = ~table["truth"].isin([*HUMAN, SEVERAL])
    blamed = table["verdict"].isin([*HUMAN, SEVERAL])
    right = table["verdict"] == table["truth"]
    return PatchRates(
        patches=len(table),
        caused=int(caused.sum()),
        decided=float(decided[caused].mean()),
        right=float(right[decided].mean()),
        innocent=int(innocent.sum()),
        blamed=float(blamed[innocent].mean()),
    )


def crossed(table: pd.DataFrame) -> pd.DataFrame:
    """Number of patches by planted cause (rows) and verdict (columns)."""
    order = [*CAUSES, SEVERAL, UNDETERMINED, "unknown", "none"]
    found = pd.crosstab(table["truth"], table["verdict"])
    return found.reindex(
        index=[each for each in order if each in found.index], columns=[each for each in order if each in found.columns]
    )


def run_patch_score(seeds: Sequence[int], world: WorldName, data: Path) -> None:
    """Score and print; all patches go into a file in the data folder."""
    console = Console()
    home = data / "scores"
    home.mkdir(parents=True, exist_ok=True)
    wanted = places(seeds, world, home)
    console.print(f"Scoring patches of {len(wanted)} squares, world {world}, cells of {CELL:g}°", highlight=False)
    parts = list(track(score_patches(wanted), "squares", len(wanted), console=console, transient=True))
    table = pd.concat([each for each in parts if len(each)], ignore_index=True)
    shown = crossed(table)
    drawn = Table(box=SIMPLE_HEAD, title="Patches by planted cause (rows) and verdict", title_justify="left")
    drawn.add_column("planted")
    for verdict in shown.columns:
        drawn.add_column(str(verdict), justify="right")
    for planted, row in shown.iterrows():
        drawn.add_row(str(planted), *(str(int(each)) for each in row))
    console.print(drawn)
    found = rates(table)
    console.print(
        f"{found.patches} patches. Of {found.caused} with a planted cause and a dated loss, {found.decided:.0%} are "
        f"decided. Of all decided ones, {found.right:.0%} are right. Of {found.innocent} without a human cause, "
        f"{found.blamed:.1%} are blamed on people.",
        highlight=False,
    )
    target = home / f"patches-{world}.csv"
    table.to_csv(target, index=False)
    console.print(f"All patches: {target}", highlight=False)
