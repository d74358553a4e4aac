"""What every page needs: the database, the settings, the requested view, and how a page is rendered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Path, Query, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import Engine

from practices.report.templating import environment
from practices.report.wording import ORIGINS
from practices.results.published_views import Choice, View, chosen
from practices.web.errors import NotFound
from practices.web.settings import WebSettings

#: Text of a query: no control characters, which no name holds and some databases refuse.
_TEXT = r"^[^\x00-\x1f\x7f]*$"
Id = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=100, description="identifier")]
Word = Annotated[str | None, Query(max_length=100, pattern=_TEXT)]
Revision = Annotated[int | None, Query(ge=1, le=1_000_000, description="an earlier revision; none: the latest")]


@dataclass(frozen=True)
class WebService:
    """The database and the settings of the web service."""

    engine: Engine
    settings: WebSettings


def service_of(request: Request) -> WebService:
    """The service that a request came to."""
    found: WebService = request.app.state.service
    return found


Service = Annotated[WebService, Depends(service_of)]


@dataclass(frozen=True)
class Asked:
    """The requested view; a field that was not given is None."""

    period: str | None
    method: str | None
    origin: str | None

    def exact(self, found: list[Choice], what: str) -> Choice:
        """The first published view that matches. Raises NotFound that lists the published views."""
        choice = chosen(found, period=self.period, method=self.method, origin=self.origin)
        if choice is None:
            asked = ", ".join(f"{name} {value}" for name, value in vars(self).items() if value)
            available = "; ".join(f"{c.view.period}, {c.view.method}, {c.view.origin}" for c in found[:6])
            requested = f" for {asked}" if asked else ""
            raise NotFound(f"{what}: no result is published{requested}. Available: {available or 'nothing'}.")
        return choice

    def closest(self, found: list[Choice], what: str) -> tuple[Choice, str]:
        """The published view that matches best, and a notice if it is not the requested one.

        The origin is never replaced by another. Raises NotFound if no view is left.
        """
        for left in (self, replace(self, method=None), replace(self, method=None, period=None)):
            choice = chosen(found, **vars(left))
            if choice is not None:
                lacking = f"{what}: no result for {self.period or 'any period'} by {self.method or 'any method'}"
                shown = f"{choice.view.period} by {choice.view.method} is shown instead"
                return choice, "" if left == self else f"{lacking}; {shown}."
        return self.exact(found, what), ""


def asked(period: Word = None, method: Word = None, origin: Word = None) -> Asked:
    """The view that a query requests; an empty field requests nothing."""
    return Asked(period or None, method or None, origin or None)


Asking = Annotated[Asked, Depends(asked)]


def page(request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """A page of a template. With a signed-in user it is never cached."""
    person = getattr(request.state, "person", None)
    settings = service_of(request).settings
    html = environment().get_template(template).render(
        request_path=request.url.path,
        editing=settings.editing,
        person=person,
        csrf=getattr(request.state, "csrf", ""),
        version=version("drylands"),
        query=query,
        **context,
    )  # fmt: skip
    headers = {"Cache-Control": "no-store"} if person or context.get("private") else {}
    return HTMLResponse(html, status_code=status, headers=headers)


def query(view: View | None = None, **others: Any) -> str:
    """A query string of a view and other fields; those that are empty are left out."""
    fields = {**(vars(view) if view else {}), **others}
    return urlencode({name: value for name, value in fields.items() if value not in (None, "")})


def switches(found: list[Choice], now: View) -> list[dict[str, Any]]:
    """The switches of a view: for each of period, method and origin the values and which is chosen."""
    titles = {"period": "Period", "method": "Method", "origin": "Data"}
    made = []
    for name, title in titles.items():
        values = dict.fromkeys(getattr(choice.view, name) for choice in found)
        labels = {value: ORIGINS.get(value, value) if name == "origin" else value for value in values}
        made.append({"name": name, "title": title, "values": labels, "now": getattr(now, name)})
    return made
