"""All scores as one JSON file of tidy tables: a row for each number, with what it is a number of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.region.files.provenance import code
from flows.scores.pooling import PooledScores, number
from indicators.certainty import Calibration, Confusion
from indicators.certainty.calibration import BINS
from indicators.sdg15.one_out_all_out import STATUS_MEANINGS

if TYPE_CHECKING:
    from flows.scores.scoring import MethodScores

Row = dict[str, Any]
THREE = ("degraded", "stable", "improved")


def write_json(found: MethodScores, path: Path) -> None:
    """Write the file; it appears in one step."""
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    unfinished.write_text(json.dumps(tables(found), allow_nan=False, separators=(",", ":")), encoding="utf-8")
    unfinished.replace(path)


def tables(found: MethodScores) -> dict[str, Any]:
    """The request and the tables.

    `landscapes`: what is planted in each. `scores`: measures by group or region, with 95 % intervals over seeds.
    `confusion`: km² by true and mapped class. `reliability`: probabilities said and observed, by tenths.
    """
    request = found.request
    pools = list(found.pools.values())
    return {
        "request": {
            "world": request.world,
            "seeds": list(request.seeds),
            "cell_degrees": request.cell,
            "profiles": list(found.profiles),
            "years": list(request.assessment.span),
            **code(),
        },
        "periods": [{"period": name, "years": years} for name, years in found.landscapes[0].years.items()],
        "landscapes": [{"region": each.region, "seed": each.seed, **each.facts} for each in found.landscapes],
        "scores": [row for pool in pools for row in score_rows(pool)],
        "confusion": [row for pool in pools for row in confusion_rows(pool)],
        "reliability": [row for pool in pools for row in reliability_rows(pool)],
    }


def score_rows(pool: PooledScores) -> Iterator[Row]:
    """The measures of a group."""
    for (profile, period, what), values in pool.values.items():
        for measure, (value, low, high) in values.items():
            named = {"group": pool.name, "profile": profile, "period": period, "what": what, "measure": measure}
            yield {**named, "value": value, "low": low, "high": high}


def confusion_rows(pool: PooledScores) -> Iterator[Row]:
    """Areas by true and mapped class."""
    for (profile, period, what), score in pool.sums.items():
        if isinstance(score, Confusion):
            named = {"group": pool.name, "profile": profile, "period": period, "what": what}
            rows = score.sums.tolist()
            classes = THREE if len(rows) == len(THREE) else tuple(STATUS_MEANINGS.values())
            for true, row in zip(classes, rows, strict=True):
                for mapped, km2 in zip((*classes, "not judged"), row, strict=True):
                    yield {**named, "true": true, "mapped": mapped, "km2": round(km2, 3)}


def reliability_rows(pool: PooledScores) -> Iterator[Row]:
    """Probabilities by tenths: what is said on average, and the share that is observed."""
    for (profile, period, what), score in pool.sums.items():
        if isinstance(score, Calibration):
            named = {"group": pool.name, "profile": profile, "period": period, "what": what}
            for place in range(BINS):
                yield {
                    **named,
                    "from": place / BINS,
                    "to": (place + 1) / BINS,
                    "said": number(score.said[place]),
                    "observed": number(score.observed[place]),
                    "km2": round(float(score.area[place]), 3),
                }
