"""Sums by country: they close exactly, follow no order, name what is missing, and never count land twice in silence."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import unary_union
from shapely.geometry import shape

from practices.report.drivers.causes import MEANINGS
from practices.report.nature.country_table import nature_rows
from practices.report.nature.measures import MEASURES, SHARES, ZONES, needed, verdict_name
from practices.report.nature.overlap import counted
from practices.report.nature.page_tables import group_name, nature_page
from practices.report.nature.sums import nature_sums
from practices.results.nature import PublishedStatistic, RegionNature
from practices.results.near import area_km2
from practices.results.published_views import View

VIEW = View("2001-2024", "ne-asia-2", "simulated")
PROTECTED = {"source": "WDPA", "licence": "non-commercial use only", "trap": "many areas of China are absent"}
COUNTRIES = ((), ("MNG",), ("CHN",), ("MNG", "CHN"), ("CHN", "MNG"), ("RUS",))


def square(west: float, south: float = 42.0, size: float = 1.0) -> dict[str, Any]:
    east, north = west + size, south + size
    ring = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return {"type": "Polygon", "coordinates": [ring]}


def region(name: str, *countries: str, west: float = 100.0, **more: Any) -> RegionNature:
    """1,000 km² of land, of which a tenth is degraded, and soil carbon with an interval."""
    land = {"degraded": 100.0, "stable": 800.0, "improved": 90.0, "undetermined": 10.0}
    statistics = {"carbon_change": PublishedStatistic(-50.0, -90.0, -20.0)}
    made = RegionNature(name, name.capitalize(), countries, square(west), land, statistics, {}, {})
    return replace(made, **more)


amounts = st.floats(-1e6, 1e6)
numbers = st.none() | st.builds(
    lambda value, below, above, bounded: PublishedStatistic(
        value, *((value - below, value + above) if bounded else (None, None)), 0.2
    ),
    amounts, st.floats(0, 1e5), st.floats(0, 1e5), st.booleans(),
)  # fmt: skip
SHARE_NAMES = {"share_lost", "key_areas_covered_last", *(f"degraded_inside_{zone}" for zone in ZONES)}


@st.composite
def some_regions(draw: st.DrawFn) -> list[RegionNature]:
    """Up to six regions with any of the statistics, of which some may overlap."""
    made = []
    for number in range(draw(st.integers(1, 6))):
        statistics = {}
        for name in sorted(needed()):
            found = draw(st.none() | st.floats(0, 1).map(lambda v: PublishedStatistic(v, v / 2, v))) if (
                name in SHARE_NAMES
            ) else draw(numbers)  # fmt: skip
            if found is not None:
                statistics[name] = found
        for name in ("key_areas", *(f"area_{zone}" for zone in ZONES)):
            if name in statistics:
                statistics[name] = PublishedStatistic(float(draw(st.integers(0, 3000))))
        land = draw(st.sampled_from([{}, {"degraded": 100.5, "stable": 900.25}, {"degraded": 0.1, "improved": 2000.0}]))
        patches = draw(st.dictionaries(st.sampled_from(sorted(MEANINGS)), st.floats(0.1, 1e4)))
        where = square(100 + draw(st.integers(0, 12)) / 4)
        countries = draw(st.sampled_from(COUNTRIES))
        made.append(RegionNature(f"r{number}", f"R {number}", countries, where, land, statistics, patches, {}))
    return made


@settings(max_examples=60, deadline=None)
@given(some_regions(), st.randoms())
def test_countries_add_up_to_all_and_the_order_of_regions_does_not_matter(
    regions: list[RegionNature], random: Any
) -> None:
    sums = nature_sums(regions)
    for name in MEASURES:
        known = [group.sums[name] for group in sums.groups if group.sums[name].value is not None]
        total = sums.total.sums[name]
        assert total.value == (math.fsum(each.value for each in known) if known else None)  # type: ignore[misc]
        assert total.regions + len(total.missing) == len(sums.total.regions)
        if total.low is not None:
            assert total.low == math.fsum(each.low for each in known)  # type: ignore[misc]
    own = [region for group in sums.groups for region in group.regions]
    assert len(own) == len(set(own))
    assert sorted([*own, *sums.overlap.left_out]) == sorted(each.id for each in regions)
    shuffled = list(regions)
    random.shuffle(shuffled)
    assert nature_sums(shuffled) == sums


@settings(max_examples=60, deadline=None)
@given(some_regions())
def test_inside_and_outside_are_the_whole_and_verdicts_are_all_patches(regions: list[RegionNature]) -> None:
    sums = nature_sums(regions)
    by_id = {each.id: each for each in regions}
    for group in (*sums.groups, sums.total):
        for zone in ZONES:
            inside, outside = group.sums[f"inside_{zone}"], group.sums[f"outside_{zone}"]
            assert inside.missing == outside.missing
            if inside.value is None or outside.value is None:
                continue
            known = [by_id[each] for each in group.regions if each not in inside.missing]
            land = math.fsum(sum(each.land.values()) for each in known)
            degraded = math.fsum(each.land["degraded"] for each in known)
            assert inside.value + outside.value == pytest.approx(land)
            parts = [group.sums[f"degraded_{where}_{zone}"] for where in ("inside", "outside")]
            if not any(set(each.missing) - set(inside.missing) for each in parts):
                assert sum(each.value or 0.0 for each in parts) == pytest.approx(degraded)
        whole = group.sums["patches"].value
        if whole is not None:
            verdicts = [group.sums[verdict_name(verdict)].value or 0.0 for verdict in MEANINGS]
            assert math.fsum(verdicts) == pytest.approx(whole)
            shares = [group.share(f"{verdict_name(verdict)}_share").value for verdict in MEANINGS]
            if whole:
                assert math.fsum(each or 0.0 for each in shares) == pytest.approx(1)


@settings(max_examples=60, deadline=None)
@given(some_regions())
def test_an_interval_holds_its_sum_where_those_of_the_regions_hold_theirs(regions: list[RegionNature]) -> None:
    for group in (*nature_sums(regions).groups, nature_sums(regions).total):
        for name in ("carbon_change", "natural_land_lost", "lost_productivity"):
            found = group.sums[name]
            if found.low is not None and found.high is not None and found.value is not None:
                room = 1e-9 * (1 + abs(found.value))
                assert found.low - room <= found.value <= found.high + room


def test_ends_of_intervals_are_added_and_not_in_quadrature() -> None:
    total = nature_sums([region("a", "MNG"), region("b", "CHN", west=105)]).total.sums["carbon_change"]
    assert (total.value, total.low, total.high) == (-100.0, -180.0, -40.0)


def test_a_region_without_interval_leaves_the_sum_without_and_one_without_value_is_named() -> None:
    bare = region("b", "MNG", west=105, statistics={"carbon_change": PublishedStatistic(-5.0)})
    none = region("c", "MNG", west=110, statistics={})
    total = nature_sums([region("a", "MNG"), bare, none]).total.sums["carbon_change"]
    assert (total.value, total.low, total.high) == (-55.0, None, None)
    assert (total.regions, total.missing) == (2, ("c",))


def test_a_region_in_two_countries_is_a_row_of_its_own() -> None:
    regions = [
        region("a", "MNG"),
        region("b", "MNG", "CHN", west=105),
        region("c", "CHN", west=110),
        region("d", west=115),
    ]
    sums = nature_sums(regions)
    assert [group.key for group in sums.groups] == ["CHN", "MNG", "CHN MNG", "unrecorded"]
    assert [group.sums["land"].value for group in sums.groups] == [1000.0] * 4
    assert sums.total.sums["land"].value == 4000.0
    assert group_name("CHN MNG") == "China and Mongolia"
    page = nature_page(regions)
    assert page["several"] == ["China and Mongolia"]


def test_the_part_of_a_region_that_counts_twice_is_said_and_one_inside_another_is_left_out() -> None:
    """The second shares a quarter with the first; the third lies in the first."""
    regions = [
        region("large", "MNG", outline=square(100, size=2)),
        region("beside", "CHN", outline=square(101.75, size=1)),
        region("within", "MNG", outline=square(100.5, size=0.5)),
    ]
    sums = nature_sums(regions)
    assert dict(sums.overlap.left_out) == {"within": ("large",)}
    assert sums.total.sums["land"].value == 2000.0
    shared = sums.overlap.twice_km2["beside"]
    assert shared == pytest.approx(area_km2(_shape(regions[1])) / 4, rel=0.01)
    assert sums.total.twice_km2 == shared
    page = nature_page(regions)
    assert any(
        "Within is left out of all sums: more than half of it lies in Large." in said for said in page["overlaps"]
    )
    assert any("Beside shares" in said and "counts twice" in said for said in page["overlaps"])
    rows = {(row["countries"], row["name"]): row for row in nature_rows(regions, VIEW)}
    assert rows["all", "regions"]["value"] == 2
    assert rows["all", "regions"]["missing"] == "within"
    assert "within lies in large" in rows["all", "regions"]["note"]
    assert "beside shares" in rows["CHN", "area_counted_twice"]["note"]


def _shape(each: RegionNature) -> Any:

    return shape(dict(each.outline))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(1, 8)), min_size=1, max_size=6))
def test_counted_outlines_are_their_union_and_what_counts_twice(squares: list[tuple[int, int]]) -> None:

    outlines = {f"r{n}": square(100 + west / 4, size=size / 4) for n, (west, size) in enumerate(squares)}
    found = counted(outlines)
    assert set(found.twice_km2) | set(found.left_out) == set(outlines)
    assert not set(found.twice_km2) & set(found.left_out)
    shapes = {name: _shape(region("x", outline=each)) for name, each in outlines.items()}
    whole = area_km2(unary_union([shapes[name] for name in found.twice_km2]))
    parts = sum(area_km2(shapes[name]) for name in found.twice_km2)
    # edges are geodesics: those of parts bend away from those of the whole
    assert parts - sum(found.twice_km2.values()) == pytest.approx(whole, rel=1e-3)
    assert counted(dict(reversed(list(outlines.items())))) == found


def test_outlines_that_meet_or_nearly_do_count_once_each() -> None:
    found = counted({"a": square(100), "b": square(101), "c": square(101.999, 43.0)})
    assert found.left_out == {}
    assert set(found.twice_km2.values()) == {0.0}


def test_degraded_land_outside_is_what_is_left_and_the_terms_stand_in_every_row_of_it() -> None:
    """A tenth of the land is degraded; of 200 km² inside, a twentieth."""
    statistics = {
        "area_protected": PublishedStatistic(200.0), "degraded_inside_protected": PublishedStatistic(0.05, 0.01, 0.1),
    }  # fmt: skip
    one = region("a", "MNG", statistics=statistics, datasets={"protected_areas": PROTECTED})
    none = region("b", "MNG", west=105, statistics={"area_protected": PublishedStatistic(0.0)})
    sums = nature_sums([one, none]).total
    assert sums.sums["inside_protected"].value == 200.0
    assert sums.sums["outside_protected"].value == 1800.0
    assert sums.sums["degraded_inside_protected"].value == pytest.approx(10.0)
    assert sums.sums["degraded_outside_protected"].value == pytest.approx(190.0)
    assert sums.share("degraded_inside_protected_share").value == pytest.approx(0.05)
    assert sums.share("degraded_inside_protected_share").high == pytest.approx(0.1)
    rows = [row for row in nature_rows([one, none], VIEW) if "protected" in row["name"]]
    assert len(rows) == 2 * 6
    assert all("non-commercial use only" in row["note"] for row in rows)
    (notice,) = nature_page([one, none])["terms"]
    assert notice.licence == "non-commercial use only"


def test_key_areas_are_a_mean_over_all_of_them() -> None:
    def keyed(count: float, share: float | None) -> dict[str, PublishedStatistic]:
        found = {"key_areas": PublishedStatistic(count)}
        return found if share is None else {**found, "key_areas_covered_last": PublishedStatistic(share)}

    regions = [
        region("a", "MNG", statistics=keyed(3, 0.5)), region("b", "MNG", west=105, statistics=keyed(1, 0.1)),
        region("c", "MNG", west=110, statistics=keyed(0, None)),
    ]  # fmt: skip
    assert nature_sums(regions).total.share("key_areas_covered_share").value == pytest.approx(1.6 / 4)


def test_directions_are_counted_by_region() -> None:
    def trend(value: float, p: float) -> dict[str, PublishedStatistic]:
        return {"trend_dust_days": PublishedStatistic(value, p=p)}

    regions = [
        region("a", "MNG", statistics=trend(2.0, 0.01)), region("b", "MNG", west=105, statistics=trend(-2.0, 0.01)),
        region("c", "MNG", west=110, statistics=trend(2.0, 0.2)), region("d", "MNG", west=115, statistics={}),
    ]  # fmt: skip
    sums = nature_sums(regions).total.sums
    assert [sums[f"dust_days_{way}"].value for way in ("rose", "fell", "unclear")] == [1, 1, 1]
    assert sums["dust_days_rose"].missing == ("d",)
    climate = dict(nature_page(regions)["answers"])["Climate"]
    assert "Days with dust: rose in 1 and fell in 1 of 3 regions." in climate


def test_the_page_says_what_no_region_has_and_who_lacks_what_others_have() -> None:
    page = nature_page([region("a", "MNG"), region("b", "CHN", west=105, statistics={})])
    tables = {each.id: each for each in page["tables"]}
    assert set(tables) == {"land", "carbon"}
    assert tables["carbon"].missing == ("B",)
    assert [name for name, _ in tables["carbon"].rows] == ["China", "Mongolia", "All regions"]
    assert tables["land"].rows[-1][1][:4] == ("2", "2,000", "200", "10.0 %")
    assert any(said.startswith("Protected areas: their table was not read") for said in page["absent"])
    assert page["answers"][0] == ("Land", ["10.0 % of the 2,000 km² of land in 2 regions is mapped as degraded."])


def test_names_of_measures_and_shares_are_different() -> None:
    assert not set(MEASURES) & set(SHARES)
    for share in SHARES.values():
        assert {share.part, share.whole} <= set(MEASURES)
