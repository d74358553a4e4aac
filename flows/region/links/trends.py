"""Do dust, albedo and herds of a region rise or fall? The trend of each yearly series as a statistic."""

from __future__ import annotations

import pandas as pd

from flows.region.population import statistic
from indicators.trends import mann_kendall, theil_sen

#: Series that link the land with climate: dust and albedo of the ground, and what grazes on it.
LINKING = ("dust_days", "albedo", "herd_sheep_units")
#: Fewest years of a trend.
FEWEST = 8
NOTE = (
    "Theil–Sen trend of {name} from {first} to {last} ({count} years), Mann–Kendall p that allows for the memory of "
    "years (Hamed & Rao 1998); the trap of the series stands among the sources of drivers"
)


def link_trends(observations: pd.DataFrame, period: str) -> pd.DataFrame:
    """The trends of those series that a region has.

    Parameters
    ----------
    observations : pandas.DataFrame
        The series of one region: variable, month, value, units.
    period : str
        Name of the period that the statistics belong to: the whole record.

    Returns
    -------
    pandas.DataFrame
        Statistics `trend_…`, units of the series a decade; none of a series of fewer than 8 years.
    """
    rows = []
    for name in LINKING:
        own = observations[observations["variable"] == f"{name}_annual"]
        series = pd.Series(own["value"].to_numpy(float), pd.to_datetime(own["month"]).dt.year.to_numpy()).dropna()
        series = series.sort_index()
        if len(series) < FEWEST:
            continue
        words = name.replace("_", " ")
        note = NOTE.format(name=words, first=series.index[0], last=series.index[-1], count=len(series))
        units = str(own["units"].iloc[0])
        slope, p = float(theil_sen(series)["slope"]), float(mann_kendall(series, correction="hamed-rao")["p"])
        a_decade = "decade-1" if units == "1" else f"{units} decade-1"
        rows.append({**statistic(f"trend_{name}", 10 * slope, p=p, units=a_decade, note=note), "period": period})
    return pd.DataFrame(rows)
