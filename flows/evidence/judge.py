"""Evidence for practices: the sites of an assessed region, judged on the cubes of its assessment, and published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xarray as xr

from flows.errors import MissingCube, NothingAssessed
from flows.request.suggest import command
from indicators.sdg15.land_cover import to_unccd
from practices.errors import NoEffect
from practices.evidence.eligibility import LARGEST_GUESS_KM, Verdict, verdict
from practices.evidence.footprint import circle_cells, polygon_cells, union
from practices.evidence.inputs import assessed, known_sites
from practices.evidence.judge import Study, judge
from practices.evidence.panel import aridity_classes, build
from practices.evidence.publish import EvidenceRecord, publish_evidence
from practices.results.near import distance_if_near, where
from series.cubes.stored import open_cube
from series.datasets import DATASETS, Dataset

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlalchemy import Engine

    from practices.evidence.eligibility import Verdict
    from practices.evidence.inputs import Assessed, KnownSite
    from practices.evidence.judge import Finding, Study
    from practices.evidence.panel import Panel
    from series.datasets import Dataset

#: Below this growing-season NDVI there is hardly any vegetation to see.
FAINT_NDVI = 0.10


@dataclass(frozen=True)
class Judged:
    """A site in an assessment: what it gets and why, and what was found for each outcome."""

    known: KnownSite
    assessed: Assessed
    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    note: str | None = None
    units: str = ""


@dataclass(frozen=True)
class Ground:
    """The cells of a region: their panel and centres (degrees), and what was measured on them."""

    panel: Panel
    x: NDArray[Any]
    y: NDArray[Any]
    quantity: str

    @property
    def cell_km2(self) -> float:
        """Area of a cell."""
        return self.panel.size_km[0] * self.panel.size_km[1]


def judge_regions(
    engine: Engine, regions: Sequence[str], data: Path, *, profile: str, demonstrate: bool = False
) -> list[Judged]:
    """Judge every site within the regions (none: all that are assessed) and publish what is found.

    Raises NothingAssessed if a region has no assessment by the profile, MissingCube if its data are gone.
    """
    sites = known_sites(engine)
    judged: list[Judged] = []
    for each in chosen(engine, regions, profile, data):
        found = judge_region(each, sites, data / "cubes", demonstrate=demonstrate)
        records = [
            EvidenceRecord(
                site_id=site.known.id,
                assessment_id=each.assessment_id,
                start=site.known.practice.start or 0,
                units=site.units,
                finding=finding,
                demonstration=site.verdict.kind == "demonstration",
                note=site.note,
            )
            for site in found
            for finding in site.findings
        ]
        publish_evidence(engine, records)
        judged += found
    return judged


def chosen(engine: Engine, regions: Sequence[str], profile: str, data: Path | None = None) -> list[Assessed]:
    """The assessments to work on, of results in `data`.

    Raises NothingAssessed for a region without one, or if there is none at all.
    """
    there = [each for each in assessed(engine) if each.method == profile]
    missing = sorted(set(regions) - {each.region for each in there})
    if missing or not there:
        known = ", ".join(sorted({each.region for each in there})) or "no region"
        what = f"Region {missing[0]}: no assessment" if missing else "Evidence: no assessment"
        raise NothingAssessed(
            f"{what} by the profile {profile} is published; there is one for {known}. "
            f"Assess it first: {command('assess', *missing, '--profiles', profile, data=data)}"
        )
    return [each for each in there if not regions or each.region in regions]


def judge_region(assessed: Assessed, sites: Sequence[KnownSite], cubes: Path, *, demonstrate: bool) -> list[Judged]:
    """Judge the sites that belong to one region; those with their point outside its outline get context."""
    far = [(known, distance_if_near(assessed.place, known.site, known.practice.country)) for known in sites]
    here = [known for known, km in far if km == 0]
    nearby = [Judged(known, assessed, outside(known, km)) for known, km in far if km]
    if not here:
        return nearby
    ground = ground_of(assessed, cubes)
    masks = {known.id: footprint(known, ground) for known in sites}
    every = union(masks.values())
    studies: dict[tuple[int, int | None], Study] = {}
    judged = nearby
    for known in here:
        ruling = verdict(
            known.practice, known.site, record=assessed.years, cell_km2=ground.cell_km2, demonstrate=demonstrate
        )
        if ruling.kind == "context":
            judged.append(Judged(known, assessed, ruling))
            continue
        key = known.practice.start or 0, known.practice.end
        study = studies.setdefault(key, Study(ground.panel, key[0], every, end=key[1]))
        judged.append(_judged(known, assessed, ruling, study, masks[known.id], ground))
    return judged


def outside(known: KnownSite, km: float) -> Verdict:
    """Context for a site whose point lies outside the outline of the region."""
    said = where(known.site.name, km, known.site.radius_km).removeprefix(f"{known.site.name}, ")
    return Verdict("context", f"{said}: no cells of the region are its own")


def _judged(
    known: KnownSite,
    assessed: Assessed,
    ruling: Verdict,
    study: Study,
    cells: NDArray[Any],
    ground: Ground,
) -> Judged:
    try:
        findings = tuple(judge(study, cells))
    except NoEffect as error:
        return Judged(known, assessed, Verdict("context", str(error)))
    return Judged(known, assessed, ruling, findings, note_on(ruling, findings, ground), ground.panel.units)


def note_on(ruling: Verdict, findings: Sequence[Finding], ground: Ground) -> str | None:
    """What to bear in mind with the findings of a site, in words for people."""
    notes = [ruling.reason] if ruling.kind == "demonstration" else []
    if ground.panel.lacking:
        notes.append(f"not matched on {', '.join(ground.panel.lacking).replace('_', ' ')}: no data")
    if ground.quantity == "ndvi" and findings[0].mean_before < FAINT_NDVI:
        notes.append(f"mean NDVI before the start below {FAINT_NDVI:g}: hardly any vegetation to see")
    if findings[0].interval != "places":
        notes.append(f"only {findings[0].places} places to move the shape to: the interval is that of clustered errors")
    return "; ".join(notes) or None


def footprint(known: KnownSite, ground: Ground) -> NDArray[Any]:
    """Cells of a site: its boundary, or the circle of its guessed radius, a large one cut to what is still a guess."""
    site = known.site
    if site.polygon is not None:
        return polygon_cells(site.polygon, ground.x, ground.y).ravel()
    radius = min(site.radius_km or 0.0, LARGEST_GUESS_KM)
    return circle_cells(site.lon, site.lat, radius, ground.x, ground.y).ravel()


def ground_of(assessed: Assessed, cubes: Path) -> Ground:
    """The cells of an assessed region, from the cubes that its run was made of.

    Raises MissingCube naming the one that is gone.
    """
    layers: dict[str, xr.DataArray] = {}
    used: dict[str, Dataset] = {}
    for variable, described in assessed.datasets.items():
        if "cube" not in described:
            continue  # its region's mean was enough
        path = cubes / assessed.region / described["cube"]
        if not path.is_dir():
            raise MissingCube(
                f"Region {assessed.region}: the {variable.replace('_', ' ')} of its assessment is not in {path}; give "
                f"the folder that it was made in with --data, or assess the region again"
            )
        layers[variable], used[variable] = opened(path, DATASETS.get(described["key"]))
    return ground(layers, used, assessed.place.outline)


def opened(path: Path, dataset: Dataset | None) -> tuple[xr.DataArray, Dataset]:
    """A cube and the data set that it says it was pulled from."""
    cube = open_cube(path)
    described = xr.open_zarr(path, consolidated=False, chunks=None).attrs.get("dataset")
    found = Dataset.model_validate_json(described) if described else dataset
    if found is None:
        raise MissingCube(f"{path}: the cube does not name its data set; delete it and assess again")
    return cube, found


def on_grid(cube: xr.DataArray, like: xr.DataArray) -> xr.DataArray:
    """A cube on the cells of another: each takes the value of the cell that its centre lies in or is nearest to."""
    return cube.sel(y=like["y"], x=like["x"], method="nearest").assign_coords(y=like["y"], x=like["x"])


def ground(layers: dict[str, xr.DataArray], used: dict[str, Dataset], outline: dict[str, Any]) -> Ground:
    """The panel of a region from its cubes, each on its own grid, and its outline (GeoJSON)."""
    vi = layers["productivity"]
    aligned = {variable: on_grid(layer, vi) for variable, layer in layers.items()}
    aridity = aligned.get("climate_zone")
    if "aridity" in aligned:
        aridity = aridity_classes(aligned["aridity"])
    inside = polygon_cells(outline, vi["x"].values, vi["y"].values)
    panel = build(
        vi,
        inside=xr.DataArray(inside, dims=("y", "x")),
        land_cover=first_cover(aligned, used),
        aridity_class=aridity,
        soil_unit=aligned.get("soil_taxonomy"),
        precipitation=aligned.get("precipitation"),
        elevation=aligned.get("elevation"),
    )
    return Ground(panel, vi["x"].values, vi["y"].values, used["productivity"].quantity)


def first_cover(aligned: dict[str, xr.DataArray], used: dict[str, Dataset]) -> xr.DataArray | None:
    """UNCCD classes of the first year, before anything was done; None without land cover."""
    if "land_cover" not in aligned:
        return None
    first = aligned["land_cover"].isel(year=0, drop=True)
    classes: xr.DataArray = to_unccd(first, used["land_cover"].legend or "unccd")
    return classes
