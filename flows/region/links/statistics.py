"""The links of a region, from its blocks: read again one by one, so that memory does not grow with the pixels."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from flows.region.links.blocks import LinkBlock, LinkPlan, link_block
from flows.region.links.rows import carbon_rows, mesh_rows, natural_rows, zone_rows
from flows.region.links.zones import zones_of
from flows.run.progress import report
from flows.run.workers import in_order
from indicators.links import CarbonChange, Lost, TilePatches, compared, factor_draws

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from flows.pull.pulled import Pulled
    from flows.region.job import Job
    from flows.region.measuring import Work
    from indicators.profiles import Profile


def links_statistics(work: Work, profile: Profile, pulled: Pulled, folder: Path) -> pd.DataFrame:
    """Statistics of carbon, natural land, protected and key areas, and habitats, by period.

    The classes of SDG 15.3.1 must be in `folder`. Empty without land cover and without areas.
    """
    job = work.job
    plan = plan_of(job, profile, pulled)
    if not plan.windows and not plan.zones:
        return pd.DataFrame()
    report(job.region.id, f"links by {profile.name}", 0, len(work.inside))
    blocks = in_order(work.workers, partial(link_block, job, profile, folder.absolute(), plan), work.inside)
    total = LinkSums(plan)
    for done, block in enumerate(blocks, start=1):
        total.add(block)
        report(job.region.id, f"links by {profile.name}", done, len(work.inside))
    rows: list[dict[str, Any]] = []
    order = list(plan.windows)
    for number, period in enumerate(job.periods):
        name = period.name
        window = order.index(name) if name in order else 0
        years = plan.cover.get(name)
        transitions = work.sums.transitions.get((profile.cover_filter, profile.windows[0], number))
        found = [
            *carbon_rows(total.carbon.get(name), plan.carbon.get(name), total.lost, window),
            *natural_rows(transitions, years, total.lost, window),
            *mesh_rows(total.patches, years),
            *(
                row
                for zone in plan.zones
                for row in zone_rows(zone, compared(total.terms_of(zone.key, name)), period.trajectory[0])
            ),
        ]
        rows += [{**row, "period": name} for row in found]
    return pd.DataFrame(rows)


def plan_of(job: Job, profile: Profile, pulled: Pulled) -> LinkPlan:
    """What is computed for a region by a profile: only windows whose two maps exist, and differ."""
    cover = job.cubes.get("land_cover")
    years = set() if cover is None or cover.years is None else {int(year) for year in cover.years}
    soil = {"climate_zone", "soil_carbon"} <= set(job.cubes)

    def usable(window: Iterable[int]) -> bool:
        ends = set(window)
        return len(ends) == 2 and ends <= years

    carbon = {each.name: each.soil_carbon for each in job.periods if soil and usable(each.soil_carbon)}
    windows = {each.name: each.cover_window(profile.windows[0]) for each in job.periods}
    covers = {name: window for name, window in windows.items() if usable(window)}
    return LinkPlan(zones_of(job, pulled.areas), factor_draws(), carbon, covers)


class LinkSums:
    """Sums over the blocks of a region."""

    def __init__(self, plan: LinkPlan) -> None:
        """Nothing yet."""
        self.carbon: dict[str, CarbonChange] = {}
        self.lost: Lost | None = None
        self.patches: dict[int, list[TilePatches]] = {year: [] for year in plan.map_years}
        self._terms: dict[tuple[str, str], list[pd.DataFrame]] = {}

    def add(self, block: LinkBlock) -> None:
        """Add a block."""
        for name, change in block.carbon.items():
            self.carbon[name] = self.carbon.get(name, CarbonChange()) + change
        if block.lost is not None:
            self.lost = block.lost if self.lost is None else self.lost + block.lost
        for year, patches in block.patches.items():
            self.patches[year].append(patches)
        for key, terms in block.terms.items():
            self._terms.setdefault(key, []).append(terms)

    def terms_of(self, zone: str, period: str) -> pd.DataFrame:
        """The terms of a zone in a period."""
        return pd.concat(self._terms[zone, period], ignore_index=True)
