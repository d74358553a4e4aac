"""Many expressions in one request, their answers compared one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ee
import pytest


def wrong(cases: Mapping[str, tuple[Any, Any]], rel: float = 1e-9) -> dict[str, tuple[Any, Any]]:
    """Case → (answer, what was expected), for those that differ; a case is an expression, or what makes it.

    Numbers agree within `rel`, everything else exactly; true is not 1.
    """
    answers = ee.List([make() if callable(make) else make for make, _ in cases.values()]).getInfo()
    expected = {name: want for name, (_, want) in cases.items()}
    found = dict(zip(expected, answers, strict=True))
    return {name: (found[name], want) for name, want in expected.items() if not same(found[name], want, rel)}


def same(found: Any, expected: Any, rel: float) -> bool:
    """Whether two answers are the same, numbers within `rel`."""
    if isinstance(expected, list):
        return (
            isinstance(found, list)
            and len(found) == len(expected)
            and all(same(a, b, rel) for a, b in zip(found, expected, strict=True))
        )
    if isinstance(expected, dict):
        return (
            isinstance(found, dict)
            and found.keys() == expected.keys()
            and all(same(found[key], want, rel) for key, want in expected.items())
        )
    if isinstance(expected, bool) or isinstance(found, bool) or not isinstance(expected, (int, float)):
        return type(found) is type(expected) and bool(found == expected)
    return isinstance(found, (int, float)) and bool(found == pytest.approx(expected, rel=rel, abs=rel))


def refused(make: Callable[[], Any], message: str) -> None:
    """The expression fails with a message of Earth Engine's shape."""
    with pytest.raises(ee.EEException, match=message):
        ee.ComputedObject.getInfo(make())
