"""People on another grid: the sum stays, and tables close."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.area.population import conserved, exposure
from indicators.codes import NODATA
from indicators.errors import IndicatorError
from indicators.weather.drought import CLASSES, classes


def grid(shape: tuple[int, int], box: tuple[float, float, float, float] = (100, 40, 104, 43)) -> xr.DataArray:
    """Cells over west, south, east, north, north up, with one person more in each."""
    west, south, east, north = box
    height, width = shape
    y = north - (np.arange(height) + 0.5) * (north - south) / height
    x = west + (np.arange(width) + 0.5) * (east - west) / width
    return xr.DataArray(np.arange(float(height * width)).reshape(shape), dims=("y", "x"), coords={"y": y, "x": x})


@settings(max_examples=60, deadline=None)
@given(st.tuples(st.integers(2, 30), st.integers(2, 30)), st.tuples(st.integers(2, 30), st.integers(2, 30)))
def test_any_grid_of_the_same_box_keeps_the_sum(old: tuple[int, int], new: tuple[int, int]) -> None:
    people = grid(old)
    assert float(conserved(people, grid(new)).sum()) == pytest.approx(float(people.sum()))


def test_cells_by_hand() -> None:
    people = grid((2, 2))  # 0 1 / 2 3
    np.testing.assert_allclose(conserved(people, grid((1, 1)).pad(y=(0, 1), x=(0, 1)).pipe(_twice)), [[6, 0], [0, 0]])
    np.testing.assert_allclose(conserved(people, grid((4, 2))), [[0, 0.5], [0, 0.5], [1, 1.5], [1, 1.5]])
    np.testing.assert_allclose(conserved(people, people[::-1]), people[::-1])


def _twice(target: xr.DataArray) -> xr.DataArray:
    """A grid of cells as large as the whole box: the first covers it, the others nothing."""
    return target.assign_coords(y=[41.5, 38.5], x=[102.0, 106.0])


def test_a_part_gets_its_part_and_gaps_are_nobody() -> None:
    people = grid((3, 4))
    part = conserved(people, grid((3, 2), (100, 40, 102, 43)))
    np.testing.assert_allclose(part, people[:, :2])
    people[0, 0] = np.nan
    assert float(conserved(people, grid((3, 4))).sum()) == pytest.approx(66)
    sexes = xr.concat([people, people], "sex")
    assert conserved(sexes, grid((2, 2))).dims == ("sex", "y", "x")


def test_exposure_closes_and_splits_add_up() -> None:
    z = grid((3, 4)).copy(data=np.linspace(-2.5, 0.5, 12).reshape(3, 4))
    z[2, 3] = np.nan
    people = grid((3, 4))
    west = xr.zeros_like(people) + (people.x < 102)
    table = exposure(classes(z), people, CLASSES, {"west": west, "east": 1 - west, "whole": xr.ones_like(people)})
    assert (table.groupby("region")["people"].sum() == table.groupby("region")["total_people"].first()).all()
    by = table.pivot(index="class", columns="region", values="people")
    np.testing.assert_allclose(by["west"] + by["east"], by["whole"])
    assert by.loc["no data", "whole"] == 11
    assert table[table.region == "whole"]["share"].sum() == pytest.approx(1)
    assert by.loc["extreme drought", "whole"] == 0 + 1


def test_bad_input_says_how_to_mend_it() -> None:
    with pytest.raises(IndicatorError, match="use `conserved` first"):
        exposure(classes(grid((2, 2))), grid((3, 3)), CLASSES)
    with pytest.raises(IndicatorError, match="no meaning"):
        exposure(xr.full_like(grid((2, 2)), 9, np.int8), grid((2, 2)), CLASSES)
    with pytest.raises(IndicatorError, match="regular grid"):
        conserved(grid((3, 3)).isel(y=[0, 1]).reindex(y=[42.5, 41.5, 41.4]), grid((2, 2)))
    assert NODATA not in CLASSES
