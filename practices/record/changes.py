"""Changes of single fields of a record, written as `field=value`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from practices.errors import BadRecord
from practices.record.draft import FIELDS, PracticeDraft, checked

#: Lists of codes, which are given together, with spaces between.
CODES = {"land_use", "degradation", "measures", "slm_groups", "goals", "purposes"}


def changed(draft: PracticeDraft, changes: Sequence[str]) -> PracticeDraft:
    """The record with some fields changed, each change as `end=2020`, `title.mn=…`, `sites.1.lat=46.2`.

    Members of lists are counted from 1, and `caveats.+=…` adds one. Nothing after the sign empties a field or takes
    a member out. Raises BadRecord for a change that cannot be read, and BadDraft where the result is not allowed.
    """
    values = draft.model_dump(mode="json")
    for change in changes:
        path, sign, value = change.partition("=")
        if not sign or not path:
            raise BadRecord(f"change {change!r}: is not field=value; write it like end=2020 or title.mn=…")
        _change(values, path.strip(), value, change)
    return checked(values)


def _change(values: dict[str, Any], path: str, value: str, change: str) -> None:
    target: Any = values
    steps = path.split(".")
    for step in steps[:-1]:
        target = _member(target, step, change)
    last = steps[-1]
    if isinstance(target, list):
        _change_list(target, last, value, change)
    elif not isinstance(target, dict) or (isinstance(target.get(last), list | dict) and last not in CODES):
        raise BadRecord(f"change {change!r}: {path} has several values; name one, like {path}.1 or {path}.en")
    elif target is values and last not in FIELDS:
        raise BadRecord(f"change {change!r}: a record has no field {last}; it has {', '.join(sorted(FIELDS))}")
    elif last in CODES:
        target[last] = value.replace(",", " ").split()
    elif value.strip() or target is values:
        target[last] = value if value.strip() else None
    else:
        target.pop(last, None)


def _change_list(target: list[Any], step: str, value: str, change: str) -> None:
    if step == "+":
        target.append(value)
        return
    number = _number(target, step, change)
    if not value.strip():
        del target[number]
    elif isinstance(target[number], dict):
        raise BadRecord(f"change {change!r}: that is a group of values; name one of {', '.join(target[number])}")
    else:
        target[number] = value


def _member(target: Any, step: str, change: str) -> Any:
    if isinstance(target, list):
        return target[_number(target, step, change)]
    if not isinstance(target, dict) or not isinstance(target.get(step), list | dict):
        raise BadRecord(f"change {change!r}: there is nothing below {step}; give it a value itself")
    return target[step]


def _number(target: list[Any], step: str, change: str) -> int:
    if not step.isdigit() or not 1 <= int(step) <= len(target):
        allowed = f"1 to {len(target)}, or + for another" if target else "+ for the first"
        raise BadRecord(f"change {change!r}: no member {step}; allowed: {allowed}")
    return int(step) - 1
