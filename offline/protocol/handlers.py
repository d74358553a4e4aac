"""What each path of the protocol does: values, pixels, pictures, tables, assets, exports and operations."""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any

from affine import Affine
from odc.geo.geobox import GeoBox

from offline.algorithms.image.bands import select
from offline.algorithms.image.visual import GREY
from offline.errors import EngineError
from offline.evaluate import Evaluator, asset_id
from offline.metering.limits import Limits
from offline.model.assets import Asset, ImageAsset, Source, TableAsset
from offline.model.collection import Collection
from offline.model.grids import request_grid
from offline.model.image import Image, from_asset, one_request
from offline.model.stored import table_of
from offline.protocol.answers import (
    Answer,
    export_grid,
    file_stem,
    json_answer,
    native_grid,
    picture,
    shown_grid,
    visualized,
)
from offline.protocol.destinations import destination
from offline.protocol.encode import png, to_json
from offline.protocol.exports import export_image, export_table, tiff_options, wrapped
from offline.protocol.listing import conditions, describe, listed, outline_of, page
from offline.protocol.operations import MOST_PRIORITY, PRIORITY, Operation, Operations
from offline.protocol.tables import features_of, table_format

#: Half the extent of the web map's square world, metres.
WEB_MERCATOR = 20037508.342789244
TILE = 256
MAX_VALUE_BYTES = 10 * 2**20
#: Maps, thumbnails and tables that are remembered.
MAX_REMEMBERED = 1000
#: Formats of files that hold colours.
PICTURES = ("PNG", "JPEG", "AUTO_JPEG_PNG")


