"""All scores as one HTML page that needs nothing else: tables, charts and maps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flows.scores.page_tables import (
    PageTable,
    class_tables,
    group_table,
    interval_table,
    named,
    other_tables,
    region_tables,
    summary_table,
)
from flows.scores.pooling import EVERY, GROUPS, PATCHY, PooledScores
from indicators.certainty import Calibration
from practices.charts.accuracy import ScoredSeries, reliability_chart, score_chart
from practices.report.palette import CLASSES, SHARES
from practices.report.templating import environment

if TYPE_CHECKING:
    from markupsafe import Markup

    from flows.scores.scoring import MethodScores

#: Colours of the series of a chart.
COLOURS = ("#1b6068", "#b3592e", "#2580bc", "#a0760c")
SIDES = {"loss_probability": "loss", "gain_probability": "gain"}


@dataclass(frozen=True)
class PageSection:
    """A part of the page: what it says, its charts, its maps with their key and width over height, its tables."""

    title: str
    note: str = ""
    wide: Markup | str = ""
    charts: Sequence[Markup] = ()
    maps: Sequence[tuple[str, str]] = ()
    key: Sequence[tuple[str, str]] = ()
    aspect: float = 1.0
    tables: Sequence[PageTable] = ()


@dataclass(frozen=True)
class ShownMaps:
    """Maps of one region of one landscape by one profile: pictures by title, width over height on the ground."""

    region: str
    seed: int
    profile: str
    pictures: dict[str, str]
    aspect: float


def write_page(found: MethodScores, maps: ShownMaps, path: Path) -> None:
    """Write the page; the file appears in one step."""
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    unfinished.write_text(page(found, maps), encoding="utf-8")
    unfinished.replace(path)


def page(found: MethodScores, maps: ShownMaps) -> str:
    """The page as text."""
    request = found.request
    seeds, regions = len(request.seeds), len({each.region for each in found.landscapes})
    about = (
        f"World {request.world}, seeds {spans(request.seeds)}, {regions} {'region' if regions == 1 else 'regions'}: "
        f"{seeds * regions} landscapes, whose change is known. Cells {request.cell:g}° apart, each a pixel of "
        f"the data sets. Small numbers are 95 % intervals over seeds."
    )
    content = {
        "title": f"How right are the methods? {'–'.join(map(str, request.assessment.span))}",
        "about": about,
        "colours": COLOURS,
        "sections": [*summary(found), *by_period(found), *probabilities(found), mapped(maps), *by_region(found)],
    }
    return environment().get_template("scores.html").render(content)


def spans(seeds: Iterable[int]) -> str:
    """Seeds as text: 0–4, 7."""
    runs: list[list[int]] = []
    for seed in sorted(seeds):
        if runs and seed == runs[-1][-1] + 1:
            runs[-1].append(seed)
        else:
            runs.append([seed])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def summary(found: MethodScores) -> list[PageSection]:
    """All methods side by side, and the groups of landscapes."""
    every, periods = found.pools[EVERY], found.periods
    years = found.landscapes[0].years
    series = [
        ScoredSeries(named(name, years), [every.value(each, name, "sdg", "loss_f1") for each in found.profiles])
        for name in periods
    ]
    return [
        PageSection(
            "All methods side by side",
            "SDG 15.3.1. Loss is degraded land, gain is improved land. F1 is the harmonic mean of precision (share of "
            "the mapped area that is right) and recall (share of the true area that is found).",
            wide=score_chart(found.profiles, series, title="F1 of loss by method and period"),
            tables=[summary_table(every, found.profiles, periods[0])],
        ),
        PageSection(
            "Patches, losses of whole regions, and calm regions",
            "A method that compares a pixel with its neighbours does not see what happens to all of them. So "
            "landscapes with a loss in common (more than 2 % of productivity anywhere on the land, beside patches) "
            "are a group of their own. In calm regions at most 1 % of the land changed: what is mapped there is a "
            "false alarm.",
            tables=[group_table(found.pools, found.profiles, periods[0])],
        ),
    ]


def by_period(found: MethodScores) -> list[PageSection]:
    """Every layer in every period, breaks, intervals and soil carbon."""
    every = found.pools[EVERY]
    years = found.landscapes[0].years
    return [
        PageSection(
            "By period",
            "The truth of a period is the planted change between the first and the last year of its windows. Status: "
            "the reporting period against the baseline, as countries report it.",
            tables=class_tables(every, found.profiles, years),
        ),
        PageSection(
            "Breaks, intervals, soil carbon",
            tables=[*other_tables(every, found.profiles, years), interval_table(every, found.profiles, years)],
        ),
    ]


def probabilities(found: MethodScores) -> list[PageSection]:
    """Reliability diagrams of the profiles that have probabilities: of all landscapes, and of the patchy ones."""
    groups = [EVERY, PATCHY] if found.pools[PATCHY].landscapes < found.pools[EVERY].landscapes else [EVERY]
    note = (
        "Probability that more than 10 % of productivity was lost or gained for reasons other than weather, and the "
        "share of that land where it was. On the dashed line both are equal. Larger discs are more land."
    )
    titles = {EVERY: "Are the probabilities right?", PATCHY: "The same without losses of whole regions"}
    charts = {
        name: [
            reliability_chart(bins_of(found.pools[name], profile, period, what), title=f"{SIDES[what]}, {period}")
            for profile in found.profiles
            for period in found.periods
            for what in SIDES
            if (profile, period, what) in found.pools[name].sums
        ]
        for name in groups
    }
    return [PageSection(titles[name], note if name == EVERY else "", charts=own) for name, own in charts.items() if own]


def bins_of(pool: PooledScores, profile: str, period: str, what: str) -> list[tuple[float, float, float]]:
    """Probability said, share observed and area of the bins that have land."""
    score = pool.sums[profile, period, what]
    assert isinstance(score, Calibration)
    rows = zip(score.said.tolist(), score.observed.tolist(), score.area.tolist(), strict=True)
    return [row for row in rows if row[2] > 0]


def mapped(maps: ShownMaps) -> PageSection:
    """Maps of one landscape."""
    key = [(name, CLASSES[name]) for name in ("degraded", "stable", "improved", "undetermined")]
    ends = [("probability 0", SHARES[0]), ("probability 1", SHARES[-1])] if len(maps.pictures) > 2 else []
    title = f"One landscape: {maps.region}, seed {maps.seed}, {maps.profile}"
    return PageSection(title, maps=list(maps.pictures.items()), key=[*key, *ends], aspect=maps.aspect)


def by_region(found: MethodScores) -> list[PageSection]:
    """Every region."""
    regions = [pool for name, pool in found.pools.items() if name not in GROUPS]
    return [PageSection("By region", tables=region_tables(regions, found.profiles, found.landscapes[0].years))]
