"""How well practices are judged, on a landscape with several hundred of them whose effects are known.

The real effect at a site is the difference between two landscapes, one with practices and one without. Weather, clouds
and noise are the same in both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from flows.evidence.judge import Ground, ground
from flows.request.assess import AssessRequest
from flows.request.selection import select_regions
from flows.scores.practice_field import opened_field, pull_field
from offline.landscape import field
from practices.errors import NoEffect
from practices.evidence.footprint import circle, circle_cells, union
from practices.evidence.judge import Study, judge
from series.cubes.stored import open_cube

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from offline.landscape import PlantedSite
    from practices.evidence.judge import Finding, Study
    from regions.model import Region

#: Regions in three countries with about 400 sites between them.
REGIONS = ("dornod", "eastern-gobi", "horqin", "middle-gobi", "ordos", "otindag", "xilingol")
SHORT = {"productivity": "as it is", "productivity_climate_adjusted": "rain removed"}
#: A standardised difference below this counts as fair.
FAIR = 0.25


@dataclass(frozen=True)
class PracticeField:
    """A region of the landscape with sites: its ground, what it would be without them, and the cells of each."""

    ground: Ground
    untouched: NDArray[Any]
    sites: tuple[tuple[PlantedSite, NDArray[Any]], ...]


def score_evidence(request: AssessRequest) -> pd.DataFrame:
    """A row for each outcome of each site of the regions: the planted effect, the real effect, and the one found.

    Effects, interval and smallest detectable effect are in percent of the mean before. Sites with too few controls
    have no row; `attrs["refused"]` counts them.
    """
    rows: list[dict[str, Any]] = []
    sites = 0
    for region, practice_field in zip(select_regions(request), fields(request), strict=True):
        rows += score_field(region.id, practice_field)
        sites += len(practice_field.sites)
    scores = pd.DataFrame(rows)
    scores.attrs["refused"] = sites - scores[["region", "site"]].drop_duplicates().shape[0]
    return scores


def fields(request: AssessRequest) -> list[PracticeField]:
    """The regions of a request, pulled from the landscape with sites and from the one without."""
    regions = select_regions(request)
    with opened_field("evidence") as source:
        with_sites = [pull_field(region, request, source) for region in regions]
        used = dict(source.datasets)
    with opened_field("untouched") as source:
        without = [pull_field(region, request, source, ("productivity",)) for region in regions]
    found = []
    for region, cubes, bare in zip(regions, with_sites, without, strict=True):
        layers = {variable: open_cube(path) for variable, path in cubes.items()}
        land = ground(layers, used, dict(region.geometry.__geo_interface__))
        untouched = open_cube(bare["productivity"]).values.reshape(land.panel.outcome.shape)
        found.append(PracticeField(land, untouched, sites_within(region, land)))
    return found


def sites_within(region: Region, land: Ground) -> tuple[tuple[PlantedSite, NDArray[Any]], ...]:
    """The planted sites that lie wholly inside a region, with their cells (bool by cell)."""
    west, south, east, north = region.geometry.bounds
    found = []
    for site in field(west, south, east, north):
        cells = circle_cells(site.lon, site.lat, site.radius_km, land.x, land.y).ravel()
        if whole(site, region):
            found.append((site, cells))
    return tuple(found)


def whole(site: PlantedSite, region: Region) -> bool:
    """Whether the disc of a site lies inside a region."""
    return bool(region.geometry.contains(circle(site.lon, site.lat, site.radius_km)))


def score_field(region: str, practice_field: PracticeField) -> list[dict[str, Any]]:
    """Judge every site of a field and compare the result with the real effect."""
    panel = practice_field.ground.panel
    every = union(cells for _, cells in practice_field.sites)
    studies: dict[int, Study] = {}
    rows = []
    for site, cells in practice_field.sites:
        study = studies.setdefault(site.start_year, Study(panel, site.start_year, every))
        try:
            findings = judge(study, cells)
        except NoEffect:
            continue
        real = real_effect(practice_field, study, cells)
        rows += [row(region, site, finding, real) for finding in findings]
    return rows


def real_effect(practice_field: PracticeField, study: Study, cells: NDArray[Any]) -> float:
    """Mean change of productivity because of the practice, over its cells and the years since the start."""
    return study.mean_since_start(practice_field.ground.panel.outcome - practice_field.untouched, cells)


def row(region: str, site: PlantedSite, finding: Finding, real: float) -> dict[str, Any]:
    """What is known and what was found of a site, in percent of the mean before."""
    percent = 100 / finding.mean_before
    size = finding.balance.set_index("covariate")
    return {
        "region": region,
        "site": site.name,
        "outcome": finding.outcome,
        "placebo": site.placebo,
        "planted": 100 * site.effect,
        "real_effect": real * percent,
        "effect": finding.effect * percent,
        "low": finding.low * percent,
        "high": finding.high * percent,
        "standard_error": finding.standard_error * percent,
        "p": finding.p,
        "p_parallel": finding.p_parallel,
        "minimum_detectable": finding.minimum_detectable * percent,
        "treated": finding.treated,
        "dropped": finding.dropped,
        "places": finding.places,
        "difference_before": size["difference_before"].abs().mean(),
        "difference_after": size["difference_after"].abs().mean(),
        "fair_before": float((size["difference_before"].abs() < FAIR).mean()),
        "fair_after": float((size["difference_after"].abs() < FAIR).mean()),
    }


def by_size(scores: pd.DataFrame) -> pd.DataFrame:
    """For each outcome and planted effect, with placebos in separate rows: bias, coverage of the 95 % interval, power …

    `power` is the share with p of 0.05 or less, which without an effect is the rate of false positives.
    """
    marked = scores.assign(
        error=scores["effect"] - scores["real_effect"],
        covered=scores["real_effect"].between(scores["low"], scores["high"]),
        found=scores["p"] <= 0.05,
        apart=scores["p_parallel"] <= 0.05,
    )
    return (
        marked.groupby(["outcome", "placebo", "planted"])
        .agg(
            sites=("site", "size"),
            real_effect=("real_effect", "mean"),
            bias=("error", "mean"),
            spread=("error", "std"),
            coverage=("covered", "mean"),
            power=("found", "mean"),
            apart=("apart", "mean"),
            minimum_detectable=("minimum_detectable", "median"),
        )
        .reset_index()
    )


def run_evidence_score(regions: tuple[str, ...], data: Path) -> None:
    """Score and print."""
    request = AssessRequest.model_validate({"regions": regions or REGIONS, "years": "2001-2024", "data": data})
    console = Console()
    console.print("Judging practices whose effects are known (some minutes the first time) …")
    scores = score_evidence(request)
    console.print(score_table(by_size(scores)))
    for line in closing_lines(scores):
        console.print(line, soft_wrap=True)


def score_table(scored: pd.DataFrame) -> Table:
    """Scores by planted effect."""
    table = Table(box=SIMPLE_HEAD, padding=(0, 0, 0, 1))
    table.add_column("planted\n", no_wrap=True)
    for heading in ("sites\n", "real\neffect %", "bias\n%", "spread\n%", "cover-\nage %", "found\n%", "apart\n%",
                    "found\nat %"):  # fmt: skip
        table.add_column(heading, justify="right", no_wrap=True)
    for outcome, own in scored.groupby("outcome", sort=True):
        table.add_row(f"[bold]{SHORT[str(outcome)]}[/]", *[""] * 8)
        for each in own.to_dict("records"):
            table.add_row(
                "  placebo" if each["placebo"] else f"  {each['planted']:+.0f} %",
                f"{each['sites']}",
                *(f"{each[name]:+.1f}" for name in ("real_effect", "bias")),
                f"{each['spread']:.1f}",
                *(f"{100 * each[name]:.0f}" for name in ("coverage", "power", "apart")),
                f"{each['minimum_detectable']:.0f}",
            )
    return table


def closing_lines(scores: pd.DataFrame) -> Sequence[str]:
    """What the table means, and how alike treated and control cells are."""
    own = scores[scores["outcome"] == scores["outcome"].iloc[0]]
    planted, placebos = int((~own["placebo"]).sum()), int(own["placebo"].sum())
    before, after = own["difference_before"].mean(), own["difference_after"].mean()
    fair = 100 * own["fair_before"].mean(), 100 * own["fair_after"].mean()
    by_errors = (own["effect"] - own["real_effect"]).abs() <= 1.96 * own["standard_error"]
    return (
        f"{planted} sites with practices and {placebos} placebos in {own['region'].nunique()} regions, "
        f"judged against {own['places'].median():.0f} placebo places each; {scores.attrs['refused']} more have too few "
        f"controls.",
        "Real effect: mean change since the start because of the practice, in percent of the mean before. "
        "Found: p of 0.05 or less. Apart: trends before the start differ (p of 0.05 or less). "
        "Found at: median of the smallest effect that is found in four cases of five.",
        f"With errors clustered by block only, the interval contains the real effect in {100 * by_errors.mean():.0f} % "
        f"of cases, because one site has few blocks. Placebo places are used for this reason.",
        f"Standardised difference of treated and control cells: {before:.2f} before and {after:.2f} after matching; "
        f"below {FAIR:g} in {fair[0]:.0f} % and {fair[1]:.0f} % of cases.",
    )
