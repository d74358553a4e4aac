"""Evidence from satellites as pages show it, and the reason where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, exists, select
from sqlalchemy.orm import aliased

from practices.evidence.eligibility import verdict
from practices.models import Assessment, Evidence, Practice, PracticeSite, Run, StoredRegion
from practices.record.draft import PracticeDraft, Site
from practices.results import published_places, published_views
from practices.results.names import quantity_names
from practices.results.near import RegionLocation, distance_if_near

#: Outcomes for people; `{}` is what productivity measures.
OUTCOMES = {
    "productivity": "{}",
    "productivity_climate_adjusted": "{} with the effect of rain removed",
}


@dataclass(frozen=True)
class SiteEffect:
    """An effect of a practice at a site on an outcome, against matched controls, with its 95 % interval.

    `balance`: covariate, standardised difference before and after matching. `event_study`: years since the start,
    difference from the controls, lower and upper end. `quantity`: what productivity measures. A demonstration was
    computed on a guessed circle.
    """

    practice: str
    site: str
    region: str
    region_name: str
    period: str
    profile: str
    method: str
    outcome: str
    origin: str
    units: str
    start: int
    effect: float
    effect_percent: float | None
    low: float
    high: float
    interval: str
    p: float | None
    p_parallel: float | None
    minimum_detectable: float | None
    treated: int
    dropped: int
    controls: int
    demonstration: bool
    note: str
    quantity: str
    balance: tuple[tuple[str, float | None, float | None], ...]
    event_study: tuple[tuple[int, float, float, float], ...]

    @property
    def side(self) -> str:
        """better, worse or unclear: on which side of zero the whole interval lies."""
        return "better" if self.low > 0 else "worse" if self.high < 0 else "unclear"

    @property
    def what(self) -> str:
        """Its outcome for people."""
        return OUTCOMES.get(self.outcome, self.outcome.replace("_", " ")).format(self.quantity)


_SAME = (
    "method", "outcome", "origin", "units", "start", "effect", "effect_percent", "low", "high", "interval", "p",
    "p_parallel", "minimum_detectable", "treated", "dropped", "controls", "demonstration",
)  # fmt: skip


def proofs(connection: Connection, practice: str | None = None) -> list[SiteEffect]:
    """All evidence, or that of one practice: the newest in the latest assessment, at the current sites.

    If the latest assessment has no evidence, none is returned: older evidence belongs to older results.
    """
    later, its_run = aliased(Assessment), aliased(Run)
    same = [getattr(later, name) == getattr(Assessment, name) for name in ("region_id", "period", "method", "origin")]
    overtaken = exists().where(
        *same, later.revision > Assessment.revision, its_run.id == later.run_id, its_run.state == "finished"
    )
    query = (
        select(
            PracticeSite.practice_id.label("practice"), PracticeSite.name.label("site"), Evidence.site_id,
            Assessment.region_id.label("region"), StoredRegion.name.label("region_name"),
            Assessment.period, Assessment.method.label("profile"),
            Evidence.note, Evidence.balance, Evidence.event_study, Run.datasets,
            *(Evidence.__table__.columns[name] for name in _SAME),
        )
        .join(Assessment, Assessment.id == Evidence.assessment_id)
        .join(Run, Run.id == Assessment.run_id)
        .join(StoredRegion, StoredRegion.id == Assessment.region_id)
        .join(PracticeSite, PracticeSite.id == Evidence.site_id)
        .join(Practice, Practice.id == PracticeSite.practice_id)
        .where(Run.state == "finished", PracticeSite.until.is_(None), Practice.retired.is_(False), ~overtaken)
        .order_by(PracticeSite.practice_id, PracticeSite.name, Evidence.origin, Assessment.region_id)
        .order_by(Assessment.period, Assessment.method, Evidence.outcome, Evidence.revision)
    )  # fmt: skip
    if practice is not None:
        query = query.where(PracticeSite.practice_id == practice)
    newest: dict[tuple[Any, ...], Row[Any]] = {}
    for row in connection.execute(query):
        newest[(row.site_id, row.region, row.period, row.profile, row.origin, row.method, row.outcome)] = row
    return [_proof(row) for row in newest.values()]


def _proof(row: Row[Any]) -> SiteEffect:
    return SiteEffect(
        practice=row.practice,
        site=row.site,
        region=row.region,
        region_name=row.region_name,
        period=row.period,
        profile=row.profile,
        note=row.note or "",
        quantity=quantity_names(row.datasets.get("productivity", {}).get("quantity"), row.units)[1],
        balance=tuple((b["covariate"], b.get("difference_before"), b.get("difference_after")) for b in row.balance),
        event_study=tuple(
            (int(e["year"]) - row.start, e["effect"], e["low"], e["high"])
            for e in row.event_study
            if all(e[name] is not None for name in ("effect", "low", "high"))
        ),
        **{name: getattr(row, name) for name in _SAME},
    )


def reasons(connection: Connection, record: dict[str, Any], found: Sequence[SiteEffect]) -> list[tuple[str, str]]:
    """The sites of a practice without a computed effect, each with the reason.

    The years are those of the assessment that pages show first for the region around the site. If a site can be judged
    but was not, the reason says "not computed yet".
    """
    draft = PracticeDraft.model_validate(record)
    judged = {each.site for each in found}
    left = [site for site in draft.sites if site.name not in judged]
    years = _years_at(connection, left, draft.country)
    said = []
    for site in left:
        result = verdict(draft, site, record=years[site.name])
        why = result.reason if result.kind == "context" else f"{result.reason}, but the effect is not computed yet"
        said.append((site.name, why))
    return said


def _years_at(connection: Connection, sites: Sequence[Site], country: str) -> dict[str, tuple[int, int] | None]:
    """By site the first and last year of the assessment around it that pages show first; None if there is none."""
    places = {
        each.id: RegionLocation(each.geometry, each.countries, each.roughness_km or 0.0)
        for each in (published_places.regions(connection) if sites else [])
    }
    found: dict[str, tuple[int, int] | None] = {}
    for site in sites:
        here = [region for region, place in places.items() if distance_if_near(place, site, country) is not None]
        shown = [choice for region in here for choice in published_views.choices(connection, region)]
        first = min(shown, key=published_views.preference, default=None)
        found[site.name] = (first.year_first, first.year_last) if first else None
    return found
