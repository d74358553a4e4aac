"""Break dates to the digits that strucchange prints, and against brute force."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from indicators.breaks import breakpoints
from indicators.errors import IndicatorError

#: Yearly flow of the Nile at Aswan 1871-1970 (Cobb 1978).
NILE = [1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180, 799, 958,
        1140, 1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701, 916, 692, 1020, 1050,
        969, 831, 726, 456, 824, 702, 1120, 1100, 832, 764, 821, 768, 845, 864, 862, 698, 845, 744, 796, 1040, 759,
        781, 865, 845, 944, 984, 897, 822, 1010, 771, 676, 649, 846, 812, 742, 801, 1040, 860, 874, 848, 890, 744,
        749, 838, 1050, 918, 986, 797, 923, 975, 815, 1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740]  # fmt: skip


def test_nile_breaks_to_the_printed_digits() -> None:
    """strucchange's printed results for the Nile: one break in 1898, interval 1895-1902."""
    found = breakpoints(pd.Series(NILE, index=range(1871, 1971), dtype=float))
    row = found.breaks.iloc[0]
    assert (row["index"], row["date"], row["low"], row["high"]) == (28, 1898, 1895, 1902)
    np.testing.assert_allclose(found.rss.iloc[:2], [2835156.7, 1597457.2], atol=0.06)
    np.testing.assert_allclose(found.bic, [1318.24, 1270.08, 1276.47, 1284.72, 1291.94, 1310.77], atol=0.005)
    np.testing.assert_allclose(found.segments["b0"], [1097.75, 849.9722], atol=5e-5)
    assert len(breakpoints(pd.Series(NILE, dtype=float), criterion="lwz").breaks) == 1


def test_breaks_of_a_ramp_with_a_step_are_found_with_a_trend_as_regressor() -> None:
    t = np.arange(40.0)
    y = 0.01 * t + np.where(t >= 25, -0.5, 0.0) + np.random.default_rng(0).normal(scale=0.02, size=40)
    design = np.column_stack([np.ones(40), t])
    found = breakpoints(pd.Series(y, index=range(1980, 2020)), X=design, max_breaks=1)
    assert found.breaks["date"].tolist() == [2004]
    assert found.breaks["magnitude"].iloc[0] == pytest.approx(-0.5, abs=0.05)

    def squares(part: slice) -> float:
        return float(np.linalg.lstsq(design[part], y[part], rcond=None)[1][0])

    brute = min(squares(slice(0, i)) + squares(slice(i, 40)) for i in range(6, 35))
    assert found.rss.iloc[1] == pytest.approx(brute)
    with pytest.raises(IndicatorError, match="use a longer series"):
        breakpoints(pd.Series(y[:5]))
