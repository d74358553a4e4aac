"""Climate and nature: a row for each link of a region, with value, interval and a sentence that needs no other page."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from practices.numbers import number, percent

#: Outlines inside which land is compared: their key in statistics, their name in the data sets of a run.
AREAS = {"protected": "protected_areas", "key_areas": "key_biodiversity_areas"}
HABITAT = "degraded_habitat_"
#: Digits that numbers of people's tables have.
DIGITS = 3
#: A difference of shares below this is none.
NOTHING = 0.0005
NO_INTERVAL = "–"


class PublishedNumber(Protocol):
    """A published statistic."""

    @property
    def name(self) -> str: ...
    @property
    def value(self) -> float | None: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...
    @property
    def note(self) -> str: ...


@dataclass(frozen=True)
class LinkRow:
    """A link of a region: what it is, its value, its 95 % interval, and what follows in a sentence."""

    what: str
    value: str
    interval: str
    said: str


@dataclass(frozen=True)
class LinkTerms:
    """The terms of outlines that a result uses: their name, source, licence and trap."""

    name: str
    source: str
    licence: str
    trap: str


def link_rows(statistics: Iterable[PublishedNumber]) -> list[LinkRow]:
    """The links of an assessment in the order of the page; none that was not published."""
    named = {each.name: each for each in statistics}
    found = [_carbon(named), _natural(named), _mesh(named), *(_areas(named, key) for key in AREAS), *_habitats(named)]
    return [row for row in found if row is not None]


def short_sentences(statistics: Iterable[PublishedNumber]) -> list[str]:
    """The links of an assessment in three sentences at most, for a page of paper: carbon, natural land, areas."""
    named = {each.name: each for each in statistics}
    found = [_carbon_short(named), _natural_short(named), _areas_short(named)]
    return [said for said in found if said]


def link_terms(datasets: Mapping[str, Mapping[str, Any]]) -> list[LinkTerms]:
    """The terms of the outlines among the data sets of a run."""
    return [
        LinkTerms(
            name.replace("_", " "), *(str(datasets[name].get(part, "")) for part in ("source", "licence", "trap"))
        )
        for name in AREAS.values()
        if datasets.get(name, {}).get("licence")
    ]


def _carbon_short(named: Mapping[str, PublishedNumber]) -> str:
    net, dioxide = named.get("carbon_change"), named.get("carbon_change_co2e")
    if net is None or net.value is None or dioxide is None or dioxide.value is None:
        return ""
    if abs(net.value) < 0.5:
        return "Changes of land cover imply no change of soil carbon."
    way = "loss" if net.value < 0 else "gain"
    between = "" if net.low is None or net.high is None else f"; 95 % interval of the change {_between(net, 't C')}"
    return (
        f"Changes of land cover imply a {way} of {rounded(abs(net.value))} t of soil carbon "
        f"({rounded(abs(dioxide.value))} t of carbon dioxide{between})."
    )


def _natural_short(named: Mapping[str, PublishedNumber]) -> str:
    lost, gained = (named.get(f"natural_land_{way}") for way in ("lost", "gained"))
    if lost is None or lost.value is None:
        return ""
    back = "" if gained is None or gained.value is None else f", and {rounded(gained.value)} km² went the other way"
    return f"{rounded(lost.value)} km² of natural land became cropland or artificial land{back}."


def _areas_short(named: Mapping[str, PublishedNumber]) -> str:
    said = []
    for key, name in AREAS.items():
        shares = [named.get(f"degraded_{where}_{key}") for where in ("inside", "outside")]
        inside, outside = (None if each is None else each.value for each in shares)
        if inside is not None:
            beside = "" if outside is None else f" ({percent(100 * outside)} outside)"
            said.append(f"{percent(100 * inside)} of the land inside {name.replace('_', ' ')}{beside}")
    return f"Degraded: {'; '.join(said)}." if said else ""


def rounded(value: float) -> str:
    """A number with three digits that count: more would promise too much.

    >>> rounded(-121476.4), rounded(0.04567), rounded(0)
    ('−121,000', '0.0457', '0')
    """
    if value == 0 or not math.isfinite(value):
        return number(value)
    digits = DIGITS - 1 - math.floor(math.log10(abs(value)))
    kept = round(value, digits)
    return number(kept, max(digits, 0) if kept != int(kept) else 0)


def _carbon(named: Mapping[str, PublishedNumber]) -> LinkRow | None:
    net, dioxide = named.get("carbon_change"), named.get("carbon_change_co2e")
    if net is None or net.value is None or dioxide is None or dioxide.value is None:
        return None
    if abs(net.value) < 0.5:
        said = "The land-cover map implies no change of soil carbon."
    else:
        way = "lost" if net.value < 0 else "gained"
        said = (
            f"The soil {way} {rounded(abs(net.value))} t of carbon, as much as {rounded(abs(dioxide.value))} t of "
            f"carbon dioxide."
        )
    lost, gained = (named.get(f"carbon_{part}") for part in ("lost", "gained"))
    if lost is not None and gained is not None and lost.value and gained.value:
        said += f" Some land lost {rounded(-lost.value)} t, other land gained {rounded(gained.value)} t."
    if net.low is not None and net.high is not None:
        if net.low < 0 < net.high:
            said += " The interval includes zero: it is not certain whether there was a loss or a gain."
        elif not net.low <= net.value <= net.high:
            said += " The interval does not include the value: part of what the map shows is probably confusion."
    said += " This follows from changes of land cover alone; what grazing does to soil is not seen."
    return LinkRow("Soil carbon", f"{rounded(net.value)} t C", _between(net, "t C"), said)


def _natural(named: Mapping[str, PublishedNumber]) -> LinkRow | None:
    lost, gained = named.get("natural_land_lost"), named.get("natural_land_gained")
    if lost is None or lost.value is None:
        return None
    said = (
        f"{rounded(lost.value)} km² of natural land became cropland, towns, roads or mines."
        if lost.value > 0
        else "The map shows no natural land that became cropland or artificial land."
    )
    if gained is not None and gained.value:
        said += f" {rounded(gained.value)} km² went the other way; planted trees and fields out of use are among it."
    return LinkRow("Natural land lost", f"{rounded(lost.value)} km²", _between(lost, "km²"), said)


def _mesh(named: Mapping[str, PublishedNumber]) -> LinkRow | None:
    ends = [named.get(f"mesh_size_{end}") for end in ("first", "last")]
    first, last = (None if each is None else each.value for each in ends)
    if first is None or last is None:
        return None
    reach = f"From an average point, {rounded(first)} km² of connected natural land could be reached at first"
    if first <= 0 or abs(last / first - 1) < NOTHING:
        said = f"{reach}, and as much at the end: natural land was not cut into smaller pieces."
    else:
        pieces = "smaller" if last < first else "larger"
        change = number(100 * (last / first - 1), 1)
        said = f"{reach}, and {rounded(last)} km² at the end ({change} %): natural land now lies in {pieces} pieces."
    value = f"{rounded(first)} → {rounded(last)} km²"
    return LinkRow("Connected natural land (effective mesh size)", value, NO_INTERVAL, said)


def _areas(named: Mapping[str, PublishedNumber], key: str) -> LinkRow | None:
    area = named.get(f"area_{key}")
    name = AREAS[key].replace("_", " ")
    if area is None or area.value is None:
        return None
    what = f"Degraded land inside {name}"
    inside, outside, matched = (
        named.get(each) for each in (f"degraded_inside_{key}", f"degraded_outside_{key}", f"degraded_{key}_matched")
    )
    if inside is None or inside.value is None:
        said = f"None of the {name} that the table has lies in this region. That does not mean that there are none."
        return LinkRow(what, NO_INTERVAL, NO_INTERVAL, said)
    said = f"{percent(100 * inside.value)} of the {rounded(area.value)} km² of land inside {name} is degraded"
    if outside is not None and outside.value is not None:
        said += f", and {percent(100 * outside.value)} of the land outside"
    said += f". {_difference(matched)}"
    return LinkRow(what, percent(100 * inside.value), _of_shares(inside), said)


def _difference(matched: PublishedNumber | None) -> str:
    """What the difference to like land says, and what it does not."""
    if matched is None or matched.value is None:
        return "No land outside is like it, so that the two cannot be compared fairly."
    points = number(100 * abs(matched.value), 1)
    way = "less" if matched.value < 0 else "more"
    found = (
        f"Beside land outside with the same land cover, rain and height, {points} percentage points {way} of it is "
        f"degraded"
    )
    if matched.low is None or matched.high is None:
        return f"{found}; the areas are too small or too few to say how certain this is."
    ends = f"{number(100 * matched.low, 1)} to {number(100 * matched.high, 1)}"
    if matched.low <= 0 <= matched.high:
        return f"{found} (difference {ends}): this may be chance."
    return f"{found} (difference {ends}). It is associated with the areas, and need not be caused by them."


def _habitats(named: Mapping[str, PublishedNumber]) -> list[LinkRow]:
    """A row for each range of a species, by its name."""
    rows = []
    for name in sorted(each for each in named if each.startswith("area_habitat_")):
        key, area = name.removeprefix("area_habitat_"), named[name]
        shares = named.get(f"{HABITAT}{key}")
        species = area.note.removeprefix("range of ").partition(" in the region")[0]
        what = f"Degraded land in the range of {species}"
        if shares is None or shares.value is None or area.value is None:
            rows.append(LinkRow(what, NO_INTERVAL, NO_INTERVAL, f"The range of {species} does not reach this region."))
            continue
        said = (
            f"{percent(100 * shares.value)} of the {rounded(area.value)} km² of its range in this region is degraded."
        )
        rows.append(LinkRow(what, percent(100 * shares.value), _of_shares(shares), said))
    return rows


def _between(found: PublishedNumber, units: str) -> str:
    if found.low is None or found.high is None:
        return NO_INTERVAL
    return f"{rounded(found.low)} to {rounded(found.high)} {units}"


def _of_shares(found: PublishedNumber) -> str:
    if found.low is None or found.high is None:
        return NO_INTERVAL
    return f"{number(100 * found.low, 1)} to {percent(100 * found.high)}"
