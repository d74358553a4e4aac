"""IPCC climate zones as an Earth Engine expression over ERA5-Land: nothing is computed here.

Rules of the default climate scheme (IPCC 2006 Guidelines and 2019 Refinement, volume 4, figure 3A.5.2), for means over
the years that the data set names:

- tropical: yearly mean above 18 °C and hardly any frost; montane from 1,000 m, else wet above 2,000 mm of rain, moist
  above 1,000 mm, dry below;
- warm temperate above 10 °C, cool temperate above 0 °C;
- polar where no month has a mean of 10 °C, else boreal;
- all but tropical: moist where rain exceeds potential evapotranspiration, else dry.

Three choices. Frost: the scheme asks for at most seven days of frost a year, which monthly means do not tell; instead
the coldest month must have a mean of `FROSTLESS` °C, a setting. Potential evapotranspiration: that of reference grass
(`series.evapotranspiration`), of the mean conditions of each month. Elevation: SRTM, which ends at 60 degrees North,
where nothing is tropical. Codes are those of Trends.Earth: 1 warm temperate moist, 2 warm temperate dry, 3 and 4 cool
temperate, 5 and 6 polar, 7 and 8 boreal (moist and dry), 9 tropical montane, 10 wet, 11 moist, 12 dry.
"""

from __future__ import annotations

from typing import Any

import ee

from series.datasets import FORMULA_BANDS, Dataset
from series.evapotranspiration import reference_evapotranspiration

ELEVATION = "USGS/SRTMGL1_003"
#: Mean of the coldest month, degrees Celsius, from which frost is rare.
FROSTLESS = 8.0
HOT, WARM, COOL, SUMMER = 18.0, 10.0, 0.0, 10.0
MONTANE, WET, MOIST = 1000.0, 2000.0, 1000.0


def climate_zones(dataset: Dataset) -> Any:
    """An image of one band `value`: the zone, 1 to 12, over the years of a data set with the formula `ipcc-zones`.

    Parameters
    ----------
    dataset
        A data set whose asset is ERA5-Land's monthly one.

    Returns
    -------
    ee.Image
        Whole numbers, masked where the asset is.

    Examples
    --------
    >>> from series.datasets import DATASETS
    >>> zones = climate_zones(DATASETS["era5-land-climate-zones"])  # doctest: +SKIP
    """
    bands = list(FORMULA_BANDS["ipcc-zones"])
    images = ee.ImageCollection(dataset.asset).select(bands)
    images = images.filterDate(f"{dataset.first_year}-01-01", f"{dataset.last_year + 1}-01-01")
    months = [images.filter(ee.Filter.calendarRange(month, month, "month")).mean() for month in range(1, 13)]
    celsius = _collected([month.select(["temperature_2m"]).subtract(273.15) for month in months])
    rain = _collected([month.select(["total_precipitation_sum"]).multiply(1000) for month in months]).sum()
    demand = _collected(
        [
            # the days of February of a common year
            reference_evapotranspiration(month, ee.Date.fromYMD(2001, number, 1))
            for number, month in enumerate(months, start=1)
        ]
    ).sum()
    mean, coldest, hottest = celsius.mean(), celsius.min(), celsius.max()
    high = ee.Image(ELEVATION).unmask(0).gte(MONTANE)
    dry = rain.lte(demand)
    zone = dry.add(7)  # boreal, moist and dry
    zone = zone.where(hottest.lt(SUMMER), dry.add(5))
    zone = zone.where(mean.gt(COOL), dry.add(3))
    zone = zone.where(mean.gt(WARM), dry.add(1))
    tropical = rain.lte(MOIST).add(rain.lte(WET)).add(10)
    tropical = tropical.where(high, 9)
    return zone.where(mean.gt(HOT).And(coldest.gte(FROSTLESS)), tropical).rename(["value"])


def _collected(images: list[Any]) -> Any:
    """Images as a collection that the service reduces: one band, one type."""
    return ee.ImageCollection([image.rename(["value"]).toFloat() for image in images])
