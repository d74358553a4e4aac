"""Kinds of values in a record: clean text, words of a vocabulary, addresses, dates, and outlines."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError
from shapely import get_num_coordinates
from shapely.geometry import shape
from shapely.validation import explain_validity

from practices.record.vocabularies import (
    CONFIDENCE,
    COORD_BASIS,
    COUNTRIES,
    DEGRADATION,
    EVIDENCE_TYPES,
    GOALS,
    LAND_USE,
    LANGUAGES,
    MEASURES,
    PURPOSES,
    SATELLITE_FIT,
    SCALES,
    SCOPES,
    SLM_GROUPS,
    SOURCE_KINDS,
)
from practices.record.vocabulary import Vocabulary

#: Longest text of a field, characters: a cell of a spreadsheet has at most 32,767 UTF-16 units.
LONGEST = 16_000
#: Most corners of one outline, as in other registers of restoration sites.
MOST_CORNERS = 10_000
#: Digits kept of a coordinate of an outline: about a centimetre.
DIGITS = 7


def refuse(allowed: str, fix: str, *, value: str | None = None) -> PydanticCustomError:
    """The error of a value that is not allowed; what validation adds is where it was and what it was.

    `value` replaces the shown value where that is too long.
    """
    message = "allowed: {allowed}; {fix}"
    return PydanticCustomError("not_allowed", message, {"allowed": allowed, "fix": fix, "shown": value or ""})


def clean(text: str) -> str:
    """Text in composed form (Unicode NFC), without space around it, lines ended by a line feed alone.

    Raises for characters that no spreadsheet file can store.
    """
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    for character in composed:
        if character not in "\n\t" and (unicodedata.category(character) in ("Cc", "Cs") or character in "\ufffe\uffff"):
            raise refuse("letters, digits, marks and line breaks", f"remove the character U+{ord(character):04X}")
    return composed


def _no_empty(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


Text = Annotated[str, AfterValidator(clean), Field(min_length=1, max_length=LONGEST)]
ShortText = Annotated[str, AfterValidator(clean), Field(min_length=1, max_length=500)]
OptionalText = Annotated[Text | None, BeforeValidator(_no_empty)]
Number = Annotated[float, Field(allow_inf_nan=False)]
OptionalNumber = Annotated[Number | None, BeforeValidator(_no_empty)]
Kilometres = Annotated[Annotated[float, Field(gt=0, le=5000, allow_inf_nan=False)] | None, BeforeValidator(_no_empty)]
SquareKilometres = Annotated[Annotated[float, Field(gt=0, allow_inf_nan=False)] | None, BeforeValidator(_no_empty)]
Year = Annotated[Annotated[int, Field(ge=1, le=2100)] | None, BeforeValidator(_no_empty)]


def word_of(vocabulary: Vocabulary) -> Callable[[str], str]:
    """A check that a word is in a vocabulary."""

    def check(word: str) -> str:
        if word in vocabulary:
            return word
        near = vocabulary.nearest(word)
        fix = f"did you mean {near.code} ({near.label})?" if near else "choose one of them"
        raise refuse(", ".join(vocabulary.codes), fix)

    return check


Country = Annotated[str, AfterValidator(word_of(COUNTRIES))]
Language = Annotated[str, AfterValidator(word_of(LANGUAGES))]
Scale = Annotated[str, AfterValidator(word_of(SCALES))]
Scope = Annotated[str, AfterValidator(word_of(SCOPES))]
LandUse = Annotated[str, AfterValidator(word_of(LAND_USE))]
Degradation = Annotated[str, AfterValidator(word_of(DEGRADATION))]
Measure = Annotated[str, AfterValidator(word_of(MEASURES))]
SlmGroup = Annotated[str, AfterValidator(word_of(SLM_GROUPS))]
Goal = Annotated[str, AfterValidator(word_of(GOALS))]
Purpose = Annotated[str, AfterValidator(word_of(PURPOSES))]
EvidenceType = Annotated[str, AfterValidator(word_of(EVIDENCE_TYPES))]
Confidence = Annotated[str, AfterValidator(word_of(CONFIDENCE))]
SatelliteFit = Annotated[str, AfterValidator(word_of(SATELLITE_FIT))]
CoordBasis = Annotated[str, AfterValidator(word_of(COORD_BASIS))]
SourceKind = Annotated[str, AfterValidator(word_of(SOURCE_KINDS))]


def _matching(pattern: str, allowed: str, fix: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if re.fullmatch(pattern, text) is None:
            raise refuse(allowed, fix)
        return text

    return check


PracticeId = Annotated[
    str,
    AfterValidator(
        _matching(
            r"[a-z0-9]+(-[a-z0-9]+)*",
            "small letters a-z, digits and single hyphens",
            "write it like mng-green-gold-pasture-user-groups",
        )
    ),
    Field(max_length=100),
]
Address = Annotated[
    Annotated[
        str,
        AfterValidator(clean),
        AfterValidator(
            _matching(
                r"https?://[^\s<>\"\x00-\x1f\x7f-\x9f]+",
                "a web address that begins with http:// or https://",
                "copy it from the browser's address line",
            )
        ),
        Field(max_length=2000),
    ]
    | None,
    BeforeValidator(_no_empty),
]
SourceDate = Annotated[
    Annotated[
        str,
        AfterValidator(
            _matching(
                r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?",
                "a year, month or day as 2018, 2018-06 or 2018-06-21",
                "write it in that order, with hyphens",
            )
        ),
    ]
    | None,
    BeforeValidator(_no_empty),
]
ExternalKey = Annotated[
    str, AfterValidator(_matching(r"[a-z][a-z0-9_]*", "small letters, digits and _", "write it like wocat or doi"))
]


def outline(value: Any) -> dict[str, Any] | None:
    """A GeoJSON Polygon or MultiPolygon in WGS84 in its plain form: closed rings, two coordinates, rounded.

    Raises where it is none, crosses itself, leaves the globe, or has more than MOST_CORNERS corners.
    """
    if value is None:
        return None
    if not isinstance(value, dict) or value.get("type") not in ("Polygon", "MultiPolygon"):
        kind = str(value.get("type")) if isinstance(value, dict) else type(value).__name__
        raise refuse("a GeoJSON Polygon or MultiPolygon", "draw the outline of the site as an area", value=kind)

    try:
        polygons = value["coordinates"] if value["type"] == "MultiPolygon" else [value["coordinates"]]
        plain = [[[_corner(corner) for corner in ring] for ring in polygon] for polygon in polygons]
        coordinates = plain if value["type"] == "MultiPolygon" else plain[0]
        geometry = shape({"type": value["type"], "coordinates": coordinates})
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise refuse(
            "rings of [longitude, latitude] pairs", "export the outline as GeoJSON again", value="?"
        ) from error
    corners = int(get_num_coordinates(geometry))
    if corners > MOST_CORNERS:
        raise refuse(f"at most {MOST_CORNERS} corners", "simplify the outline", value=f"{corners} corners")
    if geometry.is_empty or not geometry.is_valid:
        said = "empty" if geometry.is_empty else explain_validity(geometry)
        raise refuse(
            "an area that is not empty and whose border does not cross itself", "repair the geometry", value=said
        )
    west, south, east, north = geometry.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        shown = f"{west:g} to {east:g}, {south:g} to {north:g}"
        raise refuse("longitude -180 to 180, latitude -90 to 90", "give degrees in WGS84, longitude first", value=shown)
    return {"type": value["type"], "coordinates": coordinates}


def _corner(corner: Any) -> list[float]:
    x, y = (float(each) for each in list(corner)[:2])
    if not (math.isfinite(x) and math.isfinite(y)):
        raise ValueError("a corner is not a number")
    # no negative zero: it is another text and the same place
    return [round(x, DIGITS) + 0.0, round(y, DIGITS) + 0.0]


Outline = Annotated[dict[str, Any] | None, BeforeValidator(_no_empty), BeforeValidator(outline)]
