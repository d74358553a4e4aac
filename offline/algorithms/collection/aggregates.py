"""Values of one property of all elements: sums, extremes, histograms and other statistics."""

from __future__ import annotations

from typing import Any

import numpy as np

from offline.algorithms.collection.collections import property_or_id, reduce_columns
from offline.algorithms.reducer.reducers import SIMPLE
from offline.graph.registry import add, algorithm
from offline.model.collection import Collection, property_of


def _aggregate(name: str, reducer_name: str) -> None:
    def aggregate(source: Collection, property_name: str) -> Any:
        return next(iter(reduce_columns(source, SIMPLE[reducer_name](), [property_name], None).values()))

    add(f"AggregateFeatureCollection.{name}", aggregate)


for _listed, _reducer in {
    "sum": "sum",
    "mean": "mean",
    "count": "count",
    "product": "product",
    "total_sd": "stdDev",
    "sample_sd": "sampleStdDev",
    "total_var": "variance",
    "sample_var": "sampleVariance",
}.items():
    _aggregate(_listed, _reducer)


@algorithm("AggregateFeatureCollection.array")
def aggregate_array(source: Collection, property_name: str) -> list[Any]:
    """The values of a property, elements without it left out."""
    if source.stored is not None and not property_name.startswith("system:band"):
        values = source.stored.values(property_name)
    else:
        values = [property_or_id(element, property_name) for element in source.elements()]
    return [value for value in values if value is not None]


@algorithm("AggregateFeatureCollection.first")
def aggregate_first(source: Collection, property_name: str) -> Any:
    """The first value of a property that there is, of whatever kind."""
    return next(iter(aggregate_array(source, property_name)), None)


@algorithm("AggregateFeatureCollection.min")
def aggregate_min(source: Collection, property_name: str) -> Any:
    """The smallest value of a property, of words the first in the order of letters."""
    return min(aggregate_array(source, property_name), default=None)


@algorithm("AggregateFeatureCollection.max")
def aggregate_max(source: Collection, property_name: str) -> Any:
    """The largest value of a property, of words the last in the order of letters."""
    return max(aggregate_array(source, property_name), default=None)


@algorithm("AggregateFeatureCollection.histogram")
def aggregate_histogram(source: Collection, property_name: str) -> dict[str, int]:
    """How often every value of a property occurs."""
    table: dict[str, int] = {}
    for value in aggregate_array(source, property_name):
        key = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
        table[key] = table.get(key, 0) + 1
    return table


@algorithm("AggregateFeatureCollection.count_distinct")
def count_distinct(source: Collection, property_name: str) -> int:
    """How many different values a property has."""
    return len({repr(value) for value in aggregate_array(source, property_name)})


@algorithm("AggregateFeatureCollection.stats")
def statistics_of(source: Collection, name: str) -> dict[str, Any]:
    """Sum, extremes, mean, and deviations and variances of the sample and of all, of a property."""
    values = np.array([v for v in (property_of(e, name) for e in source.elements()) if v is not None], float)
    if not len(values):
        return {"type": "DataDictionary", "values": {}}
    sample = values.var(ddof=1) if len(values) > 1 else 0.0
    return {
        "max": float(values.max()),
        "mean": float(values.mean()),
        "min": float(values.min()),
        "sample_sd": float(np.sqrt(sample)),
        "sample_var": float(sample),
        "sum": float(values.sum()),
        "sum_sq": float((values**2).sum()),
        "total_count": len(source.elements()),
        "total_sd": float(values.std()),
        "total_var": float(values.var()),
        "valid_count": len(values),
        "weight_sum": len(values),
        "weighted_sum": float(values.sum()),
    }
