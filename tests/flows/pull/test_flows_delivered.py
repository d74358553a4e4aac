"""`--via export`: the same cubes of a whole region, a plan that says the way, and orders that are refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import ValidationError
from shapely import box
from typed import Drylands

from flows.errors import FlowError
from flows.pull.delivered import BUCKETS, buckets_of
from flows.pull.plan import planned
from flows.pull.region import pull_region
from flows.pull.sources import MANY, engine_process, opened
from flows.request.assess import AssessRequest
from offline.protocol.server import serve
from offline.sources.simulated.source import SimulatedSource
from regions.catalogue import load
from regions.model import Region
from series.errors import QuotaUsedUp

HERE = Region(id="here", name="Here", geometry=box(112, 43, 112.4, 43.3), source="test")
SUAN = load()["suan"]
BUCKET = "gs://my-bucket/drylands"


def asked(folder: Path, **options: object) -> AssessRequest:
    given = {"regions": ("suan",), "data": folder, "years": (2010, 2012), "resolution": 0.05, **options}
    return AssessRequest.model_validate(given)


def cubes(folder: Path) -> dict[str, bytes]:
    """All files of the cubes of a data folder but the attributes that say how they were made."""
    found = {str(each.relative_to(folder)): each for each in folder.glob("cubes/*/*.zarr/**/*") if each.is_file()}
    return {name: each.read_bytes() for name, each in found.items() if each.name not in (".zattrs", ".zmetadata")}


def test_a_region_by_exports_has_the_cubes_of_one_by_requests(tmp_path: Path) -> None:
    requested, exported = asked(tmp_path / "requested"), asked(tmp_path / "exported", via="export", export_to=BUCKET)
    with opened("simulated", None, {}) as source:
        pull_region(SUAN, requested, source)
    with opened("simulated", None, {}, buckets=buckets_of(exported)) as source:
        assert source.server is not None
        pulled = pull_region(SUAN, exported, source)
        # three years have too few in common with the one, and the other begins after them
        assert set(pulled.left_out) == {"long record", "pressure night_lights"}
        assert source.server.count("pixels") == 0
    assert cubes(tmp_path / "exported") == cubes(tmp_path / "requested") != {}
    assert [*(tmp_path / "exported" / BUCKETS / "my-bucket" / "drylands").glob("productivity-*.tif")]


def test_a_plan_says_which_way_each_cube_comes(tmp_path: Path) -> None:
    ways = {}
    for via, target in (("auto", None), ("auto", BUCKET), ("export", BUCKET)):
        table, total = planned(asked(tmp_path, via=via, export_to=target), [SUAN])
        ways[via, target] = table.set_index("variable")["via"].to_dict()
        assert total.exports == table["exports"].sum() == sum(way == "export" for way in table["via"])
    assert {*ways["auto", None].values()} - {""} == {*ways["auto", BUCKET].values()} - {""} == {"requests"}
    by_export = {name for name, way in ways["export", BUCKET].items() if way == "export"}
    cubes_of = ("cube ", "annual ", "rain months", "evapotranspiration ")
    assert by_export == {name for name in ways["export", BUCKET] if name.startswith(cubes_of)}
    native = asked(tmp_path, regions=("ordos",), years=(2010, 2020), resolution="native", export_to=BUCKET)
    large, total = planned(native, [load()["ordos"]])
    way = large.set_index("variable")["via"]
    assert way["annual season_mean"] == "export"
    assert way["cube climate_zone"] == "requests"
    assert total.exports >= 1
    assert 0 < total.exported < total.pixels


def test_small_polygons_share_blocks_whatever_the_way(tmp_path: Path) -> None:
    table, total = planned(asked(tmp_path, via="export", export_to=BUCKET), [HERE])
    own = table[~table["variable"].str.startswith("reference")]
    assert set(own["via"]) <= {"requests", ""}
    assert total.exports == sum(table["via"] == "export")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"via": "export"}, r"needs a bucket.*--export-to gs://BUCKET/PREFIX"),
        ({"via": "requests", "export_to": BUCKET}, r"no use with --via requests"),
        ({"via": "export", "export_to": "drive://drylands"}, r"Google Drive cannot be read back"),
        ({"export_to": "my-bucket"}, r"not a bucket of Cloud Storage; write gs://BUCKET/PREFIX"),
        ({"via": "mail"}, r"auto"),
    ],
)
def test_wrong_orders_are_refused(tmp_path: Path, options: dict[str, str], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        asked(tmp_path, **options)


def test_the_command_refuses_before_the_first_request(drylands: Drylands) -> None:
    code, _, error = drylands("assess", "suan", "--via", "export")
    assert code == 1
    assert "add --export-to gs://BUCKET/PREFIX" in error
    code, _, error = drylands("plan", "suan", "--via", "export", "--export-to", "drive://x")
    assert code == 1
    assert "Google Drive cannot be read back" in error
    assert not Path("drylands-data").exists()


def test_the_command_plans_the_way(drylands: Drylands) -> None:
    words = ("plan", "suan", "--resolution", "0.05", "--years", "2010-2018", "--via", "export", "--export-to", BUCKET)
    code, shown, error = drylands(*words)
    assert (code, error) == (0, "")
    assert " export " in shown
    assert "how long an export waits" in " ".join(shown.split())
    _, listed, _ = drylands(*words, "--json")
    rows = json.loads(listed)
    assert {row["via"] for row in rows} == {"requests", "export"}


def test_an_engine_without_a_folder_for_exports_is_refused(tmp_path: Path) -> None:
    refused = pytest.raises(FlowError, match="drylands offline --exports FOLDER")
    with serve(SimulatedSource()) as plain, refused, opened(plain.url, None, {}, buckets=tmp_path):
        pass
    with serve(SimulatedSource(), exports=tmp_path / "exports") as able, opened(able.url, None, {}, buckets=tmp_path):
        pass
    assert not (tmp_path / "exports").exists()


def test_an_engine_in_a_process_of_its_own_exports_too(tmp_path: Path) -> None:
    request = asked(tmp_path, via="export", export_to=BUCKET)
    with (
        engine_process("simulated", MANY, buckets_of(request)) as process,
        opened("simulated", None, {}, regions=MANY, buckets=buckets_of(request)) as source,
    ):
        assert source.server is process is not None
        process.inject("eecu-month", kind="other", path=":export", skip=2)
        with pytest.raises(QuotaUsedUp):
            pull_region(SUAN, request, source)
        pull_region(SUAN, request, source)
        assert source.server.count("pixels") == 0
