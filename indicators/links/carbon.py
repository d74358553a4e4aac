"""Change of soil organic carbon of a region in tonnes: Σ (stock of the last year − stock of the first) · area."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from indicators.errors import IndicatorError

#: Mass of carbon dioxide with one unit of carbon (molar masses 44 and 12).
CARBON_TO_CO2 = 44 / 12
HECTARES_A_KM2 = 100.0


@dataclass(frozen=True)
class CarbonChange:
    """Change of carbon in t C: `lost` (at most 0) and `gained` (at least 0), and the area in km² where it is known.

    Changes of parts of a region add up.
    """

    lost: float = 0.0
    gained: float = 0.0
    known_km2: float = 0.0

    @property
    def net(self) -> float:
        """Gains and losses together."""
        return self.lost + self.gained

    def __add__(self, other: CarbonChange) -> CarbonChange:
        return CarbonChange(self.lost + other.lost, self.gained + other.gained, self.known_km2 + other.known_km2)


def carbon_change(stock: xr.DataArray, years: tuple[int, int], area: ArrayLike) -> CarbonChange:
    """Change of soil organic carbon between two years.

    Parameters
    ----------
    stock
        Stock (year, y, x) in t/ha, such as that of `indicators.sdg15.soil_carbon.stock`; NaN where it is unknown.
    years
        First and last year of the change.
    area
        Area (y, x) in km² that counts.

    Returns
    -------
    CarbonChange
        Losses and gains in t C apart, and the area where both stocks are known. Times `CARBON_TO_CO2` they are t CO2.

    Raises
    ------
    IndicatorError
        There is no stock for one of the years.

    References
    ----------
    IPCC (2006) Guidelines, volume 4, equation 2.25.

    Examples
    --------
    One square kilometre of grassland that became cropland: 50 t/ha, 34.5 after twenty years.

    >>> import numpy as np, xarray as xr
    >>> stock = xr.DataArray([[[50.0]], [[34.5]]], {"year": [2000, 2020]}, ("year", "y", "x"))
    >>> change = carbon_change(stock, (2000, 2020), np.array([[1.0]]))
    >>> change.net, round(change.net * CARBON_TO_CO2)
    (-1550.0, -5683)
    """
    missing = [year for year in years if year not in stock["year"].values]
    if missing:
        first, last = int(stock["year"].min()), int(stock["year"].max())
        raise IndicatorError(f"carbon change: no stock for {missing}; the stock has the years {first}-{last}")
    begin, end = (stock.sel(year=year).transpose("y", "x").values for year in years)
    tonnes = (end - begin) * np.asarray(area, float) * HECTARES_A_KM2
    known = np.isfinite(tonnes)
    tonnes = np.where(known, tonnes, 0.0)
    return CarbonChange(
        float(np.minimum(tonnes, 0).sum()), float(np.maximum(tonnes, 0).sum()), float(np.asarray(area)[known].sum())
    )
