"""The verdict of every patch, from its series and those of matched land."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.ndimage import center_of_mass

from flows.region.causes.borders import country_at
from flows.region.causes.gathering import BARE, FIRST_COVER, LIGHTS, MINE_BARE, MINE_LIGHTS, MINES
from indicators.causes import goes_with, loss_onset, patch_verdict, similar_land
from indicators.causes.drivers import CAUSES, SEVERAL, UNDETERMINED
from indicators.errors import IndicatorError

if TYPE_CHECKING:
    from flows.region.causes.borders import Countries
    from flows.region.causes.found_patches import FoundPatches
    from flows.region.causes.gathering import Gathered, PatchSeries

#: Years whose mean productivity is that of the beginning.
EARLY_YEARS = 5
#: Differences that matter between a patch and matched land: logarithms of productivity and of rain, and kilometres.
GREEN_UNIT, RAIN_UNIT, KM_UNIT = 0.25, 0.2, 60.0
KM_A_DEGREE = 111.2
#: Part of a patch inside the outlines of mines from which bare land and lamps in it speak for mining.
LEAST_MINED = 0.02
#: Probability of a loss against matched land from which its causes are asked for.
LOST = 0.8
#: Probability that a loss began before the record, from which it is not dated.
BEFORE_THE_RECORD = 0.5
#: Drivers that speak for mining, and what they are compared with on matched land, where there is no mine.
MINING = {MINE_BARE: BARE, MINE_LIGHTS: LIGHTS}
#: Variables that are no drivers.
NOT_DRIVERS = ("productivity", FIRST_COVER, MINES, *MINING, *MINING.values())
REASONS = {
    "few": "fewer than 20 cells of land without loss are like it",
    "none": "its vegetation did not fall more than that of matched land",
    "before": "its loss began before the record",
    "short": "its series are too short",
}


@dataclass(frozen=True)
class Middles:
    """Where patches and the cells to compare with lie: degrees of latitude and longitude."""

    patches: np.ndarray
    pool: np.ndarray


def verdicts(
    found: FoundPatches, gathered: Gathered, y: np.ndarray, x: np.ndarray, countries: Countries
) -> pd.DataFrame:
    """One row for each patch: where and how large it is, since when it lost how much, the verdict and its reasons.

    `y`, `x`: centres of the cells of the map. A patch is compared with land of its own one of the `countries`, because
    some products follow national totals; of one country, none need be given. Columns: patch, area_km2, lat, lon, year,
    low, high, loss, verdict, probability, `p_CAUSE` for each, driver, r, r_low, r_high, sentence.
    """
    if found.count == 0:
        return pd.DataFrame(columns=columns())
    middle = np.array(center_of_mass(found.numbers > 0, found.numbers, np.arange(1, found.count + 1)))
    places = np.column_stack(
        [np.interp(middle[:, 0], np.arange(len(y)), y), np.interp(middle[:, 1], np.arange(len(x)), x)]
    )
    pool = np.column_stack([y[found.rows], x[found.columns]])
    features = Features.of(gathered, Middles(places, pool), countries)
    rows = []
    for number in range(1, found.count + 1):
        own = {
            "patch": number, "area_km2": gathered.km2[number - 1],
            "lat": places[number - 1, 0], "lon": places[number - 1, 1],
        }  # fmt: skip
        rows.append({**own, **judged(gathered, number, features.matched(number))})
    return pd.DataFrame(rows, columns=columns())


def columns() -> list[str]:
    """The columns of the table of patches."""
    chances = [probability_of(cause) for cause in (*CAUSES, SEVERAL, UNDETERMINED)]
    return [
        "patch", "area_km2", "lat", "lon", "year", "low", "high", "loss", "verdict", "probability", *chances, "driver",
        "r", "r_low", "r_high", "sentence",
    ]  # fmt: skip


def probability_of(cause: str) -> str:
    """The name of the column with the probability of a cause."""
    return f"p_{'undetermined' if cause == UNDETERMINED else cause}"


@dataclass(frozen=True)
class Features:
    """What makes land similar, in units of differences that matter (…, feature), and the class of land."""

    patches: np.ndarray
    pool: np.ndarray
    patch_class: np.ndarray
    pool_class: np.ndarray

    @classmethod
    def of(cls, gathered: Gathered, place: Middles, countries: Countries) -> Features:
        """The features of all patches and of the pool: productivity at the beginning, mean rain, and where it lies.

        Land of another class is never compared: another class of land cover, or another country.
        """
        series = gathered.series
        narrower = np.cos(np.deg2rad(place.pool[:, 0].mean())) if len(place.pool) else 1.0
        km = KM_A_DEGREE * np.array([1.0, narrower]) / KM_UNIT
        parts = [
            (_log_mean(series["productivity"], EARLY_YEARS), GREEN_UNIT),
            *([(_log_mean(series["precipitation"]), RAIN_UNIT)] if "precipitation" in series else []),
        ]
        patches = [own[0][:, None] / unit for own, unit in parts]
        pool = [own[1][:, None] / unit for own, unit in parts]
        classes = [country_at(each[:, 0], each[:, 1], countries) for each in (place.patches, place.pool)]
        if FIRST_COVER in series:
            cover = series[FIRST_COVER]
            covers = [np.nan_to_num(each, nan=0.0).argmax(axis=1) for each in (cover.patches, cover.pool)]
            classes = [own + len(cover.years) * country for own, country in zip(covers, classes, strict=True)]
        return cls(
            np.concatenate([*patches, place.patches * km], axis=1),
            np.concatenate([*pool, place.pool * km], axis=1),
            *classes,
        )

    def matched(self, number: int) -> np.ndarray:
        """The cells of the pool that are like a patch."""
        return similar_land(self.patches[number - 1], self.pool, int(self.patch_class[number - 1]), self.pool_class)


def _log_mean(series: PatchSeries, years: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Logarithm of the mean of the first years, of patches and of the pool."""
    means = [each[:, :years].mean(axis=1, dtype=float) for each in (series.patches, series.pool)]
    with np.errstate(invalid="ignore", divide="ignore"):
        patches, pool = (np.log(each) for each in means)
    return patches, pool


