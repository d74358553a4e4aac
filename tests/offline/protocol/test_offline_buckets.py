"""What exports wrote to Cloud Storage is read from the same server, also by Google's own client."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import requests
from conftest import FewPixels
from google.api_core.exceptions import NotFound
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

from offline.protocol.server import Server, serve

CONTENT = bytes(range(256)) * 40


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[tuple[Server, Path]]:
    """A server whose folder of exports has a bucket of three objects, a draft, a Drive folder and a secret outside."""
    exports = tmp_path / "exports"
    for name in ("maps/2001/a.tif", "maps/2001/b.csv", "maps/z.tif", "maps/2001/.draft.part", "drive/mine.tif"):
        (exports / name).parent.mkdir(parents=True, exist_ok=True)
        (exports / name).write_bytes(CONTENT)
    (tmp_path / "secret").write_bytes(b"secret")
    (exports / "maps" / "link").symlink_to(tmp_path / "secret")
    with serve(FewPixels(), exports=exports) as server:
        yield server, exports


def test_googles_client_lists_describes_and_downloads(stored: tuple[Server, Path]) -> None:
    server, _ = stored
    client = storage.Client("offline", AnonymousCredentials(), client_options={"api_endpoint": server.url})
    names = [blob.name for blob in client.list_blobs("maps", page_size=2)]
    assert names == ["2001/a.tif", "2001/b.csv", "z.tif"]
    assert [blob.name for blob in client.list_blobs("maps", prefix="2001/b")] == ["2001/b.csv"]
    folders = client.list_blobs("maps", delimiter="/")
    assert [blob.name for blob in folders] == ["z.tif"]
    assert folders.prefixes == {"2001/"}
    blob = client.bucket("maps").get_blob("2001/a.tif")
    assert (blob.size, blob.content_type) == (len(CONTENT), "image/tiff")
    assert blob.md5_hash == base64.b64encode(hashlib.md5(CONTENT, usedforsecurity=False).digest()).decode()
    assert blob.updated is not None
    assert blob.download_as_bytes() == CONTENT  # checks the hash
    assert blob.download_as_bytes(start=10, end=19) == CONTENT[10:20]
    assert client.bucket("maps").get_blob("none.tif") is None
    with pytest.raises(NotFound, match="bucket does not exist"):
        list(client.list_blobs("others"))


@pytest.mark.parametrize(
    ("asked", "code", "content"),
    [
        ("bytes=0-0", 206, CONTENT[:1]),
        ("bytes=100-", 206, CONTENT[100:]),
        ("bytes=-5", 206, CONTENT[-5:]),
        ("bytes=10000-999999", 206, CONTENT[10000:]),
        ("lines=1-2", 200, CONTENT),
        ("bytes=99999-", 416, None),
    ],
)
def test_parts_of_an_object(stored: tuple[Server, Path], asked: str, code: int, content: bytes | None) -> None:
    url = f"{stored[0].url}/storage/v1/b/maps/o/2001%2Fa.tif?alt=media"
    answer = requests.get(url, headers={"Range": asked}, timeout=10)
    assert answer.status_code == code
    if content is not None:
        assert answer.content == content
    if code == 206:
        assert answer.headers["Content-Range"].endswith(f"/{len(CONTENT)}")


@pytest.mark.parametrize(
    ("bucket", "name"),
    [
        ("maps", "../../secret"),
        ("maps", "../drive/mine.tif"),
        ("maps", "/etc/passwd"),
        ("maps", "link"),
        ("maps", "2001/.draft.part"),
        ("maps", "2001"),
        ("drive", "mine.tif"),
        ("..", "secret"),
        (".", "maps/z.tif"),
    ],
)
def test_no_name_leaves_the_folder(stored: tuple[Server, Path], bucket: str, name: str) -> None:
    for alternative in ("", "?alt=media"):
        url = f"{stored[0].url}/storage/v1/b/{quote(bucket, safe='').replace('.', '%2E')}/o/{quote(name, safe='')}"
        answer = requests.get(f"{url}{alternative}", timeout=10)
        assert answer.status_code == 404
        assert answer.json()["error"]["status"] == "NOT_FOUND"


def test_buckets_are_read_only_and_need_a_folder(stored: tuple[Server, Path]) -> None:
    url = f"{stored[0].url}/storage/v1/b/maps/o/z.tif"
    assert requests.delete(url, timeout=10).status_code == 405
    with serve(FewPixels()) as server:
        assert requests.get(f"{server.url}/storage/v1/b/maps/o", timeout=10).status_code == 404


def test_wrong_pages_are_refused(stored: tuple[Server, Path]) -> None:
    url = f"{stored[0].url}/storage/v1/b/maps/o"
    for wrong in ("maxResults=0", "maxResults=x", "pageToken=%FF"):
        assert requests.get(f"{url}?{wrong}", timeout=10).status_code == 400
    assert stored[0].requests[-1].kind == "bucket"


def test_an_empty_object_and_a_fault(stored: tuple[Server, Path]) -> None:
    (stored[1] / "maps" / "empty.csv").touch()
    url = f"{stored[0].url}/storage/v1/b/maps/o/empty.csv?alt=media"
    stored[0].inject("unavailable", kind="bucket")
    assert requests.get(url, timeout=10).status_code == 503
    answer = requests.get(url, timeout=10)
    assert (answer.status_code, answer.content) == (200, b"")
