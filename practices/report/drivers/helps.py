"""Which documented practices answer to what the loss of a region goes with? By land use, degradation and measures."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from practices.models import Practice
from practices.report.drivers.causes import UNDETERMINED, CauseRow
from practices.results.by_region import Report

#: Practices that are named for one verdict, at most.
MOST = 5


@dataclass(frozen=True)
class Answering:
    """Codes of WOCAT of which a practice must have one from each list that is not empty."""

    land_use: frozenset[str] = field(default_factory=frozenset)
    degradation: frozenset[str] = field(default_factory=frozenset)
    measures: frozenset[str] = field(default_factory=frozenset)

    def fits(self, record: Mapping[str, Any]) -> bool:
        """Whether the record of a practice has them."""
        wanted = {"land_use": self.land_use, "degradation": self.degradation, "measures": self.measures}
        return all(not codes or codes & set(record[name]) for name, codes in wanted.items())


def _codes(*codes: str) -> frozenset[str]:
    return frozenset(codes)


#: What a practice must be about to answer to each verdict.
ANSWERS: dict[str, Answering] = {
    "grazing": Answering(_codes("tech_lu_grazingland"), _codes("Bc", "Bq", "Bs"), _codes("M2", "M3", "M4")),
    "cultivation": Answering(_codes("tech_lu_cropland", "tech_lu_mixed"), _codes("Et", "Ed", "Wt", "Wg", "Cn", "Pc")),
    "water": Answering(degradation=_codes("Hs", "Hg", "Hp", "Hq", "Hw", "Cs")),
    "mining": Answering(_codes("tech_lu_mines")),
    "fire": Answering(degradation=_codes("Bf")),
    "climate": Answering(degradation=_codes("Ha")),
}


@dataclass(frozen=True)
class Helping:
    """Practices that answer to a verdict: id, title and country of each; those of the region's own countries first."""

    cause: str
    practices: tuple[tuple[str, str, str], ...]


def helping(connection: Connection, report: Report, causes: Sequence[CauseRow]) -> list[Helping]:
    """For each verdict that a region has, the practices that answer to it; verdicts without any are left out."""
    named = [each.cause for each in causes if each.cause != UNDETERMINED]
    if not named:
        return []
    columns = (Practice.id, Practice.title, Practice.country, Practice.confidence, Practice.record)
    rows = connection.execute(select(*columns).where(Practice.retired.is_(False)).order_by(Practice.id)).all()
    found = []
    for cause in named:
        wanted = _wanted(cause, named)
        fitting = [row for row in rows if any(answer.fits(row.record) for answer in wanted)]
        fitting.sort(key=lambda row: (row.country not in report.countries, row.confidence != "high", row.title))
        found.append(Helping(cause, tuple((row.id, row.title, row.country) for row in fitting[:MOST])))
    return [each for each in found if each.practices]


def _wanted(cause: str, named: Collection[str]) -> list[Answering]:
    """What answers to a verdict; to several drivers, what answers to one of those that the region has."""
    if cause in ANSWERS:
        return [ANSWERS[cause]]
    return [ANSWERS[each] for each in named if each in ANSWERS]
