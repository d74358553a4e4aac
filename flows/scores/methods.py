"""Score the methods on the simulated landscape, where the truth is known. No science of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

import rasterio
import xarray as xr
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from flows.pull.checks import check_assess, enough_years
from flows.pull.latest import settled
from flows.pull.pulled import Pulled
from flows.pull.region import pull_region
from flows.pull.sources import opened
from flows.region.result import RegionResult
from flows.region.results import compute_profiles
from flows.request.assess import ALL_PROFILES, DEMONSTRATION, AssessRequest
from indicators.area.areas import cell_area
from indicators.certainty.break_scores import BreakScore, Dating, break_score
from indicators.certainty.scores import Detection, detection, true_share
from indicators.codes import DEGRADED
from indicators.profiles import get
from indicators.sdg15.productivity import adjusted
from offline.landscape import truth
from regions.grid import coverage, geobox
from series.cubes.stored import look, open_cube

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from regions.model import Region


@dataclass(frozen=True)
class Interval:
    """An interval of a degraded share, and the share that is true (0 … 1)."""

    low: float
    high: float
    true: float

    @property
    def covers_truth(self) -> bool:
        """Whether the interval contains the true share."""
        return self.low <= self.true <= self.high


@dataclass(frozen=True)
class Score:
    """What one profile found in one region: degraded land, breaks of patches and of single cells, false alarms.

    `interval`: the range of true degraded shares that agrees with the map (judged land only), with the planted share;
    None if the result has no interval.
    """

    region: str
    profile: str
    degraded: Detection
    interval: Interval | None
    patches: Dating
    cells: Dating
    false_alarms: int
    quiet: int


def score(request: AssessRequest) -> list[Score]:
    """Score every profile in every region of `request`; what is pulled and computed already is used again."""
    scores = []
    regions = check_assess(request)
    with opened("simulated", None, request.datasets) as source:
        request = settled(request, source).request
        enough_years(*request.span)
        for region in regions:
            pulled = pull_region(region, request, source)
            results = compute_profiles(region, pulled, request, source.origin)
            scores += score_region(region, [each for each in results if each.profile in ALL_PROFILES], pulled)
    return scores


def score_region(region: Region, results: Sequence[RegionResult], pulled: Pulled) -> list[Score]:
    """Compare the results of a region with the truth of the landscape over the same years and cells."""
    vi = open_cube(pulled.cubes["productivity"])
    grid = geobox(region, float(vi.attrs["cell_degrees"]))
    known = truth(grid, (int(vi["year"][0]), int(vi["year"][-1])))
    inside = coverage(region, grid).values * known["land"].values
    area = inside * cell_area(vi).values[:, None]
    dated = {kind: breaks_of(kind, pulled, known, inside) for kind in {get(each.profile).annual for each in results}}
    scores = []
    for result in results:
        found, interval = degraded(result, known["degraded"].values, area)
        own = dated[get(result.profile).annual]
        scores.append(
            Score(region.id, result.profile, found, interval, own.patches, own.cells, own.false_alarms, own.quiet)
        )
    return scores


def degraded(result: RegionResult, true: NDArray[Any], area: NDArray[Any]) -> tuple[Detection, Interval | None]:
    """The degraded area found against the true one, and the interval of the true share beside that share."""
    with rasterio.open(result.folder / f"{result.period}-sdg.tif") as file:
        found = detection(file.read(1) == DEGRADED, true, area)
    low, high = (result.certainty.get(f"accord_{end}") for end in ("low", "high"))
    if low is None or high is None:
        return found, None
    with rasterio.open(result.folder / f"{result.period}-productivity.tif") as file:
        share = true_share(file.read(1), true, area)
    return found, Interval(low, high, share)


def breaks_of(kind: str, pulled: Pulled, known: xr.Dataset, inside: NDArray[Any]) -> BreakScore:
    """How well the planted breaks are dated in a kind of annual value, rain removed."""
    vi = open_cube(pulled.productivity[kind])
    rain = look(pulled.cubes["precipitation"]).near(vi["y"].values, vi["x"].values)
    series = adjusted(vi, rain, "restrend").transpose("year", "y", "x").values
    planted = known["break_year"].values * (inside > 0)
    quiet = (known["kind"].values == 0) & (inside > 0)
    return break_score(series, vi["year"].values, planted, quiet)


def run_score(regions: tuple[str, ...], years: str, data: Path) -> None:
    """Score and print: for each profile a line a region, then all regions together."""
    request = AssessRequest.model_validate(
        {"regions": regions or DEMONSTRATION, "years": years, "data": data, "profiles": "all"}
    )
    check_assess(request)
    console = Console()
    console.print(f"Scoring on the simulated landscape, {years} (a minute a region the first time) …")
    scores = score(request)
    table = Table(box=SIMPLE_HEAD, padding=(0, 0, 0, 1))
    table.add_column("profile, region\n", no_wrap=True)
    for heading in HEADINGS:
        table.add_column(heading, no_wrap=True, justify="right")
    for profile in ALL_PROFILES:
        own = [each for each in scores if each.profile == profile]
        table.add_row(f"[bold]{profile}[/]", *row(own))
        for each in own:
            table.add_row(f"  {each.region}", *row([each]), end_section=each is own[-1])
    console.print(table)
    console.print(
        "Precision: share of the area called degraded that really is degraded. Recall: share of the degraded area\n"
        "that was found. Bias: area called degraded against the true one. Held: how many of the intervals, corrected\n"
        "for errors of the method, contain the planted share; wide: their width, percentage points.\n"
        "Breaks: percent found of the planted, in the mean of a patch and in one cell, rain removed; median error in "
        "years.\n"
        "False alarms: breaks found in cells where nothing was planted.",
        soft_wrap=True,
    )


HEADINGS = (
    "pre-\ncis.", "re-\ncall", "F1\n", "bias\n%", "held\n", "wide\n%", "patch\n% yr", "cell\n% yr", "false\n%",
)  # fmt: skip


def row(scores: list[Score]) -> list[str]:
    """One line of the table: several scores taken together."""
    total = sum((each.degraded for each in scores), Detection(0, 0, 0))
    patches = sum((each.patches for each in scores), Dating((), 0))
    cells = sum((each.cells for each in scores), Dating((), 0))
    false, quiet = sum(each.false_alarms for each in scores), sum(each.quiet for each in scores)
    shares = [f"{value:.2f}" for value in (total.precision, total.recall, total.f1)]
    intervals = [each.interval for each in scores if each.interval is not None]
    dated = [f"{100 * len(d.errors) / d.tried:.0f} {d.median:.1f}" if d.tried else "-" for d in (patches, cells)]
    return [
        *shares,
        f"{100 * total.bias:+.0f}",
        f"{sum(each.covers_truth for each in intervals)}/{len(intervals)}" if intervals else "-",
        f"{100 * fmean(each.high - each.low for each in intervals):.0f}" if intervals else "-",
        *dated,
        f"{100 * false / quiet:.0f}" if quiet else "-",
    ]
