"""The form of a practice: its fields as data, a record as what the form shows, and a sent form as a record."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from practices.record import vocabularies
from practices.record.problems import Problem

Kind: TypeAlias = Literal["text", "long", "number", "one", "many", "lines", "paragraphs", "pairs", "json"]
#: Most rows of sites, sources or figures that a form takes.
MOST_ROWS = 200


@dataclass(frozen=True)
class FormField:
    """A field: its name in the record, what people read, how it is filled, and its vocabulary."""

    name: str
    label: str
    kind: Kind = "text"
    hint: str = ""
    words: str = ""
    needed: bool = False

    @property
    def options(self) -> dict[str, str]:
        """Codes of its vocabulary with their labels."""
        return {term.code: term.label for term in vocabularies.VOCABULARIES[self.words].terms}


SECTIONS: tuple[tuple[str, tuple[FormField, ...]], ...] = (
    (
        "What and where",
        (
            *(
                FormField(f"title-{code}", f"Title in {vocabularies.LANGUAGES.label(code)}", needed=code == "en")
                for code in vocabularies.LANGUAGES.codes
            ),
            FormField("country", "Country", "one", words="country", needed=True),
            FormField("admin", "Province, county and so on", "lines", "one a line, the largest first"),
            FormField("scope", "Scope", "one", words="scope", needed=True),
            FormField("scale", "Scale", "one", words="scale", needed=True),
            FormField("area_km2", "Area, km²", "number"),
            FormField("area_note", "Note on the area"),
            FormField("start", "First year", "number"),
            FormField("end", "Last year", "number", "empty: it goes on, or is not known"),
            FormField("period_note", "Note on the years"),
            FormField("implementing_bodies", "Who does it", "lines", "one a line"),
        ),
    ),
    (
        "Action and outcome",
        (
            FormField("description", "What was done", "long", needed=True),
            FormField("outcome", "Outcome as reported", "long", needed=True),
            FormField("evidence_type", "How that is known", "one", words="evidence_type", needed=True),
            FormField("confidence", "Confidence in the facts", "one", words="confidence", needed=True),
            FormField("caveats", "Caveats", "paragraphs", "an empty line between two caveats"),
            FormField("satellite_fit", "Can satellites judge it?", "one", words="satellite_fit", needed=True),
            FormField("satellite_fit_why", "Why, or why not"),
        ),
    ),
    (
        "WOCAT codes",
        (
            FormField("land_use", "Land use", "many", words="land_use"),
            FormField("land_use_note", "Note on land use"),
            FormField("degradation", "Degradation that is fought", "many", words="degradation"),
            FormField("measures", "Measures", "many", words="measures"),
            FormField("slm_groups", "Groups of sustainable land management", "many", words="slm_groups"),
            FormField("goals", "Goals", "many", words="goals"),
            FormField("purposes", "Main purposes", "many", words="purposes"),
            FormField("codes_basis", "Who assigned the codes, from what", needed=True),
            FormField("external_ids", "Ids elsewhere", "pairs", "one a line, such as wocat: technologies_1419"),
        ),
    ),
)
#: Members of the lists whose rows can be added.
ROWS: dict[str, tuple[FormField, ...]] = {
    "sites": (
        FormField("name", "Name"),
        FormField("lat", "Latitude, °N", "number"),
        FormField("lon", "Longitude, °E", "number"),
        FormField("coord_basis", "Basis of the coordinates", "one", words="coord_basis"),
        FormField("coord_precision_km", "Precise to, km", "number"),
        FormField("radius_km", "Guessed radius, km", "number", "a guess, not a boundary"),
        FormField("note", "Note"),
        FormField("polygon", "Boundary", "json", "GeoJSON Polygon or MultiPolygon, where one is known"),
    ),
    "sources": (
        FormField("title", "Title"),
        FormField("kind", "Kind", "one", words="source_kind"),
        FormField("publisher", "Publisher"),
        FormField("date", "Date", hint="2018, 2018-10 or 2018-10-12"),
        FormField("url", "Address", hint="https://…"),
        FormField("note", "What was seen in it"),
    ),
    "indicators": (
        FormField("name", "What"),
        FormField("baseline", "Before", "number"),
        FormField("value", "After", "number"),
        FormField("unit", "Unit"),
        FormField("when", "When"),
        FormField("as_reported", "As reported"),
    ),
}
HEADINGS = {"sites": "Site", "sources": "Source", "indicators": "Figure"}
_SIMPLE = tuple(field for _, fields in SECTIONS for field in fields)
#: Fields with a preset value; they alone do not make a new row count as filled.
_DEFAULTS = {"coord_basis", "kind"}


@dataclass(frozen=True)
class Shown:
    """What the form shows: text or codes by name of the field, and the rows of each list, an empty one at the end."""

    values: Mapping[str, str | Sequence[str]]
    rows: Mapping[str, Sequence[Mapping[str, str]]]


def of_record(record: Mapping[str, Any] | None) -> Shown:
    """A record (None: a new one) as the form shows it."""
    record = record or {"scope": "north-east-asia", "codes_basis": "chosen by the author of the record"}
    values: dict[str, str | Sequence[str]] = {}
    for field in _SIMPLE:
        name, _, language = field.name.partition("-")
        value = record.get(name)
        values[field.name] = _shown(field, value.get(language) if language and value else value)
    rows = {
        name: [*({m.name: str(_shown(m, each.get(m.name))) for m in members} for each in record.get(name, ())), {}]
        for name, members in ROWS.items()
    }
    return Shown(values, rows)


def _shown(field: FormField, value: Any) -> str | list[str]:
    if field.kind == "many":
        return list(value or ())
    if value is None:
        return ""
    match field.kind:
        case "lines":
            return "\n".join(value)
        case "paragraphs":
            return "\n\n".join(value)
        case "pairs":
            return "\n".join(f"{key}: {each}" for key, each in value.items())
        case "json":
            return json.dumps(value)
        case "number":
            return f"{value:g}" if isinstance(value, float) and value == int(value) else str(value)
        case _:
            return str(value)


def of_form(sent: Mapping[str, Sequence[str]]) -> Shown:
    """A sent form as it was filled, to show it again."""
    values = {
        field.name: list(sent.get(field.name, ())) if field.kind == "many" else _first(sent, field.name)
        for field in _SIMPLE
    }
    rows = {}
    for name, members in ROWS.items():
        numbers = _numbers(sent, name)
        rows[name] = [*({m.name: _first(sent, f"{name}-{m.name}-{n}") for m in members} for n in numbers), {}]
    return Shown(values, rows)


def record_of(shown: Shown, practice: str) -> dict[str, Any]:
    """The record of a form as it was filled, to be checked: what is empty is left out."""
    record: dict[str, Any] = {"id": practice}
    for field in _SIMPLE:
        value = _read(field, shown.values[field.name])
        name, _, language = field.name.partition("-")
        if language:
            record.setdefault(name, {})
            if value is not None:
                record[name][language] = value
        elif value is not None:
            record[name] = value
    for name, members in ROWS.items():
        record[name] = [
            {m.name: value for m in members if (value := _read(m, row.get(m.name, ""))) is not None}
            for row in shown.rows[name]
            if row
        ]
    return record


def _read(field: FormField, value: str | Sequence[str]) -> Any:
    if field.kind == "many":
        return list(value)
    text = str(value).replace("\r\n", "\n").strip()
    match field.kind:
        case "lines":
            return [line.strip() for line in text.split("\n") if line.strip()]
        case "paragraphs":
            return [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]
        case "pairs":
            pairs = [line.partition(":") for line in text.split("\n") if line.strip()]
            return {key.strip(): each.strip() for key, _, each in pairs}
        case "json":
            return _geometry(text) if text else None
        case _:
            return text or None


def _geometry(text: str) -> Any:
    """A geometry, or that of a feature; text that is not JSON is returned as it is, and the check refuses it."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return found.get("geometry", found) if isinstance(found, dict) else found


def _first(sent: Mapping[str, Sequence[str]], name: str) -> str:
    return next(iter(sent.get(name, ())), "")


def _numbers(sent: Mapping[str, Sequence[str]], name: str) -> list[int]:
    """Numbers of the rows of a list in which anything is filled in, in their order."""
    found = set()
    for key, values in sent.items():
        match = re.fullmatch(rf"{name}-([a-z_0-9]+)-(\d{{1,4}})", key)
        if match and match[1] not in _DEFAULTS and any(value.strip() for value in values):
            found.add(int(match[2]))
    return sorted(found)[:MOST_ROWS]


def field_of(problem: Problem) -> str:
    """The name of the form's field that a problem is in; empty for the record as a whole."""
    place = [each for each in problem.place if each != "[key]"]
    if not place:
        return ""
    head = str(place[0])
    if head in ROWS and len(place) > 1 and isinstance(place[1], int):
        member = str(place[2]) if len(place) > 2 else ROWS[head][0].name
        return f"{head}-{member}-{place[1]}"
    if head == "title":
        return f"title-{place[1]}" if len(place) > 1 and place[1] in vocabularies.LANGUAGES else "title-en"
    if head in ROWS:
        return f"{head}-{ROWS[head][0].name}-0"
    return head
