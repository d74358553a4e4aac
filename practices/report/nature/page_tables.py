"""The page on land, climate and nature of all regions: its tables, sentences, and what is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from practices.numbers import number, percent
from practices.record.vocabularies import COUNTRIES
from practices.report.drivers.causes import MEANINGS, UNDETERMINED
from practices.report.nature.country_table import terms_of
from practices.report.nature.links_table import link_rows
from practices.report.nature.measures import DIRECTIONS, TRENDS, ZONES, verdict_name
from practices.report.nature.sums import ALL, NOWHERE, NatureGroup, NatureSums, SummedMeasure, nature_sums
from practices.report.shares import km2
from practices.report.wording import capitalised
from practices.results.nature import RegionNature

#: Tonnes in the unit of the page.
KILO = 1000.0
DASH = "–"
#: Which outlines of each table count.
EXTENT = {
    "protected": "those of the first year, as far as the table has them; many of China are absent from it",
    "key_areas": "by their present outlines",
}
#: Measures that say something when they are 0.
KNOWN = ("land", "carbon_change", "natural_land_lost", *(f"{name}_rose" for name in TRENDS))
#: A cell of a table by its group.
Cell = Callable[[NatureGroup], str]


@dataclass(frozen=True)
class NatureTable:
    """A table of the page: its columns after the first, its rows as a name and cells, and the regions that lack it."""

    id: str
    title: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    missing: tuple[str, ...] = ()


def nature_page(regions: Sequence[RegionNature]) -> dict[str, Any]:
    """Names and values for the template of the page, of the regions of one view."""
    sums, names = nature_sums(regions), {each.id: each.name for each in regions}
    terms = terms_of(regions)
    tables = [table for table in (_land(sums), _carbon(sums), _trends(sums), _natural(sums), *_zones(sums),
                                  _key_areas(sums), _patches(sums)) if table is not None]  # fmt: skip
    return {
        "answers": answers(sums),
        "tables": [_named(each, names) for each in tables],
        "absent": absent(sums),
        "overlaps": overlaps(sums, names),
        "terms": sorted(terms.values(), key=lambda each: each.name),
        "several": [group_name(each.key) for each in sums.groups if " " in each.key],
        "region_count": len(sums.total.regions),
    }


def group_name(key: str) -> str:
    """A group of regions for people.

    >>> group_name("CHN MNG"), group_name("MNG"), group_name("all")
    ('China and Mongolia', 'Mongolia', 'All regions')
    """
    named = {ALL: "All regions", NOWHERE: "No country recorded"}
    return named.get(key) or " and ".join(COUNTRIES.label(code) for code in key.split())


def answers(sums: NatureSums) -> list[tuple[str, list[str]]]:
    """The answers at the top: a heading and sentences each."""
    total = sums.total
    found = [
        ("Land", _land_said(total)),
        ("Climate", [*_linked(total, "carbon"), *_trends_said(total)]),
        ("Nature", [*_linked(total, "natural"), *_zones_said(total)]),
        ("Why", _patches_said(total)),
    ]
    return [(heading, said) for heading, said in found if said]


def absent(sums: NatureSums) -> list[str]:
    """What no region has, and how to get it."""
    wanted = {
        "carbon_change": "Soil carbon: land cover, climate zones or soil carbon were not read",
        "natural_land_lost": "Natural land: land cover was not read",
        "inside_protected": "Protected areas: their table was not read, or the run left out restricted data",
        "inside_key_areas": "Key biodiversity areas: their table was not read, or the run left out restricted data",
        "patches": "What the loss of degraded patches goes with: it is judged for whole records of at least 12 years, "
        "unless the run left it out",
        **{f"{name}_rose": f"{capitalised(words)}: no series of it was published" for name, words in TRENDS.items()},
    }
    return [f"{said}." for name, said in wanted.items() if sums.total.sums[name].value is None]


def overlaps(sums: NatureSums, names: Mapping[str, str]) -> list[str]:
    """How regions that overlap were counted, in sentences."""
    own = sums.overlap

    def named(ids: Sequence[str]) -> str:
        return " and ".join(names[each] for each in ids)

    said = [
        f"{names[region]} is left out of all sums: more than half of it lies in {named(others)}."
        for region, others in sorted(own.left_out.items())
    ]
    said += [
        f"{names[region]} shares {km2(own.twice_km2[region])} with {named(others)}: this area counts twice in the sums."
        for region, others in sorted(own.shared.items())
    ]
    return said


@dataclass(frozen=True)
class SummedNumber:
    """A sum under the name of a statistic, for the sentences on a region."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    note: str = ""


