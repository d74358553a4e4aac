"""The algorithms, a module per family; importing this package registers them all."""

from offline.algorithms import (
    bands,
    collections,
    dates,
    elements,
    filters,
    geometries,
    lists,
    masks,
    numbers,
    pixelwise,
    projections,
    reducers,
    reductions,
    regions,
    strings,
    visual,
)

__all__ = [
    "bands",
    "collections",
    "dates",
    "elements",
    "filters",
    "geometries",
    "lists",
    "masks",
    "numbers",
    "pixelwise",
    "projections",
    "reducers",
    "reductions",
    "regions",
    "strings",
    "visual",
]
