"""How sure a result is, expert areas, reference sites and people, through the whole line on generated files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import rasterio
from exactextract import exact_extract
from generated_sources import assaba_like
from pydantic import ValidationError
from real_sources import assaba
from shapely import box
from shapely.geometry import mapping

from flows.errors import FlowError
from flows.leading import headline_lines
from flows.pull.checks import check_assess
from flows.pull.pulled import Pulled
from flows.pull.region import pull_region
from flows.pull.sources import opened
from flows.region.files.publish import publish_region
from flows.region.result import RegionResult
from flows.region.results import compute_profiles
from flows.region.sampling import gathered, lots, pick
from flows.region.uncertainty import status_accord
from flows.report.result_text import certainty_text
from flows.request.assess import AssessRequest
from flows.request.options import read_accuracy
from flows.request.recoding_file import read_recoding
from flows.request.selection import select_regions
from indicators.errors import IndicatorError
from indicators.sdg15 import periods
from practices.database.open import open_database
from practices.exports.content import content
from practices.report.brief import render
from practices.report.headline import ACCORD, STATE_ALONE, STATUS_ACCORD, STATUS_STATE_ALONE
from practices.report.shares import ASSESSMENT, STATUS, km2
from practices.report.summary import summary
from practices.results.names import LAND
from practices.results.queries import areas, recodes, report, statistics

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:Spatial reference system:RuntimeWarning")]

SAID = {
    "name": "shelter belt",
    "wrongly_shown_as": "degraded",
    "should_be": "stable",
    "periods": "all",
    "justification": "Trees were felled and replanted; seen in the field",
    "who": "Forest Service",
    "date": "2026-02-01",
}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("generated")
    assaba_like(folder)
    return assaba(folder / "source", folder)


@pytest.fixture(scope="module")
def request_(source: Path, tmp_path_factory: pytest.TempPathFactory) -> AssessRequest:
    return AssessRequest(
        regions=("falling", "steady"),
        regions_file=source.parent / "assaba/admin/Assaba_Districts_layer.shp",
        years=(2010, 2023),
        source=str(source),
        resolution="native",
        permutations=99,
        profiles=("ne-asia",),
        data=tmp_path_factory.mktemp("out"),
    )


def run(request: AssessRequest) -> dict[str, tuple[RegionResult, Pulled]]:
    results = {}
    with opened(request.source, request.project, request.datasets) as opened_source:
        for region in select_regions(request):
            pulled = pull_region(region, request, opened_source)
            result = compute_profiles(region, pulled, request, opened_source.origin)[0]
            publish_region(region, result, pulled, request)
            results[region.id] = (result, pulled)
    return results


@pytest.fixture(scope="module")
def plain(request_: AssessRequest) -> dict[str, tuple[RegionResult, Pulled]]:
    return run(request_)


def read(request: AssessRequest, query: Any, **options: Any) -> pd.DataFrame:
    engine = open_database(request.database_url)
    try:
        table: pd.DataFrame = query(engine, **options)
    finally:
        engine.dispose()
    return table


def test_significance_and_detectability_stand_beside_the_result(
    request_: AssessRequest, plain: dict[str, tuple[RegionResult, Pulled]]
) -> None:
    """Falling by half is significant, the steady third has nothing, and noise of 1 % hides little."""
    told = read(request_, statistics).set_index(["region", "name"])
    falling, steady = (told.loc[name] for name in ("falling", "steady"))
    assert falling.loc["field_significance", "value"] > 0.99
    # every pixel falls with every other: the region is one series, and one order in forty has it fall by chance
    assert 0.01 <= falling.loc["field_significance", "p"] <= 0.06
    assert steady.loc["field_significance", "p"] > 0.05
    for own in (falling, steady):
        # twice the dead-band of 5 % is found with a noise of 1 %, and no decline within it
        assert 5 <= own.loc["detectable_decline_pixel", "value"] <= 10
        assert own.loc["false_alarm_rate", "value"] < 0.01
        assert "99 orders of years" in own.loc["field_significance", "note"]
    said = certainty_text(plain["falling"][0])
    assert said.startswith("in a single pixel, the trajectory test cannot reliably detect a decline below ")
    assert f"field significance p {falling.loc['field_significance', 'p']:.3f}" in said


def test_intervals_hold_the_areas_and_tables_close(
    request_: AssessRequest, plain: dict[str, tuple[RegionResult, Pulled]]
) -> None:
    table = read(request_, areas)
    bounded = table.dropna(subset="low_km2")
    assert set(bounded["indicator"]) == {"sdg", "productivity"}
    assert (bounded["low_km2"] <= bounded["area_km2"] + 1e-9).all()
    assert (bounded["area_km2"] <= bounded["high_km2"] + 1e-9).all()
    cells = read(request_, report)
    for region, (result, _) in plain.items():
        own = cells[(cells["region"] == region) & (cells["units"] == "km2")]
        total = table[table["region"] == region]["total_km2"].iloc[0]
        sums = own[~own["table_id"].isin(["SO1-2.conversion", "SO1-4.T2", "SO1-1.T4"])].groupby("table_id")["value"]
        assert sums.sum().to_numpy() == pytest.approx(total)
        head = own[own["table_id"] == "SO1-4.T2"].set_index("row_name")["value"]
        assert head["degraded land"] == pytest.approx(result.area_km2["degraded"])
        extent = own[own["table_id"] == "SO1-1.T4"].groupby("column_name")["value"].sum()
        assert extent.index.tolist() == ["2010", "2023"]
        assert extent.to_numpy() == pytest.approx(total)


def test_people_on_degraded_land_are_those_of_the_file(
    source: Path, request_: AssessRequest, plain: dict[str, tuple[RegionResult, Pulled]]
) -> None:
    import geopandas as gpd

    told = read(request_, statistics).set_index(["region", "name"])["value"]
    outlines = gpd.read_file(request_.regions_file)
    with rasterio.open(source.parent / "assaba/population/Assaba_Pop_2020.tif") as file:
        expected = exact_extract(file, outlines.to_crs(file.crs), ["sum"], output="pandas")["sum"]
    # cells are pulled on the lattice of all grids, at most half a cell from where they were counted
    assert told["falling", "population_total"] == pytest.approx(expected[0], rel=0.01)
    assert told["falling", "population_degraded"] == pytest.approx(told["falling", "population_total"], rel=0.01)
    assert told["steady", "population_degraded"] < 0.3 * told["steady", "population_total"]
    for own in (told["falling"], told["steady"]):
        classes = [name for name in own.index if name.startswith("population_") and name != "population_total"]
        assert len(classes) == 6
        assert own[classes].sum() == pytest.approx(own["population_total"])
    assert told["steady", "population_stable"] > 0.5 * told["steady", "population_total"]


def test_the_true_share_in_accord_with_a_map_is_published_and_told(
    request_: AssessRequest, plain: dict[str, tuple[RegionResult, Pulled]]
) -> None:
    """All of the falling third fell by half, nothing did in the steady one but a strip that land cover tells of."""
    told = read(request_, statistics).set_index(["region", "name"])
    falling, steady = (told.loc[(name, "degraded_share_in_accord")] for name in ("falling", "steady"))
    # neither share changed in any order of years: no interval, and the reason in its place
    for own in (falling, steady):
        assert own[["value", "low", "high"]].isna().all()
        assert own["note"].startswith("no interval:")
    headline = plain["steady"][0].headline
    assert not headline.official.known
    assert "correction for errors of the method" not in headline.statement
    kind = told.loc[("steady", "interval_kind"), "note"]
    assert kind.startswith("resampled significance")
    assert "not of the true one" in kind


def test_an_analyst_s_own_periods_go_through_the_whole_line(
    request_: AssessRequest, plain: dict[str, tuple[RegionResult, Pulled]], tmp_path: Path
) -> None:
    """The strip was cleared in 2016: degraded in the reporting period, and not in the baseline before."""
    asked = {"regions": ("steady",), "baseline": "2010-2017", "reporting": ("2018-2023", "2015-2023")}
    apart = f"sqlite:///{tmp_path / 'own.sqlite'}"
    own = AssessRequest.model_validate({**request_.model_dump(), **asked, "database": apart})
    ((result, _),) = run(own).values()
    assert result.digest != plain["steady"][0].digest
    table = (
        pd.read_csv(result.folder / "areas.csv").set_index(["indicator", "period", "class"])["area_km2"].sort_index()
    )
    strip = table["land_cover", "baseline-2010-2017", "degraded"]
    assert strip > 0
    assert table["land_cover", "report-2018-2023", "degraded"] == 0
    assert table["land_cover", "report-2015-2023", "degraded"] == pytest.approx(strip)
    for name in ("report-2018-2023", "report-2015-2023"):
        assert table["status", name].drop("no data").sum() > 0
    assert {path.name for path in result.folder.glob("*-status.tif")} >= {"report-2018-2023-status.tif"}
    published = read(own, areas)
    published = published[published["region"] == "steady"].set_index("period")
    assert published.loc[["report-2018-2023"], "year_first"].iloc[0] == 2010
    assert published.loc[["baseline-2010-2017"], "year_last"].iloc[0] == 2017
    headline = pd.read_csv(result.folder / "prais.csv").query("table == 'SO1-4.T2'")
    change = headline[headline["row"] == "change of degraded land"].set_index("period")["value"]
    assert set(change.index) == {"report-2018-2023", "report-2015-2023"}
    check_both_numbers(own, result, headline)


def check_both_numbers(request: AssessRequest, result: RegionResult, filed: pd.DataFrame) -> None:
    """Summary and SO1-4.T2 give the same number for the official indicator, and name the other one."""
    rows = read(request, summary).set_index(["region", "period"]).loc["steady"]
    cells = filed.set_index(["row", "period"])["value"]
    numbers = read(request, statistics).set_index(["region", "period", "name"]).loc["steady"]
    for period in result.periods[1:]:
        row, reporting = rows.loc[period.name], period.name.startswith("report")
        assert row["headline_is"] == (STATUS if reporting else ASSESSMENT)
        assert row["degraded_percent"] == pytest.approx(cells["proportion degraded (SDG 15.3.1)", period.name])
        assert row["degraded_km2"] == pytest.approx(cells["degraded land", period.name])
        assert row["degraded_percent"] == pytest.approx(period.headline.official.percent)
        assert row[[f"{name}_km2" for name in LAND]].sum() == pytest.approx(row["land_km2"])
        share = numbers["value"].get((period.name, STATUS_STATE_ALONE if reporting else STATE_ALONE))
        if share is None:  # nothing is degraded
            assert row["degraded_km2"] == 0
        else:
            assert row["state_alone_percent"] == pytest.approx(100 * share)
        if reporting:
            alone = cells["degraded in the period alone (beside the form)", period.name]
            assert row["alone_percent"] == pytest.approx(alone)
            # nothing varied in this region, so that neither has an interval
            assert np.isnan(numbers.loc[(period.name, ACCORD), "low"])
            assert (period.name, STATUS_ACCORD) not in numbers.index


def test_the_status_has_an_interval_where_both_periods_have_one() -> None:
    """Low end: that of the period; high end: the sum of both high ends, at most the whole land."""
    _, baseline, *reports = periods.own((2001, 2024), (2003, 2012), ((2013, 2018), (2013, 2024)))
    accords: dict[str, tuple[float, float]] = {}

    def rows(period: periods.Period, low: float | None, high: float | None) -> list[dict[str, Any]]:
        return status_accord(period, [{"name": ACCORD, "low": low, "high": high}], accords)

    assert rows(baseline, 0.1, 0.3) == []
    (first,) = rows(reports[0], 0.05, 0.2)
    assert (first["name"], first["low"], first["high"]) == (STATUS_ACCORD, 0.05, pytest.approx(0.5))
    (second,) = rows(reports[1], 0.2, 0.9)
    assert (second["low"], second["high"]) == (0.2, 1.0)
    assert rows(reports[1], None, None) == []


def test_periods_that_cannot_be_are_refused_when_they_are_asked_for() -> None:
    with pytest.raises(ValidationError, match="reporting periods need a baseline"):
        AssessRequest.model_validate({"reporting": ["2016-2019"]})
    with pytest.raises(ValidationError, match="baseline 1999-2010 is not within the years 2001-2024"):
        AssessRequest.model_validate({"baseline": "1999-2010"})
    with pytest.raises(ValidationError, match="write them as 2001-2024"):
        AssessRequest.model_validate({"baseline": "2001"})


@pytest.fixture(scope="module")
def recoded(
    request_: AssessRequest, plain: dict[str, tuple[RegionResult, Pulled]], tmp_path_factory: pytest.TempPathFactory
) -> tuple[AssessRequest, dict[str, tuple[RegionResult, Pulled]]]:
    """The western half of the falling third is said to be stable."""
    file = tmp_path_factory.mktemp("recoding") / "experts.geojson"
    feature = {"type": "Feature", "properties": SAID, "geometry": mapping(box(-12.2, 16.3, -12.142, 16.7))}
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    request = request_.model_copy(update={"recode": file})
    return request, run(request)


def test_an_expert_area_changes_the_result_with_its_reason(
    recoded: tuple[AssessRequest, dict[str, tuple[RegionResult, Pulled]]],
    plain: dict[str, tuple[RegionResult, Pulled]],
) -> None:
    request, results = recoded
    (told,) = read(request, recodes).to_dict("records")
    before, after = plain["falling"][0].area_km2, results["falling"][0].area_km2
    assert told["region"] == "falling"
    assert (told["justification"], told["who"], told["prais_term"]) == (
        SAID["justification"], SAID["who"], "false negative",
    )  # fmt: skip
    assert told["before_km2"] == pytest.approx(before["degraded"])
    assert told["area_km2"] == pytest.approx(before["degraded"] - after["degraded"])
    assert told["area_km2"] == pytest.approx(after["stable"] - before["stable"])
    assert 0.4 < told["area_km2"] / before["degraded"] < 0.6
    with rasterio.open(results["falling"][0].folder / "2010-2023-sdg.tif") as file:
        codes = file.read(1)
        with rasterio.open(plain["falling"][0].folder / "2010-2023-sdg.tif") as old:
            changed = (codes != old.read(1)).sum()
    assert changed >= told["pixels"] > 0
    revisions = read(request, areas, all_revisions=True)
    assert set(revisions[revisions["region"] == "falling"]["revision"]) == {1, 2}
    # what lies elsewhere is as it was
    assert results["steady"][0].area_km2 == plain["steady"][0].area_km2


def test_areas_can_be_corrected_by_reference_sites(request_: AssessRequest, tmp_path: Path) -> None:
    file = tmp_path / "sites.csv"
    file.write_text("map,degraded,stable,improved\ndegraded,40,10,0\nstable,5,44,1\nimproved,0,5,45\n")
    request = request_.model_copy(update={"accuracy": file, "regions": ("steady",)})
    found = run(request)["steady"][0]
    own = read(request, areas)
    own = own[(own["region"] == "steady") & (own["indicator"] == "sdg")].set_index("class_name")
    mapped = own["area_km2"]
    corrected = 0.8 * mapped["degraded"] + 0.1 * mapped["stable"]
    middle = (own.loc["degraded", "low_km2"] + own.loc["degraded", "high_km2"]) / 2
    assert middle == pytest.approx(corrected, rel=1e-6)
    told = read(request, statistics).set_index(["region", "name"])
    assert "Olofsson" in told.loc[("steady", "interval_kind"), "note"]
    own_row = told.loc[("steady", "corrected_area_degraded")]
    assert own_row["value"] == pytest.approx(corrected, rel=1e-6)
    assert own_row[["low", "high"]].tolist() == pytest.approx(own.loc["degraded", ["low_km2", "high_km2"]].tolist())
    assert "150 reference sites" in own_row["note"]
    total = sum(told.loc[("steady", f"corrected_area_{name}"), "value"] for name in ("degraded", "stable", "improved"))
    assert total == pytest.approx(own.loc[["degraded", "stable", "improved"], "area_km2"].sum())
    three = own.loc[["degraded", "stable", "improved"]]
    assert three["corrected_km2"].sum() == pytest.approx(total)
    assert (three["low_km2"] <= three["corrected_km2"]).all()
    assert (three["corrected_km2"] <= three["high_km2"]).all()
    check_corrected(request, found, corrected, mapped["degraded"])


def check_corrected(request: AssessRequest, result: RegionResult, corrected: float, mapped: float) -> None:
    """The corrected area leads on terminal, brief and workbook, with its interval, and the mapped one beside it."""
    said = f"Degraded area, corrected by reference sites: {km2(corrected)}, "
    (line,) = headline_lines([result])
    engine = open_database(request.database_url)
    try:
        page = render(engine, "steady")
        tables = content(engine, regions=["steady"])
    finally:
        engine.dispose()
    row = tables["summary"].set_index("period").loc[result.period]
    for text in (line, page, row["statement"]):
        assert said in text
        assert f"Mapped: {km2(mapped)} of " in text
    assert result.headline.lead in page
    assert (row["corrected_km2"], row["degraded_km2"]) == (pytest.approx(corrected), pytest.approx(mapped))
    assert row["corrected_low_km2"] < corrected < row["corrected_high_km2"]


def test_areas_that_lie_in_no_region_are_refused_at_once(request_: AssessRequest, tmp_path: Path) -> None:
    file = tmp_path / "far.geojson"
    feature = {"type": "Feature", "properties": SAID, "geometry": mapping(box(100, 40, 101, 41))}
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    with pytest.raises(FlowError, match=r"far.geojson: none of its areas \(shelter belt\) lies in a region that is"):
        check_assess(request_.model_copy(update={"recode": file}))


def test_bad_files_say_what_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "bad.geojson"
    with pytest.raises(FlowError, match="no such file"):
        read_recoding(file)

    def written(properties: dict[str, str], geometry: dict[str, Any], times: int = 1) -> Path:
        feature = {"type": "Feature", "properties": properties, "geometry": geometry}
        file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature] * times}))
        return file

    square = mapping(box(0, 0, 1, 1))
    with pytest.raises(IndicatorError, match="'shelter belt': degraded land cannot become 'water'"):
        read_recoding(written({**SAID, "should_be": "water"}, square))
    with pytest.raises(FlowError, match="'shelter belt': has no polygon"):
        read_recoding(written(SAID, {"type": "Point", "coordinates": [0, 0]}))
    with pytest.raises(FlowError, match="two areas have the name 'shelter belt'"):
        read_recoding(written(SAID, square, 2))
    (tmp_path / "sites.csv").write_text("map,degraded\ndegraded,many\n")
    with pytest.raises(FlowError, match="column 'degraded' has no numbers"):
        read_accuracy(tmp_path / "sites.csv")
    (tmp_path / "sites.csv").write_text("map,degraded,stable\nstable,1,2\ndegraded,3,4\n")
    with pytest.raises(FlowError, match=r"sites.csv: rows stable, degraded \(map\) and columns degraded, stable"):
        read_accuracy(tmp_path / "sites.csv")
    for count in ("-3", ""):
        (tmp_path / "sites.csv").write_text(f"map,degraded,stable\ndegraded,1,2\nstable,{count},4\n")
        with pytest.raises(
            FlowError, match=r"sites.csv: stable \(map\), degraded \(reference\) is (-3|nan); give a count"
        ):
            read_accuracy(tmp_path / "sites.csv")
    with pytest.raises(FlowError, match=r"accuracy .*none.csv: no such file"):
        read_accuracy(tmp_path / "none.csv")
    with pytest.raises(ValidationError, match="permutations"):
        AssessRequest(permutations=3)


def test_a_sample_does_not_depend_on_blocks(plain: dict[str, tuple[RegionResult, Pulled]]) -> None:
    import xarray as xr

    from indicators.sdg15.measures import PixelInputs
    from series.cubes.tiles import tiles

    rng = np.random.default_rng(3)
    weight = rng.random((40, 30)) * (rng.random((40, 30)) > 0.2)
    vi = xr.DataArray(rng.random((5, 40, 30)), coords={"year": range(5)}, dims=("year", "y", "x"))
    cover = (vi * 7).astype(np.int8)

    def drawn(side: int) -> Any:
        parts = [
            pick(PixelInputs({"season_mean": vi[(slice(None), *t.window)]}, land_cover=cover[(slice(None), *t.window)]),
                 weight[t.window], t, (40, 30), size=100)
            for t in tiles((40, 30), side)
        ]  # fmt: skip
        return gathered(parts, 100)

    whole, cut = drawn(64), drawn(7)
    np.testing.assert_array_equal(whole.lots, cut.lots)
    np.testing.assert_array_equal(whole.place.vi["season_mean"].values, cut.place.vi["season_mean"].values)
    np.testing.assert_array_equal(whole.place.land_cover.values, cut.place.land_cover.values)
    assert len(whole.lots) == 100
    assert (whole.weight > 0).all()
    rows, columns = np.divmod(np.arange(10_000), 100)
    shares = lots(rows, columns) / 2**64
    assert shares.mean() == pytest.approx(0.5, abs=0.02)
    assert np.corrcoef(shares[1:], shares[:-1])[0, 1] == pytest.approx(0, abs=0.03)
