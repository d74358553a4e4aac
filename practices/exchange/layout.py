"""The layout of a record in a table: the columns, and the rows of one practice.

A practice is a block of rows with the same `id`. The first row has all single values. Further sites,
sources, indicators, places, bodies and caveats follow, one in a row, with all other cells empty. Codes are in one
cell, separated by spaces.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from practices.record.draft import PracticeDraft
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

Kind = Literal["single", "title", "codes", "list", "pairs", "group"]
Cell = str | int | float | None
Row = dict[str, Cell]


@dataclass(frozen=True)
class TemplateColumn:
    """A column of a table: the field of the record that it holds, how, and what people have to know.

    `member` is the field of a site, source or indicator (kind group), or the language (kind title).
    """

    name: str
    kind: Kind
    field: str
    meaning: str
    member: str = ""
    words: Vocabulary | None = None
    number: bool = False

    @property
    def place(self) -> tuple[str, ...]:
        """Path of the column's value in a record, without the number of a member of a list."""
        return (self.field, self.member) if self.member else (self.field,)


def _single(field: str, meaning: str, words: Vocabulary | None = None, *, number: bool = False) -> TemplateColumn:
    return TemplateColumn(field, "single", field, meaning, words=words, number=number)


def _codes(field: str, words: Vocabulary) -> TemplateColumn:
    return TemplateColumn(field, "codes", field, f"codes of {words.title}, with spaces between", words=words)


def _group(
    prefix: str, member: str, meaning: str, words: Vocabulary | None = None, *, number: bool = False
) -> TemplateColumn:
    return TemplateColumn(f"{prefix}_{member}", "group", f"{prefix}s", meaning, member, words, number)


COLUMNS: tuple[TemplateColumn, ...] = (
    _single("id", "small letters, digits and hyphens; the same on every row of the practice"),
    _single("revision", "the revision that was edited; empty for a new practice", number=True),
    *(
        TemplateColumn(f"title_{code}", "title", "title", f"what it is, in {LANGUAGES.label(code)}", code)
        for code in LANGUAGES.codes
    ),
    _single("country", "ISO 3166 alpha-3 code", COUNTRIES),
    TemplateColumn("admin", "list", "admin", "places from the large to the small, one a row"),
    _single("scope", "whether it is in North-East Asia", SCOPES),
    _single("scale", "how large it is", SCALES),
    _group("site", "name", "name of a site, each once"),
    _group("site", "lat", "latitude in degrees, WGS84", number=True),
    _group("site", "lon", "longitude in degrees, WGS84", number=True),
    _group("site", "radius_km", "guess of the extent; never a boundary", number=True),
    _group("site", "coord_basis", "where the coordinates come from", COORD_BASIS),
    _group("site", "coord_precision_km", "how far they may be off", number=True),
    _group("site", "note", "what else to know of the site"),
    _group("site", "polygon", "outline as GeoJSON (Polygon or MultiPolygon), where it is known"),
    _single("area_km2", "area treated, as reported", number=True),
    _single("area_note", "what that area is of"),
    _single("start", "first year", number=True),
    _single("end", "last year; empty if it goes on or is not known", number=True),
    _single("period_note", "what else to know of the years"),
    _codes("land_use", LAND_USE),
    _single("land_use_note", "what else to know of the land use"),
    _codes("degradation", DEGRADATION),
    _codes("measures", MEASURES),
    _codes("slm_groups", SLM_GROUPS),
    _codes("goals", GOALS),
    _codes("purposes", PURPOSES),
    _single("codes_basis", "who assigned the codes, and from what"),
    _single("description", "what is done, in words"),
    _single("outcome", "outcome as reported"),
    _single("evidence_type", "how the outcome is known", EVIDENCE_TYPES),
    _group("indicator", "name", "what was counted or measured"),
    _group("indicator", "baseline", "figure before", number=True),
    _group("indicator", "value", "figure after", number=True),
    _group("indicator", "unit", "unit of both"),
    _group("indicator", "when", "when the figure is from"),
    _group("indicator", "as_reported", "the figure in the words of those who report it"),
    TemplateColumn("implementing_bodies", "list", "implementing_bodies", "who does it, one a row"),
    _group("source", "kind", "kind of a source", SOURCE_KINDS),
    _group("source", "title", "its title"),
    _group("source", "publisher", "its publisher"),
    _group("source", "date", "its year, month or day: 2018, 2018-06, 2018-06-21"),
    _group("source", "url", "its address on the web"),
    _group("source", "note", "what was seen in it"),
    _single("confidence", "confidence in the facts", CONFIDENCE),
    TemplateColumn("caveats", "list", "caveats", "a caveat in each row; required with confidence medium"),
    TemplateColumn(
        "external_ids", "pairs", "external_ids", "ids elsewhere, one a row, such as wocat: technologies_1419"
    ),
    _single("satellite_fit", "whether satellites can judge it", SATELLITE_FIT),
    _single("satellite_fit_why", "why"),
)
BY_NAME = {column.name: column for column in COLUMNS}
#: Columns that may be filled in the further rows of a practice.
BELOW = frozenset(column.name for column in COLUMNS if column.kind in ("list", "pairs", "group"))


def rows_of(draft: PracticeDraft, revision: int | None = None) -> list[Row]:
    """The rows of a practice, every column in each; `revision` is that of the database, if it is from there."""
    values = {**draft.model_dump(mode="json"), "revision": revision}
    down = {name: list(_members(BY_NAME[name], values)) for name in BELOW}
    height = max(1, *(len(cells) for cells in down.values()))
    rows: list[Row] = [dict.fromkeys(BY_NAME) | {"id": draft.id} for _ in range(height)]
    for column in COLUMNS:
        if column.name in BELOW:
            for row, cell in zip(rows, down[column.name], strict=False):
                row[column.name] = cell
        elif column.kind == "title":
            rows[0][column.name] = draft.title.get(column.member)
        else:
            value = values[column.field]
            rows[0][column.name] = (" ".join(value) or None) if column.kind == "codes" else value
    return rows


def _members(column: TemplateColumn, values: dict[str, Any]) -> Iterator[Cell]:
    for each in values[column.field].items() if column.kind == "pairs" else values[column.field]:
        if column.kind == "pairs":
            yield f"{each[0]}: {each[1]}"
        elif column.kind == "list":
            yield each
        elif column.member == "polygon" and each["polygon"] is not None:
            yield json.dumps(each["polygon"], separators=(",", ":"))
        else:
            yield each[column.member]
