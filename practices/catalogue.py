"""The documented practices that come with the project, and their place in the database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Connection, Engine, delete, insert, select, update

from practices.errors import BadCatalogue
from practices.models import Practice, PracticeSite
from practices.transactions import reading, writing

DATA = Path(__file__).parent / "data" / "practices.json"

EvidenceType = Literal[
    "measured", "independent_evaluation", "reported_official", "reported_company", "modelled", "qualitative"
]
SatelliteFit = Literal["usable_after_polygon", "needs_polygon", "too_small", "context_only"]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Site(_Strict):
    """A point with a guessed radius: never a boundary."""

    name: str
    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)
    radius_km: float | None
    coord_basis: Literal["source", "gazetteer", "general_knowledge"]
    coord_precision_km: float | None


class Period(_Strict):
    """First and last year, as far as known."""

    start: int | None
    end: int | None
    note: str | None = None


class Outcome(_Strict):
    """What is said to have come of a practice, and how that is known."""

    text: str
    evidence_type: EvidenceType
    indicators: list[dict[str, Any]]


class Source(_Strict):
    """A publication or page."""

    title: str
    publisher: str | None
    year: int | None
    url: str = Field(pattern=r"^https?://")
    kind: str


class Measures(_Strict):
    """What was done: kinds, WOCAT codes and groups, and to what end."""

    types: list[str]
    wocat: list[str]
    slm_groups: list[str]
    goal: list[str]


class Fit(_Strict):
    """Whether satellites can judge a practice."""

    value: SatelliteFit
    why: str
    before_2000_start: bool | None = None


class PracticeRecord(_Strict):
    """A documented practice: what was done where against what, what came of it, who says so, and the caveats.

    Codes of land use, degradation and measures are WOCAT's, assigned from the text of the sources.
    """

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    title: str
    country: str = Field(pattern=r"^[A-Z]{3}$")
    place: dict[str, list[str]]
    sites: list[Site] = Field(min_length=1)
    area_km2: float | None
    area_note: str | None
    period: Period
    scale: str
    land_use: list[str]
    degradation: list[str]
    measures: Measures
    codes_basis: str
    description: str
    outcome: Outcome
    implementing_bodies: list[str]
    sources: list[Source] = Field(min_length=1)
    confidence: Literal["high", "medium"]
    external_ids: dict[str, Any]
    caveats: list[str]
    satellite_fit: Fit


def load(path: Path = DATA) -> list[PracticeRecord]:
    """The practices of a file. Raises BadCatalogue naming the file, the practice, the field and what is wrong."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))["practices"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadCatalogue(f"{path}: cannot be read as a list of practices ({error}); restore the file") from error
    records: list[PracticeRecord] = []
    for number, entry in enumerate(entries, start=1):
        try:
            records.append(PracticeRecord.model_validate(entry))
        except ValidationError as error:
            problem = error.errors()[0]
            field = ".".join(map(str, problem["loc"]))
            who = entry.get("id", f"practice {number}") if isinstance(entry, dict) else f"practice {number}"
            raise BadCatalogue(f"{path}: {who}: {field}: {problem['msg']}; correct that field") from error
    ids = [record.id for record in records]
    twice = sorted({each for each in ids if ids.count(each) > 1})
    if twice:
        raise BadCatalogue(f"{path}: {twice[0]} comes twice; give every practice its own id")
    return records


def seed(engine: Engine, records: Sequence[PracticeRecord] | None = None) -> int:
    """Bring the practices of the catalogue into the database; how many were new or had changed.

    Practices of others stay as they are. Nothing is written where all is there already.
    """
    wanted = {record.id: record for record in (load() if records is None else records)}
    with reading(engine) as connection:
        changed = _changed(connection, wanted)
    if not changed:
        return 0
    with writing(engine) as connection:
        # Another program may have done it meanwhile.
        for record in _changed(connection, wanted):
            _put(connection, record)
    return len(changed)


def _changed(connection: Connection, wanted: dict[str, PracticeRecord]) -> list[PracticeRecord]:
    there = {row.id: row.record for row in connection.execute(select(Practice.id, Practice.record))}
    return [record for key, record in wanted.items() if there.get(key) != record.model_dump(mode="json")]


def _put(connection: Connection, record: PracticeRecord) -> None:
    values = {
        "title": record.title,
        "country": record.country,
        "start": record.period.start,
        "end": record.period.end,
        "evidence_type": record.outcome.evidence_type,
        "confidence": record.confidence,
        "record": record.model_dump(mode="json"),
    }
    if not connection.execute(update(Practice).where(Practice.id == record.id).values(**values)).rowcount:
        connection.execute(insert(Practice).values(id=record.id, **values))
    for site in record.sites:
        own = PracticeSite.practice_id == record.id, PracticeSite.name == site.name
        fields = site.model_dump(exclude={"name"})
        if not connection.execute(update(PracticeSite).where(*own).values(**fields)).rowcount:
            connection.execute(insert(PracticeSite).values(practice_id=record.id, name=site.name, **fields))
    names = [site.name for site in record.sites]
    connection.execute(
        delete(PracticeSite).where(PracticeSite.practice_id == record.id, PracticeSite.name.not_in(names))
    )
