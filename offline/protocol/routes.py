"""Which paths the protocol has, and what answers each of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from offline.errors import EngineError
from offline.graph.signatures import client_file
from offline.metering.limits import Limits
from offline.model.assets import Source
from offline.model.image import one_request
from offline.protocol.answers import Answer, json_answer
from offline.protocol.buckets import stored
from offline.protocol.discovery import discovery
from offline.protocol.handlers import Call, Handlers
from offline.protocol.operations import AT_ONCE

#: Time limit of a request, seconds, as the service has it.
SECONDS = 300.0
METHODS = ("GET", "POST")
#: Kinds of requests that compute: they are limited, metered and delayed; the others only look something up.
COMPUTING = frozenset({"value", "pixels", "features", "map", "tile", "thumbnail", "table"})
#: Where buckets are, and the kind of their requests.
BUCKETS, BUCKET = ("/storage/", "/download/storage/"), "bucket"
PROJECT = re.compile(r"/v1(?:alpha|beta)?/(?P<name>projects/(?P<project>[^/]+?)(?P<rest>/.*|:listAssets)?)")


def _config(_handlers: Handlers, call: Call) -> Answer:
    state = {"registrationState": "REGISTERED_NOT_COMMERCIALLY", "maxConcurrentExports": AT_ONCE}
    return json_answer({"name": f"projects/{call.project}/config", **state})


def _no_such_thumbnail(_handlers: Handlers, call: Call) -> Answer:
    raise EngineError(f"Thumbnails of kind {call.parts[0]} are not supported by the offline engine; one image is.")


def _no_such_export(_handlers: Handlers, call: Call) -> Answer:
    raise EngineError(f"{call.parts[0]} is not supported by the offline engine; it exports images and tables.")


@dataclass(frozen=True)
class Route:
    """A path below `/v1/projects/NAME`: its kind in the request log, its pattern, and the method that answers."""

    kind: str
    pattern: str
    handler: Callable[[Handlers, Call], Answer]


#: Every path of the protocol. The first route whose pattern matches answers.
ROUTES = (
    Route("algorithms", r"/algorithms", lambda _h, _call: Answer(client_file("algorithms.json"))),
    Route("value", r"/value:compute", Handlers.value),
    Route("pixels", r"/image:computePixels", Handlers.computed_pixels),
    Route("features", r"/table:computeFeatures", Handlers.features),
    Route("map", r"/maps", Handlers.create_picture),
    Route("tile", r"/maps/([^/]+)/tiles/(\d+)/(-?\d+)/(-?\d+)", Handlers.tile),
    Route("thumbnail", r"/thumbnails", Handlers.create_picture),
    Route("thumbnail", r"/thumbnails/([^/:]+):getPixels", Handlers.thumbnail),
    Route("table", r"/tables", Handlers.create_table),
    Route("table", r"/tables/([^/:]+):getFeatures", Handlers.table),
    Route("other", r"/(video|filmstrip)Thumbnails.*", _no_such_thumbnail),
    Route("other", r"|/config", _config),
    Route("asset", r":listAssets|/assets.*:list(?:Assets|Images)", Handlers.list_assets),
    Route("asset", r"/assets.*:listFeatures", Handlers.list_features),
    Route("pixels", r"/assets.*:getPixels", Handlers.asset_pixels),
    Route("asset", r"(/assets.*)", Handlers.asset),
    Route("other", r"/(image|table):export", Handlers.export),
    Route("other", r"/((?:map|video|videoMap|classifier):export)", _no_such_export),
    Route("other", r"/operations", Handlers.list_operations),
    Route("other", r"/operations.*:cancel", Handlers.cancel_operation),
    Route("other", r"/operations.*", Handlers.operation),
)


def _route(rest: str) -> tuple[Route, tuple[str, ...]] | None:
    """The route of a path below the project, and what the groups of its pattern match."""
    for route in ROUTES:
        if match := re.fullmatch(route.pattern, rest):
            return route, match.groups()
    return None


def project_of(path: str) -> str:
    """The project that a path belongs to; empty without one."""
    match = PROJECT.fullmatch(path)
    return match["project"] if match else ""


class Engine:
    """Answers requests from one source; a request may take `seconds`, exports go below the folder `exports`.

    The cost of exports is taken off the budget of `limits`.
    """

    def __init__(
        self, source: Source, *, seconds: float = SECONDS, exports: Path | None = None, limits: Limits | None = None
    ) -> None:
        self._handlers = Handlers(source, exports, limits or Limits())
        self._exports = exports
        self._seconds = seconds

    @staticmethod
    def kind(path: str) -> str:
        """What a path asks for, as the request log names it."""
        if path.startswith(BUCKETS):
            return BUCKET
        project = PROJECT.fullmatch(path)
        match = _route(project["rest"] or "") if project else None
        return match[0].kind if match else "other"

    def answer(
        self, method: str, path: str, query: str, body: dict[str, Any] | None, base: str, asked_range: str = ""
    ) -> Answer:
        """Answer one request; `asked_range` is its Range header. Raises EngineError if it cannot be answered."""
        # Of a repeated parameter the first value counts.
        parameters = dict(reversed(parse_qsl(query)))
        try:
            if path.startswith(BUCKETS):
                return stored(self._exports, method, path, parameters, base, asked_range)
            with one_request(self._seconds):
                return self._answer(method, path, parameters, body, base)
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

    def _answer(
        self, method: str, path: str, parameters: dict[str, str], body: dict[str, Any] | None, base: str
    ) -> Answer:
        if path == "/$discovery/rest":
            return json_answer(discovery(base))
        project = PROJECT.fullmatch(path)
        if project and method not in METHODS:
            raise EngineError(f"{method} is not supported by the offline engine: it is read-only.", 405)
        match = _route(project["rest"] or "") if project else None
        if project is None or match is None:
            raise EngineError(f"The requested URL {path} was not found on this server.", 404)
        route, parts = match
        return route.handler(self._handlers, Call(project["project"], project["name"], parts, parameters, body))

    def close(self) -> None:
        """End the exports that run or wait."""
        self._handlers.close()
