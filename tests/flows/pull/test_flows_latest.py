"""`latest` in place of the last year: what it is, that it changes nothing else, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from affine import Affine
from generated_sources import write
from pydantic import ValidationError
from real_sources import write_catalogue
from typed import Drylands

from flows.errors import MissingProductivity, UnsettledYears
from flows.pull.ages import asked_age
from flows.pull.latest import settled
from flows.pull.sources import OpenSource, opened
from flows.request.assess import AssessRequest
from series.datasets import Dataset, require_years
from series.errors import OutsideDataset, RequestFailed

#: First days of the images of each data set: yearly maps to 2021 and 2023, composites to mid-July 2023, months to
#: November 2022.
STARTS = {
    "land_cover": [f"{year}-01-01" for year in range(2018, 2022)],
    "soil_moisture": [f"{year}-01-01" for year in range(2018, 2024)],
    "productivity": [f"{year}-{day}" for year in range(2018, 2024) for day in ("01-01", "07-12")],
    "precipitation": [f"{year}-{month:02d}-01" for year in range(2018, 2023) for month in (1, 6, 11)],
}
CADENCES = {"land_cover": "yearly", "soil_moisture": "yearly", "productivity": "16-day", "precipitation": "monthly"}

UNITS = {"land_cover": "1", "soil_moisture": "m3 m-3", "productivity": "1", "precipitation": "mm"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A source of four data sets that end at different times."""
    place = tmp_path_factory.mktemp("ends")
    assets, datasets = [], []
    for variable, days in STARTS.items():
        path = place / f"{variable}.tif"
        write(path, np.ones((len(days), 4, 4), np.float32), Affine(0.1, 0, 100, 0, -0.1, 45), "EPSG:4326", -1)
        stack = {"path": str(path), "band": {"name": "value"}, "dates": days, "cadence_days": 16}
        assets.append({"id": f"ends/{variable}", "type": "IMAGE_COLLECTION", "stack": stack})
        datasets.append(
            {"key": f"own-{variable}", "variable": variable, "asset": f"ends/{variable}", "band": "value",
             "units": UNITS[variable], "cadence": CADENCES[variable], "resolution": 0.1, "first_year": 2018}
        )  # fmt: skip
    write(place / "image.tif", np.ones((1, 4, 4), np.float32), Affine(0.1, 0, 100, 0, -0.1, 45), "EPSG:4326", -1)
    image = {"path": str(place / "image.tif"), "bands": [{"name": "value"}]}
    assets.append({"id": "ends/image", "type": "IMAGE", "files": [image]})
    return write_catalogue(place / "source", assets, datasets)


@contextmanager
def source_of(folder: Path, ends: Mapping[str, int], **changed: Any) -> Iterator[OpenSource]:
    """The source with its data sets ending where the catalogue says `ends`."""
    with opened(str(folder), None, {}) as found:
        datasets = {
            name: each.model_copy(update={"last_year": ends[name]}) if name in ends else each
            for name, each in found.datasets.items()
        }
        yield OpenSource(**{**vars(found), "datasets": datasets, **changed})


def wish(years: str, **more: Any) -> AssessRequest:
    return AssessRequest.model_validate({"years": years, **more})


def test_latest_is_read_kept_and_told_from_a_year() -> None:
    request = wish("2001-latest")
    assert request.years == (2001, "latest")
    assert AssessRequest.model_validate_json(request.model_dump_json()) == request
    assert wish("2001-2024").span == (2001, 2024)
    with pytest.raises(UnsettledYears, match="years 2001-latest: the last year is not determined yet"):
        _ = request.span
    for wrong in ("latest", "latest-2024", "2001-last", "2001-latest-2024"):
        with pytest.raises(ValidationError, match="write them as 2001-2024, or 2001-latest"):
            wish(wrong)


@pytest.mark.parametrize(
    ("variable", "year"),
    [("land_cover", 2021), ("soil_moisture", 2023), ("productivity", 2022), ("precipitation", 2021)],
)
def test_a_year_counts_when_its_last_day_is_there(folder: Path, variable: str, year: int) -> None:
    """A composite of mid-July leaves its year open, and so does a last month of November."""
    with opened(str(folder), None, {}) as source:
        assert asked_age(source.datasets[variable], date(2025, 1, 1)).last_year == year


@pytest.mark.parametrize(
    ("cadence", "day", "year"),
    [("16-day", "2022-12-19", 2022), ("8-day", "2022-12-19", 2021), ("monthly", "2022-12-01", 2022)],
)
def test_the_last_image_may_reach_into_the_next_year(tmp_path: Path, cadence: str, day: str, year: int) -> None:
    write(tmp_path / "one.tif", np.ones((1, 2, 2), np.float32), Affine(0.1, 0, 100, 0, -0.1, 45), "EPSG:4326", -1)
    stack = {"path": str(tmp_path / "one.tif"), "band": {"name": "value"}, "dates": [day], "cadence_days": 16}
    dataset = {"key": "one", "variable": "productivity", "asset": "one", "band": "value", "units": "1",
               "cadence": cadence, "resolution": 0.1}  # fmt: skip
    place = write_catalogue(tmp_path / "source", [{"id": "one", "type": "IMAGE_COLLECTION", "stack": stack}], [dataset])
    with opened(str(place), None, {}) as source:
        assert asked_age(source.datasets["productivity"], date(2025, 1, 1)).last_year == year