def _linked(group: NatureGroup, begins: str) -> list[str]:
    """The sentences that a region has on its statistics of such names, for the sums of a group."""
    numbers = [
        SummedNumber(name, each.value, each.low, each.high)
        for name, each in group.sums.items()
        if name.startswith(f"{begins}_")
    ]
    return [row.said for row in link_rows(numbers)]


def _land_said(total: NatureGroup) -> list[str]:
    land, share, lost = total.sums["land"], total.share("degraded_share"), total.share("lost_productivity_share")
    if land.value is None or share.value is None:
        return []
    count = f"{land.regions} region{'' if land.regions == 1 else 's'}"
    said = [f"{percent(100 * share.value)} of the {km2(land.value)} of land in {count} is mapped as degraded."]
    if lost.low is not None and lost.high is not None:
        said.append(
            f"By the probabilities of all pixels, {percent(100 * lost.low)} to {percent(100 * lost.high)} of it lost "
            f"productivity for reasons other than weather (95 %)."
        )
    return said


def _trends_said(total: NatureGroup) -> list[str]:
    said = []
    for name, words in TRENDS.items():
        counts = {way: total.sums[f"{name}_{way}"] for way in DIRECTIONS}
        if counts["rose"].value is None:
            continue
        known = counts["rose"].regions
        rose, fell = (int(counts[way].value or 0) for way in ("rose", "fell"))
        said.append(f"{capitalised(words)}: rose in {rose} and fell in {fell} of {known} regions.")
    return said


def _zones_said(total: NatureGroup) -> list[str]:
    said: list[str] = []
    none: list[str] = []
    for zone, words in ZONES.items():
        inside, outside = (total.share(f"degraded_{where}_{zone}_share").value for where in ("inside", "outside"))
        area = total.sums[f"inside_{zone}"].value
        if area == 0:
            none.append(f"None of the {words} of the table lies in these regions; that does not mean there are none.")
        if inside is None:
            continue
        beside = "" if outside is None else f", and {percent(100 * outside)} of the land outside"
        said.append(f"{percent(100 * inside)} of the {km2(area)} of land inside {words} is degraded{beside}.")
    if said:
        said.append(
            "That is no comparison of like land: areas often lie where land is hard to use. The pages of the regions "
            "compare like land."
        )
    covered = total.share("key_areas_covered_share").value
    if covered is not None:
        count = total.sums["key_areas"].value or 0
        areas = f"{number(count)} key area{'' if count == 1 else 's'}"
        said.append(f"On average, {percent(100 * covered)} of a key area is protected ({areas}).")
    return [*said, *none]


def _patches_said(total: NatureGroup) -> list[str]:
    whole = total.sums["patches"]
    if whole.value == 0:
        return ["No degraded land hangs together in patches that are large enough to be judged."]
    if whole.value is None:
        return []
    shares = {verdict: total.share(f"{verdict_name(verdict)}_share").value or 0.0 for verdict in MEANINGS}
    known = sorted((each for each in MEANINGS if each != UNDETERMINED and shares[each] > 0), key=lambda v: -shares[v])
    rest = number(100 * shares[UNDETERMINED], 0)
    area = km2(whole.value)
    if not known:
        return [f"What the loss of the degraded patches ({area}) goes with cannot be determined."]
    named = ", ".join(f"{verdict} {number(100 * shares[verdict], 0)} %" for verdict in known)
    return [
        f"The loss of the degraded patches ({area}) goes with: {named} of their area; for {rest} % it cannot be "
        f"determined.",
        "“Goes with” does not mean “is caused by”.",
    ]


