"""The summary table of all assessments: areas, headline, trend, breaks, and what is missing, a row each."""

from __future__ import annotations

from typing import Any

import pandas as pd

from practices.database.transactions import reading
from practices.report.headline_tables import KEY, classes, fields
from practices.results.names import AGREEMENT, HEADLINE
from practices.results.queries import EVERYTHING, ResultFilter, Source, areas, assessments, breaks, regions, statistics


def summary(source: Source, *, all_revisions: bool = False, within: ResultFilter = EVERYTHING) -> pd.DataFrame:
    """One row for each assessment: areas, headline, trend, break years and gaps.

    In a reporting period the classes are those of the status against the baseline, which a country reports, else those
    of the assessment of the period alone; `headline_is` says which.

    Parameters
    ----------
    source : Engine or Connection
        The database.
    all_revisions : bool
        Whether earlier revisions are included.
    within : ResultFilter
        Regions and origin to read.

    Returns
    -------
    pandas.DataFrame
        km² and percent of degraded, stable, improved and undetermined land, the fields of `headline.Headline.fields`,
        the trend, and `break_years` of productivity in the same run with their intervals. Percentages are of the land:
        the four classes together, without water and gaps. An agreement of methods has no row.
    """
    with reading(source) as connection:
        found = assessments(connection, all_revisions=all_revisions, within=within)
        found = found[found["method"] != AGREEMENT]
        area = areas(connection, all_revisions=all_revisions, within=within)
        numbers = statistics(connection, all_revisions=all_revisions, within=within)
        dates = breaks(connection, all_revisions=True, within=within)
        names = regions(connection).set_index("region")
    wide = classes(area)
    land = wide.sum(axis=1, min_count=1).rename("land_km2")
    percent = wide.div(land, axis=0).mul(100).add_suffix("_percent").drop(columns="degraded_percent")
    totals = area[area["indicator"] == HEADLINE].groupby(KEY)["total_km2"].first()
    blank = (area["indicator"] == HEADLINE) & (area["class_name"] == "no data")
    gaps = area[blank].set_index(KEY)["area_km2"].rename("no_data_km2")
    columns = pd.concat([wide.add_suffix("_km2"), percent, land, gaps, totals, fields(area, numbers)], axis="columns")
    merged = found.set_index(KEY).join(columns).reset_index()
    merged.insert(1, "name", merged["region"].map(names["name"]))
    merged.insert(2, "countries", merged["region"].map(names["countries"]))
    return merged.assign(break_years=[_break_text(dates, row.region, row.run_id) for row in merged.itertuples()])


def _break_text(dates: pd.DataFrame, region: Any, run_id: Any) -> str:
    """Break years of a region's productivity in a run, as `2010 (2009-2012)`."""
    own = dates[(dates["region"] == region) & (dates["run_id"] == run_id) & (dates["variable"] == "productivity")]
    return ", ".join(f"{b.date.year} ({b.low.year}-{b.high.year})" for b in own.itertuples())
