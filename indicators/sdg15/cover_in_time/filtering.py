"""Yearly land cover without confusion, and the probability of each class: maps in, maps out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, get_args

import numba
import numpy as np
import xarray as xr

from indicators.codes import UNCCD
from indicators.errors import IndicatorError
from indicators.sdg15.cover_in_time.chain import probabilities
from indicators.sdg15.cover_in_time.estimate import estimated
from indicators.sdg15.cover_in_time.paths import most_likely
from indicators.sdg15.cover_in_time.rates import Rates, of_product
from indicators.sdg15.lookup import codes

Method = Literal["none", "hidden-markov"]
#: No class, in a map of any type.
NO_LABEL = 0


def rates_of(cover: xr.DataArray, product: str = "generic") -> Rates:
    """How often a region's land cover is confused, and how often it changes, from the labels of its pixels.

    Parameters
    ----------
    cover
        UNCCD classes 1 to 7 (year, ...) of the pixels of a region, or of a sample of them: 20,000 are enough. Anything
        else is a gap.
    product
        What is known beforehand: `igbp` (MCD12Q1), `esa-cci` or `generic`.

    Returns
    -------
    Rates
        For `filtered`. Of few pixels they stay near those of the product.

    Raises
    ------
    IndicatorError
        The product is unknown, or there is no dimension `year`.

    Examples
    --------
    >>> import numpy as np
    >>> import xarray as xr
    >>> labels = np.full((24, 500), 2)
    >>> for pixel in range(0, 500, 5):  # one pixel in five is taken for cropland for three years
    ...     labels[pixel % 20 + 1 : pixel % 20 + 4, pixel] = 3
    >>> rates = rates_of(xr.DataArray(labels, {"year": range(2001, 2025)}, ("year", "pixel")))
    >>> bool(rates.begins[:, 1, 2].sum() > 10 * rates.change[1, 2])  # confusion, not change
    True
    """
    return estimated(_consecutive(cover).values, product)


def filtered(
    cover: xr.DataArray,
    method: Method = "hidden-markov",
    *,
    product: str = "generic",
    rates: Rates | None = None,
) -> xr.DataArray:
    """Yearly land cover with the confusion of the classifier taken out: the most likely true class of each year.

    Labels that leave a class and return are confusion, as are labels of the first or last years that a spell of
    confusion explains better than a change. A change that lasts stays, in its year. How many years it must last depends
    on the rates: one to four before the end of the record.

    Parameters
    ----------
    cover
        UNCCD classes 1 to 7 (year, ...). Anything else is a gap. Years that are left out count as gaps.
    method
        `hidden-markov`, or `none` for the labels as they are.
    product
        `igbp` (MCD12Q1), `esa-cci` or `generic`: the rates, where `rates` is not given.
    rates
        Rates of the region (`rates_of`). They matter: real change at the start of the record and confusion look alike.

    Returns
    -------
    xarray.DataArray
        Classes of the same years, int8, `NODATA` in a gap. With `none` the labels as they are. No class comes up that
        the pixel never shows. dask arrays stay lazy.

    Raises
    ------
    IndicatorError
        The method or product is unknown, or there is no dimension `year`.

    References
    ----------
    Abercrombie & Friedl (2016), doi:10.1109/TGRS.2015.2463689; Bogaert et al. (2022), doi:10.1109/TGRS.2021.3123738.

    Examples
    --------
    >>> import xarray as xr
    >>> def of(labels):
    ...     return xr.DataArray([int(label) for label in labels], {"year": range(2001, 2001 + len(labels))}, "year")
    >>> "".join(str(label) for label in filtered(of("222226662222222222")).values)  # bare for three years
    '222222222222222222'
    >>> "".join(str(label) for label in filtered(of("222222222666666666")).values)  # bare since then
    '222222222666666666'
    """
    if method not in get_args(Method):
        raise IndicatorError(f"filter of land cover {method!r} is unknown; use one of {', '.join(get_args(Method))}")
    if method == "none":
        return cover
    known = of_product(product) if rates is None else rates
    full = _consecutive(cover)
    threads = numba.config.NUMBA_NUM_THREADS if cover.chunks is None else 1
    found = _by_pixel(full, lambda labels: most_likely(labels, known, threads), np.int8)
    return found.sel(year=cover["year"]).transpose(*cover.dims).assign_attrs(cover.attrs)


def class_probabilities(cover: xr.DataArray, *, product: str = "generic", rates: Rates | None = None) -> xr.DataArray:
    """Probability of each true class in each year, from all labels of the pixel.

    Parameters
    ----------
    cover, product, rates
        As for `filtered`.

    Returns
    -------
    xarray.DataArray
        float32 (..., year, class), from 0 to 1; adds up to one over the classes 1 to 7, in gaps too. NaN where a pixel
        has no label at all.

    Raises
    ------
    IndicatorError
        The product is unknown, or there is no dimension `year`.

    Examples
    --------
    >>> import xarray as xr
    >>> labels = xr.DataArray([2] * 20 + [6] * 4, {"year": range(2001, 2025)}, "year")
    >>> bare = class_probabilities(labels).sel({"class": 6})
    >>> bool(bare[10] < 0.01), bool(0.5 < bare[-1] < 0.99)  # is it a change, or confusion that lasts?
    (True, True)
    """
    known = of_product(product) if rates is None else rates
    full = _consecutive(cover)

    def of_block(labels: np.ndarray) -> np.ndarray:
        flat = codes(labels.reshape(len(labels), -1))
        made = np.empty((*flat.shape, len(UNCCD)), np.float32)
        probabilities(flat, *known.tables(), made)
        return made.reshape(*labels.shape, len(UNCCD))

    found = _by_pixel(full, of_block, np.float32, classes=True)
    return found.assign_coords({"class": list(UNCCD)}).sel(year=cover["year"])


def _consecutive(cover: xr.DataArray) -> xr.DataArray:
    """The labels with gaps for years that are left out. Raises IndicatorError without a dimension `year`."""
    if "year" not in cover.dims:
        raise IndicatorError(f"land cover has dimensions {cover.dims}, no 'year'; give one map for each year")
    years = cover["year"].values
    whole = np.arange(years.min(), years.max() + 1)
    ordered = cover if np.array_equal(years, whole) else cover.reindex(year=whole, fill_value=NO_LABEL)
    return ordered.transpose("year", ...)


def _by_pixel(
    cover: xr.DataArray, compute: Callable[[np.ndarray], np.ndarray], kind: Any, *, classes: bool = False
) -> xr.DataArray:
    """`compute` of labels (year, ...), in chunks that are whole in time."""
    found: xr.DataArray = xr.apply_ufunc(
        lambda labels: np.moveaxis(compute(np.moveaxis(labels, -1, 0)), 0, -2 if classes else -1),
        cover if cover.chunks is None else cover.chunk(year=-1),
        input_core_dims=[["year"]],
        output_core_dims=[["year", "class"] if classes else ["year"]],
        dask="parallelized",
        dask_gufunc_kwargs={"output_sizes": {"class": len(UNCCD)}} if classes else None,
        output_dtypes=[kind],
    )
    return found
