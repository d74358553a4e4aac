"""Sentences on climate and nature: they say which way, how certain, and never that something is a cause."""

from __future__ import annotations

import pytest

from practices.report.nature import link_rows, link_terms
from practices.report.uncertainty import CertaintyStatistic


def statistic(
    name: str, value: float | None, low: float | None = None, high: float | None = None, note: str = ""
) -> CertaintyStatistic:
    return CertaintyStatistic(name, value, low, high, None, "1", note)


def carbon(net: float, low: float | None, high: float | None) -> list[CertaintyStatistic]:
    return [
        statistic("carbon_change", net, low, high),
        statistic("carbon_change_co2e", net * 44 / 12),
        statistic("carbon_lost", min(net, 0.0)),
        statistic("carbon_gained", max(net, 0.0)),
    ]


def test_carbon_says_which_way_and_as_how_much_carbon_dioxide() -> None:
    (row,) = link_rows(carbon(-121476.4, -231214.5, -35594.6))
    assert (row.value, row.interval) == ("−121,000 t C", "−231,000 to −35,600 t C")
    assert row.said.startswith("The soil lost 121,000 t of carbon, as much as 445,000 t of carbon dioxide.")
    assert row.said.endswith("what grazing does to soil is not seen.")
    (row,) = link_rows(carbon(500.0, None, None))
    assert row.said.startswith("The soil gained 500 t")
    assert row.interval == "–"


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (-300.0, 200.0, "it is not certain whether there was a loss or a gain"),
        (-50.0, -20.0, "part of what the map shows is probably confusion"),
    ],
)
def test_an_interval_that_says_more_than_the_value_is_put_in_words(low: float, high: float, words: str) -> None:
    (row,) = link_rows(carbon(-100.0, low, high))
    assert words in row.said


def test_no_change_is_no_loss() -> None:
    (row,) = link_rows(carbon(0.0, 0.0, 0.0))
    assert row.said.startswith("The land-cover map implies no change of soil carbon.")


def test_natural_land_and_its_pieces() -> None:
    lost, mesh = link_rows(
        [
            statistic("natural_land_lost", 74.23, 49.4, 80.0),
            statistic("natural_land_gained", 3.0),
            statistic("mesh_size_first", 324.0),
            statistic("mesh_size_last", 105.0),
        ]
    )
    assert lost.said.startswith(
        "74.2 km² of natural land became cropland, towns, roads or mines. 3 km² went the other way"
    )
    assert lost.interval == "49.4 to 80 km²"
    assert "natural land now lies in smaller pieces" in mesh.said
    (none,) = link_rows([statistic("natural_land_lost", 0.0)])
    assert none.said == "The map shows no natural land that became cropland or artificial land."


def protected(matched: CertaintyStatistic) -> str:
    (row,) = link_rows(
        [
            statistic("area_protected", 200.0),
            statistic("degraded_inside_protected", 0.12, 0.08, 0.2),
            statistic("degraded_outside_protected", 0.18),
            matched,
        ]
    )
    assert (row.value, row.interval) == ("12.0 %", "8.0 to 20.0 %")
    return row.said


def test_a_difference_is_said_with_what_is_certain_of_it() -> None:
    name = "degraded_protected_matched"
    chance = protected(statistic(name, -0.03, -0.08, 0.02))
    assert "3.0 percentage points less of it is degraded (difference −8.0 to 2.0): this may be chance." in chance
    found = protected(statistic(name, 0.05, 0.02, 0.08))
    assert "5.0 percentage points more of it is degraded" in found
    assert "need not be caused by them" in found
    assert "too small or too few" in protected(statistic(name, -0.03))
    assert "cannot be compared fairly" in protected(statistic(name, None))


def test_no_area_in_the_table_does_not_mean_that_there_is_none() -> None:
    (row,) = link_rows([statistic("area_protected", 0.0)])
    assert row.value == "–"
    assert row.said.endswith("That does not mean that there are none.")


def test_habitats_have_the_name_of_the_species() -> None:
    note = "range of Grus vipio in the region, from the user's file"
    lynx, crane = link_rows(
        [
            statistic("area_habitat_grus_vipio", 0.0, note=note),
            statistic("area_habitat_a_lynx", 134.0, note="range of A. lynx in the region, from the user's file"),
            statistic("degraded_habitat_a_lynx", 0.406),
        ]
    )
    assert lynx.said == "40.6 % of the 134 km² of its range in this region is degraded."
    assert crane.said == "The range of Grus vipio does not reach this region."


def test_terms_are_those_of_the_run() -> None:
    named = {"source": "WDPA", "licence": "non-commercial", "trap": "China"}
    (terms,) = link_terms({"protected_areas": named, "productivity": {"key": "mod13q1-ndvi"}})
    assert (terms.name, terms.licence, terms.trap) == ("protected areas", "non-commercial", "China")
    assert link_terms({"protected_areas": {"key": "protected areas", "left_out": "refused"}}) == []
