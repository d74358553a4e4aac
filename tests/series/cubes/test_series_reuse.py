"""The second year: of a longer record only the years that are not stored are requested, in cubes and in tables."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from shapely import box

from offline.protocol.server import Server, serve
from offline.sources.simulated.source import SimulatedSource
from regions.grid import geobox
from series.composites import annual, in_time
from series.cubes.naming import Cube
from series.cubes.pull import pull
from series.cubes.reuse import stored_parts
from series.cubes.stored import open_cube
from series.datasets import DATASETS
from series.sequences import times_of
from series.service.earth_engine import Connection, connect
from series.tables import monthly
from series.year_tables import rows_of_years, whole_years

AREA = box(112, 43, 112.4, 43.3)
NDVI, RAIN = DATASETS["mod13c1-ndvi"], DATASETS["era5-land-precipitation"]
GRID = geobox(AREA, 0.05)


@pytest.fixture(scope="module")
def engine() -> Iterator[Server]:
    with serve(SimulatedSource()) as server:
        connect(Connection(url=server.url))
        yield server


def wanted(store: Path, years: range, method: str | None = None, season: tuple[int, int] = (5, 9)) -> Cube:
    return Cube(annual(NDVI, years, season, method), "productivity", GRID, NDVI, store, "simulated", kind=method)


@pytest.mark.parametrize("later", [range(2001, 2007), range(2003, 2009), range(1999 + 2, 2004)])
def test_only_years_that_are_not_stored_are_requested(engine: Server, tmp_path: Path, later: range) -> None:
    earlier = range(2001, 2006)
    pull(wanted(tmp_path / "grown", earlier))
    cube = wanted(tmp_path / "grown", later)
    assert len(stored_parts(cube)) == len({*earlier} & {*later})
    before = len(engine.requests)
    grown = open_cube(pull(cube))
    new = {*later} - {*earlier}
    assert sum(each.kind == "pixels" for each in engine.requests[before:]) == bool(new)
    assert grown["year"].values.tolist() == list(later)
    np.testing.assert_array_equal(grown, open_cube(pull(wanted(tmp_path / "whole", later))))
    with xr.open_zarr(cube.path) as stored:
        assert f"{len(later) - len(new)} of {len(later)} parts taken over" in stored.attrs["history"]


def test_another_expression_takes_nothing_over(engine: Server, tmp_path: Path) -> None:
    years = range(2010, 2012)
    pull(wanted(tmp_path, years))
    for other in (wanted(tmp_path, years, "maximum"), wanted(tmp_path, years, season=(4, 9))):
        assert stored_parts(other) == {}
    path = pull(wanted(tmp_path, years))
    (path / ".zattrs").write_text("{", encoding="utf-8")
    assert stored_parts(wanted(tmp_path, range(2010, 2013))) == {}


def months(store: Path, last: int) -> Cube:
    """Monthly rain from 2001 to a year."""
    years = range(2001, last + 1)

    def days() -> tuple[tuple[date, ...], ...]:
        return tuple(times_of(RAIN, date(year, 1, 1), date(year + 1, 1, 1)) for year in years)

    stack = in_time(RAIN, [(date(year, 1, 1), date(year + 1, 1, 1)) for year in years], days)
    return Cube(stack, "precipitation_months", geobox(AREA, 0.1), RAIN, store, "simulated", kind="months")


def test_images_in_time_grow_by_years(engine: Server, tmp_path: Path) -> None:
    pull(months(tmp_path / "grown", 2003))
    grown = open_cube(pull(months(tmp_path / "grown", 2004)))
    whole = open_cube(pull(months(tmp_path / "whole", 2004)))
    assert grown.sizes["time"] == 48
    xr.testing.assert_identical(grown, whole)


def test_tables_ask_for_new_years_only(tmp_path: Path, engine: Server) -> None:
    asked: list[tuple[int, ...]] = []

    def ask(years: tuple[int, ...]) -> pd.DataFrame:
        asked.append(years)
        return monthly({"here": AREA}, RAIN, years)

    def rows(years: range, until: str = "") -> pd.DataFrame:
        return rows_of_years(tmp_path / "rain.json", whole_years(years, until), ask, 4)

    first = rows(range(2001, 2008))
    assert sorted(asked) == [(2001, 2002, 2003, 2004), (2005, 2006, 2007)]
    asked.clear()
    second = rows(range(2001, 2009))
    assert asked == [(2008,)]
    pd.testing.assert_frame_equal(second[second["month"] < "2008"].reset_index(drop=True), first)
    assert second["month"].tolist() == [
        f"{year}-{month:02d}-01" for year in range(2001, 2009) for month in range(1, 13)
    ]
    asked.clear()
    rows(range(2007, 2010), "2009-07-01")
    assert asked == [(2009,)]
    asked.clear()
    rows(range(2007, 2010), "2009-08-01")
    assert asked == [(2009,)]  # a year that is not over is asked for again
    assert rows(range(2001, 2002)).equals(first[first["month"] < "2002"])


def test_a_damaged_table_is_asked_for_again(tmp_path: Path) -> None:
    def ask(years: tuple[int, ...]) -> pd.DataFrame:
        rows = [("here", "rain", pd.Timestamp(year, 1, 1), 1.0, "mm") for year in years]
        return pd.DataFrame(rows, columns=["region", "variable", "month", "value", "units"])

    path = tmp_path / "rain.json"
    whole = rows_of_years(path, whole_years(range(2001, 2004)), ask, 2)
    path.write_text(path.read_text(encoding="utf-8")[:-9], encoding="utf-8")
    assert rows_of_years(path, whole_years(range(2001, 2004)), ask, 2).equals(whole)
