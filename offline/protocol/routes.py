"""What each path of the protocol does."""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import parse_qs

from affine import Affine
from odc.geo.geobox import GeoBox

from offline.algorithms.image.bands import select
from offline.algorithms.image.visual import COLOURED, GREY, visualize
from offline.errors import EngineError
from offline.evaluate import Evaluator, asset_id, table_of
from offline.graph.signatures import client_file
from offline.model.assets import Asset, ImageAsset, Source, TableAsset
from offline.model.collection import Collection
from offline.model.grids import box, covering, request_grid
from offline.model.image import Image, from_asset, one_request
from offline.protocol.destinations import destination
from offline.protocol.discovery import discovery
from offline.protocol.encode import geotiff, jpeg, numpy_file, png, to_json, zipped_geotiffs
from offline.protocol.exports import export_image, export_table, tiff_options, wrapped
from offline.protocol.listing import conditions, describe, listed, outline_of, page
from offline.protocol.operations import MOST_PRIORITY, PRIORITY, Operation, Operations
from offline.protocol.tables import features_of, table_format

JSON = "application/json; charset=UTF-8"
#: Half the extent of the web map's square world, metres.
WEB_MERCATOR = 20037508.342789244
TILE = 256
MAX_VALUE_BYTES = 10 * 2**20
#: How long a request may take, as the service has it.
SECONDS = 300.0
#: Maps and thumbnails remembered at once.
MAX_MAPS = 1000
METHODS = ("GET", "POST")
#: Formats of files that hold colours.
PICTURES = ("PNG", "JPEG", "AUTO_JPEG_PNG")
KINDS = (
    ("pixels", re.compile(r":(computePixels|getPixels)$")),
    ("value", re.compile(r"/value:compute$")),
    ("features", re.compile(r"/table:computeFeatures$")),
    ("tile", re.compile(r"/maps/[^/]+/tiles/")),
    ("map", re.compile(r"/maps$")),
    ("thumbnail", re.compile(r"/thumbnails")),
    ("table", re.compile(r"/tables")),
    ("algorithms", re.compile(r"/algorithms$")),
    ("asset", re.compile(r"/assets(/|$)|:listAssets$")),
)


@dataclass(frozen=True)
class Answer:
    """A body, its content type and an HTTP status."""

    body: bytes | memoryview
    content_type: str = JSON
    code: int = 200
    #: Under which it is kept by who downloads it.
    file_name: str | None = None


def json_answer(value: Any) -> Answer:
    """A JSON body."""
    return Answer(json.dumps(value).encode())


def unversioned(path: str) -> str:
    """A resource's name: its path without the version of the protocol."""
    return re.sub(r"^/v1(alpha|beta)?/", "", path)


