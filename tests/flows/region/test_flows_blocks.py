"""A region assessed block by block: the result depends neither on the blocks, nor on who computes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_cubes import CELL, YEARS, made, rasters_of, region

from flows.errors import FlowError
from flows.pull.pulled import Pulled
from flows.pull.variables import peak_kinds
from flows.region.blocks import read_pixels, to_classes
from flows.region.measuring import job_of
from flows.region.result import RegionResult
from flows.region.results import compute_profiles
from flows.request.assess import AssessRequest
from flows.run.workers import connected, in_order, workforce
from indicators.area.areas import cell_area, class_table
from indicators.codes import DEGRADED, IMPROVED, UNDETERMINED, WATER
from indicators.errors import IndicatorError
from indicators.profiles import PROFILES
from indicators.sdg15.assessment import assess_together
from indicators.sdg15.findings import AGREED_UNDETERMINED, AGREED_WATER, agreement
from indicators.sdg15.periods import available
from regions.covered import SLIVER
from regions.grid import coverage, geobox
from series.cubes.tiles import Tile
from series.datasets import DATASETS

HERE = region()


@pytest.fixture(scope="module")
def pulled(tmp_path_factory: pytest.TempPathFactory) -> Pulled:
    return made(tmp_path_factory.mktemp("cubes"), HERE)


#: One of each kind: false discovery rate and performance, three classes at once, codes.
NAMES = ("ne-asia", "sepal-gpg2", "fao-wocat")
ALL = tuple(PROFILES)
CHOSEN = [PROFILES[name] for name in NAMES]


def run(
    pulled: Pulled, folder: Path, side: int, names: tuple[str, ...] = NAMES, **options: object
) -> dict[str, RegionResult]:
    request = AssessRequest(regions=("made",), data=folder, profiles=names, **options)  # type: ignore[arg-type]
    return {each.profile: each for each in compute_profiles(HERE, pulled, request, "simulated", side=side)}


@pytest.fixture(scope="module")
def whole(pulled: Pulled, tmp_path_factory: pytest.TempPathFactory) -> dict[str, RegionResult]:
    return run(pulled, tmp_path_factory.mktemp("whole"), 512)


def test_blocks_and_threads_change_nothing(
    pulled: Pulled, whole: dict[str, RegionResult], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 4)
    cut = run(pulled, tmp_path, 13, workers=1)  # the block in the north-west lies outside
    assert list(whole) == [*NAMES, "agreement"]
    for profile, result in whole.items():
        other = cut[profile]
        expected, found = rasters_of(result.folder), rasters_of(other.folder)
        assert expected.keys() == found.keys()
        for name, values in expected.items():
            np.testing.assert_array_equal(found[name], values, err_msg=f"{profile} {name}")
        for table in result.folder.glob("*.csv"):
            pd.testing.assert_frame_equal(pd.read_csv(other.folder / table.name), pd.read_csv(table), rtol=1e-9)
        assert other.digest == result.digest


def test_dask_workers_change_nothing(pulled: Pulled, whole: dict[str, RegionResult], tmp_path: Path) -> None:
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None, protocol="tcp", host="127.0.0.1"
    ) as cluster:
        found = run(pulled, tmp_path, 32, ("ne-asia",), dask=cluster.scheduler_address)["ne-asia"]
    computed = rasters_of(found.folder)
    for name, values in rasters_of(whole["ne-asia"].folder).items():
        np.testing.assert_array_equal(computed[name], values, err_msg=name)


def test_the_result_is_that_of_the_whole_in_memory(pulled: Pulled, whole: dict[str, RegionResult]) -> None:
    job = job_of(HERE, pulled, AssessRequest(regions=("made",)), CHOSEN)
    pixels = read_pixels(job, Tile(0, 0, *job.grid.shape))
    share = coverage(HERE, geobox(HERE, CELL)).assign_coords(y=job.grid.y, x=job.grid.x)
    found = assess_together(pixels, periods=available(YEARS), profiles=CHOSEN, region_mask=share > SLIVER)
    inside = share.values > SLIVER
    for profile, result in whole.items():
        if profile == "agreement":
            counts = agreement([each["sdg"] for each in found.values()])
            written = rasters_of(result.folder)["2001-2024-agreement.tif"]
            np.testing.assert_array_equal(written[inside], counts.sel(period="2001-2024").values[inside])
            continue
        for name, values in rasters_of(result.folder).items():
            period, layer = name.removesuffix(".tif").rsplit("-", 1)
            if layer.startswith(("break_", "change_", "patch", "verdict")):  # they have tests of their own
                continue
            expected = found[profile][layer].sel(period=period).values
            np.testing.assert_array_equal(values[inside], expected[inside], err_msg=f"{profile} {name}")
            assert len(np.unique(values[~inside])) == 1
        areas = pd.read_csv(result.folder / "areas.csv")
        table = class_table(found[profile]["sdg"].sel(period="baseline", drop=True), cell_area(share), {"made": share})
        mine = areas[(areas["indicator"] == "sdg") & (areas["period"] == "baseline")]
        np.testing.assert_allclose(mine["area_km2"], table["area_km2"], rtol=1e-6, atol=1e-6)


def test_tables_close_and_agree_with_the_rasters(whole: dict[str, RegionResult]) -> None:
    totals = set()
    for result in whole.values():
        areas = pd.read_csv(result.folder / "areas.csv")
        sums = areas.groupby(["indicator", "period"])["area_km2"].sum()
        totals |= {round(float(total), 6) for total in sums} | {round(float(t), 6) for t in areas["total_km2"]}
    assert max(totals) - min(totals) < 1e-4


def test_what_fails_leaves_nothing_behind(pulled: Pulled, tmp_path: Path) -> None:
    sites = tmp_path / "sites.csv"
    sites.write_text("map,stable,improved\nstable,5,1\nimproved,1,5\n")
    with pytest.raises(IndicatorError, match="has no class"):
        run(pulled, tmp_path, 512, ("ne-asia",), accuracy=sites, pixel_breaks=False, permutations=19)
    assert {path.name for path in (tmp_path / "results" / "made").iterdir()} <= {".lock"}


def test_agreement_counts_the_profiles(whole: dict[str, RegionResult]) -> None:
    stack = np.stack([rasters_of(whole[name].folder)["baseline-sdg.tif"] for name in NAMES])
    found = rasters_of(whole["agreement"].folder)["baseline-agreement.tif"]
    judged = np.isin(stack, (DEGRADED, 0, IMPROVED)).any(0) & ~(stack == WATER).any(0)
    np.testing.assert_array_equal(found[judged], (stack == DEGRADED).sum(0)[judged])
    assert set(np.unique(found[(stack == WATER).any(0)])) == {AGREED_WATER}
    assert set(np.unique(found[judged])) >= {0, 1, 3}
    table = pd.read_csv(whole["agreement"].folder / "areas.csv")
    rows = [*(f"degraded_by_{n}" for n in range(4)), "water", "undetermined", "no data"]
    assert table["class"].unique().tolist() == rows
    assert whole["agreement"].share.keys() == {f"degraded_by_{n}" for n in range(4)}
    # what no profile can judge, though something is known of it, is a class of its own
    untold = (stack == UNDETERMINED).any(0) & ~judged & ~(stack == WATER).any(0)
    assert untold.any()
    assert set(np.unique(found[untold])) == {AGREED_UNDETERMINED}
    area = table[(table["period"] == "baseline") & (table["class"] == "undetermined")]
    own = pd.read_csv(whole["ne-asia"].folder / "areas.csv")
    same = own[(own["period"] == "baseline") & (own["indicator"] == "sdg") & (own["class"] == "undetermined")]
    assert 0 < area["area_km2"].item() <= same["area_km2"].item() + 1e-9
    assert area["share"].isna().all()


def test_only_who_tells_deserts_by_it_reads_the_largest_composite(pulled: Pulled, tmp_path: Path) -> None:
    assert pulled.kinds([PROFILES["ne-asia"]]) == ("season_mean",)
    assert pulled.kinds([PROFILES["fao-wocat"], PROFILES["ne-asia"]]) == ("calendar_mean", "season_mean", "maximum")
    ndvi, lai = (DATASETS["mod13q1-ndvi"].model_copy(update=each) for each in ({}, {"quantity": "lai"}))
    for names, expected in ((ALL, ("maximum",)), (("fao-wocat",), ("maximum",)), (("trends-earth", "ne-asia"), ())):
        asked = AssessRequest(regions=("made",), data=tmp_path, profiles=names)
        assert peak_kinds(asked, ndvi) == expected
        assert peak_kinds(asked, lai) == ()
        assert peak_kinds(asked, ndvi.model_copy(update={"cadence": "yearly"})) == ()


def test_the_combined_class_is_never_better_than_its_worst_part(whole: dict[str, RegionResult]) -> None:
    for profile in NAMES:
        layers = rasters_of(whole[profile].folder)
        parts = np.stack([layers[f"report-2-{n}.tif"] for n in ("productivity", "land_cover", "soil_organic_carbon")])
        combined = layers["report-2-sdg.tif"]
        any_degraded = (parts == DEGRADED).any(0)
        assert (combined[any_degraded] == DEGRADED).all()
        assert not (combined[~any_degraded] == DEGRADED).any()
        known = np.isin(parts, (DEGRADED, 0, IMPROVED)).all(0)
        assert not (combined[known] == UNDETERMINED).any()
        reasons = layers["report-2-reason.tif"]
        assert (reasons[combined != DEGRADED] == 0).all()
        others = [layers[f"report-2-{n}.tif"] for n in ("land_cover", "soil_organic_carbon")]
        for bit, part in zip((8, 16), others, strict=True):
            np.testing.assert_array_equal((reasons & bit) > 0, part == DEGRADED)
        if profile != "fao-wocat":  # whose desert and codes degrade land of which every metric is stable
            assert (reasons[combined == DEGRADED] > 0).all()


def test_own_matrix_and_legend_reach_the_result(pulled: Pulled, whole: dict[str, RegionResult], tmp_path: Path) -> None:
    np.savetxt(tmp_path / "matrix.csv", np.zeros((7, 7), int), fmt="%d", delimiter=",")
    (tmp_path / "legend.csv").write_text("code,class\n10,tree-covered\n12,3\n13,artificial\n16,6\n17,7\n")
    result = run(pulled, tmp_path, 512, ("ne-asia",), matrix=str(tmp_path / "matrix.csv"))["ne-asia"]
    assert not (rasters_of(result.folder)["2001-2024-land_cover.tif"] == DEGRADED).any()
    assert result.digest != whole["ne-asia"].digest
    request = AssessRequest(regions=("made",), data=tmp_path / "b", legend=tmp_path / "legend.csv")
    (first,) = compute_profiles(HERE, pulled, request, "simulated")
    moved = pd.read_csv(first.folder / "transitions.csv")
    assert "tree-covered" in set(moved["from_class"])
    assert "grassland" not in set(moved["from_class"])
    pixels = read_pixels(job_of(HERE, pulled, request, CHOSEN), Tile(0, 0, 5, 5))
    assert set(np.unique(pixels.land_cover)) <= {1, 3, 5, 6, 7}
    assert isinstance(to_classes(pixels.land_cover, "unccd").values[0, 0, 0], np.int8)


def test_results_come_in_order_and_few_at_a_time() -> None:
    under_way: list[int] = []

    def items() -> Iterator[int]:
        for item in range(30):
            under_way.append(item)
            yield item

    with workforce(None, regions=1) as (executor, count):
        found = []
        for result in in_order((executor, count), lambda item: item * item, items()):
            found.append(result)
            assert len(under_way) - len(found) <= count + 1
    assert found == [item * item for item in range(30)]


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nowhere://here"])
def test_a_scheduler_that_does_not_answer_is_told_with_the_mend(address: str) -> None:
    with pytest.raises(FlowError, match=rf"no Dask scheduler answers at {address} .* or leave --dask out"):
        connected(address, timeout=0.5)
