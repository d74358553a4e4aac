"""The page about methods, data and limits."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from indicators.profiles import PROFILES
from practices.database.transactions import reading
from practices.results import published_views
from practices.web.page_helpers import Service, page

router = APIRouter(include_in_schema=False)


@router.get("/about", response_class=HTMLResponse)
def about(request: Request, service: Service) -> HTMLResponse:
    """Methods with all their choices, data, limits, and addresses for programs."""
    with reading(service.engine) as connection:
        count, finished = published_views.published(connection)
        origins = sorted({each.view.origin for each in published_views.choices(connection)})
    made = profiles()
    keys = list(dict.fromkeys(key for each in made.values() for key in each))
    return page(request, "about.html", profiles=made, choices=keys, run_count=count, finished=finished, origins=origins)


def profiles() -> dict[str, dict[str, str]]:
    """Every profile with its choices as text."""
    return {name: _choices(each) for name, each in PROFILES.items()}


def _choices(part: Any) -> dict[str, str]:
    """The choices of a profile or of a part of it, those of its parts under both names."""
    made: dict[str, str] = {}
    for field in fields(part):
        value = getattr(part, field.name)
        if is_dataclass(value):
            made |= {f"{field.name}: {key}": said for key, said in _choices(value).items()}
        elif field.name != "name" and value is not None:
            made[field.name] = _plain(value)
    return made


def _plain(value: Any) -> str:
    if value == 0:
        return "none"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value)
