"""How sure a result is: the statistics published with it, and how methods agree."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection, select

from practices.models import Area, Assessment, Run, Statistic
from practices.numbers import number
from practices.results.by_region import Report, land_km2
from practices.results.names import AGREEMENT, HEADLINE, is_gap


@dataclass(frozen=True)
class Told:
    """A number that says how sure a result is, as published, and in words where it belongs into the answer."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    p: float | None
    units: str
    note: str
    said: str = ""

    @property
    def title(self) -> str:
        """Its name for people."""
        for start, words in GROUPS.items():
            if self.name.startswith(start):
                return f"{words} {self.name.removeprefix(start).replace('_', ' ')}"
        return TITLES.get(self.name, self.name.replace("_", " ").capitalize())


#: Statistics of which there is one for each driver, or each kind of break.
GROUPS = {
    "driver_share_": "Variance of productivity associated with",
    "driver_trend_": "Trend of productivity associated with",
    "break_share_": "Land with a break; its trend class:",
    "change_": "Mean change of productivity over the record:",
}
TITLES = {
    "no_data_productivity": "Area without productivity data",
    "no_data_land_cover": "Area without land-cover data",
    "no_data_soil_organic_carbon": "Area without a soil-organic-carbon result",
    "missing_land_cover": "Missing input: land cover",
    "missing_climate_zone": "Missing input: climate zones",
    "unlisted_land_cover": "Land-cover codes that the legend does not list",
    "field_significance": "Degraded by trajectory",
    "degraded_by_chance": "Degraded by trajectory, by chance alone",
    "degraded_share_in_accord": "True degraded shares in accord with the map of the period alone",
    "status_share_in_accord": "True shares degraded by the status in accord with the maps (90 %)",
    "degraded_by_state_alone": "Degraded land called so by state alone, share of it (period alone)",
    "status_by_state_alone": "Degraded land called so by state alone, share of it (status)",
    "detectable_decline_pixel": "Smallest steady decline that is found in a pixel",
    "detectable_step_pixel": "Smallest sudden decline that is found in a pixel",
    "detectable_decline_region": "Smallest steady decline that is found in the region's mean",
    "detectable_step_region": "Smallest sudden decline that is found in the region's mean",
    "false_alarm_rate": "False alarms of the trajectory alone",
    "interval_kind": "What the intervals of areas are",
    "corrected_area_degraded": "Degraded area, errors of the map taken out",
    "corrected_area_stable": "Stable area, errors of the map taken out",
    "corrected_area_improved": "Improved area, errors of the map taken out",
    "population_degraded": "People on land mapped as degraded in the period alone",
    "people_degraded_by_land_cover": "of them where land cover changed",
    "people_degraded_by_state_alone": "of them where state alone calls the land degraded",
    "population_improved": "People on improved land",
    "population_no_data": "People where there are no data",
    "population_stable": "People on stable land",
    "population_undetermined": "People on undetermined land",
    "population_water": "People counted on water",
    "population_total": "People in the region",
}


def statistics(connection: Connection, report: Report) -> list[Told]:
    """The statistics published with an assessment; those that answer how sure come first, in words."""
    names = ("name", "value", "low", "high", "p", "units", "note")
    query = select(*(Statistic.__table__.columns[name] for name in names))
    rows = connection.execute(query.where(Statistic.assessment_id == report.assessment_id)).all()
    order = {name: place for place, name in enumerate(TITLES)}
    found = sorted((Told(*row) for row in rows), key=lambda each: (order.get(each.name, len(order)), each.name))
    by_name = {each.name: each for each in found}
    classes = report.classes(HEADLINE)
    degraded = classes["degraded"].area_km2 if "degraded" in classes else None
    counts = {each.name: each.value for each in found if each.value is not None}
    said = {each.name: _said(each, by_name) for each in found}
    if "population_degraded" in said:
        said["population_degraded"] = people(counts, degraded, land_km2(classes.values()))
    return [replace(each, said=said[each.name]) for each in found]


