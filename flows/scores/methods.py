"""The command that scores the methods on many simulated landscapes: progress, tables, and files."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from flows.figures.score_maps import pictures
from flows.region.landscape.scored import map_layers
from flows.scores.export import write_json
from flows.scores.page import ShownMaps, write_page
from flows.scores.scoring import MethodScores, ScoreRequest, score
from flows.scores.table import print_scores
from indicators.profiles import get


def run_score(request: ScoreRequest, html: Path | None, json: Path | None) -> None:
    """Score and print; write the page and all numbers where files are named."""
    console = Console()
    places = request.places
    console.print(
        f"Scoring {len(places)} simulated landscapes, world {request.world}, cells of {request.cell:g}°, "
        f"{'-'.join(map(str, request.assessment.span))}",
        highlight=False,
    )
    columns = (TextColumn("landscapes"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("landscapes", total=len(places))
        found = score(request, lambda count: progress.update(task, completed=count))
    print_scores(console, found.pools, found.profiles, found.periods)
    if json is not None:
        write_json(found, json)
        console.print(f"All scores: {json}", highlight=False)
    if html is not None:
        write_page(found, maps_of(found), html)
        console.print(f"Page: {html}", highlight=False)


def maps_of(found: MethodScores) -> ShownMaps:
    """Maps of the landscape of the first seed with the largest share of patches that lost.

    They are by the profile that has probabilities, if one was scored.
    """
    first = [each for each in found.landscapes if each.seed == found.request.seeds[0]]
    patchy = [each for each in first if not each.facts["common_loss"]] or first
    chosen = max(patchy, key=lambda each: each.facts["lost"])
    place = next(each for each in found.request.places if (each.region.id, each.seed) == (chosen.region, chosen.seed))
    names = [name for name in found.profiles if get(name).productivity == "posterior"] or list(found.profiles)
    layers = map_layers(place, names[0])
    return ShownMaps(chosen.region, chosen.seed, names[0], pictures(layers), layers.aspect)