class Engine:
    """Answers requests from one source; remembers the maps that were made."""

    def __init__(self, source: Source, *, seconds: float = SECONDS, exports: Path | None = None) -> None:
        self._source = source
        self._exports = exports
        self._operations = Operations()
        self._seconds = seconds
        self._made: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._lock = Lock()

    @staticmethod
    def kind(path: str) -> str:
        """What a path asks for, as the request log words it."""
        if "/thumbnails/" in path:
            return "thumbnail"
        return next((kind for kind, pattern in KINDS if pattern.search(path)), "other")

    def answer(self, method: str, path: str, query: str, body: dict[str, Any] | None, base: str) -> Answer:
        """Answer one request. Raises EngineError where there is nothing to answer."""
        try:
            with one_request(self._seconds):
                return self._route(method, path, query, body, base)
        except RecursionError as error:
            raise EngineError(
                "The expression is nested too deeply for the offline engine; map or reduce a collection instead of "
                "chaining operators in a loop."
            ) from error
        except MemoryError as error:
            raise EngineError("User memory limit exceeded.") from error
        except EngineError:
            raise
        except Exception as error:
            # Not a 500, which clients retry: the same request would fail in the same way.
            raise EngineError(f"Offline engine: {type(error).__name__}: {error}") from error

    def _route(self, method: str, path: str, query: str, body: dict[str, Any] | None, base: str) -> Answer:
        if path == "/$discovery/rest":
            return json_answer(discovery(base))
        found = re.match(r"^/v1(?:alpha|beta)?/projects/([^/]+?)(/.*|:listAssets)?$", path)
        if found is None:
            raise EngineError(f"The requested URL {path} was not found on this server.", 404)
        rest = found[2] or ""
        if method not in METHODS:
            raise EngineError(f"{method} is not supported by the offline engine: it is read-only.", 405)
        if rest == "/algorithms":
            return Answer(client_file("algorithms.json"))
        if rest == "/value:compute":
            return self._value(body or {})
        if rest == "/image:computePixels":
            return self._pixels(self._image(body or {}), body or {})
        if rest == "/table:computeFeatures":
            return self._features(body or {})
        if rest in ("/maps", "/thumbnails", "/tables"):
            return json_answer({"name": self._remember(path, body or {})})
        if tile := re.match(r"^/maps/([^/]+)/tiles/(\d+)/(-?\d+)/(-?\d+)$", rest):
            return self._tile(tile[1], *(int(part) for part in tile.groups()[1:]))
        if table := re.match(r"^/tables/([^/:]+):getFeatures$", rest):
            return self._table(table[1])
        if thumbnail := re.match(r"^/thumbnails/([^/:]+):getPixels$", rest):
            return self._thumbnail(thumbnail[1])
        if kind := re.match(r"^/(video|filmstrip)Thumbnails", rest):
            raise EngineError(f"Thumbnails of kind {kind[1]} are not supported by the offline engine; one image is.")
        if rest in ("/config", ""):
            return json_answer({"name": f"projects/{found[1]}/config", "maxConcurrentExports": 2})
        if rest.startswith("/assets") or rest == ":listAssets":
            return self._asset(path, rest, query, body)
        if rest in ("/image:export", "/table:export"):
            return self._export(found[1], rest, body or {})
        if re.match(r"^/(map|video|videoMap|classifier):export$", rest):
            raise EngineError(f"{rest[1:]} is not supported by the offline engine; it exports images and tables.")
        if rest.startswith("/operations"):
            return self._operation(found[1], unversioned(path), rest, query)
        raise EngineError(f"The requested URL {path} was not found on this server.", 404)

    def _evaluate(self, body: dict[str, Any]) -> Any:
        expression = body.get("expression")
        if not expression:
            raise EngineError("Request has no expression.")
        return Evaluator(expression, self._source).result()

    def _value(self, body: dict[str, Any]) -> Answer:
        answer = json_answer({"result": to_json(self._evaluate(body))})
        if len(answer.body) > MAX_VALUE_BYTES:
            raise EngineError(f"Response size exceeds limit of {MAX_VALUE_BYTES} bytes.")
        return answer

    def _image(self, body: dict[str, Any]) -> Image:
        value = self._evaluate(body)
        if not isinstance(value, Image):
            raise EngineError(f"Expected an Image, found {type(value).__name__}.")
        wanted = body.get("bandIds")
        if wanted:
            return select(value, wanted, None)
        return value

    def _pixels(self, image: Image, body: dict[str, Any]) -> Answer:
        file_format = body.get("fileFormat", "AUTO_IMAGE_FORMAT")
        shown = _visualized(image, body, force=tuple(image.names) == GREY and file_format in PICTURES)
        grid = request_grid(body["grid"]) if body.get("grid") else native_grid(image)
        return picture(shown, grid, file_format)

    def _collection(self, body: dict[str, Any]) -> Collection:
        value = self._evaluate(body)
        if not isinstance(value, Collection):
            raise EngineError(f"Expected a FeatureCollection, found {type(value).__name__}.")
        return value

    def _table(self, name: str) -> Answer:
        body = self._recall(name)
        suffix, written = table_format(body.get("fileFormat") or "CSV")
        text = "".join(written(features_of(self._collection(body)), body.get("selectors")))
        kind = "text/csv" if suffix == ".csv" else "application/json"
        return Answer(text.encode(), kind, file_name=f"{file_stem(body.get('filename'), 'table')}{suffix}")

    def _features(self, body: dict[str, Any]) -> Answer:
        features = self._collection(body).elements()
        shown, more = page(features, {key: str(body[key]) for key in ("pageSize", "pageToken") if body.get(key)})
        return json_answer({"type": "FeatureCollection", "features": to_json(shown), **more})

    def _export(self, project: str, rest: str, body: dict[str, Any]) -> Answer:
        """Start an export; what is wrong with its files comes at once, the rest with the operation."""
        place = destination(self._exports, body)
        is_image = rest == "/image:export"
        if is_image:
            tiff_options(body)
        else:
            table_format(body["fileExportOptions"].get("fileFormat", "CSV"))

        def work(operation: Operation) -> list[str]:
            with one_request(check=operation.check):
                value = self._image(body) if is_image else self._collection(body)
                if isinstance(value, Image):
                    grid = request_grid(body["grid"]) if body.get("grid") else export_grid(value)
            if isinstance(value, Image):
                return export_image(value, grid, body, place, operation)
            return export_table(value, body, place, operation)

        kind = "EXPORT_IMAGE" if is_image else "EXPORT_FEATURES"
        described, request = str(body.get("description") or "untitled"), str(body.get("requestId") or "")
        asked = wrapped(body.get("priority"))
        priority = PRIORITY if asked is None else int(asked)
        if not 0 <= priority <= MOST_PRIORITY:
            raise EngineError(f"Export: the priority {priority} is not between 0 and {MOST_PRIORITY}.")
        return json_answer(self._operations.start(project, kind, described, request, work, priority))

    def _operation(self, project: str, name: str, rest: str, query: str) -> Answer:
        if rest == "/operations":
            asked = parse_qs(query)
            size, token = int(asked.get("pageSize", ["100"])[0]), asked.get("pageToken", [""])[0]
            return json_answer(self._operations.listed(project, size, token))
        if rest.endswith(":cancel"):
            self._operations.cancel(name.removesuffix(":cancel"))
            return json_answer({})
        return json_answer(self._operations.get(name))

    def close(self) -> None:
        """End what runs in the background."""
        self._operations.close()

    def _remember(self, path: str, body: dict[str, Any]) -> str:
        """Keep an image or a table under the digest of its request; evaluated once, so that errors come at once."""
        name = sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:32]
        if path.endswith("/tables"):
            self._collection(body)
        else:
            self._image(body)
        with self._lock:
            self._made[name] = body
            self._made.move_to_end(name)
            while len(self._made) > MAX_MAPS:
                self._made.popitem(last=False)
        return f"{unversioned(path)}/{name}"

    def _recall(self, name: str) -> dict[str, Any]:
        with self._lock:
            if name not in self._made:
                raise EngineError(f"Map, thumbnail or table {name} not found; make it again.", 404)
            return self._made[name]

    def _tile(self, name: str, zoom: int, x: int, y: int) -> Answer:
        body = self._recall(name)
        size = 2 * WEB_MERCATOR / 2**zoom
        cell = size / TILE
        corner = Affine(cell, 0, -WEB_MERCATOR + (x % 2**zoom) * size, 0, -cell, WEB_MERCATOR - y * size)
        grid = GeoBox((TILE, TILE), corner, "EPSG:3857")
        return Answer(png(_visualized(self._image(body), body, force=True), grid), "image/png")

    def _thumbnail(self, name: str) -> Answer:
        body = self._recall(name)
        image = self._image(body)
        file_format = body.get("fileFormat") or "PNG"
        shown = _visualized(image, body, force=True) if file_format in PICTURES else image
        return picture(shown, shown_grid(image), file_format, file_stem(body.get("filenamePrefix"), "download"))

    def _asset(self, path: str, rest: str, query: str, body: dict[str, Any] | None) -> Answer:
        project_prefix = unversioned(path)
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        if rest.endswith((":listAssets", ":listImages")) or (rest == "/assets" and body is None):
            parent = asset_id(re.sub(r":list(Assets|Images)$", "", project_prefix))
            return json_answer(listed(self._source.list(re.sub(r"^projects/[^/]+(/assets)?$", "", parent)), asked))
        if rest.endswith(":listFeatures"):
            return self._listed_features(project_prefix.removesuffix(":listFeatures"), asked)
        if rest.endswith(":getPixels"):
            asset = self._find(project_prefix.removesuffix(":getPixels"))
            if not isinstance(asset, ImageAsset):
                raise EngineError(f"{asset.id} is not an image.")
            return self._pixels(from_asset(asset), body or {})
        if body is not None or ":" in project_prefix.rpartition("/")[2]:
            raise EngineError(f"{rest[1:]}: assets cannot be made or changed; the offline engine is read-only.", 405)
        return json_answer(describe(self._find(project_prefix)))

    def _listed_features(self, name: str, asked: dict[str, str]) -> Answer:
        table = self._find(name)
        if not isinstance(table, TableAsset):
            raise EngineError(f"{table.id} is not a table.")
        passes = conditions(asked.get("filter", ""))
        region = outline_of(asked["region"]) if asked.get("region") else None
        features = [
            each
            for each in table_of(table).elements()
            if passes(each.properties.get, each.geometry) and (region is None or region.intersects(each.geometry))
        ]
        shown, more = page(features, asked)
        return json_answer({"type": "FeatureCollection", "features": to_json(shown), **more})

    def _find(self, name: str) -> Asset:
        asset = self._source.get(asset_id(name))
        if asset is None:
            raise EngineError(f"Asset '{name}' does not exist or doesn't allow this operation.", 404)
        return asset


