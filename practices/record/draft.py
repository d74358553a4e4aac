"""A record of a practice as a person writes it, checked before it comes near the database.

What was done where, against what, its outcome, the sources, and the caveats. Codes are those of
`practices.record.vocabularies`. A radius is a guess of extent and never a boundary; only a polygon is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError
from shapely.geometry import shape

from practices.record.fields import (
    Address,
    Confidence,
    CoordBasis,
    Country,
    Degradation,
    EvidenceType,
    ExternalKey,
    Goal,
    Kilometres,
    LandUse,
    Language,
    Measure,
    Number,
    OptionalNumber,
    OptionalText,
    Outline,
    PracticeId,
    Purpose,
    SatelliteFit,
    Scale,
    Scope,
    ShortText,
    SlmGroup,
    SourceDate,
    SourceKind,
    SquareKilometres,
    Text,
    Year,
    refuse,
)
from practices.record.problems import BadDraft, Problem, problems

#: Rough boxes around the countries (west, south, east, north): enough to find a lost minus or a swapped pair.
BOXES: dict[str, tuple[tuple[float, float, float, float], ...]] = {
    "CHN": ((73, 15, 136, 54),),
    "JPN": ((122, 20, 155, 46.5),),
    "KOR": ((124, 32.5, 132.5, 39),),
    "MNG": ((87, 41, 120.5, 52.5),),
    "PRK": ((124, 37, 131, 43.5),),
    "RUS": ((19, 41, 180, 82), (-180, 60, -168, 73)),
}


class _StrictRecord(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Site(_StrictRecord):
    """A place: a point with its stated precision, a guessed radius, and an outline only where one is known."""

    name: ShortText
    lat: Number = Field(ge=-90, le=90)
    lon: Number = Field(ge=-180, le=180)
    radius_km: Kilometres = None
    coord_basis: CoordBasis
    coord_precision_km: Kilometres = None
    note: OptionalText = None
    polygon: Outline = None

    @model_validator(mode="after")
    def _point_near_polygon(self) -> Self:
        if self.polygon is not None:
            west, south, east, north = shape(self.polygon).bounds
            if not (west <= self.lon <= east and south <= self.lat <= north):
                box = f"longitude {west:g} to {east:g}, latitude {south:g} to {north:g}, the extent of its polygon"
                raise refuse(box, "move the point, or correct the polygon", value=f"{self.lon:g}, {self.lat:g}")
        return self


class CitedSource(_StrictRecord):
    """A publication, page or note: what kind it is, when it is from, and what was seen in it."""

    kind: SourceKind
    title: Text
    publisher: OptionalText = None
    date: SourceDate = None
    url: Address = None
    note: OptionalText = None


class Indicator(_StrictRecord):
    """A figure that is given as an outcome, in the unit and the words of those who report it."""

    name: ShortText
    baseline: OptionalNumber = None
    value: OptionalNumber = None
    unit: OptionalText = None
    when: OptionalText = None
    as_reported: OptionalText = None


class PracticeDraft(_StrictRecord):
    """Every field of a record.

    `title` is by language, English at least. Lists keep their order. `codes_basis` says who assigned the codes and
    from what. `start` and `end` are years; no end: it goes on, or is not known.
    """

    id: PracticeId
    title: dict[Language, ShortText]
    country: Country
    admin: tuple[ShortText, ...] = ()
    scope: Scope = "north-east-asia"
    scale: Scale
    sites: tuple[Site, ...] = Field(min_length=1, max_length=1000)
    area_km2: SquareKilometres = None
    area_note: OptionalText = None
    start: Year = None
    end: Year = None
    period_note: OptionalText = None
    land_use: tuple[LandUse, ...] = Field(min_length=1)
    land_use_note: OptionalText = None
    degradation: tuple[Degradation, ...] = Field(min_length=1)
    measures: tuple[Measure, ...] = Field(min_length=1)
    slm_groups: tuple[SlmGroup, ...] = ()
    goals: tuple[Goal, ...] = ()
    purposes: tuple[Purpose, ...] = ()
    codes_basis: Text
    description: Text
    outcome: Text
    evidence_type: EvidenceType
    indicators: tuple[Indicator, ...] = ()
    implementing_bodies: tuple[ShortText, ...] = ()
    sources: tuple[CitedSource, ...] = Field(min_length=1)
    confidence: Confidence
    caveats: tuple[Text, ...] = ()
    external_ids: dict[ExternalKey, ShortText] = Field(default_factory=dict)
    satellite_fit: SatelliteFit
    satellite_fit_why: OptionalText = None

    @field_validator("title")
    @classmethod
    def _in_english(cls, title: dict[str, str]) -> dict[str, str]:
        if "en" not in title:
            raise refuse("a title in English (en), and others if known", "add one", value=", ".join(title) or "none")
        return title

    @field_validator("land_use", "degradation", "measures", "slm_groups", "goals", "purposes")
    @classmethod
    def _once(cls, codes: tuple[str, ...]) -> tuple[str, ...]:
        twice = [code for code in codes if codes.count(code) > 1]
        if twice:
            raise refuse("each code once", f"remove the second {twice[0]}", value=twice[0])
        return codes

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        for wrong in filter(None, (_period(self), _sites(self), _caveats(self))):
            raise wrong
        return self


#: Every name of a field, those of sites, sources and indicators included.
FIELDS = frozenset(name for model in (PracticeDraft, Site, CitedSource, Indicator) for name in model.model_fields)


def _period(draft: PracticeDraft) -> PydanticCustomError | None:
    if draft.start is not None and draft.end is not None and draft.end < draft.start:
        shown = f"start {draft.start}, end {draft.end}"
        return refuse("a last year (end) that is not before the first (start)", "correct one of them", value=shown)
    return None


def _sites(draft: PracticeDraft) -> PydanticCustomError | None:
    names = [site.name for site in draft.sites]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        return refuse("every site (sites) under a name of its own", "rename one of them", value=twice[0])
    for site in draft.sites:
        boxes = BOXES[draft.country]
        if not any(west <= site.lon <= east and south <= site.lat <= north for west, south, east, north in boxes):
            allowed = "; ".join(f"longitude {w:g} to {e:g}, latitude {s:g} to {n:g}" for w, s, e, n in boxes)
            shown = f"site {site.name}: lat {site.lat:g}, lon {site.lon:g}"
            fix = "check whether lat and lon are swapped, or a sign is lost"
            return refuse(f"sites within {draft.country}: {allowed}", fix, value=shown)
    return None


def _caveats(draft: PracticeDraft) -> PydanticCustomError | None:
    if draft.caveats or (draft.confidence == "high" and draft.evidence_type != "reported_company"):
        return None
    why = "confidence medium" if draft.confidence != "high" else "evidence reported by a company"
    return refuse(f"at least one caveat (caveats) with {why}", "write a caveat", value="no caveat")


def checked(values: Any, *, whose: str = "") -> PracticeDraft:
    """The draft of some values. Raises BadDraft, whose `problems` name field, value, what is allowed, and the fix."""
    try:
        return PracticeDraft.model_validate(values)
    except ValidationError as error:
        who = whose or (str(values.get("id") or "practice") if isinstance(values, dict) else "practice")
        raise bad_draft(who, problems(error, FIELDS)) from error


def bad_draft(whose: str, found: Sequence[Problem]) -> BadDraft:
    """The error that says all that is wrong with a record."""
    return BadDraft("\n".join(f"{whose}: {each.text}" for each in found), tuple(found))
