"""How sure a result is: the statistics published with it, and how methods agree."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, select

from practices.charts.units import units_for_people
from practices.models import Area, Assessment, Run, Statistic
from practices.numbers import number, p_value, percent
from practices.report.wording import agreement_sentence
from practices.results.by_region import Report, land_km2
from practices.results.names import AGREEMENT, HEADLINE, is_gap

#: A share below this is shown as 0.0 %.
NOTHING = 0.0005


@dataclass(frozen=True)
class CertaintyStatistic:
    """A published statistic on the certainty of a result; `said`: its sentence in the answer, else empty."""

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

    @property
    def amount(self) -> str:
        """The value with its units; a dash where there is none."""
        return shown(self.value, self.units)

    @property
    def extent(self) -> str:
        """The interval with its units; a dash where there is none."""
        if self.low is None or self.high is None:
            return "–"
        return f"{shown(self.low, self.units)} to {shown(self.high, self.units)}"


def shown(value: float | None, units: str) -> str:
    """A statistic for people: shares in percent, whole people."""
    if value is None:
        return "–"
    if units == "1":
        return _of_share(value)
    return f"{number(value, 0 if units == 'persons' else None)} {units_for_people(units)}"


#: Statistics of which there is one for each driver, rain product, or kind of break.
GROUPS = {
    "driver_share_": "Variance of productivity associated with",
    "driver_trend_": "Trend of productivity associated with",
    "rain_trend_": "Trend of productivity without the effect of rain by",
    "rain_share_": "Variance of productivity that rain explains, by",
    "break_share_": "Land with a break; its trend class:",
    "degraded_habitat_": "Degraded share of the range of",
    "area_habitat_": "Area of the range of",
    "trend_": "Trend of",
    "change_": "Mean change of productivity over the record:",
    "patch_share_": "Degraded patches, share whose loss goes with:",
    "border_jump_": "Jump at a border of countries, beyond the land beside it:",
}
TITLES = {
    "no_data_productivity": "Area without productivity data",
    "no_data_land_cover": "Area without land-cover data",
    "no_data_soil_organic_carbon": "Area without a soil-organic-carbon result",
    "missing_land_cover": "Missing input: land cover",
    "missing_climate_zone": "Missing input: climate zones",
    "smaller_than_cell": "The region is smaller than one cell of",
    "unlisted_land_cover": "Land-cover codes that the legend does not list",
    "missing_long_record": "Long record of vegetation, not joined",
    "long_record_answer": "Is a decline part of a longer cycle?",
    "long_record_trend": "Trend of productivity over the long record",
    "long_record_trend_recent": "Trend of productivity in the years of the present sensor alone",
    "long_record_level": "Productivity of the last five years, and the range of five-year means before",
    "disagreeing_rain_products": "Rain products disagree on the trend",
    "spread_of_rain_products": "Spread of the trends by rain product",
    "field_significance": "Degraded by trajectory",
    "degraded_by_chance": "Degraded by trajectory, by chance alone",
    "degraded_share_in_accord": "Range of true degraded shares that agrees with the map of the period alone",
    "status_share_in_accord": "Range of true shares degraded by the status that agrees with the maps (90 %)",
    "degraded_by_state_alone": "Share of the degraded land that only state classifies as degraded (period alone)",
    "status_by_state_alone": "Share of the degraded land that only state classifies as degraded (status)",
    "detectable_decline_pixel": "Smallest steady decline that is found in a pixel",
    "detectable_step_pixel": "Smallest sudden decline that is found in a pixel",
    "detectable_decline_region": "Smallest steady decline that is found in the region's mean",
    "detectable_step_region": "Smallest sudden decline that is found in the region's mean",
    "false_alarm_rate": "False alarms of the trajectory alone",
    "interval_kind": "What the intervals of areas are",
    "corrected_area_degraded": "Degraded area, corrected for errors of the map",
    "corrected_area_stable": "Stable area, corrected for errors of the map",
    "corrected_area_improved": "Improved area, corrected for errors of the map",
    "population_degraded": "People on land mapped as degraded in the period alone",
    "people_degraded_by_land_cover": "People on degraded land where land cover changed",
    "people_degraded_by_state_alone": "People on degraded land where only state degrades it",
    "population_improved": "People on improved land",
    "population_no_data": "People where there are no data",
    "population_stable": "People on stable land",
    "population_undetermined": "People on undetermined land",
    "population_water": "People counted on water",
    "population_total": "People in the region",
    "patches_area": "Degraded land in patches",
    "patches_decided": "Degraded patches, share whose loss goes with a driver",
    "patches_human": "Degraded patches, share whose loss goes with herds, water, mines or fields",
    "carbon_change": "Change of soil carbon (negative: lost)",
    "carbon_change_co2e": "The same as carbon dioxide",
    "carbon_lost": "Soil carbon lost",
    "carbon_lost_co2e": "The same as carbon dioxide, lost",
    "carbon_gained": "Soil carbon gained",
    "carbon_gained_co2e": "The same as carbon dioxide, gained",
    "natural_land_lost": "Natural land turned to cropland or artificial land",
    "natural_land_gained": "Cropland and artificial land that became natural",
    "mesh_size_first": "Effective mesh size of natural land, first map",
    "mesh_size_last": "Effective mesh size of natural land, last map",
    "area_protected": "Land inside protected areas",
    "degraded_inside_protected": "Degraded share inside protected areas",
    "degraded_outside_protected": "Degraded share outside protected areas",
    "degraded_protected_matched": "Degraded inside protected areas, minus like land outside",
    "area_key_areas": "Land inside key biodiversity areas",
    "degraded_inside_key_areas": "Degraded share inside key biodiversity areas",
    "degraded_outside_key_areas": "Degraded share outside key biodiversity areas",
    "degraded_key_areas_matched": "Degraded inside key biodiversity areas, minus like land outside",
    "key_areas": "Key biodiversity areas of which at least half lies in the region",
    "key_areas_covered_first": "Mean share of them in protected areas, first year",
    "key_areas_covered_last": "Mean share of them in protected areas, last year",
}


def statistics(connection: Connection, report: Report) -> list[CertaintyStatistic]:
    """The statistics published with an assessment; those with a sentence in the answer come first."""
    names = ("name", "value", "low", "high", "p", "units", "note")
    query = select(*(Statistic.__table__.columns[name] for name in names))
    rows = connection.execute(query.where(Statistic.assessment_id == report.assessment_id)).all()
    order = {name: position for position, name in enumerate(TITLES)}
    found = sorted(
        (CertaintyStatistic(*row) for row in rows), key=lambda each: (order.get(each.name, len(order)), each.name)
    )
    by_name = {each.name: each for each in found}
    classes = report.classes(HEADLINE)
    degraded = classes["degraded"].area_km2 if "degraded" in classes else None
    counts = {each.name: each.value for each in found if each.value is not None}
    said = {each.name: said_of(each, by_name) for each in found}
    if "population_degraded" in said:
        said["population_degraded"] = people(counts, degraded, land_km2(classes.values()))
    return [replace(each, said=said[each.name]) for each in found]


def said_of(each: CertaintyStatistic, others: dict[str, CertaintyStatistic]) -> str:
    """The sentence of a statistic in the answer; empty if it has none."""
    value = each.value
    if is_gap(each.name) or each.name == "long_record_answer":
        return f"{each.note[:1].upper()}{each.note[1:]}."
    if each.name == "field_significance":
        chance = others.get("degraded_by_chance")
        if value is None:
            return f"Nothing can be judged: {each.note}."
        beside = "" if chance is None or chance.value is None else f"; chance alone would give {_some(chance.value)}"
        if value < NOTHING:
            beside = "" if chance is None or (chance.value or 0.0) < NOTHING else beside
            return f"By trajectory alone, no land is degraded{beside}."
        certain = "" if each.p is None else f" (field significance {p_text(each.p)})"
        return f"By trajectory alone, {_of_share(value)} of the land is degraded{beside}{certain}."
    if each.name in ("detectable_decline_pixel", "detectable_decline_region"):
        where = "a pixel" if each.name.endswith("pixel") else "the region’s mean"
        if value is None:
            return f"In {where}, none of the tested steady declines would be detected in four of five cases."
        found = "over the period is detected by trajectory in four of five cases"
        return f"In {where}, a steady decline of {number(value, 0)} % {found}."
    if each.name == "false_alarm_rate" and value is not None:
        called = "no pixel is" if value < NOTHING else f"{_of_share(value)} of pixels are"
        return (
            f"Where nothing declines, {called} classified as degraded by trajectory alone. This number does not "
            f"include state and performance, which also degrade land."
        )
    return ""


def people(counts: Mapping[str, float], degraded_km2: float | None, land_km2: float) -> str:
    """How many people live on land mapped as degraded, on how much of the land, and why the two shares differ.

    `counts`: the statistics on people by name. Empty where nobody was counted.
    """
    value, total = counts.get("population_degraded"), counts.get("population_total")
    if value is None:
        return ""
    if value < 0.5:
        return "Nobody lives on land mapped as degraded in the period alone."
    if not total or degraded_km2 is None or not land_km2:
        return f"{number(value, 0)} people live on land mapped as degraded in the period alone."
    said = (
        f"{number(value, 0)} people, {_of_share(value / total)} of all, live on the "
        f"{_of_share(degraded_km2 / land_km2)} of the land that is mapped as degraded in the period alone."
    )
    rest = land_km2 - degraded_km2
    if degraded_km2 and rest > 0:
        here, there = value / degraded_km2, (total - value) / rest
        said += f" Population density is {number(here, 1)} per km² there and {number(there, 1)} per km² on other land."
    parts = {where: counts.get(name, 0.0) / value for name, where in CAUSES.items()}
    causes = [
        f"{'all' if part > 1 - NOTHING else _of_share(part)} live {where}"
        for where, part in parts.items()
        if part >= NOTHING
    ]
    return f"{said} Of these people, {'; '.join(causes)}." if causes else said


#: Where people on degraded land live, by the statistic that counts them.
CAUSES = {
    "people_degraded_by_land_cover": "where a change of land cover degrades the land, as where a town grows",
    "people_degraded_by_state_alone": "where only the last three years (state) make the land degraded",
}


def _of_share(share: float) -> str:
    return percent(share * 100)


def _some(share: float) -> str:
    return "none" if share < NOTHING else _of_share(share)


def p_text(value: float) -> str:
    """A p-value in a sentence: `p = 0.013`."""
    return f"p {'' if value < 0.001 else '= '}{p_value(value)}"


def interval_words(found: list[CertaintyStatistic]) -> str:
    """Words before the interval of the degraded share: of resampled years it is of the map, else of the land."""
    note = interval_note(found)
    if note.startswith("expected areas"):
        return "True degraded share, as the probabilities of all pixels have it (95 %):"
    if note.startswith("resampled significance"):
        return "Interval of the mapped area, not of the true area: in other similar years this method would map"
    return "Interval of the mapped area, not of the true area: 95 % interval"


def interval_note(found: list[CertaintyStatistic]) -> str:
    """What the intervals of areas are; empty if none is recorded."""
    return next((each.note for each in found if each.name == "interval_kind"), "")


def sentences(
    report: Report, found: Sequence[CertaintyStatistic], agreed: Agreement | None, undetermined: float | None
) -> list[str]:
    """The answer to how sure a result is; `undetermined`: percent of the land, None where it is not worth a word."""
    said = [each.said for each in found if each.said]
    if agreed:
        said.append(agreement_sentence(agreed.methods, agreed.share(agreed.methods), agreed.share(1)))
    if report.trend_p is not None:
        said.append(f"Trend of {report.quantity[1]}: {p_text(report.trend_p)}.")
    if undetermined is not None:
        said.append(f"{percent(undetermined)} of the land is undetermined.")
    return said


@dataclass(frozen=True)
class Agreement:
    """Area by the number of methods that call it degraded, km²; `methods` is how many there are."""

    methods: int
    areas: dict[int, float]

    def share(self, least: int) -> float:
        """Percent of the land that at least `least` methods call degraded."""
        total = sum(self.areas.values())
        return sum(area for count, area in self.areas.items() if count >= least) / total * 100 if total else 0.0


def agreement(connection: Connection, report: Report) -> Agreement | None:
    """How methods agree on a region over the period of a report; None if that was not published."""
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
