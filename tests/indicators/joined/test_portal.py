"""Five real sensors over one place, 1982 to 2025: Portal, Chihuahuan desert (weecology/PortalData)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from checkout import SHARED

from indicators.breaks import bfast
from indicators.joined import JoinRules, Relations, convert, join, join_covariance, relate, seam_test, seams_of

NDVI = SHARED / "portal-ndvi" / "ndvi.csv"
pytestmark = pytest.mark.skipif(
    not NDVI.is_file(), reason=f"the real series are not beside this checkout ({SHARED.parent.name}/{SHARED.name})"
)
#: Months with a value that a year must have.
MONTHS = 10
#: One pixel has no gain of its own. Its own noise is in the yearly differences: a smaller drift cannot be excluded.
SINGLE = JoinRules(gain=1.0, fewest_pixels=1, fewest_years=4, drift_limit=0.003)
STRATA = xr.DataArray(np.zeros((1, 1), int), {"y": [31.94], "x": [-109.08]}, ("y", "x"))


@pytest.fixture(scope="module")
def months() -> pd.DataFrame:
    table = pd.read_csv(NDVI, parse_dates=["date"])
    table = table[table["cloud_cover"].isna() | (table["cloud_cover"] < 50)]
    return table.groupby(["sensor", table["date"].dt.to_period("M")])["ndvi"].mean().unstack(0)


@pytest.fixture(scope="module")
def annual(months: pd.DataFrame) -> dict[str, xr.DataArray]:
    found = {}
    for name in months:
        years = months[name].groupby(months.index.year)
        values = years.mean()[years.count() >= MONTHS]
        found[str(name)] = xr.DataArray(
            values.to_numpy()[:, None, None],
            {"year": values.index.to_numpy(), "y": STRATA["y"], "x": STRATA["x"]},
            ("year", "y", "x"),
        )
    return found


def related(kept: xr.DataArray, converted: xr.DataArray, names: tuple[str, str]) -> Relations:
    relations = relate(kept, converted, STRATA, names, SINGLE)
    assert relations.of(0).joined, relations.of(0).reason
    return relations


def test_the_seam_of_december_2002_is_no_break_once_the_sensors_are_joined(annual: dict[str, xr.DataArray]) -> None:
    """GIMMS to 2002, Landsat 7 from 2003 on. End to end the level falls by 0.13; joined it does not."""
    relations = related(annual["Landsat7"], annual["GIMMSv0"], ("Landsat7", "GIMMSv0"))
    assert relations.of(0).offset == pytest.approx(0.127, abs=0.005)
    assert len(relations.of(0).years) == 14
    later = annual["Landsat7"].sel(year=slice(2003, None))
    record = join(later, annual["GIMMSv0"], STRATA, relations)
    years, sensors = record["year"].values, record["sensor"].values.tolist()
    assert seams_of(years, sensors) == [2003]
    course = record.values[:, 0, 0]
    raw = np.concatenate([annual["GIMMSv0"].sel(year=slice(None, 2002)).values[:, 0, 0], later.values[:, 0, 0]])
    naive = seam_test(raw, years, 2003)
    assert naive.p < 1e-3
    assert naive.size == pytest.approx(-0.149, abs=0.03)
    joined = seam_test(course, years, 2003, join_covariance(years, sensors, [relations]).values[0])
    assert joined.p > 0.05
    assert abs(joined.size) < 0.03


def test_the_months_do_not_break_there_either(months: pd.DataFrame, annual: dict[str, xr.DataArray]) -> None:
    """The break of −0.149 in December 2002 that bfast dates in months, end to end; none near it with the relation."""
    found = related(annual["Landsat7"], annual["GIMMSv0"], ("Landsat7", "GIMMSv0")).of(0)
    seam = pd.Period("2003-01", "M")

    def broken(gimms: pd.Series) -> pd.DataFrame:
        spliced = gimms.where(gimms.index < seam, months["Landsat7"])
        every = pd.period_range(spliced.first_valid_index(), spliced.last_valid_index(), freq="M")
        breaks = bfast(spliced.reindex(every), "harmonic", h=0.15).trend_breaks
        return breaks.assign(apart=[(pd.Period(date, "M") - seam).n for date in breaks["date"]])

    naive = broken(months["GIMMSv0"])
    near = naive[naive["apart"].abs() <= 12]
    assert near["magnitude"].to_list() == pytest.approx([-0.149], abs=0.005)
    joined = broken(pd.Series(found.to_kept(months["GIMMSv0"].to_numpy()), months.index))
    assert not (joined["apart"].abs() <= 12).any()


def test_five_sensors_make_one_record_without_a_break_at_any_seam(annual: dict[str, xr.DataArray]) -> None:
    """Units of Landsat 5; Landsat 7, 8 and 9 after it, each related to the one before; GIMMS in its gaps and before."""
    kept = annual["Landsat5"]
    chain: list[Relations] = []
    record, before = kept, kept
    for first, then in (("Landsat5", "Landsat7"), ("Landsat7", "Landsat8"), ("Landsat8", "Landsat9")):
        chain.append(related(before, annual[then], (first, then)))
        record = join(record, annual[then], STRATA, chain[-1])
        before = convert(annual[then], STRATA, chain[-1])
    chain.append(related(kept, annual["GIMMSv0"], ("Landsat5", "GIMMSv0")))
    record = join(record, annual["GIMMSv0"], STRATA, chain[-1])
    years, sensors = record["year"].values, record["sensor"].values.tolist()
    assert years.tolist() == list(range(1982, 2026))
    assert {"GIMMSv0", "Landsat5", "Landsat7", "Landsat8"} <= set(sensors)
    covariance = join_covariance(years, sensors, chain).values[0]
    for seam in (2012, 2020):
        assert seam in seams_of(years, sensors)
        found = seam_test(record.values[:, 0, 0], years, seam, covariance)
        assert found.p > 0.05, found.verdict
    errors = np.sqrt(np.diag(covariance))
    assert (errors[np.array(sensors) == "Landsat5"] == 0).all()
    assert (errors[years >= 2020] > errors[years == 2012]).all()
