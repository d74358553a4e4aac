"""Which true shares of degraded land agree with a map: the errors of the method, used in reverse.

A map calls a share q = π·s + (1 − π)·f of the land degraded, where π is the true share, s how much of the degraded land
the method finds, and f how much of the other land it calls degraded by mistake (Rogan & Gladen 1978,
doi:10.1093/oxfordjournals.aje.a112510). No interval around q holds π unless s and f are taken out of it. Both can be
measured in the map's own noise: f where nothing was put in, s where a decline of known size was. What rain did to a
pixel is known and stays in its years, so that a drought at the end of a record raises f, as it raised it in the map;
the rest (residuals about the Theil–Sen line) is put in another order of years, one order for the whole map.

So every π is asked for the shares that maps would show in other orders of the years; those π stay, among whose middle
95 % the share of the real map lies (Neyman 1937: a test turned into an interval). Nothing is assumed of the errors'
distribution. What is assumed: degraded land lost between `SMALLEST` and `LARGEST` of its productivity over the period,
by a ramp or a step, whichever reaches farther; all other land is steady but for the rain, to which it answers in a
straight line; years are alike beyond that, so that any order of them was as likely; what land cover and soil carbon say
is true. Lesser losses and recovery are in no such interval.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from indicators.certainty.uncertainty import moving, unmoved
from indicators.chance.detectability import SHAPES, course
from indicators.chance.resampling import orders, residuals
from indicators.codes import DEGRADED, IMPROVED, STABLE
from indicators.errors import IndicatorError
from indicators.profiles import Profile, get
from indicators.sdg15.judged_maps import Layers, judged_maps, land_performance
from indicators.sdg15.measures import PixelInputs, of_cover
from indicators.sdg15.performance import Best
from indicators.sdg15.periods import Period

#: Loss over the period from which on land counts as degraded: the ±10 % that the Good Practice Guidance has for soil
#: carbon. It has none for productivity.
SMALLEST = 0.10
#: Largest loss that is put in; larger ones are found as well as that one.
LARGEST = 0.40
#: True shares of the declining land that are tried; between them it goes straight.
TRIED = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Accord:
    """`mapped`: degraded share of the judged land (SDG 15.3.1) of the sample; `low` … `high`: true shares that
    agree with it at 95 %. All 0 … 1; `low` is what is left where all degraded land lost `LARGEST`, `high` where it lost
    `SMALLEST`. A wide interval says that the map tells little of the true share."""

    mapped: float
    low: float
    high: float
    pixels: int
    draws: int


def in_accord(
    place: PixelInputs,
    period: Period,
    best: Mapping[str, Best],
    weight: Floats,
    profile: str | Profile = "ne-asia",
    *,
    draws: int = 99,
    seed: int = 0,
) -> Accord:
    """95 % interval of the true share of degraded land, from a random sample of the region's pixels.

    `place`, `period`, `best`, `weight` as for `uncertainty.resampled`. Land counts where the profile can judge its
    productivity; bare land and gaps are left out. Raises IndicatorError if there is none of it.
    """
    choices = get(profile)
    window = place.vi[choices.annual].sel(year=slice(*period.trajectory))
    values = window.transpose("year", "y", "x").values[:, 0].astype(float)
    land = unmoved(place, period, choices)
    performance = land_performance(land, best, choices)
    (mapped,), judged = _map(values, land, performance, place, period, choices, weight)
    kept = np.flatnonzero(judged)
    if not len(kept):
        raise IndicatorError(f"profile {choices.name}: no pixel of the sample can be judged in {period.name}")
    rng = np.random.default_rng(seed)
    drawn = list(orders(len(values), draws, rng))
    luck = rng.random((draws, values.shape[1]))
    level = _mean(values)
    known, noise = parted(values, window["year"].values, _rain(place, choices.annual, window))
    steady = np.stack([known + noise[order] for order in drawn], axis=1)
    covered = _covered(land, choices)
    declines = [(size, shape) for size in ENDS for shape in SHAPES]
    falls = [size * level * course(shape, window["year"].values)[:, None, None] for size, shape in declines]
    # one pass over all maps: most steps cost the same for many maps as for one
    maps = np.concatenate([steady, *(steady - fall for fall in falls)], axis=1)
    moved = moving(maps, place, period, choices)
    still, *fell = ({name: part[k : k + draws] for name, part in moved.items()} for k in range(0, maps.shape[1], draws))
    member = luck < np.array(TRIED)[:, None, None]
    found: dict[float, list[float]] = {size: [] for size in ENDS}
    for (size, _), fallen in zip(declines, fell, strict=True):
        percentile, end = ENDS[size]
        layers = judged_maps(_mixed(still, fallen, member), land, performance, choices)
        true, shown = (
            _shares(chosen, layers, weight, judged).reshape(len(TRIED), draws)
            for chosen in (_stacked(member | covered), _degraded(layers))
        )
        found[size].append(end(true.mean(axis=1), np.percentile(shown, percentile, axis=1), mapped))
    low, high = min(found[LARGEST]), max(found[SMALLEST])
    return Accord(float(mapped), low, max(low, high), len(kept), draws)


def status_in_accord(baseline: tuple[float, float], period: tuple[float, float]) -> tuple[float, float]:
    """True shares of land degraded by the status, from the 95 % intervals of the baseline and of a reporting period.

    All land that the period degrades is degraded by the status, and no land is that neither of the two degrades. So the
    share is at least the period's and at most the sum of both; the interval holds at 90 % (Bonferroni).
    """
    return period[0], min(baseline[1] + period[1], 1.0)


def lower_end(true: Floats, shown: Floats, mapped: float) -> float:
    """The smallest true share at which maps show as much as `mapped`, from pairs of shares (true ones rising)."""
    return _crossed(true, np.maximum.accumulate(shown), mapped, "left")


def upper_end(true: Floats, shown: Floats, mapped: float) -> float:
    """The largest true share at which maps show no more than `mapped`.

    Where even false alarms alone would show more, other land is not steady but greener; then what is shown is taken as
    found, without any false alarm.
    """
    rising = np.minimum.accumulate(shown[::-1])[::-1]
    if mapped < rising[0]:
        return min(float(true[-1] * mapped / rising[-1]), 1.0)
    return _crossed(true, rising, mapped, "right")


def _crossed(true: Floats, rising: Floats, mapped: float, side: Literal["left", "right"]) -> float:
    place = int(np.searchsorted(rising, mapped, side))
    if place in (0, len(true)):
        return float(true[min(place, len(true) - 1)])
    part = (mapped - rising[place - 1]) / (rising[place] - rising[place - 1])
    return float(true[place - 1] + part * (true[place] - true[place - 1]))


#: By size of the decline: the percentile of the shown shares, and the end of the interval that follows from it.
ENDS = {LARGEST: (97.5, lower_end), SMALLEST: (2.5, upper_end)}


def _map(
    values: Floats,
    land: xr.Dataset,
    performance: NDArray[np.int8],
    place: PixelInputs,
    period: Period,
    profile: Profile,
    weight: Floats,
) -> tuple[Floats, NDArray[np.bool_]]:
    """Degraded share of the map itself, and which of its pixels are judged."""
    layers = judged_maps(moving(values[:, None], place, period, profile), land, performance, profile)
    judged = _known(layers)[0] & (weight > 0)
    return _shares(_degraded(layers), layers, weight, judged), judged


def _rain(place: PixelInputs, kind: str, window: xr.DataArray) -> Floats | None:
    """Rain (year, pixel) of the window: the sums that explain its annual value best, else that of the season."""
    rain = place.rain_sums.get(kind, place.precipitation)
    return (
        None if rain is None else rain.sel(year=window["year"]).transpose("year", "y", "x").values[:, 0].astype(float)
    )


def parted(values: Floats, years: NDArray[np.int64], rain: Floats | None) -> tuple[Floats, Floats]:
    """Values (year, pixel) without their trend: what is known of each year (mean and rain), and the noise about it.

    A line takes two degrees of freedom out of the noise, rain a third; what is left is made as large as the noise was
    (by 2 % too large where all pixels answer to rain alike, which takes next to none).
    """
    answer = np.zeros_like(values) if rain is None else _answer(values, years, rain)
    rest = residuals(values - answer, years)
    count = np.maximum(np.isfinite(values).sum(axis=0), 4)
    lost = 2 + (np.abs(answer).max(axis=0) > 0)
    return _mean(values) + answer, (rest - _mean(rest)) * np.sqrt(count / (count - lost))


def _answer(values: Floats, years: NDArray[np.int64], rain: Floats) -> Floats:
    """What rain adds to each year (year, pixel) beside a straight trend, about nothing; 0 where it is not known."""
    known = np.isfinite(values) & np.isfinite(rain)
    trend = _about_mean(np.broadcast_to(years.astype(float)[:, None], values.shape), known)
    wet, green = (_without(_about_mean(each, known), trend) for each in (rain, values))
    spread = (wet**2).sum(axis=0)
    freedom = known.sum(axis=0) - 3
    told = (spread > 0) & (freedom > 0)
    if not told.any():
        return np.zeros_like(values)
    slope = np.where(told, (wet * green).sum(axis=0) / np.where(told, spread, 1), 0.0)
    rest = ((green - slope * wet) ** 2).sum(axis=0)
    variance = rest / np.maximum(freedom, 1) / np.where(told, spread, 1)
    slope[told] = shrunk(slope[told], variance[told])
    return slope * _about_mean(rain, known)


def shrunk(estimates: Floats, variances: Floats) -> Floats:
    """Estimates drawn towards their mean until they spread as what they estimate does (Louis 1984), not as they do.

    How much of the spread is error follows from the variances (DerSimonian & Laird 1986). Single estimates are as good
    as before; their errors no longer count as differences between places.
    """
    largest = float(np.max(variances, initial=0.0))
    if largest == 0:
        return estimates
    size = np.maximum(variances, 1e-12 * largest)
    weight = 1 / size
    middle = (weight * estimates).sum() / weight.sum()
    beyond = (weight * (estimates - middle) ** 2).sum() - (len(estimates) - 1)
    scale = weight.sum() - (weight**2).sum() / weight.sum()
    between = max(beyond / scale, 0.0) if scale > 0 else 0.0
    return np.asarray(middle + (estimates - middle) * np.sqrt(between / (between + size)))


def _about_mean(values: Floats, known: NDArray[np.bool_]) -> Floats:
    """Values (year, pixel) less their mean over the years that are known; 0 elsewhere."""
    mean = _mean(np.where(known, values, np.nan))
    return np.where(known, values - mean, 0.0)


def _without(values: Floats, course: Floats) -> Floats:
    """Values less their least-squares share in a course; both lie about 0."""
    size = (course**2).sum(axis=0)
    return values - course * ((course * values).sum(axis=0) / np.where(size > 0, size, 1))


def _mean(values: Floats) -> Floats:
    """Mean over the years of what is known; 0 where nothing is."""
    known = np.isfinite(values)
    return np.where(known, values, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)


def _covered(land: xr.Dataset, profile: Profile) -> NDArray[np.bool_]:
    """Pixels that land cover or soil carbon degrades."""
    transition = land[f"transition_{profile.name}_{profile.windows[0]}"].values
    return np.asarray((transition == DEGRADED) | (land[of_cover("carbon", profile)].values == DEGRADED))


def _mixed(still: Layers, fell: Layers, member: NDArray[np.bool_]) -> Layers:
    """The measures of pixels with a decline where they are `member` (share, map, pixel), of steady ones elsewhere.

    Layers of (map, pixel): the maps of the first share, then those of the next.
    """
    return {name: _stacked(np.where(member, fell[name], layer)).astype(layer.dtype) for name, layer in still.items()}


def _stacked(layer: NDArray[Any]) -> NDArray[Any]:
    """(share, map, pixel) as (map, pixel)."""
    return layer.reshape(-1, layer.shape[-1])


def _known(layers: Layers) -> NDArray[np.bool_]:
    return np.isin(layers["productivity"], (DEGRADED, STABLE, IMPROVED))


def _degraded(layers: Layers) -> NDArray[np.bool_]:
    return np.asarray(layers["sdg"] == DEGRADED)


def _shares(chosen: NDArray[np.bool_], layers: Layers, weight: Floats, judged: NDArray[np.bool_]) -> Floats:
    """Share (map) of the judged land that is chosen; nothing where a map judges none."""
    area = (_known(layers) & judged) * weight
    total = area.sum(axis=1)
    return np.divide((area * chosen).sum(axis=1), total, out=np.zeros(len(area)), where=total > 0)