def _table(
    sums: NatureSums, id_: str, title: str, caption: str, needs: str, columns: Mapping[str, Cell]
) -> NatureTable | None:
    """A table with a row for each group and one for all; None where no region has the measure, or some of it.

    Land, carbon, natural land and trends need no more than to be known (`KNOWN`).
    """
    found = sums.total.sums[needs]
    if found.value is None or (found.value == 0 and needs not in KNOWN):
        return None
    rows = tuple(
        (group_name(group.key), tuple(cell(group) for cell in columns.values())) for group in (*sums.groups, sums.total)
    )
    return NatureTable(id_, title, caption, tuple(columns), rows, found.missing)


def _regions(name: str) -> Cell:
    """How many regions have a measure, of those of the group."""

    def cell(group: NatureGroup) -> str:
        count, whole = group.sums[name].regions, len(group.regions)
        return str(count) if count == whole else f"{count} of {whole}"

    return cell


def _amount(name: str, scale: float = 1.0, digits: int = 0) -> Cell:
    def cell(group: NatureGroup) -> str:
        value = group.sums[name].value
        return DASH if value is None else number(value / scale, digits)

    return cell


def _directions(series: str) -> Cell:
    """In how many regions of a group a series rose, fell, or had no clear direction."""

    def cell(group: NatureGroup) -> str:
        counts = {said: group.sums[f"{series}_{way}"].value for way, said in DIRECTIONS.items()}
        known = [f"{number(count)} {said}" for said, count in counts.items() if count]
        return ", ".join(known) or DASH

    return cell


def _range(name: str, scale: float = 1.0, digits: int = 0) -> Cell:
    def cell(group: NatureGroup) -> str:
        return _between(group.sums[name], scale, digits)

    return cell


def _share(name: str) -> Cell:
    def cell(group: NatureGroup) -> str:
        value = group.share(name).value
        return percent(None if value is None else 100 * value)

    return cell


def _share_range(name: str) -> Cell:
    def cell(group: NatureGroup) -> str:
        return _between(group.share(name), 0.01, 1)

    return cell


def _between(found: SummedMeasure, scale: float, digits: int) -> str:
    if found.low is None or found.high is None:
        return DASH
    return f"{number(found.low / scale, digits)} to {number(found.high / scale, digits)}"


def _land(sums: NatureSums) -> NatureTable | None:
    lost = sums.total.sums["lost_productivity"].value is not None
    return _table(
        sums, "land", "Land and its degradation (SDG 15.3.1)",
        "Land assessed, and degraded land as mapped in the assessment of the period alone"
        + ("; lost productivity: for reasons other than weather, by the probabilities of all pixels" if lost else ""),
        "land",
        {
            "Regions": _regions("land"), "Land, km²": _amount("land"), "Degraded, km²": _amount("degraded"),
            "Degraded": _share("degraded_share"),
            **({"Lost productivity": _share("lost_productivity_share"),
                "95 % interval, %": _share_range("lost_productivity_share")} if lost else {}),
        },
    )  # fmt: skip


def _carbon(sums: NatureSums) -> NatureTable | None:
    total = sums.total.sums["carbon_lost"].value or 0.0
    digits = 0 if abs(total) >= 1000 * KILO else 1
    columns: dict[str, Cell] = {
        "Regions": _regions("carbon_change"),
        "Lost, 1000 t C": _amount("carbon_lost", KILO, digits),
        "Gained, 1000 t C": _amount("carbon_gained", KILO, digits),
        "Change, 1000 t C": _amount("carbon_change", KILO, digits),
        "95 % interval, 1000 t C": _range("carbon_change", KILO, digits),
        "Change, 1000 t CO₂e": _amount("carbon_change_co2e", KILO, digits),
        "95 % interval, 1000 t CO₂e": _range("carbon_change_co2e", KILO, digits),
    }
    return _table(
        sums, "carbon", "Climate: carbon in the soil (SDG 13)",
        "Soil organic carbon of the upper 30 cm that changes of land cover imply; negative: out of the soil. Grazing "
        "changes soil carbon, too, and is not seen",
        "carbon_change", columns,
    )  # fmt: skip


