"""Losses of the simulated landscape in a joined record, against the record of one sensor."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from indicators.change import FEWEST_YEARS, change_model, logarithms, posterior
from indicators.codes import NODATA
from indicators.joined import JoinRules, in_logarithms, join, mean_covariance, relate
from offline.landscape import of_geobox, truth
from offline.landscape.annual import annual_ndvi
from regions.catalogue import load
from regions.grid import geobox

YEARS = tuple(range(2001, 2025))
WINDOW = (2001, 2024)


def f1_of_loss(vi: xr.DataArray, change: np.ndarray, covariance: np.ndarray | None = None) -> float:
    rows, columns = np.meshgrid(vi["y"], vi["x"], indexing="ij")
    values = logarithms(vi.values).reshape(len(YEARS), -1).T
    known = np.isfinite(values).sum(axis=1) >= FEWEST_YEARS
    none = np.zeros((0, len(YEARS)))
    model = change_model(values[known], rows.ravel()[known], columns.ravel()[known], YEARS, none, [WINDOW], covariance)
    classes = posterior(vi, model, vi["y"].values, vi["x"].values, [WINDOW])[0]["change_class"].values
    lost, mapped = (change < -0.1) & (classes != NODATA), classes == -1
    return float(2 * (lost & mapped).sum() / (lost.sum() + mapped.sum()))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_planted_losses_are_found_as_well_in_a_joined_record(seed: int) -> None:
    """World `real`, Uvs basin. The landscape ends in 2024: the old sensor drifts from 2016 on, the new begins in 2007.

    Strata are thirds of the land by NDVI; both sensors have noise beyond that of the composites.
    """
    grid = geobox(load()["uvs-basin"], 1 / 30)
    scene = of_geobox(grid, seed, world="real")
    values = annual_ndvi(scene, YEARS).astype(float)
    values[:, ~scene.land] = np.nan
    transform = grid.affine
    y = transform.f + transform.e * (np.arange(grid.shape[0]) + 0.5)
    x = transform.c + transform.a * (np.arange(grid.shape[1]) + 0.5)
    rng = np.random.default_rng(seed)

    def cube(array: np.ndarray) -> xr.DataArray:
        return xr.DataArray(array, {"year": list(YEARS), "y": y, "x": x}, ("year", "y", "x"))

    def yearly() -> np.ndarray:
        return 0.002 * rng.standard_normal((len(YEARS), 1, 1))

    mean = np.nanmean(np.where(np.isfinite(values).any(axis=0), values, 0.0), axis=0)
    strata = np.where(scene.land, np.digitize(mean, np.nanquantile(mean[scene.land], [1 / 3, 2 / 3])), -1)
    seamless = cube(values + yearly() + 0.003 * rng.standard_normal(values.shape))
    drift = -0.003 * np.maximum(np.array(YEARS) - 2015, 0)[:, None, None]
    gain, offset = (np.choose(np.maximum(strata, 0), each) for each in ((1.05, 1.1, 0.95), (0.01, 0.02, -0.01)))
    seen = offset + gain * (values + yearly() + 0.004 * rng.standard_normal(values.shape))
    old, new = (seamless + drift).sel(year=slice(None, 2020)), cube(seen).sel(year=slice(2007, None))
    labels = xr.DataArray(strata, {"y": y, "x": x}, ("y", "x"))
    relations = relate(old, new, labels, ("MODIS", "VIIRS"), JoinRules(onset=2016))
    assert all(each.joined for each in relations.strata)
    record = join(old, new, labels, relations)
    course = record.mean(("y", "x")).values
    weights = {number: float((strata == number).sum()) for number in range(3)}
    covariance = mean_covariance(YEARS, record["sensor"].values.tolist(), [relations], weights, course)
    change = truth(grid, WINDOW, seed, world="real")["change"].values
    whole, joined = f1_of_loss(seamless, change), f1_of_loss(record, change, in_logarithms(covariance, course))
    assert whole > 0.85
    assert joined > whole - 0.02
