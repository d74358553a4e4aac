"""The tables of an export on practices: the records, sites, authors, and the evidence from satellites."""

from __future__ import annotations

from practices.exports.columns import Column, Table, region_name
from practices.models import ORIGINS
from practices.models.evidence import INTERVALS, KINDS, OUTCOMES
from practices.record.vocabularies import CONFIDENCE, COORD_BASIS, COUNTRIES, EVIDENCE_TYPES, SCALES, SCOPES

_PRACTICE = Column("practice", "string", "", "identifier of the practice")

PRACTICES = Table(
    "practices",
    "Good practices",
    "a documented practice",
    (
        _PRACTICE,
        Column("title", "string", "", "what it is"),
        Column("titles", "string", "", "titles in other languages, where given"),
        Column("country", "string", "", "ISO 3166 alpha-3 code", COUNTRIES.codes),
        Column("place", "string", "", "places from the large to the small"),
        Column("scope", "string", "", "whether it is in North-East Asia", SCOPES.codes),
        Column("scale", "string", "", "how large it is", SCALES.codes),
        Column("area_km2", "number", "km2", "area treated, as reported"),
        Column("start", "integer", "year", "first year, where known"),
        Column("end", "integer", "year", "last year; empty if it goes on or is not known"),
        Column("land_use", "string", "", "WOCAT keywords of land use"),
        Column("degradation", "string", "", "WOCAT codes of what is fought"),
        Column("measures", "string", "", "WOCAT codes of what was done"),
        Column("slm_groups", "string", "", "WOCAT groups of sustainable land management"),
        Column("goals", "string", "", "to what end, in WOCAT's words"),
        Column("purposes", "string", "", "WOCAT's main purposes, where given"),
        Column("codes_basis", "string", "", "who assigned the codes, and from what"),
        Column("description", "string", "", "what is done"),
        Column("outcome", "string", "", "outcome as reported"),
        Column("evidence_type", "string", "", "how the outcome is known", EVIDENCE_TYPES.codes),
        Column("confidence", "string", "", "confidence in the facts", CONFIDENCE.codes),
        Column("satellite_fit", "string", "", "whether satellites can judge it, and what is lacking"),
        Column("caveats", "string", "", "caveats"),
        Column("sources", "string", "", "publications and pages, with date and address"),
        Column("revision", "integer", "", "how often the record was written; see the history"),
    ),
    key=("practice",),
)
SITES = Table(
    "sites",
    "Sites of practices",
    "a site of a practice",
    (
        _PRACTICE,
        Column("site", "string", "", "name of the site"),
        Column("lat", "number", "degrees", "latitude, WGS84"),
        Column("lon", "number", "degrees", "longitude, WGS84"),
        Column("coord_basis", "string", "", "where the coordinates come from", COORD_BASIS.codes),
        Column("coord_precision_km", "number", "km", "how far they may be off, where stated"),
        Column("radius_km", "number", "km", "guess of the extent; never a boundary"),
        Column("has_polygon", "boolean", "", "whether an outline is known"),
        Column("note", "string", "", "what else to know of the site"),
    ),
    key=("practice", "site"),
)
HISTORY = Table(
    "history",
    "History of practices",
    "a revision of the record of a practice",
    (
        _PRACTICE,
        Column("revision", "integer", "", "1 for the first; the highest is the valid one"),
        Column("at", "datetime", "", "when it was written, UTC"),
        Column("who", "string", "", "who wrote it; catalogue: it comes with drylands"),
        Column("why", "string", "", "why"),
        Column("retired", "boolean", "", "whether the practice is retired and no longer shown"),
        Column("changed", "string", "", "fields that differ from the revision before"),
    ),
    key=("practice", "revision"),
)
EVIDENCE = Table(
    "evidence",
    "Evidence of satellites",
    "what satellites say of a practice at a site: change against matched controls",
    (
        _PRACTICE,
        Column("site", "string", "", "name of the site"),
        Column("region", "string", "", "region that the site lies in"),
        region_name(),
        Column("period", "string", "", "period of the assessment"),
        Column("origin", "string", "", "origin of the data; simulated: not an observation", ORIGINS),
        Column("profile", "string", "", "profile of the assessment (called `method` in the other tables)"),
        Column("method", "string", "", "method of the evidence, not the profile"),
        Column("outcome", "string", "", "what is compared", OUTCOMES),
        Column("revision", "integer", "", "1 for the first result of its kind"),
        Column(
            "kind",
            "string",
            "",
            "kind of evidence; reported and measured outcomes are in the record of the practice",
            KINDS,
        ),
        Column("demonstration", "boolean", "", "computed on a circle around a point: not evidence"),
        Column("start", "integer", "year", "first year of the practice"),
        Column("units", "string", "", "units of effect, low, high, minimum_detectable and mean_before"),
        Column("effect", "number", "see units", "change at the site less change at its controls"),
        Column("effect_percent", "number", "%", "the same, of the mean before the start"),
        Column("low", "number", "see units", "lower end of its 95 % interval"),
        Column("high", "number", "see units", "upper end of it"),
        Column("interval", "string", "", "what the interval rests on", INTERVALS),
        Column("p", "number", "1", "p-value by placebo in space; empty if no placebo place was found"),
        Column("p_parallel", "number", "1", "p-value of parallel trends before: by placebo, or of clustered errors"),
        Column("minimum_detectable", "number", "see units", "smallest effect that is found in four cases of five"),
        Column("mean_before", "number", "see units", "mean of the treated cells before the start"),
        Column("treated", "integer", "1", "treated cells"),
        Column("dropped", "integer", "1", "treated cells without a match"),
        Column("controls", "integer", "1", "control cells"),
        Column("places", "integer", "1", "placebo places elsewhere"),
        Column("note", "string", "", "caveats"),
        Column("run", "string", "", "digest of everything that the assessment follows from"),
    ),
    key=("practice", "site", "region", "period", "origin", "profile", "method", "outcome"),
)
TABLES = (PRACTICES, SITES, EVIDENCE, HISTORY)
