"""The templates of the page: always escaped, with filters for numbers and words."""

from __future__ import annotations

import datetime as dt
import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from practices.charts.frame import patterns
from practices.numbers import number, p_value, percent
from practices.record import vocabularies
from practices.report import wording
from practices.report.palette import css_variables
from practices.results.names import label

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"


@cache
def environment() -> Environment:
    """The environment of all templates; an undefined name is an error."""
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "number": number, "km2": km2, "percent": percent, "signed": signed, "label": label, "word": word, "day": day,
        "p_value": p_value, "web_address": web_address, "capitalised": wording.capitalised,
    }  # fmt: skip
    made.globals |= {
        "patterns": patterns,
        "static": static_url,
        "SIMULATED": f"{wording.SIMULATED}.",
        **{
            name: getattr(wording, name)
            for name in ("ORIGINS", "BORDERS", "DEGRADED_IS", "PERIOD_COLUMNS", "WOCAT_CODES")
        },
    }
    return made


def km2(value: float | None) -> str:
    """An area for people."""
    return "–" if value is None else number(value, 0 if abs(value) >= 10 else 1)


def signed(value: float | None, digits: int | None = None) -> str:
    """A number with its sign."""
    if value is None:
        return "–"
    return ("+" if value > 0 else "") + number(value, digits)


def word(code: str, vocabulary: str) -> str:
    """What people read for a code of a vocabulary."""
    return vocabularies.VOCABULARIES[vocabulary].label(code)


def day(value: dt.date | dt.datetime | None) -> str:
    """A date as 2026-01-31."""
    return "–" if value is None else value.isoformat()[:10]


def web_address(value: str) -> str:
    """The address of a link; `#` for anything but http and https."""
    return value if value.startswith(("https://", "http://")) else "#"


@cache
def style_sheet() -> str:
    """The style sheet of the page, the colours of the palette first."""
    return css_variables() + (STATIC / "style.css").read_text(encoding="utf-8")


@cache
def static_url(name: str) -> str:
    """Address of a static file; it changes when the content changes."""
    content = style_sheet().encode() if name == "style.css" else (STATIC / name).read_bytes()
    tag = hashlib.sha256(content).hexdigest()[:12]
    return f"/static/{name}?v={tag}"
