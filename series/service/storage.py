"""Cloud Storage: the files that exports wrote, listed and downloaded by its JSON API."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from hashlib import md5
from pathlib import Path
from typing import Any
from urllib.parse import quote

import ee
from google.auth.transport.requests import AuthorizedSession
from google_crc32c import Checksum
from requests import Response

from series.errors import BucketRefused, RequestFailed, Unavailable
from series.service.earth_engine import call, connected

GOOGLE = "https://storage.googleapis.com"
#: Bytes of one request of a download: what a broken connection loses at most, and what is in memory.
CHUNK = 8 * 2**20
#: Downloads of a file whose checksum is wrong, before giving up.
TRIES = 3


@dataclass(frozen=True)
class StoredObject:
    """A file in a bucket: its size, its version, and its checksums in base64 (that of MD5 may be missing)."""

    bucket: str
    name: str
    size: int
    generation: str
    md5: str = ""
    crc32c: str = ""

    @property
    def shown(self) -> str:
        """Its address."""
        return f"gs://{self.bucket}/{self.name}"


def objects(bucket: str, prefix: str) -> list[StoredObject]:
    """The files of a bucket whose names begin with `prefix`.

    Raises BucketRefused where the bucket does not exist or may not be read.
    """
    found: list[StoredObject] = []
    token: str | None = ""
    while token is not None:
        query = {"prefix": prefix} | ({"pageToken": token} if token else {})
        with _refusals(f"gs://{bucket}"):
            page = call(partial(_json, f"/storage/v1/b/{quote(bucket, safe='')}/o", query))
        for item in page.get("items", ()):
            sums = item.get("md5Hash", ""), item.get("crc32c", "")
            found.append(StoredObject(bucket, item["name"], int(item["size"]), item["generation"], *sums))
        token = page.get("nextPageToken")
    return found


def download(stored: StoredObject, path: Path) -> Path:
    """The file at `path`, complete; what a killed run left of it is continued. One that is there is kept.

    Raises BucketRefused where it may not be read, Unavailable where it arrives damaged again and again.
    """
    if path.exists():
        return path
    unfinished = path.with_name(f"{path.name}.part")
    for _ in range(TRIES):
        _fetch(stored, unfinished)
        if _is_whole(stored, unfinished):
            return unfinished.replace(path)
        unfinished.unlink()
    raise Unavailable(f"{stored.shown} arrived damaged {TRIES} times (its checksum is wrong); run the command again")


def _fetch(stored: StoredObject, path: Path) -> None:
    """Append what a file lacks."""
    address = f"/storage/v1/b/{quote(stored.bucket, safe='')}/o/{quote(stored.name, safe='')}"
    query = {"alt": "media", "generation": stored.generation}
    have = path.stat().st_size if path.exists() else 0
    if have > stored.size:
        path.unlink()
        have = 0
    with path.open("ab") as file:
        while have < stored.size:
            asked = f"bytes={have}-{min(have + CHUNK, stored.size) - 1}"
            with _refusals(stored.shown):
                content = call(partial(_bytes, address, query, asked))
            if not content:  # a file that shrank: its size is wrong then, and it is downloaded again
                break
            file.write(content)
            have += len(content)


def _is_whole(stored: StoredObject, path: Path) -> bool:
    """Whether size and checksum of a file are right."""
    if path.stat().st_size != stored.size:
        return False
    digest = md5(usedforsecurity=False) if stored.md5 else Checksum()
    with path.open("rb") as file:
        while block := file.read(2**20):
            digest.update(block)
    return base64.b64encode(digest.digest()).decode() == (stored.md5 or stored.crc32c)


def _get(path: str, query: dict[str, str], **headers: str) -> Response:
    connection = connected()
    with AuthorizedSession(ee.data._get_state().credentials) as session:
        answer = session.get(
            (connection.url or GOOGLE) + path, params=query, headers=headers, timeout=connection.deadline
        )
        answer.raise_for_status()
        return answer


def _json(path: str, query: dict[str, str]) -> dict[str, Any]:
    return dict(_get(path, query).json())


def _bytes(path: str, query: dict[str, str], asked: str) -> bytes:
    return _get(path, query, Range=asked).content


@contextmanager
def _refusals(place: str) -> Iterator[None]:
    """Name the bucket or file that is refused."""
    try:
        yield
    except Unavailable:
        raise
    except RequestFailed as error:
        raise BucketRefused(
            f"{place} cannot be read ({error}). Check --export-to; the account needs the role Storage Object User "
            f"(roles/storage.objectUser) on the bucket"
        ) from error
