"""Tables of years that are requested once: a new year does not ask for the years before."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from series.exclusive import exclusive
from series.service.many import at_the_same_time
from series.tables import COLUMNS

#: The rows of each year by its key.
Kept = dict[str, list[list[Any]]]


def rows_of_years(
    path: Path,
    years: Mapping[str, int],
    ask: Callable[[tuple[int, ...]], pd.DataFrame],
    years_a_request: int,
    *,
    keep_empty: bool = True,
) -> pd.DataFrame:
    """The rows of some years, in `COLUMNS`, from the file `path`; those that it lacks are asked for and kept in it.

    `years` has the key of each year: a year that is not over has another key than the whole one. `ask` returns the
    rows of some years, at most `years_a_request` of them; several requests are made at the same time, and what each
    returns is kept immediately. A year without rows counts as known, or with `keep_empty=False` is asked for again.
    """
    kept = _read(path)
    if not kept.keys() >= years.keys():
        with exclusive(path.parent, path.stem):
            kept = _completed(path, years, ask, years_a_request, keep_empty)
    return pd.DataFrame([row for key in years for row in kept.get(key, ())], columns=COLUMNS)


def _completed(
    path: Path,
    years: Mapping[str, int],
    ask: Callable[[tuple[int, ...]], pd.DataFrame],
    years_a_request: int,
    keep_empty: bool,
) -> Kept:
    """What is kept in a file, after the years that it lacks were asked for."""
    kept = _read(path)
    keys = {year: key for key, year in years.items() if key not in kept}
    missing = sorted(keys)
    chunks = [tuple(missing[first : first + years_a_request]) for first in range(0, len(missing), years_a_request)]
    for chunk, table in at_the_same_time(ask, chunks):
        found = {keys[year]: _rows(table, year) for year in chunk}
        kept |= {key: rows for key, rows in found.items() if rows or keep_empty}
        _write(path, kept)
    return kept


def missing_years(path: Path, years: Mapping[str, int]) -> list[int]:
    """The years that a file lacks."""
    kept = _read(path)
    return [year for key, year in years.items() if key not in kept]


def _rows(table: pd.DataFrame, year: int) -> list[list[Any]]:
    return [
        [region, variable, f"{month:%Y-%m-%d}", value, units]
        for region, variable, month, value, units in table[COLUMNS].itertuples(index=False)
        if month.year == year
    ]


def _read(path: Path) -> Kept:
    """The rows kept in a file; none where it cannot be read, as they can be asked for again."""
    try:
        kept: Kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept


def _write(path: Path, kept: Kept) -> None:
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(dict(sorted(kept.items()))), encoding="utf-8")
    unfinished.replace(path)


def whole_years(years: Sequence[int], until: str = "") -> dict[str, int]:
    """The keys of years; `until` (ISO day) is the end of the last one, if it is not over by then."""
    return {f"{year}" if not until or f"{year + 1}-01-01" <= until else f"{year} to {until}": year for year in years}
