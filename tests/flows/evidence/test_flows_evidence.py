"""Evidence from the cubes of an assessment to the database and the terminal; and its score where the truth is known."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from generated_sources import lai_like
from real_sources import ABSENT, DATA, lai_asia
from shapely import Point, box
from shapely.affinity import scale
from shapely.geometry import mapping
from sqlalchemy import Engine

from flows.cli.main import main
from flows.errors import MissingCube, NothingAssessed
from flows.evidence.judge import judge_regions
from flows.pull.pulled import Pulled
from flows.pull.sources import Landscape, opened
from flows.pull.variables import cell_size, cube_of
from flows.region.files.publish import publish_region
from flows.region.results import compute_profiles
from flows.request.assess import AssessRequest
from flows.request.selection import select_regions
from flows.scores.evidence import by_size, closing_lines, score_evidence, score_table
from flows.scores.practice_field import VARIABLES
from indicators.profiles import DEFAULT_PROFILE
from offline.landscape import SITES
from practices.database.open import open_database
from practices.record.draft import PracticeDraft, checked
from practices.record.editing import save
from practices.results.practice_queries import evidence
from series.cubes.pull import pull

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:Spatial reference system:RuntimeWarning")]

PLANTED = {site.name: site for site in SITES}
HERE = PLANTED["hobq-east"]
YEARS = (2001, 2024)


def regions_file(folder: Path, west: float, south: float, east: float, north: float) -> Path:
    path = folder / "regions.geojson"
    feature = {"type": "Feature", "properties": {"id": "here"}, "geometry": mapping(box(west, south, east, north))}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return path


def practice(name: str, lon: float, lat: float, *, start: int, outline: dict[str, Any] | None) -> PracticeDraft:
    site = {"name": name, "lon": lon, "lat": lat, "radius_km": 8.0, "coord_basis": "survey", "polygon": outline}
    return checked(
        {
            "id": f"chn-{name}",
            "title": {"en": name},
            "country": "CHN",
            "scale": "site",
            "sites": [site],
            "start": start,
            "land_use": ["tech_lu_grazingland"],
            "degradation": ["Bc"],
            "measures": ["M2"],
            "codes_basis": "chosen for the test",
            "description": "A practice of the simulated landscape.",
            "outcome": "To be judged.",
            "evidence_type": "qualitative",
            "sources": [{"kind": "field_note", "title": "The landscape's own list"}],
            "confidence": "high",
            "satellite_fit": "usable_after_polygon",
        }
    )


def disc(lon: float, lat: float, radius_km: float) -> dict[str, Any]:
    round_one = Point(lon, lat).buffer(radius_km / 111.2)
    return json.loads(json.dumps(mapping(scale(round_one, xfact=1 / np.cos(np.deg2rad(lat))))))


def assess(request: AssessRequest) -> None:
    """Pull, compute and publish every region of a request, without Prefect and the monthly series."""
    landscape = Landscape(request.world, request.seed)
    with opened(request.source, request.project, request.datasets, landscape=landscape) as source:
        used = {name: source.datasets[name] for name in VARIABLES if source.has(source.datasets[name].asset)}
        for region in select_regions(request):
            store = request.data / "cubes" / region.id
            cubes = {
                name: pull(
                    cube_of(
                        region, request, dataset, store, source, cell=cell_size(request, used["productivity"], dataset)
                    )
                )
                for name, dataset in used.items()
            }
            pulled = Pulled(cubes, used, None)
            publish_region(region, compute_profiles(region, pulled, request, source.origin)[0], pulled, request)


@pytest.fixture(scope="module")
def assessed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Engine, str]:
    """A region around a site with a planted gain of 28 %, assessed, and its practices in the database."""
    folder = tmp_path_factory.mktemp("assessed")
    around = regions_file(folder, HERE.lon - 0.8, HERE.lat - 0.6, HERE.lon + 0.8, HERE.lat + 0.6)
    request = AssessRequest.model_validate(
        {"regions": (), "regions_file": around, "data": folder / "data", "resolution": 1 / 60, "world": "easy"}
    )
    (region,) = select_regions(request)
    assess(request)
    engine = open_database(request.database_url)
    known = disc(HERE.lon, HERE.lat, HERE.radius_km)
    save(engine, practice("known", HERE.lon, HERE.lat, start=HERE.start_year, outline=known), who="T", base=None)
    save(engine, practice("point", HERE.lon + 0.5, HERE.lat + 0.4, start=2011, outline=None), who="T", base=None)
    save(engine, practice("early", HERE.lon - 0.5, HERE.lat - 0.4, start=1979, outline=None), who="T", base=None)
    return folder / "data", engine, region.id


def test_a_planted_effect_comes_through_the_whole_line(assessed: tuple[Path, Engine, str]) -> None:
    data, engine, region = assessed
    judged = {each.known.practice.id: each for each in judge_regions(engine, [region], data, profile=DEFAULT_PROFILE)}
    assert judged["chn-known"].verdict.kind == "effect"
    assert "no boundary" in judged["chn-point"].verdict.reason
    assert "before the record" in judged["chn-early"].verdict.reason
    assert not judged["chn-point"].findings
    table = evidence(engine).set_index("outcome")
    assert set(table["practice"]) == {"chn-known"}
    assert set(table["origin"]) == {"simulated"}
    planted = HERE.mean_effect(YEARS[1])
    for row in table.to_dict("records"):
        # In this layout no damage is planted under a site, and some is under its controls: it seems to gain more.
        assert row["low"] <= planted * row["mean_before"] <= row["high"]
        assert 100 * planted - 5 < row["effect_percent"] < 100 * planted + 15
        assert row["p"] <= 0.05
        assert row["places"] >= 99
    before = evidence(engine, all_revisions=True)
    judge_regions(engine, [region], data, profile=DEFAULT_PROFILE)
    assert evidence(engine, all_revisions=True).equals(before)


def test_the_command_prints_effects_and_reasons_and_marks_demonstrations(
    assessed: tuple[Path, Engine, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data, engine, region = assessed
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(sys, "argv", ["drylands", "evidence", region, "--demonstrate", "--data", str(data)])
    with pytest.raises(SystemExit) as done:
        main()
    assert done.value.code == 0
    shown = capsys.readouterr().out
    assert "SIMULATED" in shown
    assert "context only, started in 1979, before the record" in shown
    assert "demonstration on a circle of 8 km around a point, which is not a boundary: not evidence" in shown
    rows = evidence(engine).set_index("practice")
    assert rows.loc["chn-point", "demonstration"].all()
    assert not rows.loc["chn-known", "demonstration"].any()


def test_without_an_assessment_or_its_cubes_the_error_says_what_to_do(
    assessed: tuple[Path, Engine, str], tmp_path: Path
) -> None:
    data, engine, region = assessed
    with pytest.raises(NothingAssessed, match=rf"Region gobi: .* there is one for {region}.*drylands assess gobi"):
        judge_regions(engine, ["gobi"], data, profile=DEFAULT_PROFILE)
    with pytest.raises(NothingAssessed, match="by the profile trends-earth is published; there is one for no region"):
        judge_regions(engine, [], data, profile="trends-earth")
    shutil.copy(data / "practices.sqlite", tmp_path)
    with pytest.raises(MissingCube, match=rf"Region {region}: the .* is not in .*; give the folder .* with --data"):
        judge_regions(engine, [region], tmp_path, profile=DEFAULT_PROFILE)


@pytest.mark.parametrize("kind", ["generated", "real"])
def test_coarse_data_give_context_never_an_effect(kind: str, tmp_path: Path) -> None:
    """Leaf area at half a degree: a cell is larger than the site, whatever boundary and start are known."""
    if kind == "real" and not DATA.is_dir():
        pytest.skip(ABSENT)
    source = DATA
    if kind == "generated":
        source = tmp_path / "generated"
        lai_like(source)
    catalogue = lai_asia(tmp_path / "catalogue", source)
    around = regions_file(tmp_path, 105, 38, 115, 46)
    request = AssessRequest.model_validate(
        {"regions": (), "regions_file": around, "source": str(catalogue), "years": "2001-2020",
         "resolution": "native", "data": tmp_path / "data"}
    )  # fmt: skip
    assess(request)
    engine = open_database(request.database_url)
    outline = disc(HERE.lon, HERE.lat, HERE.radius_km)
    save(engine, practice("known", HERE.lon, HERE.lat, start=2010, outline=outline), who="T", base=None)
    found = judge_regions(engine, [], tmp_path / "data", profile=DEFAULT_PROFILE, demonstrate=True)
    published = evidence(engine)
    engine.dispose()
    assert {each.assessed.origin for each in found} == {"offline-files"}
    assert {each.verdict.kind for each in found} == {"context"}
    (own,) = [each for each in found if each.known.practice.id == "chn-known"]
    assert "too small for these data" in own.verdict.reason
    assert published.empty


def test_score_of_a_small_field(tmp_path: Path) -> None:
    """Some thirty sites on cells of 1.7 km: bounds are wide, but a wrong sign, scale or interval would leave them."""
    around = regions_file(tmp_path, 112.5, 46.6, 114.9, 48.4)
    request = AssessRequest.model_validate(
        {"regions": (), "regions_file": around, "data": tmp_path / "data", "resolution": 1 / 60}
    )
    scores = score_evidence(request)
    own = scores[scores["outcome"] == "productivity"]
    assert len(own) >= 20
    assert 0.3 < own["placebo"].mean() < 0.7
    error = own["effect"] - own["real_effect"]
    assert abs(error.mean()) < 5
    assert own["real_effect"].between(own["low"], own["high"]).mean() >= 0.8
    assert np.corrcoef(own["effect"], own["real_effect"])[0, 1] > 0.7
    assert (own.loc[own["real_effect"] == 0, "p"] <= 0.05).mean() <= 0.25
    assert own["difference_after"].mean() < 0.4 * own["difference_before"].mean()
    table = by_size(scores)
    assert table.groupby("outcome")["sites"].sum().tolist() == [len(own)] * 2
    assert score_table(table).row_count == len(table) + 2
    assert "placebo places each" in closing_lines(scores)[0]
