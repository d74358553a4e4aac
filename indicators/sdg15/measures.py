"""First half of an assessment: what can be computed for a pixel alone, for every period and profile.

What needs the whole region (the false discovery rate, the best of each unit) comes after, in
`indicators.sdg15.findings`. A region can so be measured block by block; the result does not depend on how it is cut.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import xarray as xr

from indicators.area.means import known_mean
from indicators.change import ChangeModel, posterior
from indicators.codes import NODATA
from indicators.profiles import Profile
from indicators.sdg15 import land_cover as cover
from indicators.sdg15 import soil_carbon, wocat
from indicators.sdg15.cover_in_time import Rates, filtered
from indicators.sdg15.performance import labels
from indicators.sdg15.periods import Period, Years
from indicators.sdg15.state import state
from indicators.trends.restrend import residual
from indicators.trends.trajectory import adjusted, judged, statistics

WATER_CLASS = 7
#: Kind of annual value that tells deserts: the largest composite of the year.
PEAK = "maximum"


@dataclass(frozen=True)
class PixelInputs:
    """The pixels of a block, all on one grid.

    `vi`: annual value (year, y, x) by kind (`season_mean`, `calendar_mean`), in the `quantity` named; of kind `maximum`
    it tells the deserts of FAO-WOCAT, the annual value itself where it is missing. `land_cover` (year, y, x): UNCCD
    classes, as the product has them. `filtered_cover`: the same without confusion, by filter (`Profile.cover_filter`);
    what is missing is computed with the rates of the region, `cover_rates`, or those known of the `cover_product`.
    `climate_zone`: IPCC codes. `precipitation` (year, y, x), for the trajectory with rain
    removed. `rain_sums` (year, y, x): for the same by kind, the sums of rain that explain it best, and `temperature`
    (year) of the season. `soil_unit` and `zone` (y, x) make, with land cover, the units of performance; `zone` numbers
    the reference areas. `change`: by kind, the model that profiles with a posterior probability of change need. Only
    `vi` is needed; whatever else is missing is undetermined, never invented.
    """

    vi: dict[str, xr.DataArray]
    quantity: str = "ndvi"
    land_cover: xr.DataArray | None = None
    filtered_cover: dict[str, xr.DataArray] = field(default_factory=dict)
    cover_rates: Rates | None = None
    cover_product: str = "generic"
    climate_zone: xr.DataArray | None = None
    precipitation: xr.DataArray | None = None
    rain_sums: dict[str, xr.DataArray] = field(default_factory=dict)
    temperature: dict[str, xr.DataArray] = field(default_factory=dict)
    soil_unit: xr.DataArray | None = None
    zone: xr.DataArray | None = None
    change: dict[str, Located] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Located:
    """The model of change of a region, and where the rows and columns of a block lie (degrees)."""

    model: ChangeModel
    y: np.ndarray
    x: np.ndarray


@dataclass(frozen=True)
class Measured:
    """What a block measures: `land` by period, `methods` by profile and period, each a Dataset (y, x).

    `land`: `mean_<kind>`, `units`, `first_<windows>` and, where both maps are, `last_<windows>`,
    `transition_<profile>`, `carbon`, `soc_change`; names of what follows from filtered land cover are those of
    `of_cover`. `methods`: `slope`, `p`, `direction`, the same `_adjusted` where there is rain, `state`, and `lpd` for
    FAO-WOCAT.
    """

    land: tuple[xr.Dataset, ...]
    methods: dict[str, tuple[xr.Dataset, ...]]


def measure(inputs: PixelInputs, periods: Sequence[Period], profiles: Sequence[Profile]) -> Measured:
    """Measure every pixel of a block for every period by every profile; one pass for what they share."""
    methods: dict[str, list[xr.Dataset]] = {each.name: [] for each in profiles}
    changes = {kind: _changes(inputs.vi[kind], found, periods) for kind, found in inputs.change.items()}
    for number, period in enumerate(periods):
        shared: dict[tuple[str, str], xr.Dataset] = {}
        for profile in profiles:
            found = measure_method(inputs, period, profile, shared)
            if profile.productivity == "posterior" and profile.annual in changes:
                found = found.merge(changes[profile.annual][number])
            methods[profile.name].append(found)
    return Measured(measure_land(inputs, periods, profiles), {name: tuple(found) for name, found in methods.items()})


def _changes(vi: xr.DataArray, located: Located, periods: Sequence[Period]) -> list[xr.Dataset]:
    """Probability, size and date of change in the windows of the trend of each period."""
    return posterior(vi, located.model, located.y, located.x, [each.trajectory for each in periods])


def measure_land(inputs: PixelInputs, periods: Sequence[Period], profiles: Sequence[Profile]) -> tuple[xr.Dataset, ...]:
    """Only the part `land` of what `measure` returns."""
    covers = cover_by_filter(inputs, profiles)
    stocks = {name: _stocks(inputs, cover) for name, cover in covers.items()}
    return tuple(_land(inputs, each, profiles, covers, stocks) for each in periods)


def of_cover(name: str, profile: Profile) -> str:
    """The name in `Measured.land` of a layer that follows from land cover, as the profile filters it."""
    return name if profile.cover_filter == "none" else f"{name}_{profile.cover_filter}"


def cover_by_filter(inputs: PixelInputs, profiles: Sequence[Profile]) -> dict[str, xr.DataArray]:
    """Land cover (year, y, x) by the filters that the profiles name, each computed once; {} without land cover."""
    if inputs.land_cover is None:
        return {}
    found = dict(inputs.filtered_cover)
    for each in profiles:
        if each.cover_filter not in found:
            found[each.cover_filter] = filtered(
                inputs.land_cover, each.cover_filter, rates=inputs.cover_rates, product=inputs.cover_product
            )
    return found


def window_mean(vi: xr.DataArray, years: Years) -> xr.DataArray:
    """Mean of the annual values of a window, single precision: what performance compares."""
    return known_mean(vi.sel(year=slice(*years))).astype(np.float32)


def cover_of(land_cover: xr.DataArray | None, year: int) -> xr.DataArray | None:
    """The map of a year, or of the nearest year with a map."""
    return None if land_cover is None else land_cover.sel(year=year, method="nearest", drop=True)


def _window(data: xr.DataArray | None, years: Years) -> tuple[xr.DataArray, xr.DataArray] | None:
    """The first and last map of a window; None if either is missing."""
    if data is None or not set(years) <= set(data["year"].values.tolist()):
        return None
    return data.sel(year=years[0], drop=True), data.sel(year=years[1], drop=True)


def _stocks(inputs: PixelInputs, cover: xr.DataArray) -> xr.DataArray | None:
    if inputs.climate_zone is None:
        return None
    # Transitions before a period still work on in it, so the stock starts with the first map.
    return soil_carbon.stock(1.0, cover, inputs.climate_zone)


def _land(
    inputs: PixelInputs,
    period: Period,
    profiles: Sequence[Profile],
    covers: Mapping[str, xr.DataArray],
    stocks: Mapping[str, xr.DataArray | None],
) -> xr.Dataset:
    like = next(iter(inputs.vi.values())).isel(year=0, drop=True)
    blank = xr.full_like(like, NODATA, dtype=np.int8)
    found = {f"mean_{kind}": window_mean(vi, period.performance) for kind, vi in inputs.vi.items() if kind != PEAK}
    # Units compare with reference areas, of which only this one map is known: it is not filtered.
    first = cover_of(inputs.land_cover, period.performance[0])
    found["units"] = like.copy(data=labels(inputs.zone, inputs.soil_unit, first, like.shape))
    done: dict[object, str] = {}
    for profile in profiles:
        for windows in profile.windows:
            maps = _window(covers.get(profile.cover_filter), period.cover_window(windows))
            found[of_cover(f"first_{windows}", profile)] = blank if maps is None else maps[0].astype(np.int8)
            if maps is not None:
                found[of_cover(f"last_{windows}", profile)] = maps[1].astype(np.int8)
            name, key = f"transition_{profile.name}_{windows}", (profile.matrix, windows, profile.cover_filter)
            if maps is None:
                found[name] = blank
            else:
                found[name] = found[done[key]] if key in done else cover.degradation(*maps, _matrix(profile))
            done.setdefault(key, name)
        carbon, change = of_cover("carbon", profile), of_cover("soc_change", profile)
        if carbon in found:
            continue
        found[carbon], found[change] = blank, xr.full_like(like, np.nan, dtype=np.float32)
        stock = stocks.get(profile.cover_filter)
        if stock is not None and _window(stock, period.soil_carbon) is not None:
            found[carbon] = soil_carbon.degradation(stock, period.soil_carbon)
            found[change] = soil_carbon.change(stock, period.soil_carbon).astype(np.float32)
    return xr.Dataset(found)


def _matrix(profile: Profile) -> str | pd.DataFrame:
    return profile.matrix if isinstance(profile.matrix, str) else pd.DataFrame(profile.matrix)


def measure_method(
    inputs: PixelInputs, period: Period, profile: Profile, shared: dict[tuple[str, str], xr.Dataset]
) -> xr.Dataset:
    """What `Measured.methods` of `measure` holds of one period and profile; `shared`: trends of other profiles."""
    vi = inputs.vi[profile.annual]
    window = vi.sel(year=slice(*period.trajectory))
    trend = _trend(window, "", profile, inputs, shared)
    rest = _without_climate(window, inputs, profile)
    if rest is not None:
        trend |= _trend(rest, "_adjusted", profile, inputs, shared)
    changed = state(vi, period.state_baseline, period.state_recent, profile, quantity=inputs.quantity)["direction"]
    trend["state"] = changed.fillna(NODATA).astype(np.int8)
    if profile.biomass is not None:
        peaks = inputs.vi.get(PEAK, vi).sel(year=slice(*period.trajectory))
        trend |= _codes(window, peaks, trend, profile, inputs.quantity)
    return xr.Dataset(trend)


def _without_climate(window: xr.DataArray, inputs: PixelInputs, profile: Profile) -> xr.DataArray | None:
    """What rain, and temperature where it counts, leave of the years of a window; None without rain."""
    years, kind = window["year"], profile.annual
    if profile.trajectory.rain == "best-sum" and kind in inputs.rain_sums:
        temperature = inputs.temperature[kind].sel(year=years) if kind in inputs.temperature else None
        return residual(window, inputs.rain_sums[kind].sel(year=years), temperature)
    if inputs.precipitation is None:
        return None
    return adjusted(window, inputs.precipitation.sel(year=years), "restrend")


def _trend(
    values: xr.DataArray, suffix: str, profile: Profile, inputs: PixelInputs, shared: dict[tuple[str, str], xr.Dataset]
) -> dict[str, xr.DataArray]:
    key = (profile.annual + suffix + (profile.trajectory.rain if suffix else ""), profile.trajectory.slope)
    if key not in shared:
        shared[key] = statistics(values, profile.trajectory.slope)
    found = judged(shared[key], profile.trajectory, inputs.quantity)
    # Pixels with too few years take no part in the false discovery rate.
    p = found["p"].where(shared[key]["years"] >= profile.trajectory.minimum_years)
    kept = {
        "slope": found["slope"].astype(np.float32),
        "p": p,
        "direction": found["direction"].fillna(NODATA).astype(np.int8),
    }
    faint = profile.trajectory.detectability if inputs.quantity == "ndvi" else 0.0
    if not suffix:
        kept["faint"] = shared[key]["mean"] < faint
    return {name + suffix: layer for name, layer in kept.items()}


def _codes(
    window: xr.DataArray, peaks: xr.DataArray, trend: dict[str, xr.DataArray], profile: Profile, quantity: str
) -> dict[str, xr.DataArray]:
    assert profile.biomass is not None
    course = wocat.course(window)
    like = trend["state"]
    known = trend["direction"].where(trend["direction"] != NODATA)
    steady = wocat.steadiness(known, course["mtid"])
    mass = wocat.biomass(course["first"], profile.biomass, quantity)
    codes = wocat.code(steady, trend["state"].where(trend["state"] != NODATA), mass)
    desert = profile.biomass.desert if quantity == "ndvi" else None
    lpd = wocat.classes(codes, wocat.course(peaks)["largest"], desert)
    return {"steadiness": like.copy(data=steady), "lpd": like.copy(data=lpd)}
