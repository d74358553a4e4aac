"""Expected warnings are hidden, so that the others are read."""

from __future__ import annotations

import logging
import warnings


def quiet() -> None:
    """Hide expected warnings: cells without data, a mask drawn in memory, a search for credentials.

    xarray and rasterio hide the first two themselves, but not in parallel threads.
    """
    warnings.filterwarnings("ignore", "Mean of empty slice", RuntimeWarning)
    warnings.filterwarnings("ignore", "Dataset has no geotransform")
    # the error that follows says where it searched for credentials
    logging.getLogger("google.auth").setLevel(logging.ERROR)
