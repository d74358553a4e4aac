"""Areas of cells on the ellipsoid, and tables that close."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.areas import class_table, zone_area


@pytest.mark.parametrize(
    ("latitude", "area"),
    [
        (0, 12308.463893800426),
        (40, 9412.851604188456),
        (42, 9130.794541117883),
        (45, 8686.494956672137),
        (48, 8217.732076134722),
        (50, 7892.218858008073),
    ],
)
def test_area_of_a_degree(latitude: float, area: float) -> None:
    assert zone_area(latitude, latitude + 1) / 360 == pytest.approx(area, rel=1e-10)


@pytest.mark.parametrize(("cells", "area"), [(360, 0.06760940872733412), (480, 0.03803051979528357)])
def test_area_of_a_pixel(cells: int, area: float) -> None:
    assert zone_area(45, 45 + 1 / cells) / (360 * cells) == pytest.approx(area, rel=1e-9)


def test_area_of_the_globe() -> None:
    assert zone_area(-90, 90) == pytest.approx(510065621.721676, rel=1e-12)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.sampled_from([-1, 0, 1, 2, 3, -128]), min_size=12, max_size=12),
    st.integers(0, 1000),
)
def test_tables_close_and_split_regions_add_up(codes: list[int], seed: int) -> None:
    classes = xr.DataArray(np.array(codes, np.int8).reshape(3, 4), dims=("y", "x"))
    share = xr.DataArray(np.random.default_rng(seed).uniform(size=(3, 4)), dims=("y", "x"))
    area = xr.DataArray([2.0, 1.5, 1.0], dims="y")
    table = class_table(classes, area, {"part": share, "rest": 1 - share, "whole": xr.ones_like(share)})
    assert (table.groupby("region")["area_km2"].sum() - table.groupby("region")["total_km2"].first()).abs().max() < 1e-9
    by = table.pivot(index="class", columns="region", values="area_km2")
    np.testing.assert_allclose(by["part"] + by["rest"], by["whole"])
