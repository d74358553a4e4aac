"""What the catalogue says of a data set, and what follows from it without a request."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Variable = Literal[
    "productivity", "precipitation", "soil_moisture", "land_cover", "soil_carbon", "soil_taxonomy", "climate_zone",
    "aridity", "elevation", "population", "temperature", "wind", "potential_evapotranspiration", "driver",
]  # fmt: skip
Annual = Literal["season_mean", "season_sum", "season_integral", "maximum", "calendar_mean", "calendar_sum", "as_is"]
Formula = Literal["fao-56", "hourly-rate", "ipcc-zones", "hls-ndvi"]
Quality = Literal["modis-summaryqa", "viirs-vnp13", "gimms-qc", "hls-fmask"]
Cadence = Literal["daily", "pentad", "8-day", "half-month", "16-day", "32-day", "monthly", "yearly", "static"]
#: Stored bands that a formula computes its values from. `fao-56` (`series.evapotranspiration`): mean temperature and
#: dew point at 2 m (K), sunlight on the ground (J m-2 in the month), pressure (Pa). `hourly-rate`: rain of a month
#: as mm an hour. `ipcc-zones` (`series.climate_zones`): those of `fao-56` and rain (m in the month). `hls-ndvi`:
#: reflectance in near infrared and red.
FORMULA_BANDS: dict[str, tuple[str, ...]] = {
    "fao-56": (
        "temperature_2m",
        "dewpoint_temperature_2m",
        "surface_solar_radiation_downwards_sum",
        "surface_pressure",
    ),
    "hourly-rate": ("precipitation",),
    "ipcc-zones": (
        "temperature_2m",
        "dewpoint_temperature_2m",
        "surface_solar_radiation_downwards_sum",
        "surface_pressure",
        "total_precipitation_sum",
    ),
    "hls-ndvi": ("B5", "B4"),
}
#: Cadence of the asset that a formula reads.
FORMULA_CADENCE: dict[str, Cadence] = {
    "fao-56": "monthly", "hourly-rate": "monthly", "ipcc-zones": "static", "hls-ndvi": "16-day",
}  # fmt: skip
#: Bands that a rule of quality reads beside the data.
QUALITY_BANDS: dict[str, tuple[str, ...]] = {
    "modis-summaryqa": ("SummaryQA",),
    "viirs-vnp13": ("VI_Quality", "pixel_reliability"),
    "gimms-qc": ("b2",),
    "hls-fmask": ("Fmask",),
}
#: Days that one image of a cadence covers; None for a part of a month, a month, a year, or all time.
CADENCE_DAYS: dict[str, int | None] = {
    "daily": 1, "pentad": None, "8-day": 8, "half-month": None, "16-day": 16, "32-day": 32, "monthly": None,
    "yearly": None, "static": None,
}  # fmt: skip
#: Images in a month of the cadences that divide it.
IMAGES_A_MONTH = {"pentad": 6, "half-month": 2, "monthly": 1}
#: Metres of a degree along a meridian.
METRES_A_DEGREE = 111_320
#: What the catalogue says of a data set that changes no value of it.
DESCRIPTIVE = frozenset({"last_year", "sensor", "drifts_from", "ended", "successor", "delay_days", "views"})
#: Fields that are younger than stored cubes: a data set without them keeps the name that it had.
YOUNGER = ("formula", "covers_days", "yearly_bands", "pixel_km2", "hours", "scenes", "counterparts", "within")
#: West, south, east, north in degrees.
Box = tuple[float, float, float, float]


class Counterpart(BaseModel):
    """A collection whose images are read together with those of a data set: its asset, and its bands in their place."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    asset: str
    bands: tuple[str, ...]


