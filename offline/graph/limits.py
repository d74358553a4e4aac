"""How large a value is with all that is in it: a list that holds one list twice, and so on, soon outgrows memory."""

from __future__ import annotations

from typing import Any

import numpy as np

from offline.errors import EngineError

#: Numbers, strings, lists, … of one value.
MOST_PARTS = 2 * 10**6
#: How many characters of a string, or numbers of an array, count as a part.
DENSE = 8
#: Characters of one string.
LONGEST_TEXT = 10 * 2**20
#: Families, and algorithms, that look at everything in their arguments or keep it in an element.
WALKING_FAMILIES = (
    "Array", "Date", "Element", "Feature", "Filter", "Geometry", "GeometryConstructors", "Image", "Kernel", "Number",
    "String",
)  # fmt: skip
WALKING = frozenset(
    [f"List.{name}" for name in (
        "contains", "containsAll", "distinct", "equals", "filter", "flatten", "frequency", "getArray", "getNumber",
        "getString", "indexOf", "indexOfSublist", "join", "lastIndexOfSubList", "reduce", "remove", "removeAll",
        "replace", "replaceAll", "sort",
    )]
    + [f"Dictionary.{name}" for name in ("getArray", "getNumber", "getString", "toArray")]
)  # fmt: skip


def walks(name: str) -> bool:
    """Whether an algorithm goes through all that is in the values it is given."""
    return name in WALKING or name.split(".")[0] in WALKING_FAMILIES


def bounded(value: Any, name: str) -> None:
    """Raises EngineError if a list or dictionary has more than `MOST_PARTS` parts, each as often as it is met."""
    left, rest = MOST_PARTS, [value]
    while rest and left >= 0:
        each = rest.pop()
        if isinstance(each, (list, dict)):
            inner = list(each.values()) if isinstance(each, dict) else each
            left -= len(inner)
            rest += [item for item in inner if isinstance(item, (list, dict, str, np.ndarray))]
        else:
            left -= (each.size if isinstance(each, np.ndarray) else len(each)) // DENSE
    if left < 0:
        raise EngineError(f"{name}: a list or dictionary of more than {MOST_PARTS} values is too large.")


def bounded_text(length: int, name: str) -> None:
    """Raises EngineError for a string of more than `LONGEST_TEXT` characters."""
    if length > LONGEST_TEXT:
        raise EngineError(f"{name}: a string of {length} characters is too long; at most {LONGEST_TEXT} are allowed.")
