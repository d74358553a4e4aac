"""The words that a record may use, as data: WOCAT's lists and our own.

Keywords and codes of land use, degradation, measures, groups, goals and purposes are those of the WOCAT
questionnaire on technologies (edition 2018); labels are ours. A record has the `code`; where WOCAT has none, the
keyword is the code.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches


@dataclass(frozen=True)
class Term:
    """One word of a vocabulary: WOCAT's keyword, the code in records, the label, and its kind."""

    keyword: str
    code: str
    label: str
    group: str = ""


@dataclass(frozen=True)
class Vocabulary:
    """A closed list of terms, looked up by code."""

    name: str
    title: str
    terms: tuple[Term, ...]
    by_code: dict[str, Term] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_code", {term.code: term for term in self.terms})

    def __contains__(self, code: object) -> bool:
        return code in self.by_code

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code, in the order of the list."""
        return tuple(self.by_code)

    def label(self, code: str) -> str:
        """What people read for a code; the code itself where it is not in the list."""
        term = self.by_code.get(code)
        return term.label if term else code

    def nearest(self, wrong: str) -> Term | None:
        """The term that was probably meant, by code, keyword or label in any case; None where nothing is near."""
        names = {name.casefold(): term for term in self.terms for name in (term.label, term.keyword, term.code)}
        near = get_close_matches(wrong.strip().casefold(), list(names), n=1, cutoff=0.5)
        return names[near[0]] if near else None


def _keyed(name: str, title: str, prefix: str, entries: dict[str, str]) -> Vocabulary:
    """A vocabulary whose codes are keywords with a common beginning."""
    return Vocabulary(name, title, tuple(Term(prefix + key, prefix + key, label) for key, label in entries.items()))


def _coded(name: str, title: str, prefix: str, groups: dict[str, dict[str, str]]) -> Vocabulary:
    """A vocabulary of codes in groups; the keyword is the beginning and the code in small letters."""
    terms = (
        Term(prefix + code.lower(), code, label, group)
        for group, entries in groups.items()
        for code, label in entries.items()
    )
    return Vocabulary(name, title, tuple(terms))


LAND_USE = _keyed(
    "land_use",
    "land use",
    "tech_lu_",
    {
        "cropland": "cropland",
        "grazingland": "grazing land",
        "forest": "forest and woodland",
        "mixed": "mixed, such as agroforestry",
        "settlements": "settlements and infrastructure",
        "waterways": "waterways and wetlands",
        "mines": "mines and quarries",
        "unproductive": "unproductive land",
        "other": "other land",
    },
)
DEGRADATION = _coded(
    "degradation",
    "degradation",
    "tech_degradation_",
    {
        "water erosion": {
            "Wt": "loss of topsoil by water",
            "Wg": "gully erosion",
            "Wm": "mass movement",
            "Wr": "riverbank erosion",
            "Wc": "coastal erosion",
            "Wo": "off-site effects of water erosion",
        },
        "wind erosion": {
            "Et": "loss of topsoil by wind",
            "Ed": "deflation and deposition by wind",
            "Eo": "off-site effects of wind erosion",
        },
        "chemical": {
            "Cn": "fertility decline",
            "Ca": "acidification",
            "Cp": "soil pollution",
            "Cs": "salinisation and alkalinisation",
        },
        "physical": {
            "Pc": "compaction",
            "Pk": "sealing and crusting of the surface",
            "Pi": "soil sealing by buildings",
            "Pw": "waterlogging",
            "Ps": "subsidence of organic soils",
            "Pu": "loss of bio-productive function",
        },
        "biological": {
            "Bc": "reduction of vegetation cover",
            "Bh": "loss of habitats",
            "Bq": "decline of biomass",
            "Bf": "detrimental fires",
            "Bs": "decline of quality and species",
            "Bl": "loss of soil life",
            "Bp": "increase of pests and diseases",
        },
        "water": {
            "Ha": "aridification",
            "Hs": "change in quantity of surface water",
            "Hg": "change in groundwater level",
            "Hp": "decline of surface water quality",
            "Hq": "decline of groundwater quality",
            "Hw": "loss of wetland buffering",
        },
    },
)
MEASURES = _coded(
    "measures",
    "measure",
    "tech_measures_",
    {
        "agronomic": {
            "A1": "vegetation and soil cover",
            "A2": "organic matter and soil fertility",
            "A3": "soil surface treatment",
            "A4": "subsurface treatment",
            "A5": "seed management",
            "A6": "residue management",
            "A7": "other agronomic measures",
        },
        "vegetative": {
            "V1": "tree and shrub cover",
            "V2": "grasses and perennial herbs",
            "V3": "clearing of vegetation",
            "V4": "removal of alien species",
            "V5": "other vegetative measures",
        },
        "structural": {
            "S1": "terraces",
            "S2": "bunds and banks",
            "S3": "graded ditches and channels",
            "S4": "level ditches and pits",
            "S5": "dams and ponds",
            "S6": "walls, barriers and fences",
            "S7": "water supply and irrigation",
            "S8": "sanitation and waste water",
            "S9": "shelters for plants and animals",
            "S10": "energy saving",
            "S11": "other structural measures",
        },
        "management": {
            "M1": "change of land-use type",
            "M2": "change of management or intensity",
            "M3": "layout by natural and human environment",
            "M4": "change in timing of activities",
            "M5": "control of species composition",
            "M6": "waste management",
            "M7": "other management measures",
        },
    },
)
SLM_GROUPS = _keyed(
    "slm_groups",
    "group of sustainable land management",
    "tech_slm_group_",
    {
        "forest": "natural and semi-natural forest management",
        "plantation": "forest plantation management",
        "agroforestry": "agroforestry",
        "windbreak": "windbreak and shelterbelt",
        "closure": "area closure",
        "rotational": "rotational systems",
        "pastoralism": "pastoralism and grazing management",
        "croplivestock": "crop and livestock integration",
        "groundcover": "improved ground and vegetation cover",
        "soildisturbance": "minimal soil disturbance",
        "soilfertility": "integrated soil fertility management",
        "crossslope": "cross-slope measures",
        "diseasemanagement": "integrated pest and disease management",
        "varieties": "improved plant varieties and breeds",
        "waterharvesting": "water harvesting",
        "irrigation": "irrigation management",
        "drainage": "water diversion and drainage",
        "surfacewater": "surface water management",
        "groundwater": "groundwater management",
        "wetland": "wetland protection",
        "wastemanagement": "waste management",
        "energy": "energy efficiency",
        "beekeeping": "beekeeping, fish, poultry and small animals",
        "gardens": "home gardens",
        "drr": "ecosystem-based disaster risk reduction",
        "postharvest": "post-harvest measures",
    },
)
GOALS = _keyed(
    "goals",
    "goal",
    "",
    {
        "prevent": "prevent land degradation",
        "reduce": "reduce land degradation",
        "rehabilitate": "restore severely degraded land",
        "adapt": "adapt to land degradation",
        "not_applicable": "not applicable",
    },
)
PURPOSES = _keyed(
    "purposes",
    "main purpose",
    "",
    {
        "production": "improve production",
        "degradation": "prevent, reduce or restore land degradation",
        "ecosystem": "conserve ecosystems",
        "watershed": "protect a watershed",
        "biodiversity": "preserve or improve biodiversity",
        "disasters": "reduce the risk of disasters",
        "adaptation": "adapt to climate change",
        "mitigation": "mitigate climate change",
        "economic": "create economic benefit",
        "social": "create social benefit",
    },
)
EVIDENCE_TYPES = _keyed(
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
CONFIDENCE = _keyed(
    "confidence",
    "confidence in the facts",
    "",
    {"high": "high: sources agree", "medium": "medium: few, second-hand or differing sources"},
)
SATELLITE_FIT = _keyed(
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
COORD_BASIS = _keyed(
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
SOURCE_KINDS = _keyed(
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
SCALES = _keyed(
    "scale",
    "scale",
    "",
    {"site": "a site", "landscape": "a landscape", "county": "a county", "programme": "a programme"},
)
SCOPES = _keyed(
    "scope",
    "scope",
    "",
    {"north-east-asia": "North-East Asia", "outside": "outside North-East Asia"},
)
LANGUAGES = _keyed(
    "language",
    "language",
    "",
    {"en": "English", "zh": "Chinese", "mn": "Mongolian", "ru": "Russian", "ko": "Korean", "ja": "Japanese"},
)
COUNTRIES = _keyed(
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
