"""Every argument is checked before the first request: bad and boundary values of the commands, as they are typed."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from shapely import box
from typed import Drylands, polygons

from flows.errors import FlowError
from flows.pull.checks import OPEN, coarse_enough, enough_years, recorded, watchable, within_records
from flows.pull.sources import choose_datasets
from flows.request.assess import AssessRequest
from flows.request.monitor import parse_month
from flows.run.disk_space import refuse_full_disk
from series.datasets import DATASETS

SITES = "map,degraded,stable,improved\ndegraded,{0},1,1\nstable,1,50,1\nimproved,1,1,20\n"
REFUSED = [
    (
        "assess otindag --resolution 0.00001",
        "finer than those of mod13q1-ndvi (0.002083); give 0.002083 or more, or na",
    ),
    ("assess otindag --resolution nan", "resolution"),
    ("assess otindag --resolution fine", "resolution"),
    (
        "assess otindag --season 9-5",
        "--season needs --regions-file, because catalogued and added regions have their own",
    ),
    ("assess otindag --season 5-9", "--season needs --regions-file"),
    ("assess otindag --season 5-13 --regions-file places.geojson", "season '5-13' is not two months"),
    ("assess otindag --layer x --encoding gbk --prefix a", "--layer, --encoding, --prefix need --regions-file"),
    ("assess otindag --baseline 2003-2012", "baseline 2003-2012 has no reporting period to compare with; add --repo"),
    ("assess otindag --reporting 2013-2018", "add --baseline"),
    ("assess otindag --years 2020-2022", "3 years are too few for a trend, at least 8 are needed; begin in 2015"),
    ("assess otindag --years 2022-latest", "3 years are too few"),
    ("assess otindag --years 1999-2024", "covers 2001 to 2024; use 2001-2024"),
    ("assess otindag --years 2016-2026", "covers 2001 to 2024; use 2016-2024"),
    ("assess otindag --years 1999-2024 --source earthengine --project p", "covers 2001 to now; use 2001-2024"),
    (
        "assess otindag --years 2014-2024 --sensor hls",
        "--resolution overview: hls-ndvi reads every view of every pixel, 956 pixels in a cell of 0.00833333 degrees; "
        "give native (0.000269) or at most 0.004167",
    ),
    ("assess otindag --years 2013-2024 --sensor hls --resolution native", "covers 2014 to 2024; use 2014-2024"),
    ("monitor otindag --dataset productivity=hls-ndvi", "it is made of single scenes, and monitoring reads composites"),
    (
        "assess otindag --years 2001-2024 --dataset soil_moisture=smap-l4-soil-moisture",
        "soil moisture (smap-l4-soil-moisture, NASA/SMAP/SPL4SMGP/008) covers 2016 to 2024; use 2016-2024, or another "
        "data set with --dataset soil_moisture=KEY (usual: era5-land-soil-moisture)",
    ),
    ("assess otindag --dataset ndvi=foo", "variable 'ndvi' is unknown; use productivity, land_cover"),
    (
        "assess otindag --dataset productivity=foo",
        "data set 'foo' is unknown; use hls-ndvi, landsat-32day-ndvi, mod13a1-ndvi, mod13a2-ndvi, mod13c1-ndvi",
    ),
    ("assess otindag --dataset wind=a --dataset wind=b", "wind is already a"),
    ("assess otindag --accuracy bad.csv", "class 'a' is none of the map; name rows and columns degraded, stable, imp"),
    ("assess otindag --accuracy few.csv", "map class 'degraded' has 1 reference sites; give at least 2"),
    ("assess all otindag", "'all' means every region; use it alone"),
    ("assess --regions-file taken.geojson", "the id 'otindag' of 'Otindag' is that of a region of the catalogue"),
    ("assess --regions-file none.gpkg", "none.gpkg: no such file"),
    ("assess otindag --data places.geojson", "places.geojson: file exists"),
    ("monitor otindag --start 2050-01", "mod13q1-ndvi covers 2001 to 2024"),
    ("monitor otindag --start 2002-01", "give a month from 2004 to 2024"),
    ("monitor otindag --until 1990-05", "--until 1990-05: mod13q1-ndvi covers 2001 to 2024"),
    ("monitor otindag --start 2024-13", "month '2024-13' is not a month"),
    ("monitor otindag --cell 0.00001", "--cell 1e-05: cells of 1e-05 degrees are finer"),
    ("monitor otindag --cell 2", "cell"),
    ("monitor otindag --dataset land_cover=mcd12q1-igbp", "monitoring does not use land_cover"),
    ("monitor otindag --layer x", "--layer needs --regions-file"),
    ("score --years 2001-2005", "5 years are too few"),
    ("export --origin foo", "origin 'foo': not known; allowed: earth-engine, offline-files, simulated"),
    ("export --format pdf", "format 'pdf': not known"),
    ("evidence --profile foo", "profile 'foo' is unknown; use ne-asia"),
    ("evidence --score --profile fao-wocat", "evidence --score judges simulated practices and does not use --profile"),
    ("offline algorithms --port 7", "does not use --port"),
    ("offline --exports places.geojson", "--exports places.geojson: this is a file; name a folder"),
    ("figure map otindag --to x.foo", "unknown format '.foo'"),
    ("figure course otindag --to none/x.png", "there is no folder none"),
    ("figure map otindag --profile foo", "profile 'foo' is unknown"),
    ("regions --data x add places.geojson", "--data in front of 'add' has no effect; write it after 'add'"),
    ("practices --country MNG show x", "--country in front of 'show' has no effect"),
    ("regions add taken.geojson --season 0-5", "season '0-5' is not two months"),
]


@pytest.mark.parametrize(("typed", "said"), REFUSED, ids=[typed for typed, _ in REFUSED])
def test_a_bad_value_is_refused_with_reason_and_fix(drylands: Drylands, tmp_path: Path, typed: str, said: str) -> None:
    (tmp_path / "bad.csv").write_text("map,a,b\na,1,2\nb,3,4\n")
    (tmp_path / "few.csv").write_text(SITES.format(0).replace("0,1,1", "0,1,0"))
    polygons(tmp_path / "taken.geojson", {"Otindag": box(94, 50, 95, 51)})
    code, out, error = drylands(*typed.split())
    assert code == 1
    assert said in error
    assert "Traceback" not in error
    assert "No alarm" not in out
    assert not (tmp_path / "drylands-data" / "cubes").exists()


def test_boundary_values_are_accepted() -> None:
    vegetation = DATASETS["mod13q1-ndvi"]
    coarse_enough("--resolution", vegetation.resolution, vegetation)
    coarse_enough("--resolution", 0.00208, vegetation)  # 1/480, rounded
    enough_years(2017, 2024)
    with pytest.raises(FlowError, match="7 years"):
        enough_years(2018, 2024)
    datasets = choose_datasets(None, {})
    within_records("--years", (2001, 2024), recorded("simulated", datasets))
    within_records("--years", (2001, OPEN), recorded("earthengine", datasets))
    for text in ("2004-01", "2024-12"):
        watchable("--start", parse_month(text), vegetation)
    for text in ("2003-12", "2025-01"):
        with pytest.raises(FlowError, match="give a month from 2004 to 2024"):
            watchable("--start", parse_month(text), vegetation)


def test_a_season_of_a_request_is_that_of_its_file(tmp_path: Path) -> None:
    """As a deployment gives it: the season is 5-9 unless told otherwise, and refused where no file is read."""
    file = polygons(tmp_path / "a.geojson", {"a": box(112, 43, 113, 44)})
    assert AssessRequest(regions=(), regions_file=file).season is None
    with pytest.raises(ValueError, match="--season needs --regions-file"):
        AssessRequest.model_validate({"regions": ["otindag"], "season": "4-10"})


def test_a_port_in_use_is_known_before_anything_is_opened(drylands: Drylands, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for command in (("serve",), ("offline",)):
            code, _, error = drylands(*command, "--port", port)
            assert code == 1
            assert f"cannot serve at 127.0.0.1, port {port} (Address already in use)" in error
    assert not (tmp_path / "drylands-data").exists()


def test_results_of_two_places_do_not_share_an_id(tmp_path: Path) -> None:
    """Two files of districts without names, from two folders: the second is not published as the first."""
    from flows.request.published_ids import refuse_other_places
    from practices.database.open import open_database
    from practices.database.transactions import writing
    from practices.results.publish import put_region
    from practices.results.records import RegionRecord
    from regions.model import Region

    here, moved, other = box(112, 43, 113, 44), box(112, 43, 113, 44.1), box(90, 50, 91, 51)
    engine = open_database(tmp_path / "practices.sqlite")
    with writing(engine) as connection:
        put_region(connection, RegionRecord("a-1", "a 1", (), "own polygon", dict(here.__geo_interface__)))

    def region(shape: object) -> Region:
        return Region(id="a-1", name="a 1", geometry=shape, source="a.geojson")

    refuse_other_places(engine, [region(here), region(moved)])
    with pytest.raises(FlowError, match=r"region a-1 \(a 1\): results of another place, near 112.0 E 43.0 N"):
        refuse_other_places(engine, [region(other)])
    engine.dispose()


def test_a_full_disk_is_known_before_the_start(tmp_path: Path) -> None:
    refuse_full_disk(tmp_path)
    with pytest.raises(FlowError, match=r"the disk is full: [\d.]+ MiB are free at .*; free some space, or choose"):
        refuse_full_disk(tmp_path, least_mib=1e12)  # more than any disk has
