"""Buckets that can be read: the files of exports by the JSON API of Google Cloud Storage.

A folder below the folder of exports is a bucket; what an export to Cloud Storage wrote there are its objects.
"""

from __future__ import annotations

import base64
import mimetypes
import mmap
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import md5
from pathlib import Path
from typing import Any
from urllib.parse import quote

from offline.errors import EngineError
from offline.protocol.answers import Answer, json_answer
from offline.protocol.destinations import DRIVE, is_inside

#: The paths: a bucket, its objects, one object; the client downloads below `/download`.
PATH = re.compile(r"(?:/download)?/storage/v1/b/(?P<bucket>[^/]+)(?P<objects>/o(?:/(?P<name>.+))?)?")
RANGE = re.compile(r"bytes=(\d*)-(\d*)")
#: Objects of a page unless fewer are asked for, as there.
PAGE = 1000


def stored(
    exports: Path | None, method: str, path: str, query: Mapping[str, str], base: str, asked_range: str
) -> Answer:
    """Answer a request for a bucket or object; `base` is the address of the server.

    Raises EngineError if it does not exist, its name leaves the folder, or the request would write.
    """
    match = PATH.fullmatch(path)
    if match is None:
        raise EngineError(f"The requested URL {path} was not found on this server.", 404)
    if method != "GET":
        raise EngineError(f"{method} is not supported by the offline engine: buckets are read-only.", 405)
    bucket, name = match["bucket"], match["name"]
    folder = _folder(exports, bucket)
    if match["objects"] is None:
        return json_answer({"kind": "storage#bucket", "id": bucket, "name": bucket})
    if name is None:
        return json_answer(_listed(folder, bucket, query, base))
    file = folder / name
    if not is_inside(name) or not _is_object(file, folder):
        raise EngineError(f"No such object: {bucket}/{name}", 404)
    if query.get("alt") == "media":
        return _content(file, asked_range)
    return json_answer(_described(file, bucket, name, base))


def _folder(exports: Path | None, bucket: str) -> Path:
    """The folder of a bucket. Raises EngineError if there is none, also for the folder that replaces Drive."""
    folder = exports.resolve() / bucket if exports is not None and is_inside(bucket) else None
    if folder is None or bucket == DRIVE or bucket.startswith(".") or not folder.is_dir() or folder.is_symlink():
        raise EngineError(f"The specified bucket does not exist: {bucket}", 404)
    return folder


def _is_object(file: Path, folder: Path) -> bool:
    """Whether a file is one that an export has finished, in the folder also where links lead."""
    hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
    return not hidden and file.is_file() and file.resolve().is_relative_to(folder)


def _names(folder: Path) -> Iterator[str]:
    for file in folder.rglob("*"):
        if _is_object(file, folder):
            yield file.relative_to(folder).as_posix()


def _listed(folder: Path, bucket: str, query: Mapping[str, str], base: str) -> dict[str, Any]:
    """A page of the objects whose names begin with `prefix`; with `delimiter`, names are cut after it."""
    prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
    size, after = query.get("maxResults") or str(PAGE), _name_of(query.get("pageToken", ""))
    if not size.isdigit() or not size.isascii() or int(size) < 1:
        raise EngineError(f"maxResults {size[:20]!r} is not a number above 0.")
    entries: dict[str, bool] = {}
    for name in _names(folder):
        if name.startswith(prefix):
            begin, found, _ = name[len(prefix) :].partition(delimiter) if delimiter else ("", "", "")
            entries[f"{prefix}{begin}{found}" if found else name] = bool(found)
    names = [name for name in sorted(entries) if name > after]
    page = names[: min(int(size), PAGE)]
    body: dict[str, Any] = {"kind": "storage#objects"}
    items = [_described(folder / name, bucket, name, base) for name in page if not entries[name]]
    prefixes = [name for name in page if entries[name]]
    body |= ({"items": items} if items else {}) | ({"prefixes": prefixes} if prefixes else {})
    return body | ({"nextPageToken": _token(page[-1])} if len(page) < len(names) else {})


def _token(name: str) -> str:
    return base64.urlsafe_b64encode(name.encode()).decode()


def _name_of(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token).decode()
    except ValueError as error:
        raise EngineError(f"Page token '{token[:80]}' is not known.") from error


def _described(file: Path, bucket: str, name: str, base: str) -> dict[str, Any]:
    """An object as the API describes it."""
    seen = file.stat()
    moment = f"{datetime.fromtimestamp(seen.st_mtime, UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
    path = f"/storage/v1/b/{bucket}/o/{quote(name, safe='')}"
    return {
        "kind": "storage#object",
        "id": f"{bucket}/{name}/{seen.st_mtime_ns}",
        "selfLink": f"{base}{path}",
        "mediaLink": f"{base}/download{path}?alt=media",
        "name": name,
        "bucket": bucket,
        "generation": str(seen.st_mtime_ns),
        "metageneration": "1",
        "contentType": _content_type(file),
        "size": str(seen.st_size),
        "md5Hash": _digest(file, seen.st_size, seen.st_mtime_ns),
        "timeCreated": moment,
        "updated": moment,
    }


def _content_type(file: Path) -> str:
    return mimetypes.guess_type(file.name)[0] or "application/octet-stream"


@lru_cache(maxsize=4096)
def _digest(file: Path, _size: int, _changed: int) -> str:
    """The MD5 of a file in base64; a file that has another size or time is another one."""
    with file.open("rb") as opened:
        digest = md5(usedforsecurity=False)
        while block := opened.read(2**20):
            digest.update(block)
    return base64.b64encode(digest.digest()).decode()


def _content(file: Path, asked: str) -> Answer:
    """The bytes of an object, or those of the range that is asked for. Raises EngineError for one beyond the end."""
    seen = file.stat()
    headers = {"X-Goog-Hash": f"md5={_digest(file, seen.st_size, seen.st_mtime_ns)}", "Accept-Ranges": "bytes"}
    whole: bytes | memoryview = b""
    if seen.st_size:
        with file.open("rb") as opened:
            whole = memoryview(mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ))
    match = RANGE.fullmatch(asked.strip()) if asked else None
    if match is None or match.groups() == ("", ""):
        return Answer(whole, _content_type(file), headers=headers)
    first, last = match.groups()
    start = int(first) if first else max(0, seen.st_size - int(last))
    end = min(int(last) + 1, seen.st_size) if first and last else seen.st_size
    if start >= end:
        raise EngineError(f"Range {asked}: the object has {seen.st_size} bytes.", 416)
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{seen.st_size}"
    return Answer(whole[start:end], _content_type(file), code=206, headers=headers)
