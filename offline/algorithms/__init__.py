"""The algorithms, a module per family; importing this package registers them all."""

from offline.algorithms.collection import collections, elements, filters, joins
from offline.algorithms.image import (
    array_images,
    bands,
    extents,
    formulas,
    layering,
    linking,
    masks,
    mixtures,
    pixelwise,
    projections,
    resolution,
    terrain,
    visual,
)
from offline.algorithms.neighbourhood import distances, kernels, nearness, neighbourhoods, patches
from offline.algorithms.reducer import reducers, reductions
from offline.algorithms.table import accuracy, geometries, painting, randoms, regions, sampling, vectors
from offline.algorithms.time_series import curves, landtrendr, statistics
from offline.algorithms.value import arrays, dates, lists, matrices, numbers, scalar_formulas, strings, types

__all__ = [
    "accuracy",
    "array_images",
    "arrays",
    "bands",
    "collections",
    "curves",
    "dates",
    "distances",
    "elements",
    "extents",
    "filters",
    "formulas",
    "geometries",
    "joins",
    "kernels",
    "landtrendr",
    "layering",
    "linking",
    "lists",
    "masks",
    "matrices",
    "mixtures",
    "nearness",
    "neighbourhoods",
    "numbers",
    "painting",
    "patches",
    "pixelwise",
    "projections",
    "randoms",
    "reducers",
    "reductions",
    "regions",
    "resolution",
    "sampling",
    "scalar_formulas",
    "statistics",
    "strings",
    "terrain",
    "types",
    "vectors",
    "visual",
]
