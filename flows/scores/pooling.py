"""Scores of many landscapes together: of all, of groups of them, and of each region; with intervals over seeds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flows.region.landscape.scored import Key, ScoredLandscape
from indicators.certainty import Additive, BreakMap, Calibration, Confusion, IntervalScore, MeanChange, redrawn
from indicators.certainty.additive import ends
from indicators.certainty.scores import GAINED, LOST

#: Draws of the seeds.
DRAWS = 1000
EVERY, PATCHY = "all", "patchy"
#: Groups of landscapes beside all of them. A loss of a whole region is a limit of methods that compare a pixel with its
#: neighbours: it has a group of its own, so that it neither hides nor is hidden.
GROUPS: dict[str, Callable[[ScoredLandscape], bool]] = {
    EVERY: lambda _each: True,
    PATCHY: lambda each: not each.facts["common_loss"],
    "region-wide": lambda each: bool(each.facts["common_loss"]),
    "calm": lambda each: bool(each.facts["calm"]),
}
#: Measures of scores other than of classes.
NAMED: dict[type[Additive], tuple[str, ...]] = {
    BreakMap: ("precision", "precision_any", "recall", "year_right"),
    Calibration: ("error", "brier"),
    IntervalScore: ("count", "coverage", "width"),
    MeanChange: ("mapped", "planted", "distance"),
}
#: A measure: its value, and the middle 95 % over the draws; None where it has none.
Value = tuple[float | None, float | None, float | None]


@dataclass(frozen=True)
class PooledScores:
    """The scores of some landscapes together.

    `sums`: by profile, period and what is scored; `values`: its measures by name. `landscapes`: how many there are.
    """

    name: str
    landscapes: int
    sums: Mapping[Key, Additive] = field(default_factory=dict)
    values: Mapping[Key, Mapping[str, Value]] = field(default_factory=dict)

    def value(self, profile: str, period: str, what: str, measure: str) -> Value:
        """A measure; three times None if there is none."""
        return self.values.get((profile, period, what), {}).get(measure, (None, None, None))


def pooled(landscapes: Sequence[ScoredLandscape]) -> dict[str, PooledScores]:
    """All groups, and then every region, by name."""
    seeds = sorted({each.seed for each in landscapes})
    groups = {name: [each for each in landscapes if belongs(each)] for name, belongs in GROUPS.items()}
    for each in landscapes:
        groups.setdefault(each.region, []).append(each)
    return {name: together(name, members, seeds) for name, members in groups.items()}


def together(name: str, members: Sequence[ScoredLandscape], seeds: Sequence[int]) -> PooledScores:
    """The scores of some landscapes, which are of these seeds or of some of them."""
    keys = dict.fromkeys(key for each in members for key in each.scores)
    sums, values = {}, {}
    for key in keys:
        by_seed = [
            added(each.scores[key] for each in members if each.seed == seed and key in each.scores) for seed in seeds
        ]
        there = [score for score in by_seed if score is not None]
        total = added(there)
        assert total is not None
        sums[key] = total
        filled = [total.none if score is None else score for score in by_seed]
        values[key] = valued(total, redrawn(filled, DRAWS) if len(seeds) > 1 else None)
    return PooledScores(name, len(members), sums, values)


def added(scores: Iterable[Additive]) -> Additive | None:
    """The sum of scores; None of none."""
    total = None
    for score in scores:
        total = score if total is None else total + score
    return total


def valued(total: Additive, drawn: Additive | None) -> dict[str, Value]:
    """The measures of a score, with their intervals where draws are given."""
    spread = {} if drawn is None else measures(drawn)
    found: dict[str, Value] = {}
    for name, value in measures(total).items():
        low, high = ends(spread[name]) if name in spread else (None, None)
        found[name] = (number(value), number(low), number(high))
    return found


def number(value: Any) -> float | None:
    """A number, None for NaN."""
    return None if value is None or value != value else round(float(value), 6)


def measures(score: Additive) -> dict[str, Any]:
    """What a score says, by name: one number each, or one for each draw."""
    if isinstance(score, Confusion):
        return {**of_classes(score), "accuracy": score.accuracy, "judged": score.judged}
    names = next((names for kind, names in NAMED.items() if isinstance(score, kind)), None)
    if names is None:
        raise TypeError(f"{type(score).__name__}: a kind of score without measures")
    return {name: getattr(score, name) for name in names}


def of_classes(score: Confusion) -> dict[str, Any]:
    """Measures of loss and gain, of a score of three classes."""
    if score.sums.shape[-2] != GAINED + 1:
        return {}
    found: dict[str, Any] = {"sign_errors": score.sign_errors}
    for side, code in (("loss", LOST), ("gain", GAINED)):
        for name in ("precision", "recall", "f1", "bias", "mapped", "true"):
            found[f"{side}_{name}"] = getattr(score, name)(code)
    return found