def judged(gathered: Gathered, number: int, cells: np.ndarray) -> dict[str, Any]:
    """The verdict of one patch, as columns of the table; `cells` are those of matched land."""
    if not len(cells):
        return undetermined("few")
    green = gathered.series["productivity"]
    own, other = green.of_patch(number), green.of_pool(cells)
    try:
        onset = loss_onset(own, other)
    except IndicatorError:
        return undetermined("short")
    known = {"loss": onset.loss}
    if onset.probability < LOST:
        return {**known, **undetermined("none")}
    if onset.before >= BEFORE_THE_RECORD or onset.low <= green.years[0]:
        return {**known, **undetermined("before")}
    patch, matched = driver_tables(gathered, number, cells)
    known |= {"year": onset.year, "low": onset.low, "high": onset.high}
    try:
        verdict = patch_verdict(patch, matched, onset.starts, loss=min(max(onset.loss, 0.0), 1.0))
    except IndicatorError:
        return {**known, **undetermined("short")}
    answer = verdict.answer
    chances = {probability_of(str(cause)): float(value) for cause, value in verdict.probability.items()}
    row = {
        **known, "verdict": answer, "probability": float(verdict.probability[answer]), **chances,
        "sentence": verdict.sentence,
    }  # fmt: skip
    causes = verdict.drivers if answer == SEVERAL else verdict.drivers[verdict.drivers["cause"] == answer]
    if len(causes):
        row["driver"] = str(causes["bayes_factor"].idxmax())
        row |= together(own / other, patch[row["driver"]] - matched[row["driver"]])
    return row


def together(ratio: pd.Series, driver: pd.Series) -> dict[str, float]:
    """How the ratio of productivity to matched land, and the difference of a driver, go together over the years."""
    try:
        found = goes_with(ratio, driver, detrend=False)
    except IndicatorError:
        return {}
    return {"r": found.r, "r_low": found.low, "r_high": found.high}


def undetermined(reason: str) -> dict[str, Any]:
    """The columns of a patch of which nothing can be said."""
    return {
        "verdict": UNDETERMINED,
        "sentence": f"What the loss goes with cannot be determined: {REASONS[reason]}.",
    }


def driver_tables(gathered: Gathered, number: int, cells: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The drivers of a patch and of matched land by year of the record; those that have no value are left out."""
    years = gathered.series["productivity"].years
    patch, matched = {}, {}
    for name, own, other in named(gathered, number):
        patch[name], matched[name] = own.of_patch(number).reindex(years), other.of_pool(cells).reindex(years)
    kept = [name for name in patch if patch[name].notna().any() and matched[name].notna().any()]
    return pd.DataFrame(patch, columns=kept), pd.DataFrame(matched, columns=kept)


def named(gathered: Gathered, number: int) -> Iterator[tuple[str, PatchSeries, PatchSeries]]:
    """The drivers of a patch: name, series in the patch, and series on matched land.

    Bare land and lamps count for mining, and only in the outlines of mines.
    """
    series = gathered.series
    yield from ((name, each, each) for name, each in series.items() if name not in NOT_DRIVERS)
    if MINES in series and series[MINES].patches[number - 1, 0] >= LEAST_MINED:
        yield from ((name, series[name], series[other]) for name, other in MINING.items() if name in series)
