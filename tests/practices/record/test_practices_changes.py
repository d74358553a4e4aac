"""Changes of single fields: what they reach, and how a wrong one is told."""

from __future__ import annotations

import pytest
from drafts import draft

from practices.errors import BadRecord
from practices.record.changes import changed
from practices.record.problems import BadDraft


def test_a_change_reaches_every_kind_of_field() -> None:
    after = changed(
        draft(),
        [
            "end=2020", "title.mn=Өөр нэр", "title.ja=", "sites.2.lat=45.5", "degradation=Bc, Ha", "caveats.+=Mind x=y",
            "caveats.1=", "area_km2=", "indicators.1.unit=percent", "external_ids.doi=10.1/x", "admin.2=Bayan soum",
        ],
    )  # fmt: skip
    assert after.end == 2020
    assert after.title["mn"] == "Өөр нэр"
    assert "ja" not in after.title
    assert after.sites[1].lat == 45.5
    assert after.degradation == ("Bc", "Ha")
    assert after.caveats == ("Mind x=y",)
    assert after.area_km2 is None
    assert after.indicators[0].unit == "percent"
    assert after.external_ids["doi"] == "10.1/x"
    assert after.admin == ("Ovorkhangai", "Bayan soum")
    assert changed(draft(), []) == draft()


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ("end", "is not field=value"),
        ("colour=red", "a record has no field colour"),
        ("sites.3.lat=1", r"no member 3; allowed: 1 to 2, or \+"),
        ("sites.1=x", "that is a group of values; name one of name, lat"),
        ("sites=x", "sites has several values"),
        ("title=x", "title has several values; name one, like title.1 or title.en"),
        ("start.x=1", "there is nothing below start"),
    ],
)
def test_a_change_that_cannot_be_read_is_told(change: str, match: str) -> None:
    with pytest.raises(BadRecord, match=match):
        changed(draft(), [change])


def test_a_change_to_what_is_not_allowed_is_told() -> None:
    with pytest.raises(BadDraft, match=r"site 1, lat: '146'; allowed: 90.0 or less"):
        changed(draft(), ["sites.1.lat=146"])
    with pytest.raises(BadDraft, match=r"country: empty; allowed: text"):
        changed(draft(), ["country="])
