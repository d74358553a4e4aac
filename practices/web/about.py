"""The page about methods, data and limits."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from practices import regional
from practices.transactions import reading
from practices.web.site import Served, page

router = APIRouter(include_in_schema=False)
#: How the choices of a profile read; others are shown under their own names.
CHOICES = {
    "annual": "Value of the year",
    "trend": "Trend",
    "minimum_years": "Fewest years",
    "slope_band": "Slope within which nothing changes, a year",
    "change_band": "Total change within which nothing changes, share of the mean",
    "noise_floor": "Total change lost in the sensor’s noise",
    "fdr": "False discovery rate over the region",
    "state_band": "Dead band of state, absolute",
    "state_share": "Dead band of state, share",
    "detectability": "Mean below which nothing can be told",
    "lpd_table": "Table of land productivity",
    "matrix": "Matrix of land-cover changes",
}


@router.get("/about", response_class=HTMLResponse)
def about(request: Request, site: Served) -> HTMLResponse:
    """Methods with all their choices, data, limits, and addresses for programs."""
    with reading(site.engine) as connection:
        count, finished = regional.published(connection)
        origins = sorted({each.view.origin for each in regional.choices(connection)})
    return page(
        request, "about.html", profiles=profiles(), choices=CHOICES, run_count=count, finished=finished,
        origins=origins,
    )  # fmt: skip


def profiles() -> dict[str, dict[str, str]]:
    """Every profile with its choices as text."""
    from indicators.profiles import PROFILES

    return {
        name: {key: _plain(value) for key, value in vars(each).items() if key != "name"}
        for name, each in PROFILES.items()
    }


def _plain(value: Any) -> str:
    if value is None or value == 0:
        return "none"
    return str(value).replace("_", " ")