class Dataset(BaseModel):
    """One variable of one Earth Engine asset.

    Physical value = stored value × `scale` + `offset`, in `units`; with `across`, the second part of a vector, its
    length. A `formula` computes the value, in `units`, from several bands instead. `quality` names the rule that drops
    bad pixels; `resolution` is the native cell in degrees; `latitudes` are the southern and northern limit; `annual`
    how a year's value is computed by default; `quantity` what a productivity data set measures (bands in NDVI apply to
    `ndvi` only). `covers_days`: an image covers more days than lie between two images (16 days every 8). With
    `yearly_bands` a year is a band of every tile, and `band` has `{number}`, counted from 1 in `first_year`. With
    `pixel_km2` the stored values are counts in pixels of that area, and a cell, of `resolution` degrees, has as many
    as its own area holds. `hours`: of the images of a day the one is read that begins in these hours (UTC, the last
    one included).

    With `scenes` the images are single views of a part of the world, at irregular dates; those of a span as long as the
    cadence are averaged into one value. A place has about `views` of them in a span, fewer in the first years; images
    of `counterparts` are among them. Only images that meet the box `within` are read, where it is given (`near`).

    Of the data set as a whole: `sensor`, such as `MODIS Terra`; `drifts_from`, the year from which its orbit drifts, so
    that another sensor is to be trusted more; `ended`, the first day of its last image if it has
    ended or its end is known; `successor`, the key of the data set that replaces it; `delay_days`, from the end of an
    image's period to its publication, usually.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    variable: Variable
    asset: str
    band: str
    across: str | None = None
    formula: Formula | None = None
    units: str
    cadence: Cadence
    resolution: float = Field(gt=0, le=10)
    scale: float = 1.0
    offset: float = 0.0
    quality: Quality | None = None
    first_year: int = 1900
    last_year: int = 2100
    latitudes: tuple[float, float] = (-90.0, 90.0)
    legend: str | None = None
    annual: Annual = "as_is"
    quantity: str = "ndvi"
    resampling: Literal["nearest", "bilinear"] = "nearest"
    licence: str = ""
    citation: str = ""
    covers_days: int | None = Field(default=None, gt=0)
    yearly_bands: bool = False
    pixel_km2: float | None = Field(default=None, gt=0)
    hours: tuple[int, int] | None = None
    scenes: bool = False
    views: int | None = Field(default=None, gt=0)
    counterparts: tuple[Counterpart, ...] = ()
    within: Box | None = None
    sensor: str = ""
    drifts_from: int | None = None
    ended: date | None = None
    successor: str = ""
    delay_days: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _a_formula_has_its_cadence(self) -> Dataset:
        if self.formula and (self.cadence != FORMULA_CADENCE[self.formula] or self.across):
            cadence = FORMULA_CADENCE[self.formula]
            raise ValueError(f"the formula {self.formula} needs the cadence {cadence}, and has no across")
        return self

    @model_validator(mode="after")
    def _an_image_covers_its_cadence(self) -> Dataset:
        step = CADENCE_DAYS[self.cadence]
        if self.covers_days is not None and (step is None or self.covers_days < step):
            raise ValueError(f"covers_days {self.covers_days}: images come {self.cadence}; leave it out")
        return self

    @model_validator(mode="after")
    def _a_counterpart_has_a_band_for_each(self) -> Dataset:
        for each in self.counterparts:
            if len(each.bands) != len(self.bands):
                raise ValueError(
                    f"counterpart {each.asset} has {len(each.bands)} bands; name one for each of {self.bands}"
                )
        return self

    @property
    def assets(self) -> tuple[str, ...]:
        """Its asset, and those of its counterparts."""
        return (self.asset, *(each.asset for each in self.counterparts))

    def near(self, bounds: Box) -> Dataset:
        """The data set with only the images that meet a box, if it is made of scenes; else the same.

        The box grows to whole degrees, so that neighbours share an expression.

        Examples
        --------
        >>> from series.datasets import DATASETS
        >>> DATASETS["hls-ndvi"].near((107.39, 37.77, 107.41, 37.79)).within
        (107.0, 37.0, 108.0, 38.0)
        >>> DATASETS["mod13q1-ndvi"].near((107.39, 37.77, 107.41, 37.79)).within is None
        True
        """
        if not self.scenes:
            return self
        west, south, east, north = bounds
        box = (*map(math.floor, (west, south)), *map(math.ceil, (east, north)))
        return self.model_copy(update={"within": tuple(map(float, box))})

    @property
    def bands(self) -> tuple[str, ...]:
        """The stored bands that are read for a value; of `yearly_bands`, for one of the first year."""
        band = self.band_of(self.first_year) if self.yearly_bands else self.band
        own = FORMULA_BANDS[self.formula] if self.formula else (band, *filter(None, (self.across,)))
        return (*own, *QUALITY_BANDS[self.quality]) if self.quality else own

    def pixels_across(self, cell: float) -> float:
        """How many stored pixels lie across a cell of `cell` degrees."""
        pixel = self.resolution if self.pixel_km2 is None else self.pixel_km2**0.5 * 1000 / METRES_A_DEGREE
        return cell / pixel

    def band_of(self, year: int) -> str:
        """The band of a year, where each year is one."""
        return self.band.format(number=year - self.first_year + 1)

    def period_end(self, start: date) -> date:
        """The day after the period of an image that begins on a day.

        Examples
        --------
        >>> from series.datasets import DATASETS
        >>> DATASETS["chirps3-precipitation"].period_end(date(2024, 2, 26)).isoformat()
        '2024-03-01'
        """
        days = self.covers_days or CADENCE_DAYS[self.cadence]
        if days:
            return start + timedelta(days=days)
        if self.cadence == "yearly":
            return date(start.year + 1, 1, 1)
        if self.cadence == "pentad" and start.day < 26:
            return start + timedelta(days=5)
        if self.cadence == "half-month" and start.day < 16:
            return start.replace(day=16)
        return date(start.year + start.month // 12, start.month % 12 + 1, 1)

    def identity(self) -> dict[str, Any]:
        """What a digest of its values follows from: not what only describes it, nor the last year, which grows.

        A data set without fields that are younger than stored cubes has the name that it had before.
        """
        unset = {name for name in YOUNGER if not getattr(self, name)}
        return self.model_dump(mode="json", exclude={*DESCRIPTIVE, *unset})
