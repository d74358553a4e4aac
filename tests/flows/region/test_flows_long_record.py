"""The record of a region since 1982: what is pulled, joined, published and said."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from shapely import box
from shown import shown_statistics

from flows.pull.beside import LONG, long_record_steps, wants_long_record, why_no_long_record
from flows.pull.region import pull_region
from flows.pull.sources import Landscape, OpenSource, opened
from flows.region.files.publish import publish_region
from flows.region.results import compute_profiles
from flows.region.whole.long_record import COURSE, SERIES, STATISTICS, LongRecordTables, tables_of
from flows.request.assess import AssessRequest
from practices.report import series_charts
from regions.model import Region
from series.cubes.delivery import Delivery
from series.datasets import DATASETS, DEFAULTS, LONG_RECORD
from series.service.earth_engine import Connection, connect

PLACE = Region(id="here", name="Here", countries=("MNG",), geometry=box(112, 43, 112.6, 43.4), source="test")
ALL = range(1982, 2025)
CELL = 1 / 12


def cells(course: np.ndarray) -> tuple[xr.DataArray, xr.DataArray, xr.DataArray]:
    """Cells of MODIS since 2001, of AVHRR to 2015 in other units, and the share of each cell inside the region."""
    rng = np.random.default_rng(1)
    values = 0.3 + 0.05 * rng.standard_normal((1, 5, 6)) + course[:, None, None]
    values = values + 0.003 * rng.standard_normal((len(ALL), 5, 6))
    coords = {"year": list(ALL), "y": 44 - CELL * np.arange(5), "x": 110 + CELL * np.arange(6)}
    truth = xr.DataArray(values, coords, ("year", "y", "x"), attrs={"cell_degrees": CELL})
    coarse = 0.02 + 1.1 * truth.sel(year=slice(None, 2015)) + 0.003 * rng.standard_normal((34, 1, 1))
    return truth.sel(year=slice(2001, None)), coarse.assign_attrs(truth.attrs), xr.ones_like(truth[0])


def tables(course: np.ndarray, **attrs: object) -> LongRecordTables:
    named = {"key": "pku-gimms-ndvi", "sensor": "MODIS Terra"}
    return tables_of(*cells(course), "2001-2024", **named, attrs={"cell_degrees": 1 / 240, **attrs})


LOSS = np.where(np.array(ALL) > 2000, -0.004 * (np.array(ALL) - 2000), 0.0)
CYCLE = 0.05 * np.cos(2 * np.pi * (np.array(ALL) - 2000) / 38)
WEATHER = 0.003 * np.random.default_rng(3).standard_normal(len(ALL))


def test_a_loss_is_no_cycle_and_a_cycle_may_be() -> None:
    found = tables(LOSS + WEATHER)
    rows = found.statistics.set_index("name")
    assert list(found.statistics.columns) == STATISTICS
    said = rows.loc["long_record_answer", "note"]
    assert said.startswith("vegetation declines in 2001-2024; the mean of the last five years")
    assert "is below every five-year mean of 1982-2000" in said
    assert said.endswith("it is not part of a cycle that the record shows")
    recent = rows.loc["long_record_trend_recent"]
    true = 1000 * -0.004 / found.course["value"].mean()
    assert recent["low"] < true < recent["high"] < 0
    assert recent["p"] < 0.01
    whole = rows.loc["long_record_trend", "note"]
    assert "1982-2024; AVHRR (pku-gimms-ndvi) 1982-2000 in units of MODIS Terra, by the 15 years 2001-2015" in whole
    assert "lower bound" in whole
    cycle = tables(CYCLE + WEATHER).statistics.set_index("name").loc["long_record_answer", "note"]
    assert "lies within the range of five-year means of 1982-2000" in cycle
    assert cycle.endswith("it may be part of a longer cycle")
    still = tables(WEATHER).statistics.set_index("name").loc["long_record_answer", "note"]
    assert still.startswith("no decline of 2001-2024 is certain, and the mean")


def test_the_course_names_the_sensor_and_the_error_of_every_year() -> None:
    found = tables(WEATHER)
    assert list(found.course.columns) == COURSE
    course = found.course.set_index("year")
    assert list(course.index) == list(ALL)
    assert set(course.loc[:2000, "sensor"]) == {"AVHRR"}
    assert set(course.loc[2001:, "sensor"]) == {"MODIS Terra"}
    assert (course.loc[:2000, "join_error"] > 0).all()
    assert (course.loc[2001:, "join_error"] == 0).all()
    observed = found.observed("here", "1")
    assert set(observed["variable"]) == {SERIES}
    assert observed["month"].iloc[0] == pd.Timestamp(1982, 1, 1)


def test_the_sensors_of_a_joined_record_and_its_error_are_kept() -> None:
    sensors = {str(year): "MODIS Terra" if year < 2020 else "VIIRS S-NPP" for year in range(2001, 2025)}
    late = np.arange(2001, 2025) >= 2020
    covariance = (0.05**2 * np.outer(late, late)).tolist()
    plain = tables(LOSS + WEATHER)
    both = tables(LOSS + WEATHER, sensors=json.dumps(sensors), join_covariance=json.dumps(covariance))
    named = both.course.set_index("year")["sensor"]
    assert (named[1990], named[2019], named[2020]) == ("AVHRR", "MODIS Terra", "VIIRS S-NPP")

    def width(found: LongRecordTables) -> float:
        row = found.statistics.set_index("name").loc["long_record_trend_recent"]
        return float(row["high"] - row["low"])

    assert width(both) > width(plain)


def test_a_refused_join_says_why() -> None:
    kept, coarse, share = cells(WEATHER)
    drift = xr.DataArray(0.01 * (coarse["year"].values - 2008.0), {"year": coarse["year"]}, "year")
    named = {"key": "pku-gimms-ndvi", "sensor": "MODIS Terra", "attrs": {"cell_degrees": 1 / 240}}
    found = tables_of(kept, (coarse + drift).assign_attrs(coarse.attrs), share, "2001-2024", **named)
    (row,) = found.statistics.to_dict("records")
    assert row["name"] == "missing_long_record"
    assert "the years before 2001 are not joined" in row["note"]
    assert "not stable: the difference drifts" in row["note"]
    assert found.course.empty
    assert found.observed("here", "1").empty


def test_where_the_long_record_is_pulled(tmp_path: Path) -> None:
    datasets = {variable: DATASETS[key] for variable, key in DEFAULTS.items()}
    source = OpenSource("simulated", datasets, None)
    source.assume_served()
    long, short = (AssessRequest(regions=("here",), years=years) for years in ((2001, 2024), (2012, 2024)))
    assert why_no_long_record(PLACE, long, source) == ""
    assert "have 4 in common with pku-gimms-ndvi, whose AVHRR ends with 2015" in why_no_long_record(
        PLACE, short, source
    )
    found = long_record_steps(PLACE, long, datasets, tmp_path, source, Delivery("requests"))
    assert [step.key for step in found] == [LONG]
    assert long_record_steps(PLACE, short, datasets, tmp_path, source, Delivery("requests")) == []
    assert wants_long_record(datasets, source)
    for other in ("mod17a3hgf-npp", "landsat-32day-ndvi", "pku-gimms-ndvi"):
        assert not wants_long_record({**datasets, "productivity": DATASETS[other]}, source)
    assert not wants_long_record(datasets, replace(source, origin="offline-files"))


def test_a_region_of_the_landscape_has_its_record_since_1982(tmp_path: Path) -> None:
    """Both sensors see the same greenness of world `real`: the join is accepted, and the page says what it means."""
    asked = AssessRequest(
        regions=("here",), data=tmp_path, resolution=1 / 20, years=(2001, 2020), permutations=19, pixel_breaks=False,
        world="real",
    )  # fmt: skip
    with opened("simulated", None, {}, landscape=Landscape("real")) as source:
        assert source.server is not None
        connect(Connection(url=source.server.url, pace=0.0005))
        pulled = pull_region(PLACE, asked, source)
    assert pulled.left_out == {}
    assert pulled.beside["long_record"] == LONG_RECORD
    result = compute_profiles(PLACE, pulled, asked, "simulated")[0]
    course = pd.read_csv(result.folder / "long_record.csv").set_index("year")
    assert list(course.index) == list(range(1982, 2021))
    annual = pd.read_csv(result.folder / "observations.csv", parse_dates=["month"])
    annual = annual[annual["variable"] == "productivity_annual"]
    own = annual.set_index(annual["month"].dt.year)["value"]
    assert np.corrcoef(course.loc[2001:, "value"], own.loc[2001:2020])[0, 1] > 0.98
    assert (course.loc[:2000, "join_error"] < 0.02).all()
    statistics = pd.read_csv(result.folder / "statistics.csv").set_index("name")
    trend = statistics.loc["long_record_trend"]
    assert trend["low"] < trend["value"] < trend["high"]
    assert "gain taken as 1" in trend["note"]
    publish_region(PLACE, result, pulled, asked)
    report, shown = shown_statistics(asked.database_url, "here")
    said = shown["long_record_answer"]
    assert said.said.endswith(".")
    assert "1982-2000" in said.said
    assert said.title == "Is a decline part of a longer cycle?"
    assert report.datasets["long_record"]["key"] == "pku-gimms-ndvi"
    charts = [each.chart for each in series_charts.annual(report)]
    assert any("since 1982" in str(chart) for chart in charts)
