"""Areas of cells on the ellipsoid, and tables that close."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.area.areas import class_table, zone_area
from indicators.errors import IndicatorError


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


def test_a_window_lies_where_its_coordinates_say() -> None:
    coords = {"y": [3.0, 2.0, 1.0], "x": [10.0, 11.0, 12.0, 13.0]}
    classes = xr.DataArray(np.arange(12, dtype=np.int8).reshape(3, 4) % 3 - 1, coords, ("y", "x"))
    area = xr.DataArray([2.0, 1.5, 1.0], dims="y")
    whole = xr.DataArray(np.zeros((3, 4)), coords, ("y", "x"))
    whole[1:, 1:3] = 0.5
    zones = {"whole": whole, "window": whole[1:, 1:3], "nothing": whole[:0, :0]}
    by = class_table(classes, area, zones).pivot(index="class", columns="region", values="area_km2")
    np.testing.assert_allclose(by["window"], by["whole"])
    assert (by["nothing"] == 0).all()
    with pytest.raises(IndicatorError, match="not those of the grid"):
        class_table(classes, area, {"moved": whole[1:, 1:3].assign_coords(x=[11.4, 12.4])})


def test_codes_without_a_meaning_and_values_that_are_none_are_refused() -> None:
    area = xr.DataArray([1.0], dims="y")
    with pytest.raises(IndicatorError, match=r"\[9\] have no meaning"):
        class_table(xr.DataArray(np.array([[9]], np.int8), dims=("y", "x")), area)
    with pytest.raises(IndicatorError, match="whole numbers"):
        class_table(xr.DataArray([[0.5]], dims=("y", "x")), area)
    table = class_table(xr.DataArray([[1.0, -128.0]], dims=("y", "x")), area)
    assert table.set_index("class")["area_km2"]["improved"] == 1