def native_grid(image: Image) -> GeoBox:
    """The grid of the image's own first band. Raises EngineError where it has no bounds."""
    if not image.bands or image.bands[0].shape is None:
        raise EngineError("The image is unbounded; give a grid, or a region and dimensions.")
    band = image.bands[0]
    assert band.shape is not None
    return box(band.projection, *band.shape)


def shown_grid(image: Image) -> GeoBox:
    """The grid of a thumbnail or download: the image's own, or, where that has no end, its cells in the footprint."""
    endless = bool(image.bands) and image.bands[0].shape is None
    return export_grid(image) if endless and image.footprint is not None else native_grid(image)


def export_grid(image: Image) -> GeoBox:
    """The grid of an export without one: the cells of the first band that the footprint covers, or all of them.

    Raises EngineError for an image without bounds.
    """
    if image.bands and image.footprint is None and image.bands[0].shape is None:
        raise EngineError("Unable to export unbounded image.")
    if not image.bands or image.footprint is None:
        return native_grid(image)
    clipped = covering(image.footprint, image.bands[0].projection)
    if clipped is None:
        raise EngineError("Export: nothing is left of the image inside the region.")
    if image.bands[0].shape is None:
        return clipped
    own = native_grid(image)
    return clipped if clipped.shape[0] * clipped.shape[1] < own.shape[0] * own.shape[1] else own


