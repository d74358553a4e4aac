"""What is wrong with a record, in words: field, value, what is allowed, and how to fix it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from practices.errors import BadRecord

if TYPE_CHECKING:
    from pydantic import ValidationError

#: Longest piece of a value that is shown.
SHOWN = 60
#: What is allowed and how to fix it, by the kind of the validation's error; names in braces come from its context.
SAID: dict[str, tuple[str, str]] = {
    "missing": ("a value", "fill it in"),
    "extra_forbidden": ("the fields of a record", "remove it, or correct its name"),
    "string_type": ("text", "write text"),
    "string_too_short": ("text of {min_length} character or more", "fill it in"),
    "string_too_long": ("text of at most {max_length} characters", "shorten it"),
    "float_parsing": ("a number with a decimal point", "write it like 12.5"),
    "float_type": ("a number with a decimal point", "write it like 12.5"),
    "int_parsing": ("a whole number", "write it like 1998"),
    "int_type": ("a whole number", "write it like 1998"),
    "int_from_float": ("a whole number", "write it like 1998"),
    "finite_number": ("a number", "leave it empty where it is not known"),
    "greater_than": ("more than {gt}", "correct it"),
    "greater_than_equal": ("{ge} or more", "correct it"),
    "less_than_equal": ("{le} or less", "correct it"),
    "too_short": ("at least {min_length}", "add one"),
    "too_long": ("at most {max_length}", "leave some out"),
    "tuple_type": ("a list", "give a list"),
    "dict_type": ("values by name", "give them by name"),
    "model_type": ("values by name", "give them by name"),
}
#: Names of lists whose members are counted for people.
MEMBERS = {"sites": "site", "sources": "source", "indicators": "indicator"}


@dataclass(frozen=True)
class Problem:
    """One thing wrong; `place` is the path in the record, counted from 0; empty: the record as a whole."""

    place: tuple[str | int, ...]
    value: str
    allowed: str
    fix: str

    @property
    def field(self) -> str:
        """The place in words, counted from 1: `site 2, lat`."""
        words: list[str] = []
        for each in self.place:
            if isinstance(each, int) and words:
                words[-1] = f"{MEMBERS.get(words[-1], words[-1])} {each + 1}"
            elif each != "[key]":
                words.append(str(each))
        return ", ".join(words) or "record"

    @property
    def text(self) -> str:
        """All of it as one line."""
        return f"{self.field}: {self.value or 'empty'}; allowed: {self.allowed}; {self.fix}"


def problems(error: ValidationError, names: Collection[str] = ()) -> tuple[Problem, ...]:
    """What a validation found, in the order of the record; `names` are those that a mistyped field may have meant."""
    found = [_problem(dict(each), names) for each in error.errors(include_url=False)]
    deeper = {each.place[:-1] for each in found if each.place and isinstance(each.place[-1], int)}
    deeper |= {each.place[:-2] for each in found if len(each.place) > 1 and isinstance(each.place[-2], int)}
    # A list that lost its only member to an error is not too short as well.
    return tuple(each for each in found if not (each.allowed.startswith("at least 1") and each.place in deeper))


def _problem(found: dict[str, Any], names: Collection[str]) -> Problem:
    context = found.get("ctx") or {}
    place = tuple(found["loc"])
    value = context.get("shown") or ("" if found["type"] == "missing" else _shown(found["input"]))
    if found["type"] == "not_allowed":
        return Problem(place, value, context["allowed"], context["fix"])
    if found["type"] == "extra_forbidden":
        return Problem(place, value, *_other_name(str(place[-1]), names))
    kind = f"string_{found['type']}" if isinstance(found["input"], str) else found["type"]
    allowed, fix = SAID.get(kind) or SAID.get(found["type"], (str(found["msg"]), "correct it"))
    if place and place[-1] in ("lat", "lon") and fix == "correct it":
        fix = "check whether lat and lon are swapped"
    return Problem(place, value, allowed.format(**context), fix)


def _other_name(wrong: str, names: Collection[str]) -> tuple[str, str]:
    near = get_close_matches(wrong, sorted(names), n=1)
    allowed, fix = SAID["extra_forbidden"]
    return allowed, f"did you mean {near[0]}?" if near else fix


def _shown(value: Any) -> str:
    if isinstance(value, str):
        text = repr(value)
    elif isinstance(value, bool | int | float):
        text = str(value)
    elif isinstance(value, list | tuple):
        text = "an empty list" if not value else f"{len(value)} values"
    else:
        return "" if value is None else "a group of values"
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


class BadDraft(BadRecord):
    """A record of a practice with values that are not allowed; `problems` are all of them."""

    def __init__(self, message: str, problems: tuple[Problem, ...] = ()) -> None:
        self.problems = problems
        super().__init__(message)


@dataclass(frozen=True)
class CellProblem:
    """What is wrong in a file: row and column, the value, what is allowed, and how to fix it."""

    row: int
    column: str
    value: str
    allowed: str
    fix: str

    @property
    def text(self) -> str:
        """All of it as one line."""
        return f"row {self.row}, column {self.column}: {self.value or 'empty'}; allowed: {self.allowed}; {self.fix}"
