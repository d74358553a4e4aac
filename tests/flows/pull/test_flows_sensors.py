"""After MODIS: whose record it is by the clock of the engine; data sets that vanish, are late, or lack months."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shapely import box

from flows.errors import FlowError, MissingProductivity
from flows.pull.ages import age_of
from flows.pull.latest import Settled, settled
from flows.pull.reference import note_reference
from flows.pull.region import pull_region, require_views, steps_of
from flows.pull.sources import Landscape, OpenSource, choose_datasets, opened
from flows.request.assess import AssessRequest
from offline.protocol.server import serve
from offline.sources.simulated.scenes import AREAS
from offline.sources.simulated.source import SimulatedSource
from regions.model import Region
from series.datasets import DATASETS, DEFAULTS
from series.errors import OutsideDataset
from series.service.earth_engine import Connection, connect

VIIRS = "NASA/VIIRS/002/VNP13A1"
TERRA = [f"MODIS/061/MOD13{name}" for name in ("Q1", "A1", "A2", "C1")]
HERE = Region(id="here", name="Here", countries=("CHN",), geometry=box(112, 43, 112.4, 43.3), source="test")


@contextmanager
def on(today: date, **faults: Any) -> Iterator[OpenSource]:
    """The landscape behind an engine with a clock."""
    with serve(SimulatedSource(today=today, **faults)) as server:
        connect(Connection(url=server.url, pace=0.0005))
        where = Landscape("easy", 0, today)
        yield OpenSource(
            "simulated", choose_datasets(None, {}), server, where.fingerprint, landscape=where, today=today
        )


def wish(years: str = "2001-latest", **more: Any) -> AssessRequest:
    return AssessRequest.model_validate({"years": years, "world": "easy", "resolution": 1 / 240, **more})


def parts(found: Settled) -> tuple[str, int, str, int]:
    """Sensor and last year of the record, and of what continues it."""
    kept, after = found.source.datasets["productivity"], found.source.continued
    return kept.sensor, kept.last_year, after.sensor if after else "", after.last_year if after else 0


@pytest.mark.parametrize(
    ("today", "years", "sensors"),
    [
        (date(2026, 3, 15), "2001-2025", ("MODIS Terra", 2025, "", 0)),
        (date(2027, 3, 15), "2001-2026", ("MODIS Terra", 2025, "VIIRS S-NPP", 2026)),
        (date(2028, 3, 15), "2001-2027", ("MODIS Terra", 2025, "VIIRS S-NPP", 2027)),
        (date(2030, 3, 15), "2001-2029", ("MODIS Terra", 2025, "VIIRS S-NPP", 2029)),
    ],
)
def test_latest_goes_on_after_modis(today: date, years: str, sensors: tuple[str, int, str, int]) -> None:
    first, last = (int(year) for year in years.split("-"))
    with on(today) as source:
        found, named = settled(wish(), source), settled(wish(years), source)
        early = settled(wish("2001-2020"), source)
    assert found.request.span == named.request.span == (first, last)
    assert parts(found) == sensors
    assert parts(named)[2:] == sensors[2:]
    assert parts(early)[2] == ""  # MODIS has these years
    gone = [line for line in found.stale if line.startswith("productivity: ")]
    assert bool(gone) == (sensors[2] != "")
    if gone:
        assert f"{VIIRS}, vnp13a1-ndvi) replaces it" in gone[0]
        assert f"then {VIIRS}), precipitation" in found.note
        assert "land cover (MODIS/061/MCD12Q1) to 2025" in found.note or last == 2025


def test_a_sensor_can_be_chosen() -> None:
    with on(date(2028, 3, 15)) as source:
        assert parts(settled(wish("2013-latest", sensor="viirs"), source)) == ("VIIRS S-NPP", 2027, "", 0)
        assert parts(settled(wish("2001-2020", sensor="joined"), source))[2] == "VIIRS S-NPP"
        assert parts(settled(wish("2001-latest", sensor="modis"), source)) == ("MODIS Terra", 2025, "", 0)
        with pytest.raises(FlowError, match="--sensor joined: no data set replaces mod17a3hgf-npp; leave --sensor out"):
            settled(wish(sensor="joined", datasets={"productivity": "mod17a3hgf-npp"}), replaced(source))
    with pytest.raises(ValueError, match=r"sensor viirs and the data set productivity=.* both choose vegetation"):
        wish(sensor="viirs", datasets={"productivity": "mod13a2-ndvi"})
    with pytest.raises(ValueError, match=r"sensor modis: the folder rasters has its own vegetation"):
        AssessRequest(sensor="modis", source="rasters")


def test_scenes_are_read_where_there_are_some_and_cost_what_they_are(tmp_path: Path) -> None:
    """Seasons in 30 m at a practice site; the plan counts ten views in 16 days, and there are less."""
    _, _, lon, lat = AREAS[2]
    outline = box(lon - 0.003, lat - 0.003, lon + 0.003, lat + 0.003)
    site = HERE.model_copy(update={"id": "site", "geometry": outline})
    with on(date(2027, 3, 15)) as source:
        latest = settled(wish("2018-latest", sensor="hls", resolution="native"), source)
        assert parts(latest) == ("HLS (Landsat 8 and 9, Sentinel-2)", 2026, "", 0)
        request = wish("2016-2026", sensor="hls", resolution="native", data=tmp_path)
        found = settled(request, source)
        datasets = dict(found.source.datasets)
        every = {step.key: step for step in steps_of(site, request, datasets, tmp_path, found.source)}
        step = every["annual", "season_mean"]
        planned = sum(cost.pixels for _, cost in step.costs())
        before = len(found.source.server.requests)  # type: ignore[union-attr]
        values = opened_values(step.make(lambda _done, _all: None))
        read = sum(each.input_pixels for each in found.source.server.requests[before:])  # type: ignore[union-attr]
        require_views(site, request, datasets["productivity"])
        with pytest.raises(OutsideDataset, match=r"Region here: NASA/HLS/HLSL30/v002 and .*or another sensor"):
            require_views(HERE, request, datasets["productivity"])
    assert values.shape == (11, 24, 23)
    # in 2016 and 2017 there were one and two satellites, in 2024 clouds from the end of May to August
    with_value = np.isfinite(values).mean(axis=(1, 2)) > 0.9
    assert [2016 + int(n) for n in np.nonzero(with_value)[0]] == [*range(2018, 2024), 2025, 2026]
    assert planned / 3 < read < planned
    # no 200 km of 30 m around the place
    assert not [key for key in every if key[0] == "reference"]
    left_out: dict[str, str] = {}
    note_reference(site, request, datasets, left_out)
    assert left_out["reference area"].endswith("performance compares the land of the region with its own best")


def replaced(source: OpenSource) -> OpenSource:
    npp = DATASETS["mod17a3hgf-npp"].model_copy(update={"successor": ""})
    return OpenSource(**{**vars(source), "datasets": {**source.datasets, "productivity": npp}})


def test_what_has_vanished_is_reported_and_only_vegetation_is_required() -> None:
    with on(date(2028, 3, 15), vanished=[VIIRS]) as source:
        found = settled(wish(), source)
        assert parts(found) == ("MODIS Terra", 2025, "", 0)
        assert found.request.span == (2001, 2025)
        assert any("has ended" in line for line in found.stale)
    with on(date(2028, 3, 15), vanished=TERRA) as source, pytest.raises(MissingProductivity, match="cannot be read"):
        settled(wish(), source)
    with on(date(2028, 3, 15), vanished=["ECMWF/ERA5_LAND/MONTHLY_AGGR"]) as source:
        assert settled(wish(), source).request.span == (2001, 2027)


def test_what_is_late_holds_the_year_back_and_is_named() -> None:
    rain = DATASETS[DEFAULTS["precipitation"]].asset
    with on(date(2026, 3, 15), late={rain: 120}) as source:
        found = settled(wish(), source)
    assert found.request.span == (2001, 2024)
    (said,) = (line for line in found.stale if line.startswith("precipitation"))
    assert "is late by" in said


def test_a_month_without_images_is_a_gap_and_not_fatal(tmp_path: Path) -> None:
    """Five of ten composites of a season are left: less than the 60 % that a year needs, so that year has no value."""
    request = wish("2018-2021", data=tmp_path, resolution=0.05)
    months = ["2020-06", "2020-07", "2020-08"]
    coarse = "MODIS/061/MOD13C1"
    with on(date(2026, 3, 15), lacking={coarse: months}) as source:
        found = settled(request, source)
        pulled = pull_region(HERE, found.request, found.source)
    values = opened_values(pulled.cubes["productivity"])
    assert np.isnan(values[2]).all()
    assert np.isfinite(values[[0, 1, 3]]).any(axis=(1, 2)).all()


def opened_values(path: Path) -> np.ndarray:
    from series.cubes.stored import open_cube

    return np.asarray(open_cube(path).values)


def test_ages_are_told_by_the_next_image_that_should_have_come() -> None:
    modis = DATASETS["mod13q1-ndvi"]
    assert age_of(modis, date(2026, 9, 30), date(2026, 11, 1)).state == "current"
    assert age_of(modis, date(2026, 6, 10), date(2026, 9, 1)).state == "late"
    assert age_of(modis, date(2026, 10, 16), date(2026, 11, 29)).state == "current"  # the next one may still come
    assert age_of(modis, date(2026, 10, 16), date(2027, 1, 5)).state == "ended"  # it was the last one
    assert age_of(modis, date(2026, 11, 1), date(2026, 12, 20)).state == "current"  # the catalogue was wrong
    cover = DATASETS["mcd12q1-igbp"]
    assert age_of(cover, date(2023, 1, 1), date(2024, 11, 1)).state == "current"  # a year, and its delay
    assert age_of(modis.model_copy(update={"ended": None}), date(2024, 1, 1), date(2026, 11, 2)).state == "ended"


def test_a_folder_is_never_late_and_a_landscape_has_the_day_on_its_clock() -> None:
    with opened("simulated", None, {}) as source:
        assert (source.today, source.grows) == (date(2024, 12, 31), False)
        assert settled(wish(source="simulated"), source).stale == ()
