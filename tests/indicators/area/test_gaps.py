"""What a result lacks, and shares whose denominator is the land."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from indicators.area.gaps import added, unlisted
from indicators.area.tally import class_rows, class_sums, of_land
from indicators.certainty.uncertainty import spread
from indicators.codes import MEANINGS
from indicators.sdg15.legends import translated


def test_codes_without_a_class_count_the_area_that_they_take_in_any_year() -> None:
    maps = xr.DataArray(
        [[[1.0, 7.0], [9.0, np.nan]], [[7.0, 7.0], [1.0, np.nan]]],
        dims=("year", "y", "x"), coords={"year": [2001, 2010]},
    )  # fmt: skip
    area = np.array([[1.0, 2.0], [4.0, 8.0]])
    found = unlisted(maps, translated(maps, {1: 2}), area)
    assert found == {7: 3.0, 9: 4.0}
    assert added([found, {7: 5.0, 1: 0.0}]) == {7: 8.0, 9: 4.0}
    assert list(added([{9: 1.0}, {7: 2.0}])) == [7, 9]
    assert unlisted(maps, translated(maps, {1: 2, 7: 2, 9: 3}), area) == {}


def test_shares_are_of_all_but_water_and_no_data() -> None:
    codes = np.array([-1, 0, 1, 2, 3, 4, -128], np.int8)
    rows = of_land(class_rows(class_sums(codes, np.array([1.0, 2, 3, 4, 5, 6, 7])), "here", MEANINGS))
    share = rows.set_index("class")["share"]
    assert share["degraded"] == pytest.approx(1 / 16)
    assert share["undetermined"] == pytest.approx(4 / 16)
    assert share["below_detectability"] == pytest.approx(6 / 16)
    assert share[["water", "no data"]].isna().all()
    assert share.sum() == pytest.approx(1)
    nothing = of_land(class_rows(class_sums(codes[-1:], np.ones(1)), "here", MEANINGS))
    assert nothing["share"].isna().all()


def test_a_share_that_never_varied_has_no_interval() -> None:
    areas = pd.DataFrame({"indicator": "sdg", "class": ["degraded", "stable"], "area_km2": [40.0, 60.0],
                          "valid_km2": 100.0, "share": [0.4, 0.6]})  # fmt: skip
    found = pd.DataFrame({"indicator": "sdg", "class": ["degraded", "stable"], "share": [0.4, 0.6],
                          "low": [0.4, 0.5], "high": [0.4, 0.7]})  # fmt: skip
    both = spread(found, areas)
    assert both["low_km2"].isna().tolist() == both["high_km2"].isna().tolist() == [True, False]
    assert both.loc[1, ["low_km2", "high_km2"]].tolist() == pytest.approx([50, 70])
