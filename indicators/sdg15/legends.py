"""Legends and transition matrices from tables of a user, checked and converted for the land-cover functions.

A legend has the columns `code` (of the map) and `class` (UNCCD, 1 … 7 or its name). A matrix has a row for each initial
and a column for each final class, in the order of the UNCCD classes, of −1 (degraded), 0 and 1 (improved).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from indicators.codes import NODATA, UNCCD
from indicators.errors import IndicatorError

NUMBERS = {name: code for code, name in UNCCD.items()}


def legend(table: pd.DataFrame, source: str = "legend") -> dict[int, int]:
    """Code → UNCCD class. Raises IndicatorError that names the wrong line of `source` and how to correct it."""
    missing = {"code", "class"} - set(table.columns)
    if missing:
        raise IndicatorError(f"{source}: no column {', '.join(sorted(missing))}; its first line must be `code,class`")
    classes: dict[int, int] = {}
    for line, (code, name) in enumerate(zip(table["code"], table["class"], strict=True), start=2):
        target = _class_number(name)
        if target is None:
            raise IndicatorError(
                f"{source}, line {line}: class {name!r} is not one of the seven; use 1 … 7 or {', '.join(NUMBERS)}"
            )
        number = _whole(code)
        if number is None:
            raise IndicatorError(f"{source}, line {line}: code {code!r} is not an integer; correct it")
        if classes.setdefault(number, target) != target:
            raise IndicatorError(f"{source}, line {line}: code {number} comes twice with different classes; keep one")
    if not classes:
        raise IndicatorError(f"{source}: the table has no code; add a line for each class of the map")
    return classes


def matrix(table: pd.DataFrame, source: str = "matrix") -> tuple[tuple[int, ...], ...]:
    """Seven rows of seven. A first column or first line of names is left out, if they are in the right order.

    Raises IndicatorError that names the wrong cell of `source` and how to correct it.
    """
    values = table.to_numpy()
    if values.shape[1] == 8:
        _in_order(list(values[:, 0]), source, "rows")
        values = values[:, 1:]
    if values.shape[0] == 8:
        _in_order(list(values[0]), source, "columns")
        values = values[1:]
    if values.shape != (7, 7):
        raise IndicatorError(f"{source}: it has {values.shape[0]} rows of {values.shape[1]}; a matrix is 7 by 7")
    numbers = pd.DataFrame(values).apply(pd.to_numeric, errors="coerce").to_numpy(float)
    wrong = np.argwhere(~np.isin(numbers, (-1, 0, 1)))
    if len(wrong):
        row, column = wrong[0]
        raise IndicatorError(
            f"{source}: {UNCCD[row + 1]} to {UNCCD[column + 1]} is {values[row, column]}; use -1, 0 or 1"
        )
    return tuple(tuple(int(value) for value in row) for row in numbers)


def translated(classes: xr.DataArray, own: dict[int, int]) -> xr.DataArray:
    """Classes of an own legend as UNCCD classes 1 … 7; a code that it does not list is `NODATA`."""
    codes = np.array(sorted(own))
    targets = np.array([own[code] for code in codes], np.int8)
    values = np.nan_to_num(np.asarray(classes, float), nan=codes[0] - 1).astype(np.int64)
    place = np.clip(np.searchsorted(codes, values), 0, len(codes) - 1)
    return classes.copy(data=np.where(codes[place] == values, targets[place], np.int8(NODATA)).astype(np.int8))


def _whole(code: object) -> int | None:
    """A code as an integer; None for text, fractions and infinity, which must not be rounded to another code."""
    try:
        number = float(str(code))
    except ValueError:
        return None
    return int(number) if number.is_integer() else None


def _class_number(name: object) -> int | None:
    text = str(name).strip().lower()
    if text in NUMBERS:
        return NUMBERS[text]
    return int(text) if text.isdigit() and int(text) in UNCCD else None


def _in_order(names: list[object], source: str, what: str) -> None:
    given = [_class_number(each) for each in names if str(each).strip() not in ("", "nan", "from", "from\\to")]
    if given != list(UNCCD):
        raise IndicatorError(f"{source}: its {what} are {names}; put them in the order {', '.join(UNCCD.values())}")
