"""One region of one landscape: assessed by the pipeline of the product, and compared with what was planted.

The classes are those that the product publishes: `measured` and `find_block` make them in every run, and nothing is
changed for the score. Only what no score needs is not computed: field significance, detectability, rasters and tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from flows.pull.variables import annual_kinds, peak_kinds
from flows.region.blocks import find_block
from flows.region.job import weights
from flows.region.measuring import measured
from flows.region.pixel_breaks import break_years
from flows.region.results import SIDE
from flows.region.sampling import gathered
from flows.region.uncertainty import accord
from flows.request.assess import AssessRequest
from flows.request.choices import profiles_of
from flows.scores.landscape_cubes import Place, landscape_cubes
from flows.scores.truths import TruePeriod, facts, known_of, true_periods
from indicators.certainty import break_map, calibration, confusion, held, mean_change
from indicators.codes import DEGRADED, IMPROVED
from indicators.sdg15.one_out_all_out import STATUS_MEANINGS, status3
from practices.report.headline import ACCORD
from series.datasets import DATASETS, DEFAULTS

if TYPE_CHECKING:
    from flows.region.measuring import Work
    from indicators.certainty import Additive
    from indicators.profiles import Profile

#: Layers of classes that are compared.
LAYERS = ("sdg", "productivity", "land_cover", "soil_organic_carbon")
#: Published probabilities, and the class that each is about.
PROBABILITIES = {"loss_probability": DEGRADED, "gain_probability": IMPROVED}
#: Profile, period, and what is scored.
Key = tuple[str, str, str]
SEVEN = tuple(STATUS_MEANINGS)


@dataclass(frozen=True)
class Landscape:
    """The scores of one region of one landscape by profile, period and what is scored, and facts about it."""

    region: str
    seed: int
    scores: dict[Key, Additive]
    facts: dict[str, float | bool]
    years: dict[str, str]


@dataclass(frozen=True)
class Assessed:
    """The layers of each profile (period, y, x), their breaks of pixels (y, x), and the work that they come from."""

    work: Work
    layers: dict[str, xr.Dataset]
    breaks: dict[str, np.ndarray]
    km2: np.ndarray


def score_landscape(place: Place, names: Sequence[str]) -> Landscape:
    """Assess and compare one region of one landscape by the profiles named. `place.folder` holds the work meanwhile."""
    with TemporaryDirectory(dir=place.folder, prefix=f"{place.region.id}-{place.seed}-") as folder:
        own = replace(place, folder=place.folder / folder)
        request = AssessRequest(
            regions=(place.region.id,),
            years=place.years,
            profiles=tuple(names),
            resolution=place.cell,
            data=own.folder,
            workers=32,  # as many regions are computed at a time as there are processes
        )
        productivity = DATASETS[DEFAULTS["productivity"]]
        kinds: Any = (*annual_kinds(request), *peak_kinds(request, productivity))
        pulled = landscape_cubes(own, kinds)
        with measured(place.region, pulled, request, profiles_of(request), SIDE) as work:
            return compared(place, assessed(work))


def assessed(work: Work) -> Assessed:
    """The layers of all profiles as they are published, put together from their blocks."""
    job = work.job
    shape = job.grid.shape
    km2 = np.zeros(shape)
    layers: dict[str, dict[str, xr.DataArray]] = {each.name: {} for each in job.profiles}
    breaks = {each.name: np.full(shape, -1, np.int16) for each in job.profiles}
    for tile in work.inside:
        km2[tile.window] = weights(job, tile)
        for profile in job.profiles:
            block = find_block(job, work.whole, profile, tile).layers
            for name, layer in block.items():
                put(layers[profile.name], str(name), layer, tile.window, shape)
            if "step_year" in block:
                breaks[profile.name][tile.window] = block["step_year"].values[0]
            else:
                breaks[profile.name][tile.window] = break_years(job, profile, tile)
    return Assessed(work, {name: xr.Dataset(own) for name, own in layers.items()}, breaks, km2)


def put(
    into: dict[str, xr.DataArray], name: str, layer: xr.DataArray, window: tuple[slice, slice], shape: tuple[int, int]
) -> None:
    """Write the layer of a block into that of the region."""
    if name not in into:
        blank = layer.attrs.get("_FillValue", np.nan if layer.dtype.kind == "f" else 0)
        whole = np.full((*layer.shape[:-2], *shape), blank, layer.dtype)
        into[name] = xr.DataArray(whole, dims=layer.dims, attrs=layer.attrs)
    into[name].values[(..., *window)] = layer.values


def compared(place: Place, found: Assessed) -> Landscape:
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
            }
            scores |= {(profile.name, period.name, what): score for what, score in of_period.items()}
        first = job.periods[0].name
        year, size = whole["break_year"].values, whole["break_size"].values
        scores[profile.name, first, "breaks"] = break_map(found.breaks[profile.name], year, size, km2)
        for what, score in interval_scores(found, profile, truths[0], km2).items():
            scores[profile.name, first, what] = score
    return Landscape(place.region.id, place.seed, scores, facts(whole, km2), job.years)


def class_scores(own: xr.Dataset, true: TruePeriod, km2: np.ndarray) -> dict[str, Additive]:
    """Classes against true classes, and the status by seven and by three classes."""
    scores: dict[str, Additive] = {name: confusion(own[name].values, true.classes[name], km2) for name in LAYERS}
    if "status" in true.classes:
        status, truth = own["status"].values, true.classes["status"]
        scores["status"] = confusion(status, truth, km2, SEVEN)
        scores["status3"] = confusion(status3(status), status3(truth), km2)
    return scores


def probability_scores(own: xr.Dataset, true: TruePeriod, km2: np.ndarray) -> dict[str, Additive]:
    """Probabilities of loss and gain against what was lost and gained; none where the profile has none."""
    return {
        name: calibration(own[name].values, true.classes["productivity"] == code, km2)
        for name, code in PROBABILITIES.items()
        if name in own
    }


def carbon_score(job: Any, own: xr.Dataset, true: TruePeriod, km2: np.ndarray) -> dict[str, Additive]:
    """The change of the region's stock of soil carbon against the planted one; stock in t/ha at the start."""
    if "soil_carbon" not in job.cubes or "soc_change" not in own:
        return {}
    stock = job.cubes["soil_carbon"].near(job.grid.y, job.grid.x).values
    weight = np.where(km2 > 0, stock * km2, np.nan)
    return {"soil_carbon_change": mean_change(own["soc_change"].values.astype(float), true.carbon_change, weight)}


def interval_scores(found: Assessed, profile: Profile, true: TruePeriod, km2: np.ndarray) -> dict[str, Additive]:
    """The intervals of true shares of the whole record: of the land whose productivity is judged."""
    work = found.work
    row = accord(work, profile, work.job.periods[0], 0, gathered(work.sums.sample))
    low, high = row["low"], row["high"]
    own = found.layers[profile.name]["productivity"].values[0]
    judged = np.where(np.isin(own, (-1, 0, 1)), km2, 0.0)
    if low is None or high is None or judged.sum() <= 0:
        return {}
    share = float(judged[true.classes["sdg"] == DEGRADED].sum() / judged.sum())
    return {ACCORD: held(float(low), float(high), share)}
