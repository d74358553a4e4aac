"""Evidence in the database: once, bound to its origin, with its revisions; and the verdict that decides who gets it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from drafts import draft
from panels import START, disc, panel
from published import BREAKS, OBSERVATIONS, RUN, assessment
from sqlalchemy import Engine, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError

from practices.database.migrations import migrate
from practices.database.transactions import writing
from practices.errors import BadRecord
from practices.evidence.eligibility import verdict
from practices.evidence.footprint import circle_cells, polygon_cells
from practices.evidence.inputs import assessed, known_sites
from practices.evidence.judge import Design, Finding, Study, judge
from practices.evidence.panel import Panel, aridity_classes, build, numbered, slope
from practices.evidence.publish import EvidenceRecord, publish_evidence
from practices.models import Assessment, Evidence
from practices.record.draft import PracticeDraft, Site
from practices.record.editing import retire, save
from practices.results.practice_queries import evidence
from practices.results.publish import publish

SQUARE = {
    "type": "Polygon",
    "coordinates": [[[115.4, 42.4], [115.6, 42.4], [115.6, 42.6], [115.4, 42.6], [115.4, 42.4]]],
}
RECORD = (2001, 2024)
SITE = Site(name="Here", lat=42.5, lon=115.5, radius_km=8.0, coord_basis="source", polygon=SQUARE)


def practice(**changes: object) -> PracticeDraft:
    values = {"id": "chn-test", "country": "CHN", "start": 2010, "end": None, "sites": (SITE,)}
    return draft(**{**values, "satellite_fit": "usable_after_polygon", **changes})


@pytest.fixture(scope="module")
def findings() -> list[Finding]:
    site = disc(12, 12, 3.2)
    design = Design(buffer_km=2.0, caliper=1.5, places=39, controls=5, fewest_controls=3)
    return judge(Study(panel(1), START, site, design), site)


@pytest.fixture
def filled(database: Engine) -> Engine:
    publish(database, RUN, [assessment()], OBSERVATIONS, BREAKS)
    save(database, practice(), who="Tester", base=None)
    return database


def records(engine: Engine, findings: list[Finding], **changes: object) -> list[EvidenceRecord]:
    (known,), (there,) = known_sites(engine), assessed(engine)
    first = EvidenceRecord(known.id, there.assessment_id, 2010, "1", findings[0])
    return [replace(first, finding=finding, **changes) for finding in findings]  # type: ignore[arg-type]


def test_publishing_evidence_twice_changes_nothing(filled: Engine, findings: list[Finding]) -> None:
    assert publish_evidence(filled, records(filled, findings)) == 2
    before = evidence(filled)
    assert publish_evidence(filled, records(filled, findings)) == 0
    pd.testing.assert_frame_equal(evidence(filled), before)
    row = before[before["outcome"] == "productivity"].iloc[0]
    shown = findings[0]
    assert (row["practice"], row["site"], row["region"], row["period"]) == ("chn-test", "Here", "otindag", "2001-2024")
    assert (row["origin"], row["profile"], row["method"], row["kind"]) == (
        "simulated", "ne-asia", "matched-did", "satellite",
    )  # fmt: skip
    names = ("effect", "effect_percent", "low", "high", "p", "p_parallel", "treated", "controls", "minimum_detectable")
    for name in names:
        assert row[name] == pytest.approx(getattr(shown, name))
    assert not row["demonstration"]
    assert pd.DataFrame(row["event_study"])["effect"].tolist() == pytest.approx(shown.event_study["effect"].tolist())
    assert {each["covariate"] for each in row["balance"]} == set(shown.balance["covariate"])


def test_another_result_is_a_further_revision_and_the_older_stays(filled: Engine, findings: list[Finding]) -> None:
    publish_evidence(filled, records(filled, findings))
    other = [replace(each, effect=each.effect + 0.001, high=each.high + 0.001) for each in findings]
    assert publish_evidence(filled, records(filled, other)) == 2
    assert evidence(filled)["revision"].tolist() == [2, 2]
    assert sorted(evidence(filled, all_revisions=True)["revision"]) == [1, 1, 2, 2]


def test_evidence_of_a_retired_practice_or_an_older_assessment_is_not_shown(
    filled: Engine, findings: list[Finding]
) -> None:
    publish_evidence(filled, records(filled, findings))
    publish(filled, replace(RUN, digest="d2"), [assessment(20.0)], OBSERVATIONS, BREAKS)
    assert evidence(filled).empty
    publish_evidence(filled, records(filled, findings))
    assert len(evidence(filled)) == 2
    retire(filled, "chn-test", who="Tester", why="a trial")
    assert evidence(filled).empty
    assert len(evidence(filled, all_revisions=True)) == 4


def test_a_demonstration_is_marked_in_every_row(filled: Engine, findings: list[Finding]) -> None:
    publish_evidence(filled, records(filled, findings, demonstration=True, note="a circle"))
    assert evidence(filled)["demonstration"].all()
    assert set(evidence(filled)["note"]) == {"a circle"}


def test_evidence_cannot_stand_under_another_origin(filled: Engine, findings: list[Finding]) -> None:
    publish_evidence(filled, records(filled, findings))
    with writing(filled) as connection:
        row = dict(connection.execute(select(*Evidence.__table__.columns)).mappings().first() or {})
    row |= {"id": None, "origin": "earth-engine", "revision": 9}
    row.pop("id")
    with pytest.raises((IntegrityError, BadRecord)), writing(filled) as connection:
        connection.execute(insert(Evidence).values(**row))
    assert set(evidence(filled, all_revisions=True)["origin"]) == {"simulated"}


def test_bad_evidence_is_refused_and_leaves_nothing(filled: Engine, findings: list[Finding]) -> None:
    good, other = records(filled, findings)
    for wrong, match in (
        (replace(other, site_id=999), "no site 999"),
        (replace(other, assessment_id=999), "no assessment 999"),
        (replace(other, finding=replace(findings[1], effect=float("nan"))), "no effect"),
        (replace(other, finding=replace(findings[1], high=float("inf"))), "infinite"),
    ):
        with pytest.raises(BadRecord, match=match):
            publish_evidence(filled, [good, wrong])
        assert evidence(filled).empty
    assert publish_evidence(filled, []) == 0


def test_the_schema_goes_down_and_up_with_data_in_it(filled: Engine, findings: list[Finding]) -> None:
    publish_evidence(filled, records(filled, findings))
    migrate(filled, "0005")
    columns = {column["name"] for column in inspect(filled).get_columns("evidence")}
    assert columns == {"id", "site_id", "assessment_id", "method", "effect", "low", "high", "p", "controls"}
    with filled.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM assessment")).scalar_one() == 1
    migrate(filled)
    assert publish_evidence(filled, records(filled, findings)) == 2
    with filled.begin() as connection:
        assert connection.scalar(select(Assessment.origin)) == "simulated"


def test_the_longest_period_is_assessed(filled: Engine) -> None:
    (there,) = assessed(filled)
    assert (there.region, there.period, there.years) == ("otindag", "2001-2024", (2001, 2024))
    assert there.datasets["productivity"]["cube"] == "productivity-1.zarr"
    assert there.place.outline["type"] == "Polygon"


@pytest.mark.parametrize(
    ("changes", "site", "kind", "reason"),
    [
        ({}, {}, "effect", "a boundary and a start year"),
        ({}, {"polygon": None}, "context", "no boundary is known"),
        ({"start": None}, {}, "context", "start year is not known"),
        ({"start": 1978}, {}, "context", "before the record of 2001-2024"),
        ({"start": 2003}, {}, "context", "2 years into the record"),
        ({"start": 2023}, {}, "context", "3 years from the start to 2024"),
        ({"start": 2010, "end": 2011}, {}, "context", "3 years from the start to 2011"),
        ({"satellite_fit": "context_only", "satellite_fit_why": "a law"}, {}, "context", "a law"),
        ({"satellite_fit": "too_small"}, {}, "context", "too small to be seen"),
    ],
)
def test_verdicts(changes: dict[str, object], site: dict[str, object], kind: str, reason: str) -> None:
    ruling = verdict(practice(**changes), SITE.model_copy(update=site), record=RECORD)
    assert ruling.kind == kind
    assert reason in ruling.reason


def test_a_circle_is_a_demonstration_only_where_one_is_asked_for() -> None:
    point = SITE.model_copy(update={"polygon": None})
    shown = verdict(practice(), point, record=RECORD, demonstrate=True)
    assert shown.kind == "demonstration"
    assert "not evidence" in shown.reason
    assert verdict(practice(), SITE, record=RECORD, demonstrate=True).kind == "effect"
    wide = point.model_copy(update={"radius_km": 120.0})
    assert verdict(practice(), wide, record=RECORD, demonstrate=True).kind == "context"
    unknown = point.model_copy(update={"radius_km": None})
    assert verdict(practice(), unknown, record=RECORD, demonstrate=True).kind == "context"


def test_the_record_is_that_of_an_assessment() -> None:
    early = practice(start=2005)
    assert verdict(early, SITE, record=(2001, 2024)).kind == "context"
    assert verdict(early, SITE, record=(1990, 2024)).kind == "effect"
    assert "4 years into the record of 2001-2012" in verdict(early, SITE, record=(2001, 2012)).reason
    nowhere = verdict(practice(start=1978), SITE, record=None, demonstrate=True)
    assert (nowhere.kind, nowhere.reason) == ("context", "no assessed region contains the site")
    assert "start year is not known" in verdict(practice(start=None), SITE, record=None).reason


def test_coarse_cells_see_no_small_site() -> None:
    ruling = verdict(practice(), SITE, record=(2001, 2020), cell_km2=2400)
    assert ruling.kind == "context"
    assert "too small for these data" in ruling.reason


def test_cells_of_a_site() -> None:
    x, y = np.arange(115.05, 116, 0.1), np.arange(42.95, 42, -0.1)
    square = polygon_cells(SQUARE, x, y)
    assert square.sum() == 4
    assert square[4:6, 4:6].all()
    assert circle_cells(115.5, 42.5, 8.0, x, y).sum() == 4


def layers(**changes: xr.DataArray | None) -> Panel:
    """A region of three by four cells with everything in it, some layers changed."""
    y, x, years = [45.3, 45.2, 45.1], [110.0, 110.1, 110.2, 110.3], [2001, 2002]
    flat = xr.DataArray(np.ones((3, 4)), coords={"y": y, "x": x}, dims=("y", "x"))
    cube = flat.expand_dims(year=years).copy()
    inside = flat.copy(data=np.arange(12).reshape(3, 4) > 1).astype(bool)
    rest = dict.fromkeys(("land_cover", "aridity_class", "soil_unit", "elevation"), flat)
    return build(cube, inside=inside, **{**rest, "precipitation": cube * 200, **changes})  # type: ignore[arg-type]


def test_a_panel_says_what_it_lacks_and_matches_on_the_rest() -> None:
    whole = layers()
    assert (whole.lacking, set(whole.covariates)) == ((), {"rainfall", "slope"})
    assert whole.strata.tolist() == [-1, -1] + [0] * 10
    assert whole.size_km == pytest.approx((11.12, 11.12 * np.cos(np.deg2rad(45.2))))
    water = xr.DataArray(np.ones((3, 4)), dims=("y", "x"))
    water[2, 3] = 7.0
    assert layers(land_cover=water).strata[-1] == -1
    bare = layers(elevation=xr.full_like(water, np.nan), soil_unit=None, precipitation=None)
    assert bare.lacking == ("soil_unit", "rainfall", "slope")
    assert (bare.strata == whole.strata).all()
    assert bare.rain is None


def test_strata_aridity_and_slope_by_hand() -> None:
    layers = [np.array([1.0, 1, 2, np.nan, 2]), np.array([5.0, 6, 5, 5, 5])]
    assert numbered(layers, np.array([True, True, True, True, False])).tolist() == [0, 1, 2, -1, -1]
    index = pd.Series([0.04, 0.1, 0.3, 0.6, 0.7, np.nan]).to_xarray()
    np.testing.assert_array_equal(aridity_classes(index).values, [0, 1, 2, 3, 4, np.nan])
    ramp = np.tile(np.arange(5) * 100.0, (4, 1))
    np.testing.assert_allclose(slope(ramp, (1.0, 1.0)), np.rad2deg(np.arctan(0.1)))
