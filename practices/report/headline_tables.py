"""Headlines of many assessments from tables of areas and statistics."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import pandas as pd

from practices.report.headline import NAMES, STATUS_CLASSES, Headline, headline
from practices.results.names import HEADLINE, LAND

#: Indicators that the headline is made of.
INDICATORS = (HEADLINE, "status")
#: What identifies an assessment in a table.
KEY = ["region", "period", "method", "origin", "revision"]
Key: TypeAlias = tuple[Any, ...]
#: Columns that a headline makes.
FIELDS = tuple(headline({}, {}).fields())


def fields(areas: pd.DataFrame, statistics: pd.DataFrame) -> pd.DataFrame:
    """The fields of the headlines (`headline.Headline.fields`), one row for each assessment (index)."""
    found = of_tables(areas, statistics, KEY)
    rows = [dict(zip(KEY, key, strict=True)) | each.fields() for key, each in found.items()]
    return pd.DataFrame(rows, columns=[*KEY, *FIELDS]).set_index(KEY)


def of_tables(areas: pd.DataFrame, statistics: pd.DataFrame, key: Sequence[str]) -> dict[Key, Headline]:
    """Headlines by the values of `key`, from tables of areas (class_name, area_km2) and statistics."""
    own = areas[areas["indicator"].isin(INDICATORS)]
    numbers = statistics[statistics["name"].isin(NAMES)] if len(statistics) else statistics
    return gathered(
        _rows(own, [*key, "indicator", "class_name", "area_km2"], len(key)),
        _rows(numbers, [*key, "name", "value", "low", "high"], len(key)),
    )


def classes(area: pd.DataFrame) -> pd.DataFrame:
    """km² of the land by class (columns) of every assessment (index): of its status where that is published."""
    own = area[(area["indicator"] == HEADLINE) & area["class_name"].isin(LAND)]
    wide = own.pivot(index=KEY, columns="class_name", values="area_km2").reindex(columns=list(LAND))
    three = {each: name for name, members in STATUS_CLASSES.items() for each in members}
    judged = area[(area["indicator"] == "status") & area["class_name"].isin(three)]
    if judged.empty:
        return wide
    status = judged.assign(class_name=judged["class_name"].map(three)).pivot_table(
        index=KEY, columns="class_name", values="area_km2", aggfunc="sum"
    )
    status = status.reindex(columns=list(LAND)).fillna(0.0)
    land = wide.sum(axis=1).reindex(status.index)
    status["undetermined"] = (land - status.sum(axis=1)).clip(lower=0)
    return status.combine_first(wide).reindex(index=wide.index, columns=list(LAND))


def _rows(table: pd.DataFrame, columns: list[str], size: int) -> list[tuple[Key, Sequence[Any]]]:
    if table.empty:
        return []
    return [(row[:size], row[size:]) for row in table[columns].itertuples(index=False, name=None)]


def gathered(
    areas: Iterable[tuple[Key, Sequence[Any]]], statistics: Iterable[tuple[Key, Sequence[Any]]]
) -> dict[Key, Headline]:
    """Headlines by key, from areas by (indicator, class, km²) and statistics by (name, value, low, high)."""
    km2: dict[Key, dict[str, dict[str, float]]] = {}
    for key, (indicator, class_name, area) in areas:
        km2.setdefault(key, {}).setdefault(indicator, {})[class_name] = area
    numbers: dict[Key, dict[str, Sequence[float | None]]] = {}
    for key, (name, *values) in statistics:
        numbers.setdefault(key, {})[name] = values
    return {key: headline(each, numbers.get(key, {})) for key, each in km2.items()}