@dataclass(frozen=True)
class Call:
    """One request to a route.

    `name` is the path without the version, `parts` what the groups of the route's pattern match, `body` None without
    a JSON body.
    """

    project: str
    name: str
    parts: tuple[str, ...]
    query: dict[str, str]
    body: dict[str, Any] | None

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of the body; none without one."""
        return self.body or {}


class Handlers:
    """What each path does, over one source; remembers the maps, thumbnails and tables that were made."""

    def __init__(self, source: Source, exports: Path | None, limits: Limits) -> None:
        self._source = source
        self._exports = exports
        self._limits = limits
        self._operations = Operations(limits.charge)
        self._remembered: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._lock = Lock()

    def _evaluate(self, body: dict[str, Any]) -> Any:
        expression = body.get("expression")
        if not expression:
            raise EngineError("Request has no expression.")
        return Evaluator(expression, self._source).result()

    def value(self, call: Call) -> Answer:
        """The value of an expression as JSON."""
        answer = json_answer({"result": to_json(self._evaluate(call.fields))})
        if len(answer.body) > MAX_VALUE_BYTES:
            raise EngineError(f"Response size exceeds limit of {MAX_VALUE_BYTES} bytes.")
        return answer

    def _image(self, body: dict[str, Any]) -> Image:
        value = self._evaluate(body)
        if not isinstance(value, Image):
            raise EngineError(f"Expected an Image, found {type(value).__name__}.")
        return select(value, body["bandIds"], None) if body.get("bandIds") else value

    def computed_pixels(self, call: Call) -> Answer:
        """Pixels of an expression."""
        return self._pixels(self._image(call.fields), call.fields)

    def asset_pixels(self, call: Call) -> Answer:
        """Pixels of a stored image."""
        asset = self._find(call.name.removesuffix(":getPixels"))
        if not isinstance(asset, ImageAsset):
            raise EngineError(f"{asset.id} is not an image.")
        return self._pixels(from_asset(asset), call.fields)

    def _pixels(self, image: Image, body: dict[str, Any]) -> Answer:
        file_format = body.get("fileFormat", "AUTO_IMAGE_FORMAT")
        shown = visualized(image, body, force=tuple(image.names) == GREY and file_format in PICTURES)
        grid = request_grid(body["grid"]) if body.get("grid") else native_grid(image)
        return picture(shown, grid, file_format)

    def _collection(self, body: dict[str, Any]) -> Collection:
        value = self._evaluate(body)
        if not isinstance(value, Collection):
            raise EngineError(f"Expected a FeatureCollection, found {type(value).__name__}.")
        return value

    def features(self, call: Call) -> Answer:
        """A page of the features of an expression."""
        paging = {key: str(call.fields[key]) for key in ("pageSize", "pageToken") if call.fields.get(key)}
        return _features_page(self._collection(call.fields).elements(), paging)

    def create_picture(self, call: Call) -> Answer:
        """Name a map or thumbnail. The image is evaluated once, so that errors are reported immediately."""
        self._image(call.fields)
        return self._remember(call)

    def create_table(self, call: Call) -> Answer:
        """Name a table to download. It is evaluated once, so that errors are reported immediately."""
        self._collection(call.fields)
        return self._remember(call)

    def _remember(self, call: Call) -> Answer:
        """Keep a request under its digest, and answer with the name made of that."""
        digest = sha256(json.dumps(call.fields, sort_keys=True).encode()).hexdigest()[:32]
        with self._lock:
            self._remembered[digest] = call.fields
            self._remembered.move_to_end(digest)
            while len(self._remembered) > MAX_REMEMBERED:
                self._remembered.popitem(last=False)
        return json_answer({"name": f"{call.name}/{digest}"})

    def _recall(self, digest: str) -> dict[str, Any]:
        with self._lock:
            if digest not in self._remembered:
                raise EngineError(f"Map, thumbnail or table {digest} not found; make it again.", 404)
            return self._remembered[digest]

    def tile(self, call: Call) -> Answer:
        """One tile of a map."""
        body = self._recall(call.parts[0])
        zoom, x, y = map(int, call.parts[1:])
        size = 2 * WEB_MERCATOR / 2**zoom
        cell = size / TILE
        corner = Affine(cell, 0, -WEB_MERCATOR + (x % 2**zoom) * size, 0, -cell, WEB_MERCATOR - y * size)
        grid = GeoBox((TILE, TILE), corner, "EPSG:3857")
        return Answer(png(visualized(self._image(body), body, force=True), grid), "image/png")

    def thumbnail(self, call: Call) -> Answer:
        """A thumbnail or a download of an image."""
        body = self._recall(call.parts[0])
        image = self._image(body)
        file_format = body.get("fileFormat") or "PNG"
        shown = visualized(image, body, force=True) if file_format in PICTURES else image
        return picture(shown, shown_grid(image), file_format, file_stem(body.get("filenamePrefix"), "download"))

    def table(self, call: Call) -> Answer:
        """A download of a table."""
        body = self._recall(call.parts[0])
        suffix, writer = table_format(body.get("fileFormat") or "CSV")
        text = "".join(writer(features_of(self._collection(body)), body.get("selectors")))
        content_type = "text/csv" if suffix == ".csv" else "application/json"
        return Answer(text.encode(), content_type, file_name=f"{file_stem(body.get('filename'), 'table')}{suffix}")

    def list_assets(self, call: Call) -> Answer:
        """A page of the assets of a folder or collection."""
        parent = asset_id(re.sub(r":list(Assets|Images)$", "", call.name))
        return json_answer(listed(self._source.list(re.sub(r"^projects/[^/]+(/assets)?$", "", parent)), call.query))

    def list_features(self, call: Call) -> Answer:
        """A page of the features of a stored table."""
        table = self._find(call.name.removesuffix(":listFeatures"))
        if not isinstance(table, TableAsset):
            raise EngineError(f"{table.id} is not a table.")
        passes = conditions(call.query.get("filter", ""))
        region = outline_of(call.query["region"]) if call.query.get("region") else None
        features = [
            feature
            for feature in table_of(table).elements()
            if passes(feature.properties.get, feature.geometry)
            and (region is None or region.intersects(feature.geometry))
        ]
        return _features_page(features, call.query)

    def asset(self, call: Call) -> Answer:
        """The description of an asset, or, without a name, the list of all."""
        if call.parts[0] == "/assets" and call.body is None:
            return self.list_assets(call)
        if call.body is not None or ":" in call.name.rpartition("/")[2]:
            raise EngineError(
                f"{call.parts[0][1:]}: assets cannot be made or changed; the offline engine is read-only.", 405
            )
        return json_answer(describe(self._find(call.name)))

    def _find(self, name: str) -> Asset:
        asset = self._source.get(asset_id(name))
        if asset is None:
            raise EngineError(f"Asset '{name}' does not exist or doesn't allow this operation.", 404)
        return asset

    def export(self, call: Call) -> Answer:
        """Start an export; wrong options of its files are reported immediately, the rest with the operation."""
        self._limits.check_budget()
        body = call.fields
        target = destination(self._exports, body)
        is_image = call.parts[0] == "image"
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
                return export_image(value, grid, body, target, operation)
            return export_table(value, body, target, operation)

        kind = "EXPORT_IMAGE" if is_image else "EXPORT_FEATURES"
        description, request = str(body.get("description") or "untitled"), str(body.get("requestId") or "")
        given = wrapped(body.get("priority"))
        priority = PRIORITY if given is None else int(given)
        if not 0 <= priority <= MOST_PRIORITY:
            raise EngineError(f"Export: the priority {priority} is not between 0 and {MOST_PRIORITY}.")
        return json_answer(self._operations.start(call.project, kind, description, request, work, priority))

    def list_operations(self, call: Call) -> Answer:
        """A page of the operations of a project."""
        size, token = int(call.query.get("pageSize", "100")), call.query.get("pageToken", "")
        return json_answer(self._operations.listed(call.project, size, token))

    def cancel_operation(self, call: Call) -> Answer:
        """Ask an operation to stop."""
        self._operations.cancel(call.name.removesuffix(":cancel"))
        return json_answer({})

    def operation(self, call: Call) -> Answer:
        """The state of an operation."""
        return json_answer(self._operations.get(call.name))

    def close(self) -> None:
        """End what runs in the background."""
        self._operations.close()


def _features_page(features: list[Any], paging: dict[str, str]) -> Answer:
    shown, more = page(features, paging)
    return json_answer({"type": "FeatureCollection", "features": to_json(shown), **more})
