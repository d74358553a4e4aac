"""Second half of an assessment: classes, their combination, and the reasons of degradation.

Input: the measures of each pixel (`indicators.sdg15.measures`), and two results of the whole region: the largest
p-value that the false discovery rate allows, and the best productivity of each unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr

from indicators.change import EVIDENCE, RECORD_LAYERS, WINDOW_LAYERS, YEAR_LAYERS
from indicators.change.posterior import YEAR_NODATA
from indicators.codes import (
    BELOW_DETECTABILITY,
    CHANGE_BIT,
    DEGRADED,
    IMPROVED,
    MEANINGS,
    NODATA,
    REASONS,
    STABLE,
    UNDETERMINED,
    WATER,
    attributes,
)  # fmt: skip
from indicators.profiles import Profile
from indicators.sdg15 import one_out_all_out as sdg
from indicators.sdg15.lpd import LPD_MEANINGS, lpd, lpd3
from indicators.sdg15.measures import WATER_CLASS, Measured, of_cover
from indicators.sdg15.performance import Best, compared, levels
from indicators.sdg15.periods import Period, is_baseline

GUIDANCE = "UNCCD Good Practice Guidance for SDG indicator 15.3.1, version 2 (2021), and addendum (2023)"
THREE = {code: MEANINGS[code] for code in (DEGRADED, STABLE, IMPROVED)}
LAND = {**THREE, WATER: MEANINGS[WATER]}
FAINT = {**LAND, BELOW_DETECTABILITY: MEANINGS[BELOW_DETECTABILITY]}
COMBINED = {**THREE, UNDETERMINED: MEANINGS[UNDETERMINED], WATER: MEANINGS[WATER]}
#: Layers of numbers, as they were measured.
NUMBERS = {
    "slope": {"long_name": "slope of annual productivity"},
    "p": {"long_name": "two-sided p of the trend", "units": "1"},
    "slope_adjusted": {"long_name": "slope of annual productivity, rain removed"},
    "p_adjusted": {"long_name": "two-sided p of the trend, rain removed", "units": "1"},
}
#: Codes of water and undetermined land in the agreement map, where small numbers are counts of profiles.
AGREED_WATER, AGREED_UNDETERMINED = 100, 101


@dataclass(frozen=True)
class Whole:
    """Results of the whole region that the classes of a pixel depend on.

    `thresholds`: largest p of a discovery by (profile, number of the period, suffix), where the suffix is empty or
    `_adjusted`. `best`: best productivity of each unit by (kind of annual value, number of the period).
    """

    thresholds: dict[tuple[str, int, str], float] = field(default_factory=dict)
    best: dict[tuple[str, int], Best] = field(default_factory=dict)


def find(measured: Measured, whole: Whole, periods: Sequence[Period], profile: Profile) -> xr.Dataset:
    """All layers of one profile, with dimensions (period, y, x); class rasters are int8 with `NODATA`."""
    by_period = [_period(measured, whole, number, profile) for number in range(len(periods))]
    names = [each.name for each in periods]
    result = xr.concat(by_period, dim="period", combine_attrs="override").assign_coords(period=names)
    base_name = next((name for name in names if is_baseline(name)), None)
    if base_name is not None:
        by_name = {each.name: result["sdg"].sel(period=each.name, drop=True) for each in periods}
        base = by_name[base_name]
        layers = [
            sdg.status(base, by_name[each.name]) if each.reporting else xr.full_like(base, NODATA) for each in periods
        ]
        result["status"] = xr.concat(layers, dim="period").assign_coords(period=names)
        result["status"].attrs = attributes("status against the baseline", sdg.STATUS_MEANINGS, GUIDANCE)
    result.attrs = {"profile": profile.name, "references": GUIDANCE, "Conventions": "CF-1.11"}
    return result


def _period(measured: Measured, whole: Whole, number: int, profile: Profile) -> xr.Dataset:
    land, trend = measured.land[number], measured.methods[profile.name][number]
    ratio, best, level = performance_of(land, whole, number, profile)
    layers, partial = _layers(land, trend, best, whole, number, profile)
    # One land mask for all layers: water in the first year is water in every layer.
    water = land[of_cover(f"first_{profile.windows[0]}", profile)] == WATER_CLASS
    masked = {
        name: layer.where(~water, WATER if name != "lpd" else NODATA).astype(np.int8).assign_attrs(layer.attrs)
        for name, layer in layers.items()
    }
    degraded = masked["sdg"] == DEGRADED
    numbers = {
        name: trend[name].astype(np.float32).assign_attrs(words) for name, words in NUMBERS.items() if name in trend
    }
    described = {
        "partial": ((partial * degraded).astype(np.int8), "degraded, but something is missing"),
        "performance_ratio": (ratio.astype(np.float32), "mean over best of its unit"),
        "performance_level": (level, "unit compared with: 0 its own, 1 its land cover, 2 the whole area"),
        "soc_change": (land[of_cover("soc_change", profile)], "relative change of soil organic carbon"),
    }
    rest = {
        name: layer.drop_attrs().assign_attrs(long_name=text, units="1") for name, (layer, text) in described.items()
    }
    rest["partial"].attrs |= {"flag_values": [0, 1], "flag_meanings": "no yes"}
    rest |= change_layers(trend, ~water & ~trend["faint"])
    return xr.Dataset({**masked, **numbers, **rest, "reason": _reasons(masked, trend, degraded)})


def _layers(
    land: xr.Dataset, trend: xr.Dataset, best: xr.DataArray, whole: Whole, number: int, profile: Profile
) -> tuple[dict[str, xr.DataArray], xr.DataArray]:
    """The class layers of a period before water is masked, and which pixels are degraded on partial data."""
    direction = _discovered(trend, "", whole, number, profile)
    three = profile.table.startswith("sepal")
    classes = trend["lpd"] if "lpd" in trend else lpd(direction, trend["state"], best, profile.table)
    if profile.productivity == "posterior":
        productivity = changed_classes(trend)
    else:
        productivity = classes if three else lpd3(classes)
    transition = land[f"transition_{profile.name}_{profile.windows[0]}"]
    carbon = land[of_cover("carbon", profile)]
    combined = sdg.one_out_all_out(productivity, transition, carbon)
    meanings = attributes("land productivity dynamics", THREE if three else LPD_MEANINGS, GUIDANCE)
    faint = trend["faint"]
    layers = {
        "trajectory": _classes(direction, "trajectory", FAINT, faint),
        "state": _classes(trend["state"], "state", LAND),
        "performance": _classes(best, "performance", LAND),
        "lpd": classes.assign_attrs(meanings),
        "productivity": _classes(productivity, "productivity", FAINT, faint),
        "land_cover": _classes(transition, "land cover", LAND),
        "soil_organic_carbon": _classes(carbon, "soil organic carbon", LAND),
        "sdg": _classes(combined["sdg"], "SDG 15.3.1", COMBINED),
    }
    if profile.trajectory.fdr is not None:
        layers["trajectory_plain"] = _classes(trend["direction"], "trajectory, no false discovery rate", FAINT, faint)
    for other in profile.windows[1:]:
        name = f"land cover, windows of {other}"
        layers["land_cover_other_window"] = _classes(land[f"transition_{profile.name}_{other}"], name, LAND)
    if "direction_adjusted" in trend:
        adjusted = _discovered(trend, "_adjusted", whole, number, profile)
        layers["trajectory_adjusted"] = _classes(adjusted, "trajectory, rain removed", FAINT, faint)
    return layers, combined["partial"]


def changed_classes(trend: xr.Dataset) -> xr.DataArray:
    """Classes of the probability of change; no data without a model of change, and where land is too faint to judge."""
    if "change_class" not in trend:
        return xr.full_like(trend["state"], NODATA)
    return trend["change_class"].where(~trend["faint"], NODATA).astype(np.int8)


def change_layers(trend: xr.Dataset, judged: xr.DataArray) -> dict[str, xr.DataArray]:
    """Probability, size and date of change with their attributes, where land is `judged`; {} without a model of change.

    Where land is too faint to judge it has no class, and so no probability of one either.
    """
    if "change_class" not in trend:
        return {}
    shares = {
        name: trend[name].where(judged).assign_attrs(long_name=text, units="1")
        for name, text in {**WINDOW_LAYERS, **RECORD_LAYERS}.items()
    }
    years = {
        name: trend[name]
        .where(judged, YEAR_NODATA)
        .astype(np.int16)
        .assign_attrs(long_name=text, units="year", _FillValue=YEAR_NODATA)
        for name, text in YEAR_LAYERS.items()
    }
    compared = trend["evidence"].where(judged, NODATA).astype(np.int8)
    return {
        **shares,
        **years,
        "change_evidence": compared.assign_attrs(attributes("what a pixel is compared with", EVIDENCE, GUIDANCE)),
    }


def _discovered(trend: xr.Dataset, suffix: str, whole: Whole, number: int, profile: Profile) -> xr.DataArray:
    """The direction of discoveries, `STABLE` elsewhere."""
    direction = trend["direction" + suffix]
    if profile.trajectory.fdr is None:
        return direction
    discovery = trend["p" + suffix] <= whole.thresholds.get((profile.name, number, suffix), -1.0)
    return direction.where((direction == NODATA) | discovery, STABLE)


def performance_of(
    land: xr.Dataset, whole: Whole, number: int, profile: Profile
) -> tuple[xr.DataArray, xr.DataArray, xr.DataArray]:
    """Ratio to the best of the unit, class, and level of the unit, of the pixels of a period."""
    mean = land[f"mean_{profile.annual}"]
    reference = whole.best.get((profile.annual, number))
    if profile.performance is None or reference is None:
        return (
            xr.full_like(mean, np.nan),
            xr.full_like(mean, NODATA, dtype=np.int8),
            xr.full_like(mean, -1, dtype=np.int8),
        )
    ratio, direction, level = compared(mean, levels(land["units"].values), reference, profile.performance)
    return ratio, direction.fillna(NODATA).astype(np.int8), level


def _classes(
    data: xr.DataArray, name: str, meanings: dict[int, str], faint: xr.DataArray | None = None
) -> xr.DataArray:
    filled = data if faint is None else data.where(~(faint & (data == NODATA)), BELOW_DETECTABILITY)
    return filled.astype(np.int8).assign_attrs(attributes(name, meanings, GUIDANCE))


def _reasons(layers: dict[str, xr.DataArray], trend: xr.Dataset, degraded: xr.DataArray) -> xr.DataArray:
    """Bits of what made a pixel degraded; the metrics count where they decide and productivity is degraded."""
    low = layers["productivity"] == DEGRADED
    if "change_class" in trend:
        bits: Any = low * CHANGE_BIT
    else:
        bits = sum((low & (layers[name] == DEGRADED)) * bit for bit, name in list(REASONS.items())[:3])
    bits = bits + sum((layers[name] == DEGRADED) * bit for bit, name in list(REASONS.items())[3:5])
    if "steadiness" in trend:
        bits = bits + (low & (trend["steadiness"] <= 2)) * 32
    attrs = {
        "long_name": "what made the pixel degraded",
        "flag_masks": list(REASONS),
        "flag_meanings": " ".join(REASONS.values()),
    }
    return bits.where(degraded, 0).astype(np.uint8).drop_attrs().assign_attrs(attrs)


def agreement(sdg_by_profile: Sequence[xr.DataArray]) -> xr.DataArray:
    """Number of profiles that call a pixel degraded: 0 … n; `AGREED_WATER`; `AGREED_UNDETERMINED` where none of them
    can judge it; `NODATA` where all is missing."""
    stack = np.stack([np.asarray(each) for each in sdg_by_profile])
    count = (stack == DEGRADED).sum(0)
    judged = ((stack >= DEGRADED) & (stack <= IMPROVED)).any(0)
    water = (stack == WATER).any(0)
    open_land = np.where((stack == UNDETERMINED).any(0), AGREED_UNDETERMINED, NODATA)
    codes = np.where(water, AGREED_WATER, np.where(judged, count, open_land)).astype(np.int8)
    attrs = attributes("profiles that call the pixel degraded", agreement_meanings(len(stack)), GUIDANCE)
    return sdg_by_profile[0].copy(data=codes).assign_attrs(attrs)


def agreement_meanings(profiles: int) -> dict[int, str]:
    """Classes of the agreement map of a number of `profiles`."""
    counts = {count: f"degraded_by_{count}" for count in range(profiles + 1)}
    return {**counts, AGREED_WATER: MEANINGS[WATER], AGREED_UNDETERMINED: MEANINGS[UNDETERMINED]}
