"""What a region's productivity goes with: the shares of the weather as statistics of an assessment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from indicators.errors import IndicatorError
from indicators.weather.drivers import attribute, seasonal
from indicators.weather.winters import winter_means

if TYPE_CHECKING:
    from regions.model import Region

#: How a month's value becomes that of a season.
WEATHER: dict[str, Any] = {"precipitation": "sum", "soil_moisture": "mean", "temperature": "mean", "wind": "mean"}
NOTE = (
    "share of the variance of yearly productivity associated with it, averaged over all orders of the drivers; 95 % "
    "interval from blocks of years; {years} years; residual: people, and all that was not measured"
)
TREND_NOTE = "part of the trend of yearly productivity associated with it, a decade; the parts add up to the trend"


#: Mean temperature of the winter that ends in a year.
WINTER = "winter_temperature"


def winter_series(region: str, monthly: pd.DataFrame) -> pd.DataFrame:
    """The region's mean temperature of each whole winter, as observations of the first of January; none without it."""
    own = monthly[monthly["variable"] == "temperature"]
    if own.empty:
        return pd.DataFrame(columns=["region", "variable", "month", "value", "units"])
    means = winter_means(own.set_index("month")["value"])
    days = [pd.Timestamp(int(year), 1, 1) for year in means.index]
    return pd.DataFrame(
        {
            "region": region,
            "variable": f"{WINTER}_annual",
            "month": days,
            "value": means.to_numpy(),
            "units": own["units"].iloc[0],
        }
    )


def driver_statistics(region: Region, vegetation: pd.Series, monthly: pd.DataFrame, period: str) -> pd.DataFrame:
    """Shares and trends of the weather in `vegetation` (by year) as statistics; none if the series are too short.

    `monthly`: the region's series with the columns variable, month, value, units. Rows: `driver_share_NAME` and
    `driver_trend_NAME` for every available weather variable, and for the residual.
    """
    series = {name: own.set_index("month")["value"] for name, own in monthly.groupby("variable") if name in WEATHER}
    columns = ["name", "value", "low", "high", "p", "units", "note", "period"]
    if not series:
        return pd.DataFrame(columns=columns)
    drivers = pd.DataFrame(
        {name: seasonal(series[name], region.growing_season, how) for name, how in WEATHER.items() if name in series}
    )
    try:
        found = attribute(vegetation, drivers)
    except IndicatorError:  # the record is too short for this number of drivers
        return pd.DataFrame(columns=columns)
    units = str(monthly.loc[monthly["variable"] == "productivity", "units"].iloc[0])
    rows = []
    for name, row in found.iterrows():
        share = {"value": row["variance_share"], "low": row["variance_share_low"], "high": row["variance_share_high"]}
        trend = {part: 10 * row[f"trend{end}"] for part, end in (("value", ""), ("low", "_low"), ("high", "_high"))}
        note = NOTE.format(years=found.attrs["years"])
        rows += [
            {"name": f"driver_share_{name}", **share, "p": row["p"], "units": "1", "note": note},
            {"name": f"driver_trend_{name}", **trend, "p": None, "units": f"{units} decade-1", "note": TREND_NOTE},
        ]
    return pd.DataFrame(rows).assign(period=period)[columns]
