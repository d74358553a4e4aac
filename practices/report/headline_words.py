"""The sentences about degraded land that page, brief, terminal, workbook and every other output share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from practices.numbers import number, percent
from practices.report.shares import (
    ASSESSMENT,
    JUDGED,
    LOST_WORDS,
    WIDEST,
    Corrected,
    Share,
    between,
    km2,
)

#: Warn where at least this percentage of the degraded land rests on state alone.
MOSTLY = 75.0
STATE_ALONE_ADVICE = (
    "State compares the last three years of a period with those before. A few dry years have the same effect. Compare "
    "with rain before you report this number."
)


class HeadlineFacts(Protocol):
    """What the sentences are made from; `headline.Headline` has it."""

    @property
    def land_km2(self) -> float: ...
    @property
    def official(self) -> Share: ...
    @property
    def alone(self) -> Share | None: ...
    @property
    def corrected(self) -> Corrected | None: ...
    @property
    def own_corrected(self) -> Corrected | None: ...
    @property
    def undetermined(self) -> float: ...
    @property
    def state_alone(self) -> float | None: ...
    @property
    def leads(self) -> str: ...
    @property
    def warning(self) -> str: ...
    @property
    def lost(self) -> Share | None: ...


def statement(found: HeadlineFacts) -> str:
    """Which number it is, how sure it is, and the other number by name: whole sentences."""
    return " ".join(filter(None, (_first(found), _beside(found))))


def warning(found: HeadlineFacts) -> str:
    """A warning where most of the degraded land rests on state alone; else empty."""
    if found.state_alone is None or found.state_alone < MOSTLY or not found.official.km2:
        return ""
    return (
        f"Warning: {percent(found.state_alone)} of the degraded land here ({found.official.name}) is classified as "
        f"degraded by state alone. {STATE_ALONE_ADVICE}"
    )


def warnings(named: Iterable[tuple[str, HeadlineFacts]]) -> str:
    """One warning for many results, each with its name; empty if none needs one."""
    warned = [f"{name} {percent(each.state_alone)}" for name, each in named if each.warning]
    if not warned:
        return ""
    said = f"Warning: most of the degraded land is classified as degraded by state alone: {', '.join(warned)}."
    return f"{said} {STATE_ALONE_ADVICE}"


def true_share(share: Share) -> str:
    """The true shares that agree with a mapped one, as a sentence; empty if they are unknown."""
    if not share.known:
        return ""
    if share.wide:
        return f"The degraded share cannot be determined from this record: {between(share)} {JUDGED} may be degraded."
    return (
        f"After correction for errors of the method, {between(share)} {JUDGED} is degraded "
        f"({share.level} %{'' if share.name == ASSESSMENT else ', ' + share.name})."
    )


def _first(found: HeadlineFacts) -> str:
    """What leads, in a sentence."""
    own, fixed = found.official, found.own_corrected
    mapped = f"{km2(own.km2)} of {km2(found.land_km2)} of land, {percent(own.percent)} ({own.name})"
    if own.percent is None:
        return "There is no land to judge."
    if fixed is not None:
        said = f"Degraded area, corrected by reference sites: {_corrected(fixed)}. Mapped: {mapped}."
        vague = "The degraded share cannot be determined from these reference sites: their interval is too wide."
        return f"{vague} {said}" if found.leads == "not determined" else said
    if found.leads == "probability" and found.lost is not None:
        return (
            f"{_capital(between(found.lost))} {JUDGED} has {LOST_WORDS} ({found.lost.level} %). Mapped as degraded, "
            f"land cover and soil carbon included: {mapped}."
        )
    if own.wide:
        outside = "; the mapped share lies outside this interval too" if own.excluded else ""
        return (
            f"The degraded share cannot be determined from this record: {between(own)} {JUDGED} may be degraded "
            f"({own.level} %). Mapped: {mapped}{outside}."
        )
    if found.undetermined > WIDEST:
        return (
            f"The degraded share cannot be determined: {percent(found.undetermined)} of the land is undetermined, "
            f"because data are missing. Mapped as degraded: {mapped}."
        )
    if own.excluded:
        return (
            f"After correction for errors of the method, {between(own)} {JUDGED} is degraded ({own.level} %). The "
            f"mapped share lies outside this interval: {mapped}."
        )
    return " ".join(filter(None, (f"Mapped: {mapped}.", true_share(own))))


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _corrected(fixed: Corrected) -> str:
    low = number(fixed.low_km2, 0 if fixed.high_km2 >= 100 else 1)
    return f"{km2(fixed.km2)}, {percent(fixed.percent)} of the land (95 %: {low} to {km2(fixed.high_km2)})"


def _beside(found: HeadlineFacts) -> str:
    """The assessment of the period alone, for comparison with a status; empty if there is none."""
    alone = found.alone
    if alone is None or alone.percent is None:
        return ""
    said = f"For comparison, {ASSESSMENT}: {km2(alone.km2)}, {percent(alone.percent)} as mapped"
    if found.corrected is not None:
        return f"{said}; corrected by reference sites: {_corrected(found.corrected)}."
    if not alone.known:
        return f"{said}."
    verdict = " (this interval excludes the mapped share)" if alone.excluded else ""
    return f"{said}; true share at 95 %: {between(alone)}{verdict}."
