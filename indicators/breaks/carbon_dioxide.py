"""Vegetation without the fertilisation by carbon dioxide, as TSS-RESTREND's attribution takes it out.

Response of assimilation to the air's carbon dioxide C (Franks et al. 2013): (θC − Γ*)/(θC + 2Γ*), θ = 0.7 the ratio of
the concentration within the leaf to that outside, Γ* = 40 ppm the compensation point; relative to a year of reference.
Plants of the C4 pathway do not respond.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from indicators.errors import IndicatorError

INSIDE, COMPENSATION = 0.7, 40.0
REFERENCE = 1980
_FIRST = 1979
_PPM = (
    336.9, 338.9, 340.1, 340.9, 342.5, 344.1, 345.5, 347.0, 348.7, 351.2, 352.8, 354.1, 355.4, 356.1, 356.8, 358.3,
    360.2, 361.9, 363.1, 365.7, 367.8, 369.0, 370.6, 372.6, 375.1, 377.0, 379.0, 381.2, 382.9, 385.0, 386.5, 388.8,
    390.6, 392.7, 395.4, 397.3, 399.7, 403.1, 405.2, 407.6, 410.1, 412.4, 414.7, 417.1, 419.4, 422.8,
)  # fmt: skip
#: Mean of the marine surface by year, ppm, to a tenth (NOAA Global Monitoring Laboratory, Lan, Tans & Thoning).
GLOBAL_MEAN = pd.Series(_PPM, index=range(_FIRST, _FIRST + len(_PPM)), name="carbon_dioxide")


def response(ppm: np.ndarray | float, reference: float) -> np.ndarray:
    """Assimilation at `ppm` over that at `reference`, both ppm; at 40/0.7 ppm and below there would be none."""
    outside = np.asarray(ppm, float)
    if np.min([outside.min(), reference]) * INSIDE <= COMPENSATION:
        raise IndicatorError(
            f"carbon dioxide of {min(float(outside.min()), reference):g} ppm is at or below the compensation point "
            f"{COMPENSATION / INSIDE:.0f} ppm; give the concentration in ppm"
        )

    def assimilation(c: np.ndarray | float) -> np.ndarray:
        inside = INSIDE * np.asarray(c, float)
        return (inside - COMPENSATION) / (inside + 2 * COMPENSATION)

    return assimilation(outside) / assimilation(reference)


def without_fertilisation(
    vi: xr.DataArray, years: np.ndarray, ppm: pd.Series, *, dim: str, c4_fraction: float = 0.0
) -> xr.DataArray:
    """Vegetation as it would be at the carbon dioxide of 1980; `years` are those of its values along `dim`.

    `ppm`: concentration by year, 1980 among them. `c4_fraction`: share of the vegetation, 0 … 1, that does not respond.
    Raises IndicatorError for years without a concentration.
    """
    if not 0 <= c4_fraction <= 1:
        raise IndicatorError(f"c4_fraction {c4_fraction:g} is no share; give 0 to 1")
    missing = sorted({int(year) for year in (*years, REFERENCE)} - set(ppm.index))
    if missing:
        raise IndicatorError(
            f"carbon dioxide has no value for {', '.join(map(str, missing))}; "
            f"it has {ppm.index.min()}-{ppm.index.max()}"
        )
    factor = xr.DataArray(response(ppm.loc[years.astype(int)].to_numpy(float), float(ppm.loc[REFERENCE])), dims=dim)
    adjusted: xr.DataArray = vi * ((1 - c4_fraction) / factor + c4_fraction)
    return adjusted.transpose(*vi.dims).assign_attrs(vi.attrs)
