"""One region, all periods: the sub-indicators, their combination, and why each pixel is what it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from indicators import land_cover as cover
from indicators import productivity as lp
from indicators import sdg, soil_carbon
from indicators.codes import (
    BELOW_DETECTABILITY,
    DEGRADED,
    MEANINGS,
    NODATA,
    REASONS,
    WATER,
    attributes,
)
from indicators.periods import Period
from indicators.profiles import Profile, get

GUIDANCE = "UNCCD Good Practice Guidance for SDG indicator 15.3.1, version 2 (2021), and addendum (2023)"
THREE = {code: MEANINGS[code] for code in (-1, 0, 1)}


def assess(
    vi: xr.DataArray,
    *,
    periods: Sequence[Period],
    land_cover: xr.DataArray | None = None,
    climate_zone: xr.DataArray | None = None,
    precipitation: xr.DataArray | None = None,
    soil_unit: xr.DataArray | None = None,
    region_mask: xr.DataArray | None = None,
    quantity: str = "ndvi",
    profile: str | Profile = "ne-asia",
) -> xr.Dataset:
    """SDG 15.3.1 of one region for each of `periods`; the result has dimensions (period, y, x).

    `vi` (year, y, x) is the annual productivity, `quantity` what it measures; `land_cover` (year, y, x) UNCCD classes;
    `climate_zone` IPCC codes; `precipitation` (year, y, x) for the climate-adjusted trajectory, which is given beside
    the plain one; `soil_unit` makes, with land cover, the units of performance; `region_mask` marks the region's
    pixels. All share one grid. Whatever is missing is undetermined, never invented. Class rasters are int8 with
    `NODATA`; water is `WATER` in every one of them.
    """
    choices = get(profile)
    found = [
        _period(
            vi,
            each,
            land_cover,
            climate_zone,
            precipitation,
            soil_unit,
            region_mask,
            quantity,
            choices,
        )
        for each in periods
    ]
    result = xr.concat(found, dim="period").assign_coords(period=[each.name for each in periods])
    names = [each.name for each in periods]
    if "baseline" in names:
        base = result["sdg"].sel(period="baseline")
        layers = [
            sdg.status(base, result["sdg"].sel(period=each.name)) if each.reporting else xr.full_like(base, NODATA)
            for each in periods
        ]
        result["status"] = xr.concat(layers, dim="period").assign_coords(period=names)
        result["status"].attrs = attributes("status against the baseline", sdg.STATUS_MEANINGS, GUIDANCE)
    result.attrs = {"profile": choices.name, "references": GUIDANCE, "Conventions": "CF-1.11"}
    return result


def _window(data: xr.DataArray | None, years: tuple[int, int]) -> xr.DataArray | None:
    """The years of a window that the data have; None where an end is missing."""
    if data is None or not set(years) <= set(data["year"].values.tolist()):
        return None
    return data.sel(year=slice(*years))


def _period(
    vi: xr.DataArray,
    period: Period,
    land_cover: xr.DataArray | None,
    climate_zone: xr.DataArray | None,
    precipitation: xr.DataArray | None,
    soil_unit: xr.DataArray | None,
    mask: xr.DataArray | None,
    quantity: str,
    profile: Profile,
) -> xr.Dataset:
    window = vi.sel(year=slice(*period.trajectory))
    trend = lp.trajectory(window, profile=profile, quantity=quantity, within=mask)
    change = lp.state(vi, period.state_baseline, period.state_recent, profile, quantity=quantity)
    first_cover = _window(land_cover, period.land_cover)
    units = _units(vi, first_cover, soil_unit)
    yield_ratio = lp.performance(vi.sel(year=slice(*period.performance)), units, mask, profile)
    lpd = lp.lpd(trend["direction"], change["direction"], yield_ratio["direction"], profile.lpd_table)
    lpd = lpd.where(trend["direction"].notnull(), NODATA).astype(np.int8)
    productivity = lp.lpd3(lpd)
    transition = xr.full_like(productivity, NODATA)
    if first_cover is not None:
        transition = cover.degradation(
            first_cover.isel(year=0, drop=True),
            first_cover.isel(year=-1, drop=True),
            profile.matrix,
        )
    carbon, soc_change = _carbon(productivity, land_cover, climate_zone, period)
    combined = sdg.one_out_all_out(productivity, transition, carbon)
    reason = _reasons(trend, change, yield_ratio, productivity, transition, carbon)
    faint = (vi.mean("year") < profile.detectability) if quantity == "ndvi" else xr.zeros_like(productivity, bool)
    classes = {
        "trajectory": _classes(trend["direction"], "trajectory", faint),
        "state": _classes(change["direction"], "state"),
        "performance": _classes(yield_ratio["direction"], "performance"),
        "lpd": lpd.assign_attrs(attributes("land productivity dynamics", lp.LPD_MEANINGS, GUIDANCE)),
        "productivity": _classes(productivity, "productivity", faint),
        "land_cover": _classes(transition, "land cover"),
        "soil_organic_carbon": _classes(carbon, "soil organic carbon"),
        "sdg": _classes(combined["sdg"], "SDG 15.3.1"),
    }
    classes = _masked(classes, first_cover)
    return xr.Dataset(
        {
            **classes,
            "partial": combined["partial"].assign_attrs(long_name="degraded, but something is missing", units="1"),
            "reason": reason,
            **_trends(window, trend, precipitation, profile, quantity, mask),
            "soc_change": soc_change.assign_attrs(long_name="relative change of soil organic carbon", units="1"),
        }
    )


def _units(vi: xr.DataArray, cover_first: xr.DataArray | None, soil: xr.DataArray | None) -> xr.DataArray:
    """Units of performance: soil × land cover of the first year, as far as there are any."""
    blank = xr.zeros_like(vi.isel(year=0, drop=True))
    units = blank if soil is None else soil.fillna(0) * 100
    return units if cover_first is None else units + cover_first.isel(year=0, drop=True)


def _carbon(
    like: xr.DataArray, land_cover: xr.DataArray | None, zone: xr.DataArray | None, period: Period
) -> tuple[xr.DataArray, xr.DataArray]:
    """Soil-carbon class and relative change; missing where land cover or climate zone is."""
    if land_cover is None or zone is None or _window(land_cover, period.soil_carbon) is None:
        return xr.full_like(like, NODATA), xr.full_like(like, np.nan, dtype=np.float32)
    # Transitions before the period still work on in it, so the stock starts with the first map.
    stocks = soil_carbon.stock(1.0, land_cover.sel(year=slice(None, period.soil_carbon[1])), zone)
    change = soil_carbon.change(stocks, period.soil_carbon).astype(np.float32)
    return soil_carbon.degradation(stocks, period.soil_carbon), change


def _classes(data: xr.DataArray, name: str, faint: xr.DataArray | None = None) -> xr.DataArray:
    filled = data.fillna(NODATA)
    meanings = dict(THREE if name != "SDG 15.3.1" else {k: v for k, v in MEANINGS.items() if k != BELOW_DETECTABILITY})
    meanings[WATER] = MEANINGS[WATER]
    if faint is not None:
        filled = filled.where(~(faint & (filled == NODATA)), BELOW_DETECTABILITY)
        meanings[BELOW_DETECTABILITY] = MEANINGS[BELOW_DETECTABILITY]
    return filled.astype(np.int8).assign_attrs(attributes(name, meanings, GUIDANCE))


def _masked(classes: dict[str, xr.DataArray], cover_first: xr.DataArray | None) -> dict[str, xr.DataArray]:
    """One land mask for all: what was water in the first year is water everywhere."""
    if cover_first is None:
        return classes
    water = cover_first.isel(year=0, drop=True) == 7
    return {
        name: layer.where(~water, WATER if name != "lpd" else NODATA).astype(np.int8).assign_attrs(layer.attrs)
        for name, layer in classes.items()
    }


def _reasons(
    trend: xr.Dataset,
    change: xr.Dataset,
    ratio: xr.Dataset,
    productivity: xr.DataArray,
    transition: xr.DataArray,
    carbon: xr.DataArray,
) -> xr.DataArray:
    """Bits of what made a pixel degraded; the metrics count where productivity is degraded."""
    low = productivity == DEGRADED
    bits = (
        (low & (trend["direction"] == DEGRADED)) * 1
        + (low & (change["direction"] == DEGRADED)) * 2
        + (low & (ratio["direction"] == DEGRADED)) * 4
        + (transition == DEGRADED) * 8
        + (carbon == DEGRADED) * 16
    )
    attrs = {
        "long_name": "what made the pixel degraded",
        "flag_masks": list(REASONS),
        "flag_meanings": " ".join(REASONS.values()),
    }
    return bits.astype(np.uint8).assign_attrs(attrs)


def _trends(
    window: xr.DataArray,
    trend: xr.Dataset,
    rain: xr.DataArray | None,
    profile: Profile,
    quantity: str,
    mask: xr.DataArray | None,
) -> dict[str, xr.DataArray]:
    """Slope and p of the plain trajectory, and of the one with rain removed where there is rain."""
    found = {"slope": trend["slope"], "p": trend["p"]}
    if rain is not None:
        sequel = lp.trajectory(window, rain.sel(year=window.year), "restrend", profile, quantity=quantity, within=mask)
        found |= {"slope_adjusted": sequel["slope"], "p_adjusted": sequel["p"]}
        found["trajectory_adjusted"] = _classes(sequel["direction"], "trajectory, rain removed")
    return {name: layer if layer.dtype == np.int8 else layer.astype(np.float32) for name, layer in found.items()}
