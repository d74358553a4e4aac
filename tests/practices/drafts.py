"""A record to edit, with every field filled, and variations of it."""

from __future__ import annotations

from typing import Any

from practices.record.draft import PracticeDraft, checked

SQUARE = {"type": "Polygon", "coordinates": [[[103, 46], [103.5, 46], [103.5, 46.5], [103, 46.5], [103, 46]]]}
VALUES: dict[str, Any] = {
    "id": "mng-well-and-rest",
    "title": {"en": "Wells", "mn": "Худаг ба амралт", "zh": "水井与休牧", "ru": "Колодцы", "ko": "우물", "ja": "井戸"},
    "country": "MNG",
    "admin": ["Ovorkhangai", "Bogd soum"],
    "scale": "site",
    "sites": [
        {"name": "North", "lat": 46.25, "lon": 103.25, "coord_basis": "survey", "polygon": SQUARE},
        {"name": "South", "coord_basis": "gazetteer", "lat": 45.1, "lon": 103.2, "radius_km": 4},
    ],
    "area_km2": 12.5,
    "start": 2012,
    "land_use": ["tech_lu_grazingland"],
    "degradation": ["Bc", "Et"],
    "measures": ["M2", "S7"],
    "slm_groups": ["tech_slm_group_pastoralism"],
    "goals": ["reduce"],
    "purposes": ["production"],
    "codes_basis": "chosen by the author",
    "description": "Herders dug wells and agreed which pasture rests in which year.",
    "outcome": "Cover is said to have risen.",
    "evidence_type": "measured",
    "indicators": [{"name": "cover", "baseline": 20, "value": 31.5, "unit": "%", "when": "2019"}],
    "implementing_bodies": ["A herders' group"],
    "sources": [{"kind": "field_note", "title": "Notes of a visit", "date": "2019-07", "note": "three plots"}],
    "confidence": "medium",
    "caveats": ["Three plots, one visit."],
    "external_ids": {"wocat": "technologies_1"},
    "satellite_fit": "usable_after_polygon",
}  # fmt: skip


def draft(**changes: Any) -> PracticeDraft:
    """The record, some fields changed."""
    return checked({**VALUES, **changes})
