"""The command from outside: what a user types, sees and finds on disk, above all when something goes wrong."""

from __future__ import annotations

import json
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pyogrio
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from shapely import box
from typed import PLACES, QUICK, Drylands, polygons

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("prefect_server")]


def visible(folder: Path) -> list[str]:
    """What lies in a folder under its final name."""
    return sorted(path.name for path in folder.rglob("*") if not path.name.startswith(".")) if folder.exists() else []


def test_the_whole_line_and_what_can_be_typed_next(drylands: Drylands, tmp_path: Path) -> None:
    code, said, _ = drylands("assess", "--regions-file", "places.geojson", *QUICK)
    assert code == 0
    assert "SIMULATED" in said
    # 12 cubes for either region and 3 for each of the 3 reference areas that they lie in, from fewer shared blocks.
    assert ", 29 pixel requests" in said
    assert len(list((tmp_path / "drylands-data" / "cubes").glob("*/*.zarr"))) == 33
    for region in PLACES:
        assert region in said
    code, again, _ = drylands("assess", "--regions-file", "places.geojson", *QUICK)
    assert code == 0
    assert ", 0 pixel requests" in again

    code, said, _ = drylands("export")
    assert code == 0
    written = tmp_path / "drylands-data" / "export"
    table = pd.read_csv(written / "summary.csv", encoding="utf-8-sig")
    assert set(table["region"]) == set(PLACES)
    assert set(table["origin"]) == {"simulated"}
    assert (written / "drylands.xlsx").stat().st_size > 10_000
    assert set(pyogrio.read_dataframe(written / "drylands.gpkg", layer="regions")["region"]) == set(PLACES)
    assert (written / "datapackage.json").is_file()
    page = (written / "index.html").read_text(encoding="utf-8")
    assert all(f"maps/{region}/" in page for region in PLACES)
    code, said, _ = drylands("export", "--format", "csv,gpkg", "--to", "some")
    assert code == 0
    assert {path.suffix for path in (tmp_path / "some").iterdir()} == {".csv", ".gpkg"}
    code, _, error = drylands("export", "--format", "pdf")
    assert code == 1
    assert "format 'pdf': not known; allowed: xlsx, csv, gpkg, package, brief, maps, or all" in error

    code, said, _ = drylands("practices", "--country", "MNG")
    assert code == 0
    assert "MNG" in said
    assert "CHN" not in said


def test_a_region_that_fails_leaves_the_others_whole(drylands: Drylands, tmp_path: Path) -> None:
    assert drylands("assess", "west", "--regions-file", "places.geojson", *QUICK)[0] == 0
    cubes = tmp_path / "drylands-data" / "cubes" / "west"
    (cube,) = cubes.glob("productivity-*.zarr")
    (cube / ".zattrs").write_text("{")
    shutil.rmtree(tmp_path / "drylands-data" / "results")

    code, said, error = drylands(
        "assess", "--regions-file", "places.geojson", "--profiles", "ne-asia,fao-wocat", *QUICK
    )
    assert code == 3
    assert "1 of 2 regions failed; published: the other 1" in error
    assert f"west: drylands-data/cubes/west/{cube.name}: the cube is damaged" in error
    assert "delete it and run the same command again" in error
    assert "east" in said
    assert "damaged" not in said  # told once, by the error
    assert visible(tmp_path / "drylands-data" / "results" / "west") == []
    assert "summary.json" in visible(tmp_path / "drylands-data" / "results" / "east")

    shutil.rmtree(cube)
    assert drylands("assess", "--regions-file", "places.geojson", *QUICK)[0] == 0
    assert "summary.json" in visible(tmp_path / "drylands-data" / "results" / "west")


def test_an_unknown_region_is_named_with_its_neighbours_in_spelling(drylands: Drylands, tmp_path: Path) -> None:
    code, _, error = drylands("assess", "otindak")
    assert code == 1
    assert "otindak" in error
    assert "otindag" in error
    assert visible(tmp_path) == ["places.geojson"]


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (box(112, 43, 112.2, 43.2).boundary, ["feature 1 (bad)", "polygon"]),
        (box(112, 83, 112.2, 95), ["feature 1 (bad)", "latitude"]),
    ],
)
def test_a_bad_polygon_is_refused_before_anything_is_written(
    drylands: Drylands, tmp_path: Path, shape: object, words: list[str]
) -> None:
    path = polygons(tmp_path / "bad.geojson", {"bad": shape})
    for command in (("assess", "--regions-file", "bad.geojson"), ("regions", "add", "bad.geojson")):
        code, _, error = drylands(*command)
        assert code == 1
        assert all(word in error.lower() for word in ("bad.geojson", *words))
    assert visible(tmp_path) == sorted([path.name, "places.geojson"])


