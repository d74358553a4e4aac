"""Practices as pages show them: search, filters, charts and tables of each kind of evidence. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from practices.charts import CaptionedChart, effect_chart, event_study
from practices.charts.units import units_for_people
from practices.numbers import number, p_value
from practices.record import vocabularies
from practices.report.evidence import SiteEffect
from practices.report.templating import signed
from practices.report.wording import capitalised, origin_mark
from regions.naming import titled

#: What satellites say of a practice, in the words of the filter.
EFFECTS = {
    "better": "better than controls",
    "worse": "worse than controls",
    "unclear": "not distinguished from controls",
    "simulated": "judged on simulated data only",
    "context": "context only, no effect computed",
}
#: Label for each type of evidence.
KINDS = {
    "measured": "Measured",
    "independent_evaluation": "Evaluated by others",
    "reported_official": "Reported",
    "reported_company": "Reported",
    "modelled": "Modelled",
    "qualitative": "Described",
}


@dataclass(frozen=True)
class Filters:
    """The filters of a search; an empty one does not filter."""

    q: str = ""
    country: str = ""
    land_use: str = ""
    degradation: str = ""
    measure: str = ""
    effect: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Listed:
    """A practice in the list."""

    id: str
    record: dict[str, Any]
    effect: str

    @property
    def title(self) -> str:
        """Its title."""
        return str(self.record["title"]["en"])

    @property
    def years(self) -> str:
        """First and last year, as far as known."""
        return years_of(self.record)


def years_of(record: dict[str, Any]) -> str:
    """First and last year of a practice, as far as known."""
    start, end = record["start"], record["end"]
    if start is None:
        return f"until {end}" if end else "years not known"
    return f"{start}–{end}" if end else f"since {start}"


def effect_of(proofs: Iterable[SiteEffect]) -> str:
    """The effect of a practice in one word: from evidence on real data that is not a demonstration.

    Effects of several sites or outcomes that differ are unclear. `simulated`: there is evidence from simulated data
    only, which says nothing about the practice.
    """
    judged = [each for each in proofs if not each.demonstration]
    real = [each for each in judged if each.origin != "simulated"]
    if not real:
        return "simulated" if judged else "context"
    said = {each.side for each in real}
    return said.pop() if len(said) == 1 else "unclear"


def matching(found: Sequence[Listed], filters: Filters) -> list[Listed]:
    """The practices that answer every filter."""
    return [each for each in found if _answers(each, filters)]


def _answers(each: Listed, filters: Filters) -> bool:
    record = each.record
    codes = [
        (filters.country, [record["country"]]),
        (filters.land_use, record["land_use"]),
        (filters.degradation, [*record["degradation"], *_groups("degradation", record["degradation"])]),
        (filters.measure, [*record["measures"], *_groups("measures", record["measures"])]),
        (filters.effect, [each.effect]),
        (filters.kind, [record["evidence_type"]]),
    ]
    if any(wanted and wanted not in own for wanted, own in codes):
        return False
    text = searched(record)
    return all(word in text for word in filters.q.casefold().split())


def _groups(vocabulary: str, codes: Iterable[str]) -> set[str]:
    known = vocabularies.VOCABULARIES[vocabulary].by_code
    return {known[code].group for code in codes if code in known}


def searched(record: dict[str, Any]) -> str:
    """All the text of a record that a search looks into, in small letters."""
    parts: list[str] = [record["id"], record["description"], record["outcome"], *record["title"].values()]
    parts += [*record["admin"], *record["implementing_bodies"], *(site["name"] for site in record["sites"])]
    for name, codes in (
        ("country", [record["country"]]), ("land_use", record["land_use"]), ("degradation", record["degradation"]),
        ("measures", record["measures"]), ("slm_groups", record["slm_groups"]),
    ):  # fmt: skip
        parts += [vocabularies.VOCABULARIES[name].label(code) for code in codes]
    return " ".join(parts).casefold()


def options(found: Sequence[Listed]) -> dict[str, dict[str, str]]:
    """What each filter offers: codes that occur and their labels, groups before their members."""

    def labels(name: str, codes: Iterable[str]) -> dict[str, str]:
        return {
            code: vocabularies.VOCABULARIES[name].label(code)
            for code in vocabularies.VOCABULARIES[name].codes
            if code in set(codes)
        }

    def grouped(name: str, codes: list[str]) -> dict[str, str]:
        members = labels(name, codes)
        groups = dict.fromkeys(vocabularies.VOCABULARIES[name].by_code[code].group for code in members)
        return {**{group: f"all of {group}" for group in groups if group}, **members}

    records = [each.record for each in found]
    return {
        "country": labels("country", [r["country"] for r in records]),
        "land_use": labels("land_use", [code for r in records for code in r["land_use"]]),
        "degradation": grouped("degradation", [code for r in records for code in r["degradation"]]),
        "measure": grouped("measures", [code for r in records for code in r["measures"]]),
        "effect": EFFECTS,
        "kind": labels("evidence_type", [r["evidence_type"] for r in records]),
    }


def indicators(record: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """Figures of an outcome as said in the sources: what, before, after, when or in which words."""
    made = []
    for each in record["indicators"]:
        unit = f" {each['unit']}" if each.get("unit") else ""
        before = "" if each.get("baseline") is None else f"{_figure(each['baseline'])}{unit}"
        after = "" if each.get("value") is None else f"{_figure(each['value'])}{unit}"
        notes = [str(each[key]) for key in ("when", "as_reported") if each.get(key)]
        made.append((str(each.get("name", "")), before, after, "; ".join(notes)))
    return made


def _figure(value: object) -> str:
    return number(float(value)) if isinstance(value, int | float) else str(value)


def effects(proofs: Sequence[SiteEffect]) -> list[tuple[str, CaptionedChart]]:
    """Charts of effects, those of one origin, outcome and unit together: origin, and the chart with its table."""
    made = []
    for origin, outcome, units in dict.fromkeys((each.origin, each.outcome, each.units) for each in proofs):
        own = [each for each in proofs if (each.origin, each.outcome, each.units) == (origin, outcome, units)]
        what = own[0].what
        chart = effect_chart(
            [(_where(each), each.effect, each.low, each.high) for each in own],
            title=f"Effect on {what}",
            units=units_for_people(units),
            mark=origin_mark(origin),
        )
        said = f"{capitalised(what)}: effect against matched controls (difference in differences), 95 % interval"
        made.append((origin, CaptionedChart(chart, said, _HEAD, tuple(_row(each) for each in own))))
    return made


_HEAD = (
    "Site", "Region, period, method", "Effect", "95 % interval", "Effect, % of the value before", "p",
    "p, parallel trends before the start", "Treated", "Controls", "Smallest detectable effect",
)  # fmt: skip


def _row(each: SiteEffect) -> tuple[str, ...]:
    found = each.minimum_detectable
    return (
        each.site,
        f"{titled(each.region, each.region_name)}, {each.period}, {each.profile}",
        number(each.effect),
        f"{number(each.low)} to {number(each.high)} ({each.interval})",
        "–" if each.effect_percent is None else f"{number(each.effect_percent, 1)} %",
        p_value(each.p),
        p_value(each.p_parallel),
        number(each.treated),
        number(each.controls),
        "–" if found is None else number(found),
    )


def _where(each: SiteEffect) -> str:
    return f"{each.site}, {each.period}" + (" (demonstration)" if each.demonstration else "")


def studies(proofs: Sequence[SiteEffect]) -> list[CaptionedChart]:
    """One chart for each proof with an event study: the years before should not differ from the controls."""
    made = []
    for each in proofs:
        if not each.event_study:
            continue
        chart = event_study(
            each.event_study,
            title=f"{each.site}: {each.what}, year by year",
            units=units_for_people(each.units),
            mark=origin_mark(each.origin),
        )
        rows = tuple((signed(y), number(e), f"{number(lo)} to {number(hi)}") for y, e, lo, hi in each.event_study)
        said = (
            f"{_where(each)}: {each.what}, difference from the controls by year; near zero before the start if sites "
            f"and controls are alike"
        )
        made.append(CaptionedChart(chart, said, ("Year since the start", "Difference", "95 % interval"), rows))
    return made
