"""What Prefect's server checks when a run is created: parts of a request's JSON schema that its types cannot express.

A deployment keeps the schema that `prefect deploy` wrote, so the regions are those that existed then.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

from flows.defaults import DEFAULT_DATA, DEFAULT_SEED, DEFAULT_WORLD
from regions.catalogue import load

#: Instead of the last year: the last year that the source has completely (`flows.pull.latest`).
LATEST: Final = "latest"
#: Instead of names of regions or methods.
ALL: Final = "all"
DASH = r"\s*[-–:]\s*"
MONTH = "(?:0?[1-9]|1[0-2])"


def years_pattern(*, latest: bool) -> str:
    """Pattern of two years `FIRST-LAST`; with `latest`, that word is allowed as the last year."""
    return rf"^\s*\d{{4}}{DASH}(?:\d{{4}}{f'|{LATEST}' if latest else ''})\s*$"


def forwards_pattern() -> str:
    """Pattern that refuses two years in the wrong order, and nothing else.

    Two years in order are equal, or the first digit in which they differ is lower in the first year.

    Examples
    --------
    >>> import re
    >>> [bool(re.search(forwards_pattern(), text)) for text in ("2001-2024", "2019-2019", "2001-latest", "2024-2010")]
    [True, True, True, False]
    """
    forms = [r"(\d{4})\D+\1"]
    for head in range(4):
        group, rest = head + 2, rf"\d{{{3 - head}}}"
        lower = "|".join(rf"{digit}{rest}\D+\{group}[{digit + 1}-9]" for digit in range(9))
        forms.append(rf"(\d{{{head}}})(?:{lower})")
    return rf"^(?:(?!\s*\d{{4}}\D+\d{{4}})|\s*(?:{'|'.join(forms)}))"


def years_schema(*examples: str, latest: bool) -> dict[str, Any]:
    """Schema of two years as text, in order."""
    return {**text(years_pattern(latest=latest), *examples), "allOf": [{"pattern": forwards_pattern()}]}


def text(pattern: str, *examples: str) -> dict[str, Any]:
    """Schema of a text of some form."""
    return {"type": "string", "pattern": pattern, "examples": list(examples)}


def names_schema(names: tuple[str, ...]) -> dict[str, Any]:
    """Schema of some of `names`, each once: a list, a text with commas, or `all`."""
    name = "|".join(names)
    twice = rf"(?:^|,)\s*({name})\s*,(?:.*,)?\s*\1\s*(?:,|$)"
    listed = {"type": "array", "items": {"enum": list(names)}, "minItems": 1, "uniqueItems": True}
    return {"anyOf": [text(rf"^(?!.*{twice})\s*(?:{ALL}|(?:{name})(?:\s*,\s*(?:{name}))*)\s*$", ALL), listed]}


SEASON = {
    "anyOf": [
        text(rf"^\s*{MONTH}\s*[-–]\s*{MONTH}\s*$", "5-9"),
        {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 12}, "minItems": 2, "maxItems": 2},
    ]
}
CELL = {"type": "number", "exclusiveMinimum": 0, "maximum": 1}


def known_ids() -> list[str]:
    """Ids of the catalogue, and of the own regions in the data folder ($DRYLANDS_DATA, or the default one)."""

    own = Path(os.environ.get("DRYLANDS_DATA") or DEFAULT_DATA) / "regions"
    return list(load(extra=own if own.is_dir() else None))


def restrict(schema: dict[str, Any]) -> None:
    """Add the rules between the fields of a request to its schema.

    Region ids are those known when the schema is made, unless the regions come from a file; `earthengine` needs a
    project; only the simulated landscape has worlds and seeds.
    """
    from_file = {"properties": {"regions_file": {"type": "string"}}, "required": ["regions_file"]}
    known = {"properties": {"regions": {"items": {"enum": [*known_ids(), ALL]}, "minItems": 1}}}
    earth_engine = {"properties": {"source": {"const": "earthengine"}}, "required": ["source"]}
    with_project = {"properties": {"project": {"type": "string", "minLength": 1}}, "required": ["project"]}
    elsewhere = {"properties": {"source": {"not": {"const": "simulated"}}}, "required": ["source"]}
    usual = {"properties": {"world": {"const": DEFAULT_WORLD}, "seed": {"const": DEFAULT_SEED}}}
    schema["allOf"] = [
        {"if": from_file, "else": known},
        {"if": earth_engine, "then": with_project},
        {"if": elsewhere, "then": usual},
    ]