def test_a_database_that_cannot_be_used_is_known_before_the_pull(drylands: Drylands, tmp_path: Path) -> None:
    code, said, error = drylands("assess", "west", "--regions-file", "places.geojson", "--database", "mysql://x/y")
    assert code == 1
    assert "mysql cannot be used; give a path, sqlite:///FILE or postgresql://USER@HOST/NAME" in error
    assert said == ""
    assert visible(tmp_path / "drylands-data") == []


def test_a_request_that_contradicts_itself_is_told_in_a_line(drylands: Drylands, tmp_path: Path) -> None:
    _, _, error = drylands("assess", "otindag", "--years", "2024-2001")
    assert error.strip().endswith("request: years 2024-2001 are in the wrong order; write the earlier year first")
    _, _, error = drylands("assess", "otindag", "--dataset", "mod17a3hgf-npp")
    assert "give it as variable=key" in error
    assert visible(tmp_path) == ["places.geojson"]


def test_years_that_a_data_set_lacks(drylands: Drylands, tmp_path: Path) -> None:
    code, _, error = drylands("assess", "west", "--regions-file", "places.geojson", "--years", "2016-2026")
    assert code == 1
    assert (
        "--years 2016-2026: productivity (mod13q1-ndvi, MODIS/061/MOD13Q1) covers 2001 to 2024; use 2016-2024" in error
    )
    assert visible(tmp_path / "drylands-data" / "cubes") == []
    assert visible(tmp_path / "drylands-data" / "results") == []


def test_earth_engine_without_a_project_or_credentials(
    drylands: Drylands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EARTHENGINE_PROJECT", raising=False)
    code, _, error = drylands("assess", "west", "--source", "earthengine")
    assert (code, "--project ID" in error) == (1, True)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "none"))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    code, _, error = drylands(
        "assess", "west", "--regions-file", "places.geojson", *QUICK, "--source", "earthengine", "--project", "none"
    )
    assert code == 1
    assert "earthengine authenticate" in error
    assert "by running Run" not in error
    assert "WARNING" not in error
    assert visible(tmp_path / "drylands-data" / "cubes") == []


def test_earth_engine_that_cannot_be_reached(
    drylands: Drylands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service account whose tokens come from a port of this machine that nothing listens to."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    account = {
        "type": "service_account",
        "project_id": "none",
        "client_email": "nobody@none.iam.gserviceaccount.com",
        "private_key": key.decode(),
        "token_uri": "http://127.0.0.1:9/token",
    }
    (tmp_path / "key.json").write_text(json.dumps(account))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "key.json"))
    code, _, error = drylands(
        "assess", "west", "--regions-file", "places.geojson", *QUICK, "--source", "earthengine", "--project", "none"
    )
    assert code == 1
    assert "Google Earth Engine does not answer" in error
    assert "check the network" in error
    assert visible(tmp_path / "drylands-data" / "cubes") == []


@pytest.mark.parametrize("command", ["assess", "monitor", "doctor"])
def test_the_key_of_a_service_account_is_checked_first(drylands: Drylands, tmp_path: Path, command: str) -> None:
    """A file that is not there by its name, one that is no key by what it lacks; it stands in for a project."""
    source = [] if command == "doctor" else ["west", "--regions-file", "places.geojson", "--source", "earthengine"]
    code, _, error = drylands(command, *source, "--service-account", "none.json")
    assert (code, "none.json" in error, "does not exist" in error) == (2, True, True)
    (tmp_path / "key.json").write_text('{"type": "authorized_user"}', encoding="utf-8")
    code, said, error = drylands(command, *source, "--service-account", "key.json")
    assert code == 1
    assert "--service-account key.json: not a service account's JSON key" in said + error


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let no file of this process grow past `size` bytes: what a full disk or a used-up quota does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_loses_nothing(drylands: Drylands, tmp_path: Path) -> None:
    """At these sizes a tile, a cube, a raster or the database does not fit; each run goes on from the one before."""
    for size in (100, 2_000, 8_000, 100_000):
        with largest_file(size):
            code, _, error = drylands("assess", "west", "--regions-file", "places.geojson", *QUICK)
        assert code == 1
        assert "disk is full" in error
        assert "Traceback" not in error
    code, said, _ = drylands("assess", "west", "--regions-file", "places.geojson", *QUICK)
    assert code == 0
    assert "west" in said
