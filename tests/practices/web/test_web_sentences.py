"""Sentences that officials read: no drought where rain is near normal, why people and land differ, which years."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from types import SimpleNamespace

import pytest
from sqlalchemy import Engine

from practices.database.transactions import reading
from practices.report.region import drought_beside, in_period, why
from practices.report.uncertainty import people, statistics
from practices.results import by_region
from practices.results.by_region import View


def found(spi: float | None, drought: str | None, soil: float | None = None) -> SimpleNamespace:
    """A break with the indices beside it, and the word that was stored."""
    return SimpleNamespace(spi=spi, spei=None, soil_moisture_z=soil, drought=drought, explained_by_rain=None)


@pytest.mark.parametrize(
    ("spi", "words"),
    [
        (-0.04, "No drought around it (lowest of twelve months: SPI 0.0; drought begins at −1)."),
        (-0.8, "No drought around it (lowest of twelve months: SPI −0.8; drought begins at −1)."),
        (-1.2, "Moderate drought around it (lowest of twelve months: SPI −1.2)."),
    ],
)
def test_no_drought_is_named_where_rain_is_near_normal(spi: float, words: str) -> None:
    """Also in what an earlier version stored as a mild drought."""
    assert drought_beside(found(spi, "mild drought")) == words


def test_what_is_recorded_beside_a_break_is_said_and_nothing_else() -> None:
    assert drought_beside(found(None, None)) == ""
    assert drought_beside(found(None, None, -1.5)) == (
        "Soil moisture alone is recorded around it (lowest of twelve months: soil moisture −1.5)."
    )


def test_the_share_of_people_stands_beside_that_of_the_land_with_the_reason() -> None:
    counts = {
        "population_degraded": 574.0, "population_total": 1000.0, "people_degraded_by_land_cover": 287.0,
        "people_degraded_by_state_alone": 57.4,
    }  # fmt: skip
    assert people(counts, 15.5, 100.0) == (
        "574 people, 57.4 % of all, live on the 15.5 % of the land that is mapped as degraded in the period alone. "
        "There 37.0 people live on a km², on other land 5.0. Of these people, 50.0 % live where a change of land cover "
        "degrades the land, as where a town grows; 10.0 % live where only the last three years (state) make the land "
        "degraded."
    )
    assert people({}, 15.5, 100.0) == ""
    assert people({"population_degraded": 0.0, "population_total": 10.0}, 0.0, 100.0).startswith(
        "0 people, 0.0 % of all"
    )


def test_weather_is_that_of_the_years_of_the_period(engine: Engine) -> None:
    """The baseline ends in 2015; rain of 2022 to 2024 says nothing of it."""
    with reading(engine) as connection:
        report = by_region.report(connection, "otindag", View("baseline", "ne-asia", "simulated"))
        assert report is not None
        told = {each.name: each.said for each in statistics(connection, report)}
    rain = in_period(report, "precipitation_annual")
    assert rain is not None
    assert (rain.dates[0], rain.dates[-1]) == (dt.date(2001, 1, 1), dt.date(2015, 1, 1))
    (said,) = [each for each in why(report) if each.startswith("Rain")]
    assert said.startswith("Rain of 2013–2015: ")
    assert "the mean of 2001–2015." in said
    assert "over 15 years" in said
    later = why(replace(report, year_last=2024))
    assert any("Rain of 2022–2024: " in each for each in later)
    assert told["field_significance"].startswith("By its trajectory alone 38.0 % of the land is called degraded")
