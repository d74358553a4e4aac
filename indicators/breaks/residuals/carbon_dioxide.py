"""Vegetation without the fertilisation by carbon dioxide, as in the attribution of TSS-RESTREND.

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
    336.85, 338.91, 340.11, 340.85, 342.53, 344.07, 345.54, 346.97, 348.68, 351.16, 352.79, 354.06, 355.40, 356.09,
    356.84, 358.33, 360.18, 361.93, 363.04, 365.70, 367.80, 368.96, 370.57, 372.58, 375.14, 376.95, 378.98, 381.15,
    382.90, 385.02, 386.50, 388.75, 390.62, 392.65, 395.40, 397.34, 399.65, 403.07, 405.22, 407.61, 410.07, 412.44,
    414.70, 417.08, 419.35, 422.79, 425.64,
)  # fmt: skip
#: Mean of the marine surface by year, ppm (NOAA Global Monitoring Laboratory, Lan, Tans & Thoning,
#: doi:10.15138/9N0H-ZH07, as of September 2026; the last year is provisional).
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
        raise IndicatorError(f"c4_fraction {c4_fraction:g} is not a share; give 0 to 1")
    missing = sorted({int(year) for year in (*years, REFERENCE)} - set(ppm.index))
    if missing:
        raise IndicatorError(
            f"carbon dioxide has no value for {', '.join(map(str, missing))}; "
            f"it has {ppm.index.min()}-{ppm.index.max()}"
        )
    factor = xr.DataArray(response(ppm.loc[years.astype(int)].to_numpy(float), float(ppm.loc[REFERENCE])), dims=dim)
    adjusted: xr.DataArray = vi * ((1 - c4_fraction) / factor + c4_fraction)
    return adjusted.transpose(*vi.dims).assign_attrs(vi.attrs)
