"""Maps of a scored region for a page: what is true, the probability of loss, and the mapped classes, as pictures."""

from __future__ import annotations

import base64
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from indicators.codes import DEGRADED, IMPROVED, STABLE, UNDETERMINED
from practices.report.palette import CLASSES, NO_DATA, SHARES, rgb

if TYPE_CHECKING:
    from flows.region.landscape.scored import MapLayers

CODES = {DEGRADED: "degraded", STABLE: "stable", IMPROVED: "improved", UNDETERMINED: "undetermined"}


def pictures(layers: MapLayers) -> dict[str, str]:
    """The maps by title, as addresses that hold the picture itself (PNG, a pixel a cell)."""
    found = {"truth": class_picture(layers.true, layers.land)}
    if layers.loss_probability is not None:
        found["probability of loss"] = share_picture(layers.loss_probability, layers.land)
    return {**found, "mapped class": class_picture(layers.mapped, layers.land)}


def class_picture(classes: np.ndarray, land: np.ndarray) -> str:
    """A map of classes."""
    pixels = np.full((*classes.shape, 3), rgb(NO_DATA), np.uint8)
    for code, name in CODES.items():
        pixels[classes == code] = rgb(CLASSES[name])
    return address(pixels, land)


def share_picture(shares: np.ndarray, land: np.ndarray) -> str:
    """A map of numbers from 0 to 1, from pale to dark."""
    places = np.linspace(0, 1, len(SHARES))
    ramp = np.array([rgb(colour) for colour in SHARES], float)
    known = np.isfinite(shares)
    filled = np.where(known, shares, 0)
    pixels = np.stack([np.interp(filled, places, ramp[:, band]) for band in range(3)], axis=-1).astype(np.uint8)
    pixels[~known] = rgb(NO_DATA)
    return address(pixels, land)


def address(pixels: np.ndarray, land: np.ndarray) -> str:
    """Pixels as a data address; transparent where there is no land of the region."""
    opaque = np.where(land, 255, 0).astype(np.uint8)
    image = Image.fromarray(np.dstack([pixels, opaque]), "RGBA")
    buffer = BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
