"""Warnings that say nothing new are left out."""

from __future__ import annotations

import logging
import warnings


def quiet() -> None:
    """Leave out warnings that are no news: cells without data, a mask drawn in memory, a search for credentials.

    xarray and rasterio silence these themselves, but not for threads that run side by side.
    """
    warnings.filterwarnings("ignore", "Mean of empty slice", RuntimeWarning)
    warnings.filterwarnings("ignore", "Dataset has no geotransform")
    # where it looks for credentials in vain is told by the error that follows
    logging.getLogger("google.auth").setLevel(logging.ERROR)
