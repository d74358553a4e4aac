"""The trend of a region by several rain products: what is pulled, compared and said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_cubes import YEARS, made, region
from shapely import box
from shown import shown_statistics

from flows.pull.beside import last_read, note_lacking, other_rain, rain_steps
from flows.pull.pulled import Pulled
from flows.pull.region import pull_region
from flows.pull.sources import Landscape, OpenSource, opened
from flows.region.files.publish import publish_region
from flows.region.results import compute_profiles
from flows.region.whole.rain_products import COLUMNS, rain_by_product, rain_statistics
from flows.report.result_text import gap_lines
from flows.request.assess import AssessRequest
from regions.model import Region
from series.datasets import DATASETS, DEFAULTS, RAIN_PRODUCTS
from series.service.earth_engine import Connection, connect

HERE = region(24, 30)
PLACE = Region(id="here", name="Here", countries=("MNG",), geometry=box(112, 43, 112.6, 43.4), source="test")
MONTHS = pd.date_range("1999-01-01", "2024-12-01", freq="MS")
OWN, OTHER = "era5-land-precipitation", "chirps3-precipitation"


def rain_and_vegetation() -> tuple[pd.Series, pd.Series]:
    """Monthly rain without a trend, and vegetation of August that answers to it and declines."""
    rng = np.random.default_rng(2)
    rain = pd.Series(rng.gamma(4, 10, len(MONTHS)), MONTHS)
    sums = rain.rolling(3).sum()
    values = {y: 0.3 + 0.001 * (sums[f"{y}-08-01"] - 120) - 0.002 * (y - 2013) for y in YEARS}
    return rain, pd.Series(values) + 0.002 * rng.standard_normal(len(YEARS))


def test_rows_of_every_product_and_of_their_spread() -> None:
    rain, vegetation = rain_and_vegetation()
    noisy = rain * np.random.default_rng(3).uniform(0.95, 1.05, len(rain))
    found = rain_statistics(vegetation, {OWN: rain, OTHER: noisy}, "2001-2024", last_month=8)
    assert list(found.columns) == COLUMNS
    rows = found.set_index("name")
    assert list(rows.index) == [
        f"rain_trend_{OWN}", f"rain_share_{OWN}", f"rain_trend_{OTHER}", f"rain_share_{OTHER}",
        "spread_of_rain_products",
    ]  # fmt: skip
    trends = rows.loc[[f"rain_trend_{OWN}", f"rain_trend_{OTHER}"]]
    assert (trends["low"] < trends["value"]).all()
    assert (trends["high"] < 0).all()
    assert set(trends["units"]) == {"% decade-1"}
    assert (trends["p"] < 0.01).all()
    assert rows.loc["spread_of_rain_products", "value"] == pytest.approx(np.ptp(trends["value"]))
    assert rows.loc["spread_of_rain_products", "low"] == trends["value"].min()
    assert "3 months ending 0 before the measurement; 2001-2024" in rows.loc[f"rain_share_{OWN}", "note"]
    assert f"{OWN} (rain of this result)" in rows.loc[f"rain_trend_{OWN}", "note"]
    assert f"{OTHER} (for comparison)" in rows.loc[f"rain_trend_{OTHER}", "note"]


def test_products_that_disagree_are_a_sentence() -> None:
    """A product that dries from year to year explains the decline by rain."""
    rain, vegetation = rain_and_vegetation()
    dries = rain * (1 - 0.04 * (rain.index.year - 2013))
    rows = rain_statistics(vegetation, {OWN: rain, OTHER: dries}, "x", last_month=8).set_index("name")
    said = rows.loc["disagreeing_rain_products", "note"]
    assert "depends on the rain product" in said
    assert f"({OWN}) to " in said
    assert "2001-2024; by the rain of this result" in said
    assert rows.loc["disagreeing_rain_products", "value"] == rows.loc["spread_of_rain_products", "value"]


def test_one_product_or_a_short_record_gives_no_rows() -> None:
    rain, vegetation = rain_and_vegetation()
    for series, products in (
        (vegetation, {OWN: rain}),
        (vegetation, {}),
        (vegetation[:6], {OWN: rain, OTHER: rain}),
        (vegetation, {OWN: rain[:24], OTHER: rain}),
    ):
        assert rain_statistics(series, products, "x", last_month=8).empty


def test_rain_is_read_from_the_tables(tmp_path: Path) -> None:
    base = made(tmp_path, HERE)
    rain, _ = rain_and_vegetation()

    def table(name: str, variable: str) -> Path:
        rows = {"region": "made", "variable": variable, "month": MONTHS, "value": rain.to_numpy(), "units": "mm"}
        path = tmp_path / f"{name}.csv"
        pd.DataFrame(rows).to_csv(path, index=False)
        return path

    assert rain_by_product(HERE, base) == {}
    pulled = replace(
        base,
        rain_products=table("others", "precipitation_chirps3"),
        beside={"precipitation_chirps3": DATASETS[OTHER]},
    )
    assert rain_by_product(HERE, pulled) == {}
    found = rain_by_product(HERE, replace(pulled, monthly=table("own", "precipitation")))
    assert list(found) == [OWN, OTHER]
    assert found[OTHER].tolist() == pytest.approx(rain.tolist())


def test_which_products_are_asked_for() -> None:
    keys = {each.key for each in RAIN_PRODUCTS}
    assert {OWN, OTHER, "imerg-precipitation"} <= keys
    datasets = {variable: DATASETS[key] for variable, key in DEFAULTS.items()}
    landscape = OpenSource("simulated", datasets, None)
    landscape.assume_served()
    asked = AssessRequest(regions=("here",), years=(2005, 2020))
    assert {each.key for each in other_rain(asked, datasets, landscape)} == keys - {OWN}
    chosen = {**datasets, "precipitation": DATASETS[OTHER]}
    assert {each.key for each in other_rain(asked, chosen, landscape)} == keys - {OTHER}
    without = AssessRequest(regions=("here",), years=(2005, 2020), profiles=("trends-earth",))
    assert other_rain(without, datasets, landscape) == ()
    assert other_rain(asked, {"productivity": datasets["productivity"]}, landscape) == ()
    assert other_rain(asked, datasets, replace(landscape, origin="offline-files")) == ()


def test_a_product_that_does_not_reach_the_region_is_noted() -> None:
    """CHIRPS 3 ends at 60° N; Tuva and the Daurian steppe (50 to 54° N) have it."""
    datasets = {variable: DATASETS[key] for variable, key in DEFAULTS.items()}
    source = OpenSource("simulated", datasets, None)
    source.assume_served()
    asked = AssessRequest(regions=("here",), years=(2005, 2020))
    for south, lacking in ((52.0, set()), (60.0, {f"rain of {OTHER}"})):
        north = PLACE.model_copy(update={"geometry": box(100, south, 101, south + 1)})
        left_out: dict[str, str] = {}
        note_lacking(north, asked, datasets, source, left_out)
        assert {*left_out} == lacking
    assert left_out[f"rain of {OTHER}"].endswith("the trend of the region is not compared with that by its rain")


def test_a_plan_asks_nothing_for_years_beyond_the_catalogue() -> None:
    settled = OpenSource("simulated", {}, None)
    growing = OpenSource("earth-engine", {}, None)
    dataset = DATASETS["imerg-precipitation"]
    assert last_read(dataset, 2020, settled) == 2020
    assert last_read(dataset, dataset.last_year + 2, settled) == dataset.last_year
    assert last_read(dataset, dataset.last_year + 2, growing) == dataset.last_year + 2


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> AssessRequest:
    return AssessRequest(
        regions=("here",), data=tmp_path_factory.mktemp("data"), resolution=1 / 20, years=(2006, 2020),
        permutations=19, pixel_breaks=False, world="real",
    )  # fmt: skip


@pytest.fixture(scope="module")
def pulled(asked: AssessRequest) -> Pulled:
    """A region of the world whose rain products have errors of their own."""
    with opened("simulated", None, {}, landscape=Landscape("real")) as source:
        assert source.server is not None
        connect(Connection(url=source.server.url, pace=0.0005))
        steps = rain_steps(PLACE, asked, source.datasets, asked.data, source)
        assert {step.key for step in steps} == {("rain of", OTHER), ("rain of", "imerg-precipitation")}
        return pull_region(PLACE, asked, source)


def test_products_of_the_landscape_differ_by_their_own_errors(pulled: Pulled) -> None:
    assert pulled.left_out == {}
    assert set(pulled.beside) == {"precipitation_chirps3", "precipitation_imerg", "long_record"}
    rain = rain_by_product(PLACE, pulled)
    assert set(rain) == {OWN, OTHER, "imerg-precipitation"}
    monthly = pd.DataFrame(rain).loc["2004":"2020"]
    assert len(monthly.dropna()) == 12 * 17
    yearly = monthly.groupby(monthly.index.year).sum()
    apart = (yearly.div(yearly[OWN], axis=0) - 1).drop(columns=OWN)
    assert ((apart.abs().mean() > 0.01) & (apart.abs().mean() < 0.6)).all()
    correlations = yearly.corr().loc[OWN].drop(OWN)
    assert ((correlations > 0.3) & (correlations < 0.9999)).all()


def test_a_result_has_the_products_and_its_page_their_sentence(pulled: Pulled, asked: AssessRequest) -> None:
    result = compute_profiles(PLACE, pulled, asked, "simulated")[0]
    statistics = pd.read_csv(result.folder / "statistics.csv")
    rows = statistics[statistics["period"] == result.period].set_index("name")
    names = [f"rain_trend_{key}" for key in (OWN, OTHER, "imerg-precipitation")]
    trends = rows.loc[names]
    assert trends[["value", "low", "high", "p"]].notna().all(axis=None)
    spread = rows.loc["spread_of_rain_products"]
    assert spread["value"] == pytest.approx(trends["value"].max() - trends["value"].min())
    own = trends.loc[f"rain_trend_{OWN}"]
    disagree = spread["low"] < 0 < spread["high"] or spread["value"] > own["high"] - own["low"]
    assert ("disagreeing_rain_products" in rows.index) == disagree
    assert any("rain product" in line for line in gap_lines([result])) == disagree
    observed = pd.read_csv(result.folder / "observations.csv")
    assert {"precipitation", "precipitation_chirps3", "precipitation_imerg"} <= set(observed["variable"])
    publish_region(PLACE, result, pulled, asked)
    report, shown = shown_statistics(asked.database_url, "here")
    assert shown[f"rain_trend_{OTHER}"].title.endswith(f"without the effect of rain by {OTHER}")
    assert shown[f"rain_trend_{OTHER}"].extent.count("% decade⁻¹") == 2
    assert report.datasets["precipitation_imerg"]["asset"] == "NASA/GPM_L3/IMERG_MONTHLY_V07"
    assert bool(disagree) == any("rain product" in each.said for each in shown.values())
