"""Land, climate and nature by country as a table for exports and programs: a row for each measure of each group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from practices.database.transactions import reading
from practices.report.nature.links_table import AREAS, LinkTerms, link_terms
from practices.report.nature.measures import MEASURES, SHARES, needed
from practices.report.nature.sums import NatureGroup, NatureSums, SummedMeasure, nature_sums
from practices.results import nature, published_views
from practices.results.nature import RegionNature
from practices.results.published_views import View
from practices.results.queries import Source

COLUMNS = (
    "countries", "period", "method", "origin", "name", "value", "low", "high", "units", "regions", "missing", "note",
)  # fmt: skip
COUNTED, TWICE = "regions", "area_counted_twice"
INTERVAL = "ends of the intervals of the regions added, as if their errors were common"


def nature_table(source: Source, *, regions: Sequence[str] = (), origin: str | None = None) -> pd.DataFrame:
    """Rows of every published view (of an origin), for the given regions or all: the columns of `COLUMNS`."""
    rows: list[dict[str, Any]] = []
    with reading(source) as connection:
        views = {choice.view for choice in published_views.choices(connection)}
        for view in sorted(views, key=lambda view: (view.period, view.method, view.origin)):
            if origin in (None, view.origin):
                found = nature.of_view(connection, view, needed(), regions=regions)
                rows += nature_rows(found, view) if found else []
    return pd.DataFrame(rows, columns=list(COLUMNS))


def nature_rows(regions: Sequence[RegionNature], view: View) -> list[dict[str, Any]]:
    """The rows of some regions in one view: groups of countries, then `all`; measures that no region has are left out.

    A group has a row for each of its own measures; where none of its regions has it, no value and the ids in `missing`.
    """
    sums, terms = nature_sums(regions), terms_of(regions)
    present = {name for name, each in sums.total.sums.items() if each.value is not None}
    return [
        {**dict.fromkeys(COLUMNS), "countries": group.key, **vars(view), **row}
        for group in (*sums.groups, sums.total)
        for row in (*_counted(group, sums), *_measured(group, present, terms))
    ]


def terms_of(regions: Sequence[RegionNature]) -> dict[str, LinkTerms]:
    """The terms of outlines that some of the regions used, by the key of the outlines."""
    names = {name.replace("_", " "): key for key, name in AREAS.items()}
    return {
        names[each.name]: each
        for region in sorted(regions, key=lambda region: region.id, reverse=True)
        for each in link_terms(region.datasets)
    }


def said_overlap(sums: NatureSums, group: NatureGroup) -> tuple[list[str], list[str]]:
    """Which regions of the countries of a group are left out because of others, and which share land, in words."""
    own = sums.overlap
    left = [f"{name} lies in {' and '.join(others)}" for name, others in sorted(own.left_out.items())]
    shared = [
        f"{name} shares {own.twice_km2[name]:,.0f} km2 with {' and '.join(others)}"
        for name, others in sorted(own.shared.items())
        if name in group.regions
    ]
    return left, shared


def _counted(group: NatureGroup, sums: NatureSums) -> Iterator[dict[str, Any]]:
    left, shared = said_overlap(sums, group)
    is_all = group is sums.total
    note = "regions that count, each once"
    if is_all and left:
        note += f"; left out, because more than half lies in others: {'; '.join(left)}"
    missing = " ".join(sorted(sums.overlap.left_out)) if is_all else ""
    count = len(group.regions)
    yield {"name": COUNTED, "value": count, "units": "regions", "regions": count, "missing": missing, "note": note}
    note = "area of outlines that lies in regions counted before, and so counts twice in every sum"
    if shared:
        note += f": {'; '.join(shared)}"
    yield {"name": TWICE, "value": group.twice_km2, "units": "km2", "regions": count, "missing": "", "note": note}


def _measured(group: NatureGroup, present: set[str], terms: Mapping[str, LinkTerms]) -> Iterator[dict[str, Any]]:
    for name, measure in MEASURES.items():
        if name in present:
            yield _row(name, group.sums[name], measure.units, measure.what, measure.zones, terms)
    for name, share in SHARES.items():
        if {share.part, share.whole} <= present:
            yield _row(name, group.share(name), "1", share.what, share.zones, terms)


def _row(
    name: str, found: SummedMeasure, units: str, what: str, zones: Sequence[str], terms: Mapping[str, LinkTerms]
) -> dict[str, Any]:
    said = [what, *([INTERVAL] if found.low is not None and found.high is not None else [])]
    said += [f"{t.name}: {t.source}; licence: {t.licence}; {t.trap}" for t in (terms[z] for z in zones if z in terms)]
    return {
        "name": name, "value": found.value, "low": found.low, "high": found.high, "units": units,
        "regions": found.regions, "missing": " ".join(found.missing), "note": "; ".join(said),
    }  # fmt: skip
