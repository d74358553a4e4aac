"""The decision tree of `residual_trends` for many pixels of yearly vegetation and rain.

Breaks are dated in the annual values: a sup-F test of the residuals against a line, and where it is significant
Bai–Perron breaks of that line by BIC. Chow tests then choose among them as in the monthly tree. Segments have at
least ⌊h·n⌋ years and never fewer than four: with fewer years, a line fits noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import xarray as xr
from scipy.special import fdtrc, stdtr

from indicators.breaks import p_values
from indicators.breaks.kernels import kernel_chow, kernel_partitions, kernel_regress, kernel_tests
from indicators.breaks.kernels.gap_classes import classes
from indicators.breaks.pixel_blocks import at_rows, core_dim, interval_rows, over_pixels, rows_after, well_scaled
from indicators.breaks.pixels import f_p_of_pixels
from indicators.breaks.residuals.segmented import COUNTS_BELOW
from indicators.errors import IndicatorError

METHODS = ("indeterminate", "restrend", "segmented_restrend", "segmented_vpr", "negative_rain", "invalid")
NO_DATA = -1
SHORTEST = 4
Screen = Literal["sup_f", "mosum", "none"]


@dataclass(frozen=True)
class _Fits:
    """Least squares by pixel: `beta` (k, pixels), constant first; p of each, p of F, R², fitted (rows, pixels)."""

    beta: np.ndarray
    p_beta: np.ndarray
    p: np.ndarray
    r2: np.ndarray
    fitted: np.ndarray


def regress(y: np.ndarray, *columns: np.ndarray) -> _Fits:
    """y on a constant and columns, all (rows, pixels); NaN where y is NaN, and for pixels with too few values."""
    k, pixels = len(columns) + 1, y.shape[1]
    beta, spread = np.empty((k, pixels)), np.empty((k, pixels))
    squares, fitted = np.empty((2, pixels)), np.empty(y.shape)
    stacked = np.ascontiguousarray(np.stack([np.broadcast_to(c, y.shape) for c in columns]))
    kernel_regress.regress(np.ascontiguousarray(y), stacked, beta, spread, squares, fitted)
    rss, tss = squares
    with np.errstate(divide="ignore", invalid="ignore"):
        exact = rss <= 1e-28 * tss
        free = np.maximum(np.isfinite(y).sum(0) - k, 1)
        variance = np.where(exact, 1.0, rss) / free
        certain = np.where(tss > 0, 0.0, 1.0)
        p = np.where(exact, certain, fdtrc(k - 1, free, np.maximum(tss - rss, 0) / (k - 1) / variance))
        p_beta = np.where(exact, certain, 2 * stdtr(free, -np.abs(beta / np.sqrt(spread * variance))))
        r2 = np.where(tss > 0, np.maximum(tss - rss, 0) / tss, np.nan)
    return _Fits(beta, p_beta, p, r2, fitted)


def tss_restrend_annual(
    vi: xr.DataArray,
    rain: xr.DataArray,
    *,
    h: float = 0.2,
    level: float = 0.05,
    screen: Screen = "sup_f",
    dim: str | None = None,
) -> xr.Dataset:
    """TSS-RESTREND of annual vegetation and rain, pixel by pixel; years with a gap in either are left out.

    Parameters
    ----------
    vi
        Annual vegetation (year, y, x), any units.
    rain
        Annual rain, mm, for the years of `vi` (year, y, x, or year alone).
    h
        Shortest segment, a share of the years; at least four years.
    level
        Level of the tests.
    screen
        Test that must be significant before breaks are searched: `sup_f`, `mosum` or `none`.
    dim
        Dimension of time; None finds it.

    Returns
    -------
    xarray.Dataset
        By pixel. `method`: code in `METHODS`, −1 with too few years. `break_year`: first year after the break, with its
        95 % interval `break_low`, `break_high`; NaN without a break. `break_p`, `vpr_break_p`: p of the Chow tests of
        residuals and VPR. In units of `vi`: `total_change`, `residual_change`, `height_change`, and `before`, `at`,
        `after` (the break). Their p: `residual_p`, `height_p`, `before_p`, `after_p`. `vpr_slope` (units of `vi` per
        mm), `vpr_p`, `vpr_r2`. `explained_by_rain`: True or False.

    Raises
    ------
    IndicatorError
        ⌊h·n⌋ is below 4 years, the years of `vi` and `rain` differ, or the screen is unknown.

    References
    ----------
    Burrell, Evans & Liu (2017), doi:10.1016/j.rse.2017.05.018.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> rng = np.random.default_rng(0)
    >>> rain = xr.DataArray(rng.normal(250, 40, (24, 1)), {"year": range(2001, 2025)}, ("year", "x"))
    >>> ndvi = 0.1 + 0.001 * rain + rng.normal(0, 0.005, (24, 1)) - 0.05 * (rain["year"] > 2012)
    >>> result = tss_restrend_annual(ndvi, rain)
    >>> int(result["break_year"][0])
    2013
    """
    if screen not in ("sup_f", "mosum", "none"):
        raise IndicatorError(f"screen {screen!r} is unknown; use 'sup_f', 'mosum' or 'none'")
    name = core_dim(vi, dim)
    n = vi.sizes[name]
    if name not in rain.dims or not np.array_equal(rain[name], vi[name]):
        raise IndicatorError(f"vegetation and rain have different values of {name!r}; select those that both have")
    if np.floor(h * n) < SHORTEST:
        raise IndicatorError(
            f"tss_restrend_annual: {n} years with h={h} give segments of {int(h * n)} years; at least {SHORTEST} are "
            f"needed: use h of {SHORTEST / n:.2f} or more"
        )
    years = np.asarray(vi[name].values, float)

    def work(values: np.ndarray) -> tuple[np.ndarray, ...]:
        half = len(values) // 2
        return _tree(values[:half], values[half:], years, h, level, screen)

    both = xr.concat([vi, rain.broadcast_like(vi) if rain.ndim < vi.ndim else rain], dim=name, join="override")
    if both.chunks is not None:
        both = both.chunk({name: -1})
    results = over_pixels(work, both.drop_vars(name), name, [np.int8, *[np.int64] * 3, *[float] * 15, bool])
    fields = dict(zip(FIELDS, results, strict=True))
    rows = {field: at_rows(fields[field], vi[name]) for field in ("break_year", "break_low", "break_high")}
    result = xr.Dataset({**fields, **rows}, attrs={"h": h, "level": level, "screen": screen})
    result["method"].attrs.update(
        flag_values=np.arange(-1, len(METHODS), dtype=np.int8), flag_meanings=" ".join(("no_data", *METHODS))
    )
    for field in ("total_change", "residual_change", "height_change", "before", "at", "after"):
        result[field].attrs["units"] = str(vi.attrs.get("units", "1"))
    return result


FIELDS = (
    "method",
    "break_year",
    "break_low",
    "break_high",
    "break_p",
    "vpr_break_p",
    "total_change",
    "residual_change",
    "residual_p",
    "height_change",
    "height_p",
    "before",
    "at",
    "after",
    "before_p",
    "after_p",
    "vpr_slope",
    "vpr_p",
    "vpr_r2",
    "explained_by_rain",
)


def _tree(
    green: np.ndarray, rain: np.ndarray, years: np.ndarray, h: float, level: float, screen: Screen
) -> tuple[np.ndarray, ...]:
    """The fields in the order of `FIELDS`; green and rain (rows, pixels)."""
    valid = np.isfinite(green) & np.isfinite(rain)
    enough = np.floor(h * valid.sum(0)) >= SHORTEST
    valid &= enough
    green, rain = np.where(valid, green, np.nan), np.where(valid, rain, np.nan)
    t = np.broadcast_to(years[:, None], green.shape)
    vpr = regress(green, rain)
    driven = vpr.p <= level
    residuals = green - vpr.fitted
    y = np.ascontiguousarray(np.where(driven, residuals, green))
    places, low, high = _candidates(y, years, h, level, screen)
    row = np.empty(green.shape[1], np.int64)
    p = np.empty((2, green.shape[1]))
    x = np.ascontiguousarray(np.where(driven, t, rain))
    kernel_chow.strongest(y, x, np.ascontiguousarray(green), np.ascontiguousarray(rain), places, row, p)
    with np.errstate(invalid="ignore"):
        significant = (row >= 0) & (p[0] <= level)
        broken = significant & (~driven | (p[1] <= level))
        negative = driven & ~significant & (vpr.beta[1] < 0)
    parts = _parts(green, rain, years, residuals, np.where(significant, row, -1), broken)
    residual, residual_p, height, height_p = parts[:4]
    with np.errstate(invalid="ignore"):
        total = np.where(residual_p < COUNTS_BELOW, residual, 0) + np.where(height_p < COUNTS_BELOW, height, 0)
        span = np.where(valid, green, -np.inf).max(0) - np.where(valid, green, np.inf).min(0)
        invalid = np.abs(total) > span
        explained = driven & ~significant & (vpr.beta[1] > 0) & (residual_p >= COUNTS_BELOW)
    method = np.select(
        [~enough, invalid, broken, significant, negative, driven], [NO_DATA, 5, 3, 2, 4, 1], default=0
    ).astype(np.int8)
    chosen = (places == row) & significant & (row >= 0)
    ends = [np.where(chosen, each, -1).max(0) for each in (low, high)]
    nan = np.where(enough, 1.0, np.nan)
    changes = [np.where(invalid, np.nan, total), *parts]
    return (
        method,
        *(rows_after(valid, each) for each in (np.where(significant, row, -1), *ends)),
        np.where(driven, p[0], np.nan),
        p[1],
        *(each * nan for each in changes),
        vpr.beta[1],
        vpr.p,
        vpr.r2,
        explained,
    )


def _candidates(
    y: np.ndarray, years: np.ndarray, h: float, level: float, screen: Screen
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of the breaks of each pixel (most, pixels) in order, −1 behind them, and of the ends of their intervals."""
    x = well_scaled(np.column_stack([np.ones(len(years)), years]), len(years))
    grouped = classes(y)
    pixels = y.shape[1]
    out = np.empty((2, pixels))
    if screen == "sup_f":
        kernel_tests.sup_f(y, x, *grouped, h, out, np.empty(pixels, np.int64))
        p = f_p_of_pixels(out[0], np.isfinite(y).sum(0), "sup", 2, h)
    elif screen == "mosum":
        kernel_tests.residual_sums(y, x, *grouped, h, out)
        p = p_values.mosum_p(out[1], h)
    else:
        p = np.zeros(pixels)
    shortest = int(np.floor(h * len(years)))
    most = max(1, -(-len(years) // shortest) - 2)
    places, low, high = (np.full((most, pixels), -1) for _ in range(3))
    some = np.flatnonzero(p <= level)
    if len(some):
        # the search is slow, and few pixels pass the screen
        part = np.ascontiguousarray(y[:, some])
        groups = classes(part)
        own, sizes = np.empty((most, len(some)), np.int64), np.empty((5, most, len(some)))
        kernel_partitions.partitions(part, x, groups, h, most, False, (own, np.empty((most + 1, len(some)))))
        kernel_partitions.break_sizes(part, x, *groups, own, sizes)
        places[:, some] = own
        low[:, some], high[:, some] = interval_rows(part, own, sizes)
    return places, low, high


def _parts(
    green: np.ndarray, rain: np.ndarray, years: np.ndarray, residuals: np.ndarray, row: np.ndarray, broken: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Residual change and p, height and p, change before, at and after, p before and after; row −1 has no break."""
    straight = regress(residuals, np.broadcast_to(years[:, None], residuals.shape))
    known = np.isfinite(residuals)
    pixel = np.arange(residuals.shape[1])
    first, last = known.argmax(0), len(years) - 1 - known[::-1].argmax(0)
    change = straight.fitted[last, pixel] - straight.fitted[first, pixel]
    parts = [change, straight.p, np.zeros_like(change), np.full_like(change, np.nan), change.copy()]
    parts += [np.zeros_like(change), np.zeros_like(change), straight.p.copy(), np.full_like(change, np.nan)]
    apart = np.flatnonzero(row >= 0)
    if len(apart):
        own = _sided_parts(green[:, apart], rain[:, apart], residuals[:, apart], years, row[apart], broken[apart])
        for whole, part in zip(parts, own, strict=True):
            whole[apart] = part
    return tuple(parts)


def _sided_parts(
    green: np.ndarray, rain: np.ndarray, residuals: np.ndarray, years: np.ndarray, row: np.ndarray, broken: np.ndarray
) -> tuple[np.ndarray, ...]:
    """The same for pixels that all have a break, at `row`."""
    rows = np.arange(len(years))[:, None]
    side = np.where(rows > row, 1.0, 0.0)
    since = years[:, None] - (years[row] + 0.5)
    centre = np.nanmean(rain, axis=0)
    z = np.nan_to_num((rain - centre) / np.nanstd(rain, axis=0, ddof=1))
    vpr = regress(green, z, side, z * side)
    left = np.where(broken, green - vpr.fitted, residuals)
    trend = regress(left, since, side, since * side)
    known = np.isfinite(left)
    pixel = np.arange(left.shape[1])
    first, last = known.argmax(0), len(years) - 1 - known[::-1].argmax(0)
    after = np.where(known & (rows > row), rows, len(years) - 1).min(0)
    start, ahead, behind, end = (trend.fitted[at, pixel] for at in (first, row, after, last))
    height = np.where(broken, vpr.beta[2], 0.0)
    height_p = np.where(broken, vpr.p_beta[2], np.nan)
    # each part alone, as de Jong et al. (2013) test the slopes of segments
    sides = [regress(np.where(own, left, np.nan), since).p_beta[1] for own in (rows <= row, rows > row)]
    return end - start, trend.p, height, height_p, ahead - start, behind - ahead + height, end - behind, *sides