def test_vegetation_or_rain_decides_and_is_named(folder: Path) -> None:
    with opened(str(folder), None, {}) as source:
        found = settled(wish("2018-latest", permutations=99), source)
        named = settled(wish("2018-2021", permutations=99), source)
    assert found.request == named.request
    assert named.source is source
    reached = {name: each.last_year for name, each in found.source.datasets.items() if name in STARTS}
    assert reached == {"land_cover": 2021, "soil_moisture": 2023, "productivity": 2022, "precipitation": 2021}
    assert found.note == "latest is 2021: precipitation (ends/precipitation) complete to 2021"
    assert named.note == ""
    assert found.stale == named.stale == ()  # a folder is never late


def test_files_end_where_their_catalogue_says(folder: Path) -> None:
    with source_of(folder, {"precipitation": 2019, "land_cover": 2018}) as source:
        found = settled(wish("2018-latest"), source)
    assert found.request.span == (2018, 2019)
    assert found.note == (
        "latest is 2019: precipitation (ends/precipitation) complete to 2019, land cover (ends/land_cover) to 2018"
    )


@pytest.mark.parametrize("refused", ["soil_moisture", "productivity"])
def test_a_collection_that_refuses_to_be_asked_fails_no_run_unless_it_is_that_of_productivity(
    folder: Path, refused: str, caplog: pytest.LogCaptureFixture
) -> None:
    """An asset of the right name that is an image has no collection of images to ask for its last year."""
    with source_of(folder, {}, origin="earth-engine", today=date(2023, 1, 20)) as source:
        wrong = source.datasets[refused].model_copy(update={"asset": "ends/image", "last_year": 2019})
        asked = replace(source, datasets={**source.datasets, refused: wrong})
        if refused == "productivity":
            with pytest.raises(RequestFailed):
                settled(wish("2018-latest"), asked)
            return
        with caplog.at_level("WARNING", "drylands"):
            found = settled(wish("2018-latest"), asked)
            named = settled(wish("2018-2021"), asked)
    assert found.request.span == named.request.span == (2018, 2021)
    assert "soil moisture (ends/image) is not asked for its last year" in caplog.text
    assert found.source.datasets["soil_moisture"].last_year == 2019


def test_google_has_years_that_came_after_the_catalogue(folder: Path) -> None:
    """The catalogue says 2019 of everything; the collections are asked, for `latest` and for years that are named."""
    ends = dict.fromkeys(STARTS, 2019)
    with source_of(folder, ends, origin="earth-engine", today=date(2023, 1, 20)) as source:
        found, named = (settled(wish(years), source) for years in ("2018-latest", "2018-2021"))
        assert found.request == named.request
        assert found.source.datasets == named.source.datasets
        reached = {name: each.last_year for name, each in found.source.datasets.items() if name in STARTS}
        assert reached == {"land_cover": 2021, "soil_moisture": 2023, "productivity": 2022, "precipitation": 2021}
        assert settled(wish("2018-2019"), source).source is source
        beyond = settled(wish("2018-2022"), source).source.datasets["land_cover"]
    with pytest.raises(OutsideDataset, match=r"ends/land_cover covers 2018-2021\. Use --years 2018-2021"):
        require_years(beyond, 2018, 2022, region="here")


def test_what_was_pulled_keeps_its_name_when_a_data_set_grows() -> None:
    before = Dataset(key="a", variable="productivity", asset="a", band="b", units="1", cadence="yearly", resolution=0.1)
    assert before.model_copy(update={"last_year": 2031}).identity() == before.identity()
    assert before.model_copy(update={"scale": 2.0}).identity() != before.identity()


def test_a_record_that_would_end_before_it_begins_is_refused(folder: Path) -> None:
    with (
        opened(str(folder), None, {}) as source,
        pytest.raises(UnsettledYears, match=r"the latest is 2021 \(precipitation .*\); begin with 2021 or earlier"),
    ):
        settled(wish("2022-latest"), source)


def test_without_productivity_there_is_no_latest_year(tmp_path: Path) -> None:
    with (
        opened(str(write_catalogue(tmp_path, [], [])), None, {}) as source,
        pytest.raises(
            MissingProductivity,
            match="years 2001-latest: the productivity data set mod13q1-ndvi cannot be read: MODIS/061/MOD13Q1",
        ),
    ):
        settled(wish("2001-latest"), source)


@pytest.mark.slow
@pytest.mark.usefixtures("prefect_server")
def test_the_same_year_by_either_name_is_the_same_result(drylands: Drylands, tmp_path: Path) -> None:
    places = ("west", "--regions-file", "places.geojson", "--resolution", "0.05")
    code, said, _ = drylands("assess", *places, "--years", "2016-latest")
    assert code == 0
    assert "Years: latest is 2024: every data set is complete to 2024." in said
    assert "SDG 15.3.1, 2016-2024" in said
    code, said, _ = drylands("assess", *places, "--years", "2016-2024")
    assert code == 0
    assert ", 0 pixel requests" in said
    assert "latest" not in said
    assert len(list((tmp_path / "drylands-data" / "results" / "west").glob("ne-asia-2-*"))) == 1
    code, _, error = drylands("assess", *places, "--years", "2025-latest")
    assert code == 1
    assert "years 2025-latest: the latest is 2024" in error
