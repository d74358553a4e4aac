"""What the loss of degraded patches goes with: a row for each cause, and sentences. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass

from practices.numbers import number
from practices.report.shares import km2
from practices.results.by_region import Report

UNDETERMINED = "cannot be determined"
#: Patches that the page lists one by one, the largest ones.
SHOWN = 20
#: What each verdict means, for officials.
MEANINGS = {
    "climate": "rain or soil moisture was unusually low when the loss began, and no other driver changed",
    "grazing": "herds grew in the patch just before the loss, more than on similar land",
    "water": "open water disappeared, or irrigation grew, just before the loss",
    "mining": "a mine lies in the patch, and bare land or lamps grew there just before the loss",
    "cultivation": "fields spread in the patch just before the loss",
    "fire": "the patch burned just before the loss, and hardly in other years",
    "several": "two or more drivers changed just before the loss, and none explains it alone",
    UNDETERMINED: "the drivers that were read do not say, the loss is older than the record, or it is not certain",
}


@dataclass(frozen=True)
class CauseRow:
    """Patches of one verdict: how many, km², their share of all patches by area, and the mean probability by area.

    `certainty` is None where nothing is determined.
    """

    cause: str
    patches: int
    km2: float
    share: float
    certainty: float | None

    @property
    def meaning(self) -> str:
        """The verdict in words."""
        return MEANINGS[self.cause]


def cause_rows(report: Report) -> list[CauseRow]:
    """A row for each verdict that occurs, the largest first; land of which nothing is known comes last."""
    total = sum(each.area_km2 for each in report.patches)
    rows = []
    for cause in MEANINGS:
        own = [each for each in report.patches if each.verdict == cause]
        area = sum(each.area_km2 for each in own)
        if area <= 0:
            continue
        sure = sum(each.area_km2 * (each.probability or 0.0) for each in own) / area
        rows.append(CauseRow(cause, len(own), area, area / total, None if cause == UNDETERMINED else sure))
    return sorted(rows, key=lambda row: (row.cause == UNDETERMINED, -row.km2))


def sentences(report: Report) -> list[str]:
    """What the loss of degraded patches goes with, for the answer; none without patches."""
    rows = cause_rows(report)
    if not rows:
        return []
    area = km2(sum(each.km2 for each in rows))
    known = [f"{each.cause} {number(100 * each.share, 0)} %" for each in rows if each.cause != UNDETERMINED]
    count = f"{len(report.patches)} {'patch' if len(report.patches) == 1 else 'patches'}"
    if not known:
        return [f"What the loss of the degraded patches ({count}, {area}) goes with cannot be determined."]
    rest = sum(each.share for each in rows if each.cause == UNDETERMINED)
    open_part = f"; for {number(100 * rest, 0)} % it cannot be determined" if rest else ""
    return [
        f"The loss of the degraded patches ({count}, {area}) goes with: {', '.join(known)} of their area{open_part}."
    ]
