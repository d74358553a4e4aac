"""Sentences that officials read: no drought where rain is near normal, why people and land differ, which years."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from sqlalchemy import Engine

from practices.charts.units import units_for_people
from practices.database.transactions import reading
from practices.report.answers import drought_beside, in_period, since_when, what, why
from practices.report.drivers.table import driver_rows
from practices.report.uncertainty import CertaintyStatistic, people, said_of, statistics
from practices.results import by_region
from practices.results.by_region import Report, Series
from practices.results.published_views import View


def found(spi: float | None, drought: str | None, soil: float | None = None) -> SimpleNamespace:
    """A break with the indices beside it, and the word that was stored."""
    return SimpleNamespace(spi=spi, spei=None, soil_moisture_z=soil, drought=drought, explained_by_rain=None)


def test_the_spei_stands_beside_the_spi_and_names_the_drought_without_it() -> None:
    both = found(-1.2, None)
    both.spei = -1.76
    assert drought_beside(both) == (
        "Moderate drought around the break (lowest value in twelve months: SPI −1.20, SPEI −1.76)."
    )
    alone = found(None, None)
    alone.spei = -1.76
    assert drought_beside(alone) == "Severe drought around the break (lowest value in twelve months: SPEI −1.76)."


@pytest.mark.parametrize(
    ("spi", "words"),
    [
        (-0.04, "No drought around the break (lowest value in twelve months: SPI −0.04; drought begins at −1)."),
        (-0.8, "No drought around the break (lowest value in twelve months: SPI −0.80; drought begins at −1)."),
        (-1.2, "Moderate drought around the break (lowest value in twelve months: SPI −1.20)."),
    ],
)
def test_no_drought_is_named_where_rain_is_near_normal(spi: float, words: str) -> None:
    """Also in what an earlier version stored as a mild drought."""
    assert drought_beside(found(spi, "mild drought")) == words


def test_what_is_recorded_beside_a_break_is_said_and_nothing_else() -> None:
    assert drought_beside(found(None, None)) == ""
    assert drought_beside(found(None, None, -1.5)) == (
        "Soil moisture alone is recorded around the break (lowest value in twelve months: soil moisture −1.50)."
    )


def test_the_share_of_people_stands_beside_that_of_the_land_with_the_reason() -> None:
    counts = {
        "population_degraded": 574.0, "population_total": 1000.0, "people_degraded_by_land_cover": 287.0,
        "people_degraded_by_state_alone": 57.4,
    }  # fmt: skip
    assert people(counts, 15.5, 100.0) == (
        "574 people, 57.4 % of all, live on the 15.5 % of the land that is mapped as degraded in the period alone. "
        "Population density is 37.0 per km² there and 5.0 per km² on other land. Of these people, 50.0 % live where a "
        "change of land cover degrades the land, as where a town grows; 10.0 % live where only the last three years "
        "(state) make the land degraded."
    )
    assert people({}, 15.5, 100.0) == ""
    assert people({"population_degraded": 0.0, "population_total": 10.0}, 0.0, 100.0) == (
        "Nobody lives on land mapped as degraded in the period alone."
    )


def test_no_sentence_says_that_nothing_is_0_percent() -> None:
    """Yeongil: "0.0 % live where a change of land cover …", "chance alone gives 0.0 % (… p = 1.000)"."""
    counts = {
        "population_degraded": 574.0, "population_total": 1000.0, "people_degraded_by_land_cover": 0.0,
        "people_degraded_by_state_alone": 574.0,
    }  # fmt: skip
    assert people(counts, 15.5, 100.0).endswith(
        "Of these people, all live where only the last three years (state) make the land degraded."
    )
    field = CertaintyStatistic("field_significance", 0.0, None, None, 1.0, "1", "")
    alarms = CertaintyStatistic("false_alarm_rate", 0.0, None, None, None, "1", "")

    def chance(share: float) -> dict[str, CertaintyStatistic]:
        return {"degraded_by_chance": CertaintyStatistic("degraded_by_chance", share, None, None, None, "1", "")}

    assert said_of(field, chance(0.0)) == "By trajectory alone, no land is degraded."
    assert said_of(field, chance(0.037)) == ("By trajectory alone, no land is degraded; chance alone would give 3.7 %.")
    assert said_of(replace(field, value=0.078, p=0.05), chance(0.0)) == (
        "By trajectory alone, 7.8 % of the land is degraded; chance alone would give none (field significance p = "
        "0.050)."
    )
    assert said_of(alarms, {}).startswith(
        "Where nothing declines, no pixel is classified as degraded by trajectory alone."
    )


def test_statistics_are_shown_in_units_that_people_read() -> None:
    share = CertaintyStatistic("degraded_share_in_accord", None, 0.0, 0.53, None, "1", "")
    assert (share.amount, share.extent) == ("–", "0.0 % to 53.0 %")
    assert CertaintyStatistic("population_degraded", 15.94, None, None, None, "persons", "").amount == "16 persons"
    assert CertaintyStatistic("no_data_productivity", 1.4, None, None, None, "km2", "").amount == "1.40 km²"
    assert units_for_people("degC") == "°C"
    assert units_for_people("m3 m-3") == "m³ m⁻³"


@pytest.fixture(scope="module")
def report(engine: Engine) -> Report:
    with reading(engine) as connection:
        found = by_region.report(connection, "otindag", View("2001-2024", "ne-asia", "simulated"))
    assert found is not None
    return found


def test_what_is_improved_or_undetermined_is_said_where_it_is_any(report: Report) -> None:
    def with_area(name: str, km2: float) -> Report:
        changed = [replace(a, area_km2=km2) if a.class_name == name else a for a in report.areas]
        return replace(report, areas=tuple(changed))

    assert what(report)["improved"] == "Improved in the period alone, as mapped: 500 km²."
    assert what(with_area("improved", 0.01))["improved"] == "No land is mapped as improved in the period alone."
    assert what(report)["undetermined"] == pytest.approx(1.0)
    assert what(with_area("undetermined", 3.0))["undetermined"] is None  # 0.03 %: "0.0 % of the land is undetermined"


def test_the_series_that_was_searched_is_named_also_where_no_break_is_found(report: Report) -> None:
    """Yeongil: the page said "the region's mean greenness by year", the terminal which series without what effects."""

    def searched(series: str, note: str = "") -> dict[str, object]:
        breaks = {"series": series, "method": "Bai-Perron, BIC, h 0.2", "note": note}
        datasets = {"productivity": {**report.datasets["productivity"], "breaks": breaks}}
        return since_when(replace(report, datasets=datasets, breaks=()))

    series = "growing-season mean of NDVI, effect of rain removed (best sum of months)"
    found = searched(series)
    assert (found["none"], found["last"]) == ("No break", None)
    assert found["series"] == f"Searched for breaks: {series}; Bai-Perron, BIC, h 0.2; profile ne-asia."
    short = searched("", "no break was searched: 9 years, at least 10 are needed")
    assert short["none"] == "Not searched"
    assert short["series"] == "No break was searched: 9 years, at least 10 are needed."
    sure = "this is more than chance can explain"
    assert since_when(report)["said"] == f"Greenness (vegetation index) fell by 4.2 % a decade; {sure}."
    assert since_when(replace(report, trend_p=0.4))["said"].endswith("this cannot be distinguished from chance.")


def test_rain_that_is_that_of_all_years_has_no_percent(report: Report) -> None:
    """鳥取砂丘: "soil moisture of 2022-2024: 0 % above the mean"."""
    days = tuple(dt.date(year, 1, 1) for year in range(2001, 2025))
    level = Series("precipitation_annual", "mm", days, (300.0,) * 24)
    said = " ".join(why(replace(report, series=(level,))))
    assert "Rain in 2022–2024: equal to the mean of 2001–2024." in said


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
    assert said.startswith("Rain in 2013–2015: ")
    assert "the mean of 2001–2015." in said
    assert "over 15 years" in said
    later = why(replace(report, year_last=2024))
    assert any("Rain in 2022–2024: " in each for each in later)
    assert told["field_significance"].startswith("By trajectory alone, 38.0 % of the land is degraded")


def test_a_driver_goes_with_the_vegetation_or_nothing_can_be_said(report: Report) -> None:
    """One that follows it the other way, one of chance, one that is a straight line, one of few years, one of zeros."""
    green = report.of("productivity_annual")
    assert green is not None
    count, rng = len(green.values), np.random.default_rng(99)
    given = {
        "herd_goats": tuple(1e6 * (1 - value) for value in green.values), "burned": tuple(rng.normal(50, 9, count)),
        "herd_sheep": tuple(float(n) for n in range(1, count + 1)), "herd_buffalo": (0.0,) * count,
    }  # fmt: skip
    drivers = [Series(f"{name}_annual", "head", green.dates, values) for name, values in given.items()]
    drivers.append(Series("dust_annual", "1", green.dates[:6], green.values[:6]))
    trap = {"key": "k", "asset": "a", "trap": "a trap"}
    rows = driver_rows(
        replace(report, series=(green, *drivers), datasets=dict.fromkeys([*given, "dust"], trap))  # type: ignore[arg-type]
    )
    by_name = {row.name: row for row in rows}
    assert list(by_name) == ["Burned area", "Goats", "Sheep", "Dust in the air"]
    goats, chance = by_name["Goats"], by_name["Burned area"]
    assert goats.r == pytest.approx(-1, abs=0.01)
    assert goats.p is not None
    assert goats.p < 0.001
    assert goats.said == f"less {report.quantity[1]} in years with more of it"
    assert (goats.first, goats.last) == pytest.approx(
        [np.mean(given["herd_goats"][:5]), np.mean(given["herd_goats"][-5:])]
    )
    assert chance.p is not None
    assert chance.p > 0.05
    assert chance.said.startswith("nothing can be said; an r weaker than ±0.")
    compared = "not compared: too few common years, or one of the two is a straight line"
    assert {by_name[name].said for name in ("Sheep", "Dust in the air")} == {compared}
    assert driver_rows(replace(report, series=tuple(drivers[:1]), datasets={"herd_goats": trap}))[0].r is None
