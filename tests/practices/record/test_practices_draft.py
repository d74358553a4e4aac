"""Records: what is allowed, and how what is not is told; vocabularies that are whole."""

from __future__ import annotations

from typing import Any

import pytest
from drafts import SQUARE, VALUES, draft

from practices.record.draft import checked
from practices.record.problems import BadDraft
from practices.record.vocabularies import DEGRADATION, LAND_USE, MEASURES, SLM_GROUPS, VOCABULARIES


def told(**changes: Any) -> str:
    with pytest.raises(BadDraft) as error:
        draft(**changes)
    return str(error.value)


def test_the_vocabularies_are_those_of_wocat() -> None:
    assert len(LAND_USE.codes) == 9
    assert len(SLM_GROUPS.codes) == 26
    assert len(DEGRADATION.codes) == 32
    assert {term.group for term in MEASURES.terms} == {"agronomic", "vegetative", "structural", "management"}
    assert MEASURES.codes[:7] == ("A1", "A2", "A3", "A4", "A5", "A6", "A7")
    assert DEGRADATION.by_code["Et"].keyword == "tech_degradation_et"
    assert [DEGRADATION.label(code) for code in ("Et", "unknown")] == ["loss of topsoil by wind", "unknown"]
    for vocabulary in VOCABULARIES.values():
        assert len(set(vocabulary.codes)) == len(vocabulary.terms)
        assert all(term.label for term in vocabulary.terms)


def test_text_is_composed_and_trimmed() -> None:
    assert draft(description="  cafe\u0301\r\nline\r ").description == "café\nline"
    assert "remove the character U+0007" in told(description="bell\a")
    assert "remove the character U+FFFF" in told(description="\uffff")
    assert "at most 16000 characters" in told(description="x" * 16_001)
    assert "description: ''; allowed: text of 1 character or more; fill it in" in told(description="")
    assert draft(area_note="   ").area_note is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"id": "No Good"}, "id: 'No Good'; allowed: small letters a-z, digits and single hyphens"),
        ({"title": {"mn": "Худаг"}}, "title: mn; allowed: a title in English (en)"),
        ({"title": {"en": "a", "fr": "b"}}, "title, fr: 'fr'; allowed: en, zh, mn, ru, ko, ja"),
        ({"country": "Mongolia"}, "did you mean MNG (Mongolia)?"),
        ({"degradation": ["wind erosion"]}, "degradation 1: 'wind erosion'; allowed: Wt,"),
        ({"measures": ["Terraces"]}, "did you mean S1 (terraces)?"),
        ({"measures": []}, "measures: an empty list; allowed: at least 1; add one"),
        ({"measures": ["M2", "M2"]}, "measures: M2; allowed: each code once; remove the second M2"),
        ({"start": 2012.5}, "start: 2012.5; allowed: a whole number"),
        ({"start": 99999}, "start: 99999; allowed: 2100 or less"),
        ({"area_km2": "many"}, "area_km2: 'many'; allowed: a number with a decimal point"),
        ({"area_km2": float("inf")}, "area_km2: inf; allowed: a number"),
        ({"area_km2": -1}, "area_km2: -1; allowed: more than 0"),
        ({"sorces": []}, "sorces: an empty list; allowed: the fields of a record; did you mean sources?"),
        ({"sources": [{"kind": "wiki", "title": "x"}]}, "source 1, kind: 'wiki'"),
        ({"sources": [{"kind": "wocat", "title": "x", "date": "21.6.2018"}]}, "a year, month or day as 2018, 2018-06"),
        ({"sources": [{"kind": "wocat", "title": "x", "url": "ftp://a"}]}, "a web address that begins with http"),
        ({"external_ids": {"Bad Key": "x"}}, "external_ids, Bad Key: 'Bad Key'; allowed: small letters"),
        ({"caveats": []}, "record: no caveat; allowed: at least one caveat (caveats) with confidence medium"),
        ({"sites": [VALUES["sites"][0]] * 2}, "record: North; allowed: every site (sites) under a name of its own"),
    ],
)
def test_what_is_not_allowed_names_field_value_allowed_and_mend(changes: dict[str, Any], expected: str) -> None:
    assert expected in told(**changes)


@pytest.mark.parametrize(
    ("polygon", "expected"),
    [
        ({"type": "Point", "coordinates": [103, 46]}, "polygon: Point; allowed: a GeoJSON Polygon or MultiPolygon"),
        ({"type": "Polygon"}, "rings of [longitude, latitude] pairs"),
        ({"type": "Polygon", "coordinates": [[[103, 46], [104, 46]]]}, "rings of [longitude, latitude] pairs"),
        ({"type": "Polygon", "coordinates": [[["a", "b"]] * 4]}, "rings of [longitude, latitude] pairs"),
        ({"type": "Polygon", "coordinates": [[[float("nan"), 1]] * 4]}, "rings of [longitude, latitude] pairs"),
        (
            {"type": "Polygon", "coordinates": [[[103, 46], [104, 47], [104, 46], [103, 47], [103, 46]]]},
            "Self-intersection",
        ),
        ({"type": "Polygon", "coordinates": [[[103, 46], [203, 46], [203, 47], [103, 46]]]}, "103 to 203, 46 to 47"),
        ({"type": "Polygon", "coordinates": [[[103, 46 + i / 1e5] for i in range(10_001)]]}, "at most 10000 corners"),
        ({"type": "Polygon", "coordinates": []}, "polygon: empty; allowed: an area"),
        ("a shape", "allowed: a GeoJSON Polygon or MultiPolygon"),
    ],
)
def test_an_outline_that_is_none_is_told(polygon: Any, expected: str) -> None:
    assert expected in told(sites=[{**VALUES["sites"][0], "polygon": polygon}])


def test_an_outline_has_two_rounded_coordinates() -> None:
    ring = [[103, 46, 1500], [103.123456789, 46, 1500], [103.5, 46.5, 1500], [103, 46, 1500]]
    (site,) = draft(
        sites=[{**VALUES["sites"][0], "lat": 46.1, "polygon": {"type": "Polygon", "coordinates": [ring]}}]
    ).sites
    assert site.polygon is not None
    assert site.polygon["coordinates"][0][1] == [103.1234568, 46.0]
    assert "the extent of its polygon" in told(sites=[{**VALUES["sites"][0], "lon": 110, "polygon": SQUARE}])


def test_all_problems_come_at_once_with_their_places() -> None:
    with pytest.raises(BadDraft) as error:
        checked({**VALUES, "country": "XX", "sites": [{"name": "a", "lat": 1, "lon": 500, "coord_basis": "x"}]})
    places = {each.place for each in error.value.problems}
    assert places == {("country",), ("sites", 0, "lon"), ("sites", 0, "coord_basis")}
    assert {each.field for each in error.value.problems} == {"country", "site 1, lon", "site 1, coord_basis"}
    with pytest.raises(BadDraft, match="values by name"):
        checked("text")