def file_stem(asked: Any, default: str) -> str:
    """The name of a file without its suffix: as asked for, of letters, digits, dots, lines and blanks only."""
    return re.sub(r"[^\w.\- ]", "_", str(asked or ""), flags=re.ASCII).strip(". ")[:100] or default


def picture(image: Image, grid: GeoBox, file_format: str, stem: str = "download") -> Answer:
    """Pixels in a file of the format asked for. Raises EngineError for a format that is not offered."""
    if file_format == "NPY":
        return Answer(numpy_file(image, grid), "application/octet-stream", file_name=f"{stem}.npy")
    if file_format in ("GEO_TIFF", "MULTI_BAND_IMAGE_TIFF", "AUTO_IMAGE_FORMAT"):
        return Answer(geotiff(image, grid), "image/tiff", file_name=f"{stem}.tif")
    if file_format in ("ZIPPED_GEO_TIFF", "ZIPPED_GEO_TIFF_PER_BAND"):
        each = file_format == "ZIPPED_GEO_TIFF_PER_BAND"
        zipped = zipped_geotiffs(image, grid, per_band=each, stem=stem)
        return Answer(zipped, "application/zip", file_name=f"{stem}.zip")
    if file_format in ("PNG", "AUTO_JPEG_PNG"):
        return Answer(png(image, grid), "image/png")
    if file_format == "JPEG":
        return Answer(jpeg(image, grid), "image/jpeg")
    raise EngineError(
        f"File format {file_format} is not supported by the offline engine; "
        f"use NPY, GEO_TIFF, ZIPPED_GEO_TIFF, PNG or JPEG."
    )


def _visualized(image: Image, body: dict[str, Any], *, force: bool = False) -> Image:
    """The image in colours, where the request asks for it or a picture needs it."""
    options = body.get("visualizationOptions") or {}
    already = tuple(image.names) == COLOURED
    if not options and (already or not force):
        return image
    ranges = options.get("ranges") or []
    low = [each.get("min", 0) for each in ranges] or None
    high = [each["max"] for each in ranges if "max" in each] or None
    gamma = options.get("gamma", {}).get("value") if options.get("gamma") else None
    palette = options.get("paletteColors")
    opacity = options.get("opacity")
    return visualize(image, None, None, None, low, high, gamma, opacity, palette, True)
