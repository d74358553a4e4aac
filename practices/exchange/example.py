"""The example record of a template."""

from __future__ import annotations

from practices.exchange.reading import EXAMPLE
from practices.record.draft import PracticeDraft, checked

EXAMPLE_RECORD: PracticeDraft = checked(
    {
        "id": EXAMPLE,
        "title": {"en": "Example: resting pasture in turns", "mn": "Жишээ: бэлчээр сэлгэх"},
        "country": "MNG",
        "admin": ["Ovorkhangai", "Bogd soum"],
        "scale": "site",
        "sites": [
            {
                "name": "North pasture",
                "lat": 45.2,
                "lon": 102.8,
                "radius_km": 3,
                "coord_basis": "survey",
                "coord_precision_km": 0.1,
            },
            {"name": "South pasture", "lat": 45.1, "lon": 102.9, "coord_basis": "gazetteer", "coord_precision_km": 5},
        ],
        "area_km2": 40,
        "start": 2015,
        "land_use": ["tech_lu_grazingland"],
        "degradation": ["Bc", "Bs"],
        "measures": ["M2", "M4"],
        "slm_groups": ["tech_slm_group_pastoralism"],
        "goals": ["reduce"],
        "purposes": ["production", "degradation"],
        "codes_basis": "chosen by the author of the record",
        "description": "Ten families agree each spring which pasture rests until autumn.",
        "outcome": "The families say that the grass stands higher; nothing was measured.",
        "evidence_type": "qualitative",
        "indicators": [{"name": "families taking part", "value": 10, "unit": "families", "when": "2020"}],
        "implementing_bodies": ["Herders' group of the valley"],
        "sources": [{"kind": "field_note", "title": "Talks with the families", "date": "2020-08", "note": "two days"}],
        "confidence": "medium",
        "caveats": ["One visit, no measurement."],
        "satellite_fit": "usable_after_polygon",
        "satellite_fit_why": "the outlines of both pastures have to be drawn",
    }
)
