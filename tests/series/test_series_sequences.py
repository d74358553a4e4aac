"""Images in the order of their time, pulled span by span: what is stored is not asked for again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import ee
import numpy as np
import pytest
from shapely import box

from offline.protocol.server import Server, serve
from offline.sources.simulated.source import SimulatedSource
from regions.grid import geobox
from series.datasets import DATASETS
from series.errors import OutsideDataset
from series.physical import in_months, timed
from series.sequences import pull_sequence, spans, times_of
from series.service.earth_engine import Connection, connect

NDVI = DATASETS["mod13c1-ndvi"]
GRID = geobox(box(112, 43, 112.3, 43.2), 0.05)


@pytest.fixture(scope="module")
def engine() -> Iterator[Server]:
    with serve(SimulatedSource()) as server:
        connect(Connection(url=server.url))
        yield server


def test_past_years_are_whole_and_the_watched_one_comes_by_months() -> None:
    found = list(spans(date(2021, 1, 1), date(2023, 1, 1), date(2023, 4, 1)))
    assert [f"{a:%y%m}-{b:%y%m}" for a, b in found] == ["2101-2201", "2201-2301", "2301-2302", "2302-2303", "2303-2304"]
    late = list(spans(date(2022, 11, 1), date(2022, 1, 1), date(2023, 2, 1)))
    assert [f"{a:%y%m}-{b:%y%m}" for a, b in late] == ["2211-2212", "2212-2301", "2301-2302"]


def test_every_image_once_in_order_and_only_new_months_are_pulled(engine: Server, tmp_path: Path) -> None:
    def pixels() -> int:
        return sum(request.kind == "pixels" for request in engine.requests)

    def watch(end: date) -> np.ndarray:
        wanted = list(spans(date(2022, 1, 1), date(2023, 1, 1), end))
        return pull_sequence(NDVI, GRID, wanted, store=tmp_path, origin="simulated")  # type: ignore[return-value]

    before = pixels()
    march = watch(date(2023, 4, 1))
    assert pixels() - before == 1 + 3
    assert march.dims == ("time", "y", "x")
    assert march.time.values.astype("datetime64[D]").tolist() == list(
        times_of(NDVI, date(2022, 1, 1), date(2023, 4, 1))
    )
    before = pixels()
    april = watch(date(2023, 5, 1))
    assert pixels() - before == 1
    np.testing.assert_array_equal(april.isel(time=slice(None, march.sizes["time"])), march)
    first = ee.Image(ee.ImageCollection(NDVI.asset).filterDate("2023-04-01", "2023-05-01").first())
    point = ee.Geometry.Point([float(april.x[2]), float(april.y[1])])
    value = first.select("NDVI").updateMask(first.select("SummaryQA").lte(1))
    seen = value.reduceRegion(ee.Reducer.first(), point, crs="EPSG:4326", crsTransform=[0.05, 0, -180, 0, -0.05, 90])
    expected = seen.getInfo()["NDVI"]
    found = float(april.sel(time=times_of(NDVI, date(2023, 4, 1), date(2023, 5, 1))[0].isoformat())[1, 2])
    assert (np.isnan(found) and expected is None) or found == pytest.approx(expected)


def test_months_without_an_image_are_left_out_and_nothing_at_all_is_an_error(engine: Server, tmp_path: Path) -> None:
    wanted = list(spans(date(2024, 11, 1), date(2024, 1, 1), date(2025, 3, 1)))
    found = pull_sequence(NDVI, GRID, wanted, store=tmp_path, origin="simulated")
    assert str(found.time.values[-1])[:7] == "2024-12"
    with pytest.raises(OutsideDataset, match="no image from 2025-01-01 to before 2025-02-01"):
        pull_sequence(NDVI, GRID, wanted[2:3], store=tmp_path, origin="simulated")


def test_a_function_that_many_months_share_is_the_same_expression(engine: Server) -> None:
    for key, cell in (
        ("mod13q1-ndvi", 0.05),
        ("imerg-precipitation", None),
        ("era5-land-fao56-evapotranspiration", 0.1),
    ):
        images = in_months(DATASETS[key], cell)
        for month in (3, 7):
            plain = ee.ImageCollection(DATASETS[key].asset).filterDate(f"2015-0{month}-01", f"2015-0{month + 1}-01")
            shared = images(date(2015, month, 1), date(2015, month + 1, 1))
            assert shared.serialize() == timed(plain, DATASETS[key], cell).serialize()
