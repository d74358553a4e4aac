"""What is to be scored, and the scores of it. No science of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from flows.errors import FlowError
from flows.pull.checks import enough_years
from flows.region.landscape.cubes import Place
from flows.region.landscape.scored import ScoredLandscape
from flows.request.assess import AssessRequest
from flows.request.selection import select_regions
from flows.scores.many import score_landscapes
from flows.scores.pooling import PooledScores, pooled
from offline.landscape import WORLDS, WorldName
from regions.catalogue import is_natural

#: Folder of the scores in the data folder.
HOME = "scores"
#: Cell size in degrees: some 12,000 cells in a large region.
CELL = 0.03
SEEDS = "20"
MOST_SEEDS = 1000


@dataclass(frozen=True)
class ScoreRequest:
    """What is scored: regions by seeds of one world, by some profiles."""

    assessment: AssessRequest
    seeds: tuple[int, ...]
    world: WorldName
    cell: float

    @property
    def places(self) -> list[Place]:
        """Every region of every seed."""
        folder = (self.assessment.data / HOME).absolute()
        return [
            Place(region, seed, self.world, self.assessment.span, self.cell, folder)
            for seed in self.seeds
            for region in select_regions(self.assessment)
        ]


@dataclass(frozen=True)
class MethodScores:
    """All scores of a request: by landscape, and pooled by group and region."""

    request: ScoreRequest
    landscapes: Sequence[ScoredLandscape]
    pools: dict[str, PooledScores]

    @property
    def profiles(self) -> tuple[str, ...]:
        """The profiles that were scored."""
        return self.request.assessment.profiles

    @property
    def periods(self) -> tuple[str, ...]:
        """The whole record, then the periods that countries report."""
        return tuple(self.landscapes[0].years)


def score(request: ScoreRequest, done: Callable[[int], object] = lambda _count: None) -> MethodScores:
    """Score every profile in every region of every seed; what is on disk already is used again."""
    landscapes = score_landscapes(request.places, request.assessment.profiles, done)
    return MethodScores(request, landscapes, pooled(landscapes))


def score_request(
    regions: Sequence[str], *, seeds: str, world: str, cell: float, profiles: str, years: str, data: Path
) -> ScoreRequest:
    """The request of a command. Raises FlowError, ValidationError, and the errors of `regions`, with the fix."""
    named = world_named(world)
    assessment = AssessRequest.model_validate(
        {"regions": tuple(regions) or ("all",), "years": years, "data": data, "profiles": profiles, "resolution": cell}
    )
    enough_years(*assessment.span)
    own = [region.id for region in select_regions(assessment) if not is_natural(region)]
    if own and not regions:
        assessment = assessment.model_copy(
            update={"regions": tuple(each.id for each in select_regions(assessment) if is_natural(each))}
        )
    elif own:
        raise FlowError(
            f"region {own[0]}: performance in an own polygon is compared with land around it, which a score does not "
            f"compute; name regions of the catalogue (drylands regions)"
        )
    return ScoreRequest(assessment, parse_seeds(seeds), named, cell)


def world_named(world: str) -> WorldName:
    """A world by its name. Raises FlowError."""
    if world not in WORLDS:
        raise FlowError(f"--world {world}: use {', '.join(WORLDS)}")
    return WORLDS[world].name


def parse_seeds(text: str) -> tuple[int, ...]:
    """`20` as the seeds 0 to 19, `0-4,100-119` as those. Raises FlowError."""
    if re.fullmatch(r"\d{1,4}", text.strip()) and 0 < int(text) <= MOST_SEEDS:
        return tuple(range(int(text)))
    found: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d{1,6})\s*-\s*(\d{1,6})\s*", part)
        if match is None or not 0 <= int(match[2]) - int(match[1]) < MOST_SEEDS:
            raise FlowError(f"--seeds {text}: give a number of seeds, such as 20, or seeds, such as 0-4 or 7-7,100-119")
        found += range(int(match[1]), int(match[2]) + 1)
    return tuple(dict.fromkeys(found))
