"""What a plan says is what the engine's meter then counts. A plan asks nothing; a run above its limit neither."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from shapely import box
from typed import Drylands

from flows.assess import assess_region
from flows.errors import FlowError
from flows.pull.plan import planned, refuse_above
from flows.pull.region import pull_region
from flows.pull.sources import opened
from flows.request.assess import AssessRequest
from regions.catalogue import is_natural, load
from regions.grid import geobox
from regions.model import Region
from series.cubes.shared_blocks import SIDE
from series.errors import QuotaUsedUp

HERE = Region(id="here", name="Here", geometry=box(112, 43, 112.6, 43.5), source="test")


def asked(folder: Path, *ids: str, years: tuple[int, int] = (2010, 2015), **options: object) -> AssessRequest:
    return AssessRequest(regions=ids, data=folder, years=years, **{"resolution": 1 / 120, **options})  # type: ignore[arg-type]


@pytest.mark.parametrize("region", [load()["suan"], HERE], ids=lambda region: region.id)
def test_the_meter_counts_what_was_planned(tmp_path: Path, region: Region) -> None:
    request = asked(tmp_path, region.id)
    table, total = planned(request, [region])
    assert set(table["region"]) == {region.id}
    with opened("simulated", None, {}) as source:
        assert source.server is not None
        pull_region(region, request, source)
        made = [each for each in source.server.requests if each.kind in ("pixels", "features")]
    assert total.requests == len(made)
    pixels = [each for each in made if each.kind == "pixels"]
    assert total.bytes == pytest.approx(sum(each.size for each in pixels), rel=0.02, abs=4096 * len(pixels))
    assert total.pixels == pytest.approx(sum(each.input_pixels for each in made), rel=0.2)
    assert total.eecu_hours * 3600 == pytest.approx(sum(each.eecu_seconds for each in made), rel=0.2)
    again, nothing = planned(request, [region])
    assert nothing.pixels == again["requests"].sum() == 0
    later, next_year = planned(asked(tmp_path, region.id, years=(2010, 2016)), [region])
    assert 0 < next_year.pixels < total.pixels / 4
    # evapotranspiration reads four bands of the months of which rain reads one; of a new year, that year alone
    for rows, years in ((table, 2016 - 1981), (later, 1)):
        months = rows.set_index("variable").loc[["rain months", "evapotranspiration months"]]
        rain, demand = months.to_dict("records")
        assert rain["requests"] == demand["requests"] == 1
        assert rain["megabytes"] == demand["megabytes"] > 0
        assert demand["million_pixels"] == pytest.approx(4 * rain["million_pixels"])
        assert rain["million_pixels"] == pytest.approx(years * month_pixels(region), rel=0.3)


def test_a_plan_for_earth_engine_goes_on_after_modis_by_what_the_catalogue_knows(tmp_path: Path) -> None:
    """MODIS has whole years to 2025; later ones are planned with VIIRS, whose years begin in 2013."""
    google = {"source": "earthengine", "project": "planned"}

    def rows(last: int, **more: object) -> dict[str, float]:
        table, _ = planned(asked(tmp_path, "here", years=(2001, last), **google, **more), [HERE])
        return dict(table.set_index("variable")["million_pixels"])

    until, after, chosen = rows(2025), rows(2027), rows(2025, sensor="joined")
    assert not any(name.startswith("converted") for name in until)
    assert after["annual season_mean"] == until["annual season_mean"]
    assert after["converted season_mean"] > 0
    assert after["converted season_mean"] == pytest.approx(15 / 13 * chosen["converted season_mean"], rel=0.01)
    assert after["cube land_cover"] == until["cube land_cover"]  # the last map stands for later years
    assert after["rain months"] > until["rain months"]


def month_pixels(region: Region) -> float:
    """Millions of cells of 0.1 degrees that twelve months have, in a region or in the block that it shares."""
    rows, columns = geobox(region, 0.1).shape if is_natural(region) else (SIDE, SIDE)
    return 12 * rows * columns / 1e6


def test_neighbours_share_requests_in_a_plan_as_in_a_run(tmp_path: Path) -> None:
    east = HERE.model_copy(update={"id": "east", "geometry": box(112.6, 43, 113.2, 43.5)})
    request = asked(tmp_path, "here", "east")
    _, alone = planned(request, [HERE])
    _, both = planned(request, [HERE, east])
    assert both.requests < 2 * alone.requests
    assert both.minutes < 2 * alone.minutes


def test_a_run_above_its_limit_requests_nothing(tmp_path: Path) -> None:
    request = asked(tmp_path, "suan", resolution="native")
    _, total = planned(request, [load()["suan"]])
    refuse_above(request, [load()["suan"]], total.eecu_hours * 1.01)
    with pytest.raises(FlowError, match=r"expected to cost 0\.\d+ EECU-hours, more than --max-eecu 0.0001; nothing"):
        refuse_above(request, [load()["suan"]], 0.0001)
    assert not list(tmp_path.iterdir())


def test_a_quota_that_is_used_up_stops_the_regions_that_are_left(tmp_path: Path) -> None:
    suan, request = load()["suan"], asked(tmp_path, "here", "suan")
    with opened("simulated", None, {}) as source:
        assert source.server is not None
        source.server.inject("eecu-month", 5000, kind="pixels", skip=3)
        with pytest.raises(QuotaUsedUp, match="is used up"):
            assess_region.fn(HERE, request, source)
        before = source.server.count("pixels")
        with pytest.raises(QuotaUsedUp, match="is used up"):
            assess_region.fn(suan, request, source)
        assert source.server.count("pixels") == before
        source.server.faults.clear()
    with opened("simulated", None, {}) as source:  # the next month
        pulled = pull_region(HERE, request, source)
        assert pulled.left_out == {}


def test_the_command_prints_a_table_or_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from flows.cli.plan import run_plan

    options = {"years": "2010-2018", "source": "simulated", "data": tmp_path}
    run_plan(resolution="0.05", regions=("suan",), as_json=True, **options)
    rows = json.loads(capsys.readouterr().out)
    assert {row["region"] for row in rows} == {"suan"}
    assert sum(row["requests"] for row in rows) > 10
    run_plan(resolution="0.05", regions=("suan", "tottori"), as_json=False, **options)
    shown = capsys.readouterr().out
    assert "What an assessment of 2 regions will request" in shown
    assert "tottori" in shown
    assert "EECU-hours" in shown
    assert "150 EECU-hours a month" in " ".join(shown.split())


def test_a_plan_without_restricted_data_counts_as_such_a_run_requests(tmp_path: Path) -> None:
    """Outlines of protected and key areas are a request each; every other step costs the same."""
    shown = {}
    for restricted in (True, False):
        table, total = planned(asked(tmp_path, "suan", restricted=restricted), [load()["suan"]])
        shown[restricted] = table.set_index("variable")["requests"], total.requests
    (used, every), (left, fewer) = shown[True], shown[False]
    assert set(used.index) - set(left.index) == {"areas protected", "areas key_areas"}
    assert every - fewer == used[["areas protected", "areas key_areas"]].sum() == 2
    assert used[left.index].equals(left)


def test_the_command_plans_without_restricted_data(drylands: Drylands) -> None:
    words = ("plan", "suan", "--resolution", "0.05", "--years", "2010-2018", "--source", "simulated", "--json")
    code, out, _ = drylands(*words, "--no-restricted")
    assert code == 0
    names = {row["variable"] for row in json.loads(out)}
    assert {name for name in names if name.startswith("areas")} <= {"areas mines"}
    assert "cube land_cover" in names


def test_the_command_plans_what_options_add_and_leave_out(drylands: Drylands) -> None:
    """Patches read cells of drivers and outlines of mines (12 years and more); wind erosion is read on request."""

    def names(*options: str) -> set[str]:
        words = ("plan", "suan", "--resolution", "0.05", "--years", "2005-2018", "--source", "simulated", "--json")
        code, out, _ = drylands(*words, *options)
        assert code == 0
        return {row["variable"] for row in json.loads(out)}

    usual = names()
    left_out = usual - names("--no-patches")
    assert "areas mines" in left_out
    assert any("herd_sheep_units" in each for each in left_out)
    assert names("--wind-erosion") - usual == {"pressure wind_erosion"}