def _trends(sums: NatureSums) -> NatureTable | None:
    known = [name for name in TRENDS if sums.total.sums[f"{name}_rose"].value is not None]
    if not known:
        return None
    missing = sorted({region for name in known for region in sums.total.sums[f"{name}_rose"].missing})
    columns = {capitalised(TRENDS[name]): _directions(name) for name in known}
    found = _table(
        sums, "trends", "Climate: dust, albedo and herds",
        "In how many regions the series rose, fell, or had no clear direction over its years (Mann–Kendall test that "
        "allows for the memory of years, p below 0.05: of twenty series without a trend, about one shows one). Dust "
        "may come from elsewhere. Albedo is how much sunlight the ground reflects: bare ground is brighter. Herds are "
        "modelled, and must not be compared between countries",
        f"{known[0]}_rose", columns,
    )  # fmt: skip
    return None if found is None else NatureTable(
        found.id, found.title, found.caption, found.columns, found.rows, tuple(missing)
    )  # fmt: skip


def _natural(sums: NatureSums) -> NatureTable | None:
    return _table(
        sums, "natural", "Nature: natural land (SDG 15)",
        "Tree-covered land, grassland, wetland and other land that became cropland or artificial land (lost), and the "
        "reverse (gained); planted trees and fields out of use are among what was gained",
        "natural_land_lost",
        {
            "Regions": _regions("natural_land_lost"), "Lost, km²": _amount("natural_land_lost", digits=1),
            "95 % interval, km²": _range("natural_land_lost", digits=1),
            "Gained, km²": _amount("natural_land_gained", digits=1),
        },
    )  # fmt: skip


def _zones(sums: NatureSums) -> list[NatureTable | None]:
    return [
        _table(
            sums, zone.replace("_", "-"), f"Nature: degraded land inside and outside of {words}",
            f"Inside and outside together are the land of these regions. {capitalised(words)}: {EXTENT[zone]}",
            f"inside_{zone}",
            {
                "Regions": _regions(f"inside_{zone}"), "Inside, km²": _amount(f"inside_{zone}"),
                "Degraded inside, km²": _amount(f"degraded_inside_{zone}"),
                "Degraded inside": _share(f"degraded_inside_{zone}_share"),
                "95 % interval, %": _share_range(f"degraded_inside_{zone}_share"),
                "Outside, km²": _amount(f"outside_{zone}"),
                "Degraded outside, km²": _amount(f"degraded_outside_{zone}"),
                "Degraded outside": _share(f"degraded_outside_{zone}_share"),
            },
        )
        for zone, words in ZONES.items()
    ]  # fmt: skip


def _key_areas(sums: NatureSums) -> NatureTable | None:
    return _table(
        sums, "covered", "Nature: key biodiversity areas under protection (SDG 15.1.2)",
        "Mean share of each key area that lies in protected areas in the last year; of areas of which at least half "
        "lies in a region. Countries report it as SO4-3, for all of the country",
        "key_areas",
        {
            "Regions": _regions("key_areas_covered"), "Key areas": _amount("key_areas"),
            "Mean share protected": _share("key_areas_covered_share"),
        },
    )  # fmt: skip


def _patches(sums: NatureSums) -> NatureTable | None:
    total = sums.total
    shown = [each for each in MEANINGS if total.sums[verdict_name(each)].value or each == UNDETERMINED]
    return _table(
        sums, "why", "Why: what the loss of degraded patches goes with",
        "Share of the area of degraded patches by what their loss is associated with; no proof of cause",
        "patches",
        {
            "Regions": _regions("patches"), "Patches, km²": _amount("patches"),
            **{capitalised(each): _share(f"{verdict_name(each)}_share") for each in shown},
        },
    )  # fmt: skip


def _named(table: NatureTable, names: Mapping[str, str]) -> NatureTable:
    """A table with the names of the regions that lack it."""
    missing = tuple(names[each] for each in table.missing)
    return NatureTable(table.id, table.title, table.caption, table.columns, table.rows, missing)
