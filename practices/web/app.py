"""The application: routes put together, and the answers to errors."""

from __future__ import annotations

import http
import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy import Engine
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from practices.errors import BadRecord, PracticeError, StaleEdit, UnknownPractice
from practices.exchange.reading import BadImport
from practices.report.templating import STATIC, style_sheet
from practices.web import about, accounts, api, downloads, editing, ogc, practice_pages, region_pages
from practices.web.errors import Busy, NotFound, Refused
from practices.web.nature import pages as nature
from practices.web.page_helpers import WebService, page
from practices.web.security import HEADERS, BodyLimit, EntityTags, SecurityHeaders
from practices.web.settings import WebSettings
from practices.web.work_limit import WorkLimit

#: Addresses for programs, which get JSON.
FOR_PROGRAMS = ("/api/", "/ogc")
#: Addresses where the standard requires status 400 for bad parameters.
OGC = "/ogc"
UPLOADS = "/edit/import"
#: Status and heading of the database errors that a reader may see.
STATUS: dict[type[PracticeError], tuple[int, str]] = {
    UnknownPractice: (404, "Not found"),
    StaleEdit: (409, "Changed by somebody else"),
    BadRecord: (422, "Refused"),
    BadImport: (422, "Refused"),
}
log = logging.getLogger(__name__)


def create_app(engine: Engine, settings: WebSettings | None = None) -> FastAPI:
    """The page over a database (see `practices.database.open.open_database`).

    Without `settings.editing` no address changes anything.
    """
    chosen = settings or WebSettings()
    app = FastAPI(
        title="drylands",
        summary="Land degradation of North-East Asian drylands, and practices against it",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        redirect_slashes=False,
    )
    app.state.service = WebService(engine, chosen)
    app.state.workbooks = WorkLimit(1, patience_s=chosen.patience_s)
    app.add_api_route("/static/style.css", _style, methods=["GET", "HEAD"], include_in_schema=False)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    sites = (region_pages, practice_pages, downloads, nature, about, api, ogc)
    for router in (*(each.router for each in sites), nature.programs, ogc.slashes):
        app.include_router(router)
    if chosen.editing:
        accounts.install(app)
        app.include_router(accounts.router)
        app.include_router(editing.router)
    _add_error_handlers(app)
    app.add_middleware(EntityTags)
    app.add_middleware(
        BodyLimit, bytes_=chosen.body_bytes, uploads=UPLOADS, upload_bytes=chosen.upload_bytes, answer=_not_read
    )
    app.add_middleware(SecurityHeaders, secure=chosen.secure)
    return app


def _style() -> Response:
    return Response(style_sheet(), media_type="text/css")


def _add_error_handlers(app: FastAPI) -> None:
    @app.exception_handler(NotFound)
    def _not_found(request: Request, error: NotFound) -> Response:
        return error_response(request, 404, "Not found", str(error))

    @app.exception_handler(Refused)
    def _refused(request: Request, error: Refused) -> Response:
        return error_response(request, error.status, "Refused", str(error))

    @app.exception_handler(Busy)
    def _busy(request: Request, error: Busy) -> Response:
        answer = error_response(request, 503, "Busy", str(error))
        answer.headers["Retry-After"] = str(error.retry_s)
        return answer

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> Response:
        heading = http.HTTPStatus(error.status_code).phrase
        said = "There is no page at this address." if error.status_code == 404 else str(error.detail)
        answer = error_response(request, error.status_code, heading, said)
        for name, value in (error.headers or {}).items():
            answer.headers[name] = value
        return answer

    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, error: RequestValidationError) -> Response:
        problems = "; ".join(f"{'.'.join(map(str, each['loc'][1:]))}: {each['msg']}" for each in error.errors()[:3])
        in_path = any(each["loc"][0] == "path" for each in error.errors())
        bad = 400 if request.url.path.startswith(OGC) else 422
        return error_response(
            request, 404 if in_path else bad, "Not understood", f"{problems}. Correct the address or the form."
        )

    @app.exception_handler(PracticeError)
    def _database(request: Request, error: PracticeError) -> Response:
        for kind, (status, heading) in STATUS.items():
            if isinstance(error, kind):
                return error_response(request, status, heading, str(error))
        # The message names the location and user of the database, which a reader must not see.
        log.error("%s", error)
        return error_response(
            request, 503, "The database cannot answer", "Try again later, or inform the operator of this page."
        )

    @app.exception_handler(Exception)
    def _failed(request: Request, _error: Exception) -> Response:
        answer = error_response(
            request,
            500,
            "Internal error",
            "Report to the operator of this page what you did; the error is logged.",
        )
        answer.headers.update(HEADERS)  # it does not pass through the middleware that adds them
        return answer


def _not_read(scope: Scope, status: int, text: str) -> Response:
    """The answer to a request whose body is not read."""
    answer = error_response(Request(scope), status, http.HTTPStatus(status).phrase, text)
    answer.headers["Connection"] = "close"
    return answer


def error_response(request: Request, status: int, heading: str, text: str) -> Response:
    """An error as a page, or as JSON for a program."""
    if request.url.path.startswith(FOR_PROGRAMS):
        body: dict[str, Any] = {"status": status, "title": heading, "detail": text}
        return JSONResponse(body, status_code=status, media_type="application/problem+json")
    return page(request, "message.html", status=status, heading=heading, text=text)