def _said(each: Told, others: dict[str, Told]) -> str:
    """The sentence of a statistic that belongs into the answer, else nothing."""
    value = each.value
    if is_gap(each.name):
        return f"{each.note[:1].upper()}{each.note[1:]}."
    if each.name == "field_significance":
        chance = others.get("degraded_by_chance")
        if value is None:
            return f"Nothing can be judged: {each.note}."
        beside = "" if chance is None or chance.value is None else f"; chance alone gives {_percent(chance.value)}"
        certain = "" if each.p is None else f" (field significance p {_p(each.p)})"
        return f"By its trajectory alone {_percent(value)} of the land is called degraded{beside}{certain}."
    if each.name in ("detectable_decline_pixel", "detectable_decline_region"):
        where = "a pixel" if each.name.endswith("pixel") else "the region’s mean"
        if value is None:
            return f"In {where} no steady decline that was tried would be found four times out of five."
        found = "over the period is found by its trajectory four times out of five"
        return f"In {where} a steady decline of {number(value, 0)} % {found}."
    if each.name == "false_alarm_rate" and value is not None:
        return (
            f"Where nothing declines, {_percent(value)} of pixels are called degraded by their trajectory alone; state "
            f"and performance, which also make land degraded, are not in this number."
        )
    return ""


def people(counts: Mapping[str, float], degraded_km2: float | None, land_km2: float) -> str:
    """How many people live on land mapped as degraded, on how much of the land, and why the two shares differ.

    `counts`: the statistics on people by name. Empty where nobody was counted.
    """
    value, total = counts.get("population_degraded"), counts.get("population_total")
    if value is None:
        return ""
    if not total or degraded_km2 is None or not land_km2:
        return f"{number(value, 0)} people live on land mapped as degraded in the period alone."
    said = (
        f"{number(value, 0)} people, {_percent(value / total)} of all, live on the {_percent(degraded_km2 / land_km2)} "
        f"of the land that is mapped as degraded in the period alone."
    )
    rest = land_km2 - degraded_km2
    if value and degraded_km2 and rest > 0:
        here, there = value / degraded_km2, (total - value) / rest
        said += f" There {number(here, 1)} people live on a km², on other land {number(there, 1)}."
    causes = [
        f"{_percent(counts[name] / value)} live {where}" for name, where in CAUSES.items() if value and name in counts
    ]
    return f"{said} Of these people, {'; '.join(causes)}." if causes else said


#: Where people on degraded land live, by the statistic that counts them.
CAUSES = {
    "people_degraded_by_land_cover": "where a change of land cover degrades the land, as where a town grows",
    "people_degraded_by_state_alone": "where only the last three years (state) make the land degraded",
}


def _percent(share: float) -> str:
    return f"{number(share * 100, 1)} %"


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"= {number(value, 3)}"


def interval_words(found: list[Told]) -> str:
    """What stands before the interval of the degraded share: one of resampled years is of the map, not of the land."""
    if interval_note(found).startswith("resampled significance"):
        return "in other years of the same kind this method would show"
    return "95 % interval"


def interval_note(found: list[Told]) -> str:
    """What the intervals of areas are; empty where none is told."""
    return next((each.note for each in found if each.name == "interval_kind"), "")


@dataclass(frozen=True)
class Agreement:
    """Area by the number of methods that call it degraded, km²; `methods` is how many there are."""

    methods: int
    areas: dict[int, float]

    def share(self, least: int) -> float:
        """Percent of the land that at least so many methods call degraded."""
        total = sum(self.areas.values())
        return sum(area for count, area in self.areas.items() if count >= least) / total * 100 if total else 0.0


def agreement(connection: Connection, report: Report) -> Agreement | None:
    """How methods agree on a region over the period of a report; None where that was not published."""
    query = (
        select(Area.class_name, Area.area_km2, Assessment.revision)
        .join(Assessment, Assessment.id == Area.assessment_id)
        .join(Run, Run.id == Assessment.run_id)
        .where(Assessment.region_id == report.id, Assessment.period == report.view.period, Run.state == "finished")
        .where(Assessment.method == AGREEMENT, Assessment.origin == report.view.origin)
        .order_by(Assessment.revision.desc())
    )
    rows = connection.execute(query).all()
    counted = [(row, re.fullmatch(r"degraded_by_(\d{1,2})", row.class_name)) for row in rows]
    areas = {int(match[1]): row.area_km2 for row, match in counted if match and row.revision == rows[0].revision}
    return Agreement(max(areas), dict(sorted(areas.items()))) if areas else None
