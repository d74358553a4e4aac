"""One region and one start year, ready to judge sites: who is treated, who may be compared, and where shapes may go."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from practices.evidence import difference_in_differences as effects
from practices.evidence import matching, placebo
from practices.evidence.panel import Panel, rain_removed

Array = np.ndarray[Any, Any]

OUTCOMES = ("productivity", "productivity_climate_adjusted")


@dataclass(frozen=True)
class Design:
    """The choices of a comparison; the defaults are those of every published result.

    `controls` to each treated cell, at least `fewest_controls` within `caliper` (Mahalanobis distance, to which a
    distance of `reach_km` on the ground adds like a covariate); controls keep `buffer_km` from every site; errors are
    clustered by squares of `block_km`; `places` is how many moved shapes are judged; a cell counts with
    `fewest_before` and `fewest_after` valid years, a site with `fewest_cells` matched cells that are `fewest_share` of
    its cells at least, and of a site with more than `most_cells` every n-th cell is taken.
    """

    controls: int = 8
    fewest_controls: int = 5
    caliper: float = 1.0
    reach_km: float = 50.0
    buffer_km: float = 5.0
    block_km: float = 5.0
    places: int = 199
    fewest_before: int = 5
    fewest_after: int = 3
    fewest_cells: int = 10
    fewest_share: float = 0.5
    most_cells: int = 500
    seed: int = 0


@dataclass(frozen=True)
class Contrast:
    """How far treated cells part from their controls, as fractions of the treated cells' mean before.

    `change`: difference of the differences between after and before; `spread_before`: root mean square of the yearly
    differences before, about their mean.
    """

    change: float
    spread_before: float


@dataclass(frozen=True)
class Study:
    """One region and one start year: everything that the sites of that year share.

    `sites` marks the cells of every practice site of the region, judged or not. Years after `end` are left out.
    """

    panel: Panel
    start: int
    sites: Array
    design: Design = Design()
    end: int | None = None

    @cached_property
    def years(self) -> Array:
        """The years of the record that count."""
        years = self.panel.years
        return years if self.end is None else years[years <= self.end]

    @cached_property
    def after(self) -> Array:
        """Which of the years are at or after the start."""
        return np.asarray(self.years >= self.start)

    def mean_since_start(self, change: Array, cells: Array) -> float:
        """Mean of a change (year, cell) over the usable ones of some cells, and all years since the start."""
        return float(np.nanmean(change[np.ix_(self.panel.years >= self.start, cells & self.usable)]))

    @cached_property
    def outcomes(self) -> dict[str, Array]:
        """Each outcome (year, cell)."""
        raw = self.panel.outcome[: len(self.years)]
        found = {OUTCOMES[0]: raw}
        if self.panel.rain is not None:
            found[OUTCOMES[1]] = rain_removed(raw, self.panel.rain[: len(self.years)], ~self.after)
        return found

    @cached_property
    def covariates(self) -> pd.DataFrame:
        """What cells are matched on, a row for each: mean and trend before the start, and the static covariates."""
        before = self.outcomes[OUTCOMES[0]][~self.after]
        known = np.isfinite(before)
        count = np.maximum(known.sum(axis=0), 1)
        mean = np.where(known, before, 0).sum(axis=0) / count
        time = np.where(known, self.years[~self.after][:, None].astype(float), 0)
        away = np.where(known, time - time.sum(axis=0) / count, 0)
        spread = (away**2).sum(axis=0)
        trend = (away * np.where(known, before - mean, 0)).sum(axis=0) / np.where(spread > 0, spread, 1)
        table = pd.DataFrame({"mean_before": mean, "trend_before": trend, **self.panel.covariates})
        table[known.sum(axis=0) == 0] = np.nan
        return table

    @cached_property
    def usable(self) -> Array:
        """Cells of the region with enough years and every covariate."""
        known = np.isfinite(self.outcomes[OUTCOMES[0]])
        enough = known[~self.after].sum(axis=0) >= self.design.fewest_before
        enough &= known[self.after].sum(axis=0) >= self.design.fewest_after
        return np.asarray(enough & (self.panel.strata >= 0) & self.covariates.notna().all(axis=1).to_numpy())

    @cached_property
    def forbidden(self) -> Array:
        """Cells within the buffer of any site."""
        return self.panel.within(self.sites, self.design.buffer_km)

    @cached_property
    def pool(self) -> Array:
        """Cells that may serve as controls."""
        return self.usable & ~self.forbidden

    @cached_property
    def points(self) -> Array:
        """Cells by covariates and position: distances are Mahalanobis distances and parts of the reach."""
        alike = matching.whitened(self.covariates.to_numpy(float), self.pool)
        return np.concatenate([alike, self.panel.places_km / self.design.reach_km], axis=1)

    @cached_property
    def blocks(self) -> Array:
        """Block of each cell."""
        return self.panel.blocks(self.design.block_km)

    @cached_property
    def _index(self) -> matching.ControlPool:
        return matching.ControlPool.of(self.points, self.panel.strata, self.pool)

    @cached_property
    def _looked_up(self) -> dict[str, Array]:
        """Neighbours found so far, and the row of those of each cell (−1: not yet)."""
        return {"rows": np.full(self.panel.cells, -1), "table": np.empty((0, matching.LOOKED_UP), np.int32)}

    def _neighbours(self, cells: Array) -> Array:
        """The nearest cells of the pool, looked up once for all shapes that are moved over a cell."""
        kept = self._looked_up
        new = np.unique(cells[kept["rows"][cells] < 0])
        if len(new):
            kept["rows"][new] = len(kept["table"]) + np.arange(len(new))
            kept["table"] = np.concatenate([kept["table"], self._index.nearest(new, caliper=self.design.caliper)])
        return np.asarray(kept["table"][kept["rows"][cells]])

    def match(self, site: Array) -> matching.Matched:
        """The cells of a site (bool by cell) and their controls."""
        cells = self.thinned(site)
        cells = cells[self.usable[cells]]
        around = self.panel.within(site, self.design.buffer_km)
        return self._choose(cells, self._neighbours(cells), around)

    def thinned(self, site: Array) -> Array:
        """The cells of a site, of a large site every n-th."""
        cells = np.flatnonzero(site)
        return cells[:: max(1, -(-len(cells) // self.design.most_cells))]

    def _choose(self, cells: Array, neighbours: Array, banned: Array) -> matching.Matched:
        return matching.choose(
            cells, neighbours, banned, controls=self.design.controls, fewest=self.design.fewest_controls
        )

    def placebos(self, site: Array) -> list[matching.Matched]:
        """The shape of the site where nothing was done, with the controls that it finds there."""
        grid = self.panel.shape
        places = placebo.shifts(
            site.reshape(grid),
            self.usable.reshape(grid),
            self.forbidden.reshape(grid),
            count=self.design.places,
            seed=self.design.seed,
        )
        if len(places) == 0:
            return []
        own, around = self.thinned(site), np.flatnonzero(self.panel.within(site, self.design.buffer_km))
        under = [cells[self.pool[cells]] for cells in (placebo.moved(own, shift, grid) for shift in places)]
        self._neighbours(np.concatenate(under))
        found = []
        for shift, cells in zip(places, under, strict=True):
            banned = np.zeros(self.panel.cells, bool)
            banned[placebo.moved(around, shift, grid)] = True
            matched = self._choose(cells, self._neighbours(cells), banned)
            if len(matched.treated) >= self.design.fewest_cells:
                found.append(matched)
        return found

    @cached_property
    def _series(self) -> dict[str, tuple[Array, Array, Array]]:
        """For each outcome and cell: mean before, mean after less mean before, and the years before less their mean."""
        found = {}
        for name, values in self.outcomes.items():
            before, after = _mean(values[~self.after]), _mean(values[self.after])
            found[name] = before, after - before, np.nan_to_num(values[~self.after] - before)
        return found

    def contrast(self, matched: matching.Matched, outcome: str) -> Contrast:
        """Treated less controls. Without gaps the change is that of the fit with cell and year effects."""
        before, change, course = self._series[outcome]
        level = float(before[matched.treated].mean())
        weights = matched.weights / matched.weights.sum()
        apart = course[:, matched.treated].mean(axis=1) - course[:, matched.controls] @ weights
        effect = float(change[matched.treated].mean() - change[matched.controls] @ weights)
        return Contrast(effect / level, float(np.sqrt(np.mean(apart**2))) / abs(level))

    def sample(self, matched: matching.Matched, outcome: str) -> effects.Sample:
        """The series of matched cells."""
        cells = np.concatenate([matched.treated, matched.controls])
        treated = np.arange(len(cells)) < len(matched.treated)
        weights = np.concatenate([np.ones(len(matched.treated)), matched.weights])
        return effects.Sample(self.outcomes[outcome][:, cells], weights, treated, self.blocks[cells])


def _mean(values: Array) -> Array:
    """Mean over years of the known values; NaN without any."""
    known = np.isfinite(values)
    count = known.sum(axis=0)
    return np.where(count > 0, np.where(known, values, 0).sum(axis=0) / np.maximum(count, 1), np.nan)
