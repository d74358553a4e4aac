"""Plain values: results of reducers as numbers, lists and dictionaries, and values that must be of one kind."""

from __future__ import annotations

from types import NoneType
from typing import Any

import numpy as np

from offline.errors import EngineError


def plain(result: tuple[Any, Any]) -> Any:
    """A reducer's output as a plain number, list or dictionary; None where it is not defined."""
    value, defined = result
    if isinstance(value, (list, dict)):
        return listed(value)
    if not np.all(defined):
        return None
    if isinstance(value, np.ndarray) and value.ndim:
        return value.tolist()
    number = np.asarray(value).item()
    return number if isinstance(number, (int, str)) or np.isfinite(number) else None


def listed(value: Any) -> Any:
    """numpy scalars inside lists and dictionaries as plain numbers."""
    if isinstance(value, dict):
        return {key: listed(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [listed(item) for item in value]
    return value.tolist() if isinstance(value, (np.generic, np.ndarray)) else value


def numeric(value: Any, where: str) -> Any:
    """The value itself, or nothing. Raises EngineError if it is not a number."""
    if isinstance(value, bool) or not isinstance(value, (int, float, NoneType)):
        raise EngineError(f"{where} is not a number: {str(value)[:80]!r}.")
    return value


def textual(value: Any, where: str) -> Any:
    """The value itself, or nothing. Raises EngineError if it is not a string."""
    if not isinstance(value, (str, NoneType)):
        raise EngineError(f"{where} is not a string: {str(value)[:80]!r}.")
    return value
