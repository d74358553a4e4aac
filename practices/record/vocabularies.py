"""The words that a record may use, as data: WOCAT's lists (`wocat_words`) and our own."""

from __future__ import annotations

from practices.record.vocabulary import Vocabulary, keyed
from practices.record.wocat_words import DEGRADATION, GOALS, LAND_USE, MEASURES, PURPOSES, SLM_GROUPS

__all__ = [
    "CONFIDENCE",
    "COORD_BASIS",
    "COUNTRIES",
    "DEGRADATION",
    "EVIDENCE_TYPES",
    "GOALS",
    "LAND_USE",
    "LANGUAGES",
    "MEASURES",
    "PURPOSES",
    "SATELLITE_FIT",
    "SCALES",
    "SCOPES",
    "SLM_GROUPS",
    "SOURCE_KINDS",
    "VOCABULARIES",
]

EVIDENCE_TYPES = keyed(
    "evidence_type",
    "kind of evidence",
    "",
    {
        "measured": "measured in the field",
        "independent_evaluation": "evaluated by others than the doers",
        "reported_official": "reported by an authority",
        "reported_company": "reported by a company that gains by it",
        "modelled": "modelled",
        "qualitative": "described without figures of an effect",
    },
)
CONFIDENCE = keyed(
    "confidence",
    "confidence in the facts",
    "",
    {"high": "high: sources agree", "medium": "medium: few, second-hand or differing sources"},
)
SATELLITE_FIT = keyed(
    "satellite_fit",
    "fit for satellites",
    "",
    {
        "usable_after_polygon": "can be judged once its outline is drawn",
        "needs_polygon": "cannot be judged without an outline",
        "too_small": "too small for the pixels used",
        "context_only": "too large or too vague: context only",
    },
)
COORD_BASIS = keyed(
    "coord_basis",
    "basis of coordinates",
    "",
    {
        "source": "printed in a source",
        "gazetteer": "from a gazetteer",
        "general_knowledge": "from general knowledge",
        "survey": "surveyed or drawn by the one who entered it",
    },
)
SOURCE_KINDS = keyed(
    "source_kind",
    "kind of source",
    "",
    {
        "wocat": "WOCAT or UNCCD record",
        "official_or_project": "authority or project",
        "journal_or_abstract": "journal article or abstract",
        "news_or_organisation": "news or organisation",
        "reprint_or_copy": "reprint or copy",
        "popular_or_wiki": "popular page or wiki",
        "field_note": "own note or survey",
    },
)
SCALES = keyed(
    "scale",
    "scale",
    "",
    {"site": "a site", "landscape": "a landscape", "county": "a county", "programme": "a programme"},
)
SCOPES = keyed(
    "scope",
    "scope",
    "",
    {"north-east-asia": "North-East Asia", "outside": "outside North-East Asia"},
)
LANGUAGES = keyed(
    "language",
    "language",
    "",
    {"en": "English", "zh": "Chinese", "mn": "Mongolian", "ru": "Russian", "ko": "Korean", "ja": "Japanese"},
)
COUNTRIES = keyed(
    "country",
    "country",
    "",
    {
        "CHN": "China",
        "JPN": "Japan",
        "KOR": "Republic of Korea",
        "MNG": "Mongolia",
        "PRK": "DPR Korea",
        "RUS": "Russian Federation",
    },
)
VOCABULARIES: dict[str, Vocabulary] = {
    each.name: each
    for each in (
        COUNTRIES, LANGUAGES, SCALES, SCOPES, LAND_USE, DEGRADATION, MEASURES, SLM_GROUPS, GOALS, PURPOSES,
        EVIDENCE_TYPES, CONFIDENCE, SATELLITE_FIT, COORD_BASIS, SOURCE_KINDS,
    )
}  # fmt: skip
