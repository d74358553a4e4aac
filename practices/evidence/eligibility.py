"""Whether satellites may judge a practice at a site, and if not, why not.

An effect needs a boundary, a start year with enough of the record on either side, and enough cells. Any other site gets
context: the state of the land around it, and no statement on the effect of the practice. A circle around a point is a
guess of the extent; an effect computed on one is a demonstration, never evidence, and is marked as such.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import pi
from typing import TYPE_CHECKING, Literal

from shapely.geometry import shape

from practices.evidence.judge import Design
from practices.results.near import area_km2

if TYPE_CHECKING:
    from practices.record.draft import PracticeDraft, Site

Kind = Literal["effect", "context", "demonstration"]
#: Area of a cell of the regional overview (1/120 degree at 45 degrees north).
CELL_KM2 = 0.61
#: A larger circle around a point represents a county or a province, not a site.
LARGEST_GUESS_KM = 20.0


@dataclass(frozen=True)
class Verdict:
    """What a site gets, and the reason in words for people."""

    kind: Kind
    reason: str


def verdict(
    practice: PracticeDraft,
    site: Site,
    *,
    record: tuple[int, int] | None,
    cell_km2: float = CELL_KM2,
    demonstrate: bool = False,
) -> Verdict:
    """Whether the effect of a practice at a site can be judged, and if not, the reason.

    Parameters
    ----------
    practice : PracticeDraft
        The record of the practice.
    site : Site
        One of its sites.
    record : tuple of int or None
        First and last year (both included) of the assessment whose data are used; None: no assessed region contains the
        site.
    cell_km2 : float
        Area of a cell, km².
    demonstrate : bool
        Whether a site without a boundary gets a demonstration on the circle of its guessed radius.

    Returns
    -------
    Verdict
        `effect`, `context` or `demonstration`, with the reason.
    """
    design = Design()
    obstacle = next(_obstacles(practice, record, design), None)
    if obstacle is not None:
        return Verdict("context", obstacle)
    if site.polygon is None and not demonstrate:
        return Verdict("context", "no boundary is known, only a point; an effect on a guessed circle means nothing")
    if site.polygon is None and site.radius_km is None:
        return Verdict("context", "neither a boundary nor an extent is known, only a point")
    if site.polygon is None and (site.radius_km or 0.0) > LARGEST_GUESS_KM:
        return Verdict(
            "context",
            f"no boundary is known, and the extent of {site.radius_km:g} km around a point covers a wide area, of "
            f"which only parts were treated (a demonstration takes {LARGEST_GUESS_KM:g} km at most)",
        )
    area = site_km2(site)
    if area < design.fewest_cells * cell_km2:
        return Verdict(
            "context",
            f"the site has {area:,.3g} km², fewer than {design.fewest_cells} cells of {cell_km2:,.2g} km² each: too "
            f"small for these data",
        )
    if record is None:
        return Verdict("context", "no assessed region contains the site")
    if site.polygon is None:
        return Verdict(
            "demonstration",
            f"a demonstration on a circle of {site.radius_km:g} km around a point, which is not a boundary: "
            "not evidence",
        )
    return Verdict("effect", f"a boundary and a start year ({practice.start}) are known")


def _obstacles(practice: PracticeDraft, record: tuple[int, int] | None, design: Design) -> Iterator[str]:
    """Why the practice cannot be judged anywhere."""
    why = practice.satellite_fit_why or "the record says so"
    if practice.satellite_fit == "context_only":
        yield f"satellites cannot judge this kind of practice: {why}"
    if practice.satellite_fit == "too_small":
        yield f"too small to be seen: {why}"
    if practice.start is None:
        yield "the start year is not known"
        return
    if record is None:
        return
    first, last = record
    before = practice.start - first
    if before < design.fewest_before:
        unit = "year" if before == 1 else "years"
        when = "before the record" if before < 1 else f"{before} {unit} into the record"
        yield (
            f"started in {practice.start}, {when} of {first}-{last}: {design.fewest_before} years before the start are "
            f"needed"
        )
    end = last if practice.end is None else min(practice.end, last)
    if end - practice.start + 1 < design.fewest_after:
        yield f"started in {practice.start}: {design.fewest_after} years from the start to {end} are needed"


def site_km2(site: Site) -> float:
    """Area of a site's boundary, or else of the circle of its guessed radius; 0 where neither is known."""
    if site.polygon is not None:
        return area_km2(shape(site.polygon))
    return pi * (site.radius_km or 0.0) ** 2
