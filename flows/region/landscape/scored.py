"""One region of one landscape: the layers that the product publishes, compared with what was planted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from flows.region.chances import share_rows
from flows.region.landscape.cubes import Place
from flows.region.landscape.published import PublishedLayers, published
from flows.region.landscape.truths import TruePeriod, facts, known_of, true_period, true_periods
from flows.region.sampling import gathered
from flows.region.uncertainty import accord
from indicators.certainty import Additive, break_map, calibration, confusion, held, mean_change
from indicators.codes import DEGRADED, IMPROVED, STABLE
from indicators.sdg15.one_out_all_out import STATUS_MEANINGS, status3
from practices.report.headline import ACCORD, GAINED, LOST

if TYPE_CHECKING:
    from indicators.profiles import Profile

#: Layers of classes that are compared.
LAYERS = ("sdg", "productivity", "land_cover", "soil_organic_carbon")
#: Published probabilities, and the class that each is about.
PROBABILITIES = {"loss_probability": DEGRADED, "gain_probability": IMPROVED}
#: Published shares with intervals, and of which class of which layer they are.
SHARES = {ACCORD: ("sdg", DEGRADED), LOST: ("productivity", DEGRADED), GAINED: ("productivity", IMPROVED)}
#: Profile, period, and what is scored.
Key = tuple[str, str, str]
Scores = dict[str, Additive]
SEVEN = tuple(STATUS_MEANINGS)


@dataclass(frozen=True)
class ScoredLandscape:
    """The scores of one region of one landscape by profile, period and what is scored, and facts about it."""

    region: str
    seed: int
    scores: dict[Key, Additive]
    facts: dict[str, float | bool]
    years: dict[str, str]


@dataclass(frozen=True)
class MapLayers:
    """SDG 15.3.1 of the whole record (y, x): truth, mapped class, probability of loss if there is one; land there.

    `aspect`: width over height on the ground.
    """

    true: np.ndarray
    mapped: np.ndarray
    loss_probability: np.ndarray | None
    land: np.ndarray
    aspect: float


def map_layers(place: Place, name: str) -> MapLayers:
    """What a map of a region by one profile shows beside the truth."""
    with published(place, [name]) as found:
        job, own = found.work.job, found.layers[name].isel(period=0)
        known = known_of(place, job.grid.cell_degrees)
        true = true_period(known, job.periods[0], job.profiles[0])
        land = known(job.periods[0].trajectory)["land"].values & (found.km2 > 0)
        loss = own["loss_probability"].values if "loss_probability" in own else None
        height, width = land.shape
        aspect = width * float(np.cos(np.deg2rad(job.grid.y.mean()))) / height
        return MapLayers(true.classes["sdg"], own["sdg"].values, loss, land, round(aspect, 3))


def score_landscape(place: Place, names: Sequence[str]) -> ScoredLandscape:
    """Assess and compare one region of one landscape by the profiles named. `place.folder` holds the work meanwhile."""
    with published(place, names) as found:
        return compared(place, found)


def compared(place: Place, found: PublishedLayers) -> ScoredLandscape:
    """The scores of all profiles and periods."""
    job = found.work.job
    known = known_of(place, job.grid.cell_degrees)
    whole = known(job.periods[0].trajectory)
    km2 = np.where(whole["land"].values, found.km2, 0.0)
    scores: dict[Key, Additive] = {}
    for profile in job.profiles:
        layers = found.layers[profile.name]
        truths = true_periods(known, job.periods, profile)
        for number, (period, true) in enumerate(zip(job.periods, truths, strict=True)):
            own = layers.isel(period=number) if "period" in layers.dims else layers
            of_period = {
                **class_scores(own, true, km2),
                **probability_scores(own, true, km2),
                **carbon_score(job, own, true, km2),
                **interval_scores(found, profile, number, true, km2),
            }
            scores |= {(profile.name, period.name, what): score for what, score in of_period.items()}
        first = job.periods[0].name
        year, size = whole["break_year"].values, whole["break_size"].values
        scores[profile.name, first, "breaks"] = break_map(found.breaks[profile.name], year, size, km2)
    return ScoredLandscape(place.region.id, place.seed, scores, facts(whole, km2), job.years)


def class_scores(own: xr.Dataset, true: TruePeriod, km2: np.ndarray) -> Scores:
    """Classes against true classes, and the status by seven and by three classes."""
    scores: Scores = {name: confusion(own[name].values, true.classes[name], km2) for name in LAYERS}
    if "status" in true.classes:
        status, truth = own["status"].values, true.classes["status"]
        scores["status"] = confusion(status, truth, km2, SEVEN)
        scores["status3"] = confusion(status3(status), status3(truth), km2)
    return scores


def probability_scores(own: xr.Dataset, true: TruePeriod, km2: np.ndarray) -> Scores:
    """Probabilities of loss and gain against what was lost and gained; none where the profile has none."""
    return {
        name: calibration(own[name].values, true.classes["productivity"] == code, km2)
        for name, code in PROBABILITIES.items()
        if name in own
    }


def carbon_score(job: Any, own: xr.Dataset, true: TruePeriod, km2: np.ndarray) -> Scores:
    """The change of the region's stock of soil carbon against the planted one; stock in t/ha at the start."""
    if "soil_carbon" not in job.cubes or "soc_change" not in own:
        return {}
    stock = job.cubes["soil_carbon"].near(job.grid.y, job.grid.x).values
    weight = np.where(km2 > 0, stock * km2, np.nan)
    return {"soil_carbon_change": mean_change(own["soc_change"].values.astype(float), true.carbon_change, weight)}


def interval_scores(found: PublishedLayers, profile: Profile, number: int, true: TruePeriod, km2: np.ndarray) -> Scores:
    """The published intervals of true shares of a period: of the land whose productivity is judged.

    Profiles without probabilities have one share; it takes long, so theirs is scored for the whole record only.
    """
    work, period = found.work, found.work.job.periods[number]
    if profile.name in found.chances:
        common = work.job.change[profile.annual].common.get(period.trajectory)
        rows = share_rows(found.chances[profile.name], period.name, common)
    else:
        rows = [] if number else [accord(work, profile, period, number, gathered(work.sums.sample))]
    own = found.layers[profile.name]["productivity"].values[number]
    judged = np.where(np.isin(own, (DEGRADED, STABLE, IMPROVED)), km2, 0.0)
    scores: Scores = {}
    for row in rows:
        low, high = row["low"], row["high"]
        if row["name"] in SHARES and low is not None and high is not None and judged.any():
            layer, code = SHARES[row["name"]]
            share = judged[true.classes[layer] == code].sum() / judged.sum()
            scores[row["name"]] = held(float(low), float(high), float(share))
    return scores
