"""Scores of landscapes on disk, so that a run continues and a larger one computes what is new only."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flows.region.landscape.cubes import Place
from flows.region.landscape.scored import ScoredLandscape
from flows.run.source_digest import comparison_digest, engine_digest, source_digest
from indicators.certainty import Additive, BreakMap, Calibration, Confusion, IntervalScore, MeanChange

KINDS: dict[str, type[Additive]] = {
    each.__name__: each for each in (BreakMap, Calibration, Confusion, IntervalScore, MeanChange)
}


def file_of(place: Place, profiles: Sequence[str], home: Path) -> Path:
    """The file of a landscape's scores in `home`, named by all that they follow from."""
    identity = [
        source_digest(), engine_digest(), comparison_digest(), place.region.model_dump(mode="json"), place.seed,
        place.world, place.years, place.cell, list(profiles),
    ]  # fmt: skip
    digest = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
    return home / f"{place.region.id}-{place.world}-{place.seed}-{digest[:12]}.json"


def keep(path: Path, scored: ScoredLandscape) -> None:
    """Write the scores of a landscape; the file appears in one step."""
    content = {
        "region": scored.region,
        "seed": scored.seed,
        "facts": scored.facts,
        "years": scored.years,
        "scores": [
            [*key, type(score).__name__, score.sums.tolist()] for key, score in scored.scores.items()
        ],
    }  # fmt: skip
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(content), encoding="utf-8")
    unfinished.replace(path)


def kept(path: Path) -> ScoredLandscape | None:
    """The scores of a landscape from its file; None if there is none."""
    if not path.is_file():
        return None
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    scores = {
        (profile, period, what): KINDS[kind].of(sums) for profile, period, what, kind, sums in content.pop("scores")
    }
    return ScoredLandscape(scores=scores, **content)
