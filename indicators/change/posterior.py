"""The probability that a pixel lost or gained productivity for reasons other than weather.

For a pixel, y = logarithm of its annual values less their mean. The references (what the years did to unchanged land
around it) are projected out of y and of every course h that a change can take. With hh = Σh², hy = Σhy, v = s² / hh and
a size δ ~ N(0, τ²), the logarithm of the Bayes factor of a course against no change is

    −½ ln(1 + τ²/v) + ½ (hy/hh)² τ² / (v (v + τ²)),

and the posterior of its size N(d, e²) with d = hy/hh · τ²/(τ² + v), e² = v τ²/(v + τ²). Courses are averaged by their
prior and Bayes factor, change against no change by the share of changed land in the region (empirical Bayes). Years are
weighted by the noise of the region (`indicators.change.noise`), s² is pulled towards it (Smyth 2004).
"""

from __future__ import annotations

from collections.abc import Sequence

import numba
import numpy as np
import xarray as xr
from numpy.typing import NDArray

from indicators.change import kernel
from indicators.change.courses import courses
from indicators.change.model import ChangeModel, Window, logarithms
from indicators.codes import DEGRADED, IMPROVED, NODATA, STABLE
from indicators.kernel import shared

#: Probability from which land counts as degraded or improved.
DECIDED = 0.5
#: Half the width of a 95 % interval in standard deviations.
TWO_SIDED = 1.959964
YEAR_NODATA = -1
#: Pixels that a thread computes at a time.
PART = 8192

#: Layers of a window, in addition to the class: content and units.
WINDOW_LAYERS = {
    "loss_probability": "probability that more than 10 % of productivity was lost for reasons other than weather",
    "gain_probability": "probability that more than 10 % of productivity was gained for reasons other than weather",
    "change": "change of productivity for reasons other than weather, share",
    "change_low": "lower end of the 95 % interval of the change, share",
    "change_high": "upper end of the 95 % interval of the change, share",
}
RECORD_LAYERS = {
    "change_probability": "probability that productivity changed at all for reasons other than weather",
    "step_probability": "probability of an abrupt change beyond 10 %",
    "step_size": "size of the abrupt change, share",
}
YEAR_LAYERS = {
    "step_year": "first year after the most probable abrupt change",
    "onset_year": "first year of the change (median of its posterior)",
    "onset_low": "lower end of the 95 % interval of the first year of the change",
    "onset_high": "upper end of the 95 % interval of the first year of the change",
}


def posterior(
    vi: xr.DataArray,
    model: ChangeModel,
    y: NDArray[np.float64],
    x: NDArray[np.float64],
    windows: Sequence[Window],
) -> list[xr.Dataset]:
    """Probability, size and date of change of each pixel, for each window.

    Parameters
    ----------
    vi
        Annual values (year, y, x), positive; NaN in gaps. Fewer than 8 values are no data.
    model
        The model of the region, over the same years (`change_model`).
    y, x
        Latitude of the rows and longitude of the columns, degrees.
    windows
        First and last year of each window. The change of a window is that between its first and last year; the whole
        record says how large it is, so that short windows lose little.

    Returns
    -------
    list of xarray.Dataset
        For each window, (y, x): `change_class` (int8: −1, 0, 1, `NODATA`), the layers of `WINDOW_LAYERS`,
        `RECORD_LAYERS` (float32, NaN without data) and `YEAR_LAYERS` (int16, −1 without data; `step_year` 0 where an
        abrupt change is not probable), and `evidence` (int8, `EVIDENCE`).

    References
    ----------
    Dynamic reference cover: Bastin et al. 2012, Remote Sensing of Environment 121. Local scaling: Prince, Becker-Reshef
    & Rishmawi 2009, doi:10.1016/j.rse.2009.01.016. Variances: Smyth 2004, doi:10.2202/1544-6115.1027.
    """
    vi = vi.transpose("year", "y", "x").sel(year=list(model.years))
    shape = vi.shape[1:]
    values = logarithms(vi.values).reshape(len(vi), -1).T
    rows, columns = np.meshgrid(y, x, indexing="ij")
    indices, weights = model.reference.lattice.corners(rows.ravel(), columns.ravel())
    library = courses(len(model.years))
    whitener = model.reference.noise.whitener(len(model.years))
    common = np.array([_common(model, window) for window in windows])
    rest = (
        whitener, np.ascontiguousarray(whitener @ library.shapes.T), np.log(library.prior),
        np.array([library.rises(*model.indices(window)) for window in windows]), library.abrupt, library.onset,
        common, model.reference.noise.variance, model.reference.odds,
    )  # fmt: skip
    found = np.empty((len(values), kernel.FIXED + len(windows) * kernel.PER_WINDOW))

    def work(part: slice) -> None:
        own = np.ascontiguousarray(values[part])
        found[part] = kernel.pixels(own, model.reference.nodes, indices[part], weights[part], *rest)

    shared(work, len(values), numba.config.NUMBA_NUM_THREADS, PART)
    like = vi.isel(year=0, drop=True).drop_attrs()
    record = _record(found, model)
    return [
        xr.Dataset(
            {name: like.copy(data=layer.reshape(shape)) for name, layer in {**_window(found, number), **record}.items()}
        )
        for number in range(len(windows))
    ]


def _common(model: ChangeModel, window: Window) -> tuple[float, float, float]:
    there = model.common.get(window)
    return (0.0, 0.0, 0.0) if there is None else (there.changed, there.mean, there.spread)


def _window(found: NDArray[np.float64], number: int) -> dict[str, NDArray[np.generic]]:
    own = found[:, kernel.FIXED + number * kernel.PER_WINDOW :]
    loss, gain, mean, spread = (own[:, column] for column in range(kernel.PER_WINDOW))
    classes = np.select([np.isnan(loss), loss >= DECIDED, gain >= DECIDED], [NODATA, DEGRADED, IMPROVED], STABLE)
    ends = {
        "change": mean, "change_low": mean - TWO_SIDED * spread, "change_high": mean + TWO_SIDED * spread,
    }  # fmt: skip
    return {
        "change_class": classes.astype(np.int8),
        "loss_probability": loss.astype(np.float32),
        "gain_probability": gain.astype(np.float32),
        **{name: np.expm1(end).astype(np.float32) for name, end in ends.items()},
    }


def _record(found: NDArray[np.float64], model: ChangeModel) -> dict[str, NDArray[np.generic]]:
    judged = np.isfinite(found[:, kernel.CHANGED])
    years = np.asarray(model.years)
    sudden = judged & (found[:, kernel.ABRUPT] >= DECIDED)

    def year(column: int) -> NDArray[np.int16]:
        index = np.where(judged, found[:, column], 0).astype(int)
        return np.where(judged, years[index], YEAR_NODATA).astype(np.int16)

    return {
        "change_probability": found[:, kernel.CHANGED].astype(np.float32),
        "step_probability": found[:, kernel.ABRUPT].astype(np.float32),
        "step_size": np.where(sudden, np.expm1(found[:, kernel.BREAK_SIZE]), np.nan).astype(np.float32),
        "step_year": np.where(judged & ~sudden, 0, year(kernel.BREAK)).astype(np.int16),
        "onset_year": year(kernel.ONSET),
        "onset_low": year(kernel.ONSET_LOW),
        "onset_high": year(kernel.ONSET_HIGH),
        "evidence": np.where(judged, model.evidence, NODATA).astype(np.int8),
    }
