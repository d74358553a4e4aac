"""Confusion of land cover taken out: the model by brute force, its laws, and rates that are known."""

from __future__ import annotations

from functools import cache
from typing import get_args, get_type_hints

import numpy as np
import pytest
import rasterio
import xarray as xr
from checkout import SHARED
from confused import confused, courses
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indicators.codes import NODATA
from indicators.errors import IndicatorError
from indicators.profiles import Profile
from indicators.sdg15.cover_in_time import (
    PRODUCTS,
    Method,
    Rates,
    class_probabilities,
    filtered,
    product_of,
    rates_of,
)
from indicators.sdg15.cover_in_time.rates import of_product
from indicators.sdg15.land_cover import LEGENDS, to_unccd

products = st.sampled_from(sorted(PRODUCTS))
#: A record: classes that come in runs, or anything, with gaps.
runs = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 9)), min_size=1, max_size=8).map(
    lambda parts: [code for code, length in parts for _ in range(length)][:30]
)
records = st.one_of(runs, st.lists(st.integers(0, 7), min_size=1, max_size=26))


def of(*series: list[int] | str) -> xr.DataArray:
    """Land cover (year, pixel) of series of labels."""
    labels = np.array([[int(label) for label in each] for each in series], np.int8).T
    return xr.DataArray(labels, {"year": np.arange(2001, 2001 + len(labels))}, ("year", "pixel"))


def series(cover: xr.DataArray) -> list[list[int]]:
    return cover.transpose("pixel", "year").values.tolist()


@pytest.mark.parametrize("product", sorted(PRODUCTS))
@pytest.mark.parametrize(
    "labels", ["2223222", "2226666", "266", "62222", "2202302", "2323233", "123", "1223", "3221", "00112"]
)
def test_the_most_likely_course_of_all_there_are(labels: str, product: str) -> None:
    rates = of_product(product)
    given_labels = tuple(map(int, labels))
    while True:  # a course that would itself be taken for confusion is not kept
        found = courses(given_labels, rates)
        second, first = sorted(most for most, _ in found.values())[-2:] if len(found) > 1 else (0.0, 1.0)
        assert second < 0.999 * first  # or else either course would do
        best = max(found, key=lambda course: found[course][0])
        course = tuple(true if label else 0 for true, label in zip(best, given_labels, strict=True))
        if course == given_labels:
            break
        given_labels = course
    ours = series(filtered(of(labels), product=product))[0]
    assert tuple(max(code, 0) for code in ours) == course


@pytest.mark.parametrize("product", sorted(PRODUCTS))
@pytest.mark.parametrize("labels", ["2223222", "2226666", "2202302", "123", "1223"])
def test_probabilities_are_sums_over_all_courses(labels: str, product: str) -> None:
    found = courses(tuple(map(int, labels)), of_product(product))
    total = sum(all_of for _, all_of in found.values())
    expected = np.zeros((len(labels), 7))
    for course, (_, all_of) in found.items():
        expected[np.arange(len(labels)), np.array(course) - 1] += all_of / total
    ours = class_probabilities(of(labels), product=product)
    assert ours.dims == ("pixel", "year", "class")
    np.testing.assert_allclose(ours[0], expected, atol=1e-6)


@given(st.integers(1, 7), st.integers(1, 30), products)
def test_land_that_never_changes_stays(code: int, years: int, product: str) -> None:
    assert series(filtered(of([code] * years), product=product)) == [[code] * years]


@settings(max_examples=200, deadline=None)
@given(records, products)
def test_gaps_stay_gaps_and_no_class_comes_up_from_nowhere(labels: list[int], product: str) -> None:
    found = series(filtered(of(labels), product=product))[0]
    assert [code == NODATA for code in found] == [code == 0 for code in labels]
    assert set(found) - {NODATA} <= set(labels)


@settings(max_examples=200, deadline=None)
@given(records, products)
@example([2, 2, 3, 2, 1, 2, 1, 1, 2, 2, 3, 1], "igbp")
def test_filtering_twice_changes_nothing_more(labels: list[int], product: str) -> None:
    once = filtered(of(labels), product=product)
    xr.testing.assert_identical(filtered(once, product=product), once)


@settings(max_examples=200, deadline=None)
@given(records, st.permutations(range(1, 8)))
def test_names_of_classes_play_no_part(labels: list[int], order: list[int]) -> None:
    # the generic product knows nothing of any class, so other names give the same courses by their other names
    renamed = np.array([0, *order])
    plain = np.array(series(filtered(of(labels)))[0])
    other = np.array(series(filtered(of(renamed[labels].tolist())))[0])
    np.testing.assert_array_equal(other, np.where(plain == NODATA, NODATA, renamed[np.maximum(plain, 0)]))


#: Changes that happen; grassland to wetland, say, must last longer to be believed.
pairs = st.sampled_from([(1, 2), (1, 3), (2, 3), (2, 5), (2, 6), (3, 2), (3, 5), (6, 2)])


@settings(max_examples=200, deadline=None)
@given(
    before=st.integers(10, 15), after=st.integers(10, 15), pair=pairs, gap=st.none() | st.integers(0, 19),
    product=products,
)  # fmt: skip
def test_a_change_that_lasts_keeps_its_year(
    before: int, after: int, pair: tuple[int, int], gap: int | None, product: str
) -> None:
    old, new = pair
    labels = [old] * before + [new] * after
    if gap is not None:
        labels[gap] = 0
    expected = [label or NODATA for label in labels]
    assert series(filtered(of(labels), product=product)) == [expected]


@given(before=st.integers(4, 20), wrong=st.integers(0, 23))
def test_only_a_wrong_label_beside_a_change_moves_it(before: int, wrong: int) -> None:
    # in a region whose confusion lasts one year at a time
    true = np.where(np.arange(24) < before, 2, 6)
    labels = true.copy()
    labels[wrong] = 8 - labels[wrong]
    found = filtered(of(labels.tolist()), rates=single_years()).values[:, 0]
    assert (np.diff(found) >= 0).all()
    # 2 2 6 2 6 6: a change in the third year or in the fifth
    assert abs((found == 2).sum() - before) <= (2 if -2 <= wrong - before <= 1 else 0)


@cache
def single_years() -> Rates:
    """Rates of a region with wrong labels in single years (0.3 %), of which 0.2 % changes a year."""
    rng = np.random.default_rng(5)
    true = changing(rng, 10_000, 0.002)
    labels = np.where(rng.random(true.shape) < 0.003, 8 - true, true)
    return rates_of(xr.DataArray(labels, {"year": range(2001, 2025)}, ("year", "pixel")), "igbp")


@settings(max_examples=200, deadline=None)
@given(length=st.integers(1, 5), start=st.integers(6, 12), pair=st.permutations(range(1, 8)), product=products)
def test_a_spell_that_returns_is_confusion(length: int, start: int, pair: list[int], product: str) -> None:
    labels = [pair[0]] * 24
    labels[start : start + length] = [pair[1]] * length
    assert series(filtered(of(labels), product=product)) == [[pair[0]] * 24]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 4), min_size=12, max_size=12), min_size=1, max_size=6))
def test_a_pixel_does_not_depend_on_its_neighbours(labels: list[list[int]]) -> None:
    together = filtered(of(*labels))
    assert series(together) == [series(filtered(of(each)))[0] for each in labels]
    lazy = filtered(of(*labels).chunk({"pixel": 2, "year": 5}))
    assert lazy.chunks is not None
    xr.testing.assert_identical(lazy.compute(), together)
    chances = class_probabilities(of(*labels))
    xr.testing.assert_identical(class_probabilities(of(*labels).chunk({"pixel": 2, "year": 5})).compute(), chances)
    seen = of(*labels).max("year") > 0
    np.testing.assert_allclose(chances.sum("class").where(seen, 1), 1, atol=1e-5)
    assert bool(chances.isnull().all(["class", "year"]).where(~seen, True).all())


def test_years_that_are_left_out_are_gaps() -> None:
    cover = of("222266622222")
    some = cover.sel(year=[2001, 2002, 2003, 2007, 2012])
    found = filtered(some)
    assert found.year.values.tolist() == some.year.values.tolist()
    assert series(found) == [[2, 2, 2, 2, 2]]
    xr.testing.assert_identical(filtered(some.astype(np.uint8)), found)
    assert class_probabilities(some).sizes["year"] == 5


def test_labels_may_be_floats_in_any_order_of_dimensions() -> None:
    cover = of("222266622222", "333333333333").astype(float)
    gappy = cover.where(cover.year != 2003).T.assign_attrs(long_name="land cover")
    found = filtered(gappy)
    assert (found.dims, found.dtype, found.attrs) == (("pixel", "year"), np.int8, gappy.attrs)
    assert found.values.tolist() == [[2, 2, NODATA] + [2] * 9, [3, 3, NODATA] + [3] * 9]


def test_without_a_filter_labels_are_as_they_are() -> None:
    cover = of("222266622222")
    xr.testing.assert_identical(filtered(cover, "none"), cover)


def test_what_cannot_be_filtered_is_refused() -> None:
    with pytest.raises(IndicatorError, match="no 'year'"):
        filtered(xr.DataArray([1, 2], dims="x"))
    with pytest.raises(IndicatorError, match="'median' is unknown; use one of none, hidden-markov"):
        filtered(of("22"), "median")  # type: ignore[arg-type]
    with pytest.raises(IndicatorError, match="product 'glc' is unknown; use one of igbp"):
        filtered(of("22"), product="glc")
    with pytest.raises(IndicatorError, match="product 'glc' is unknown"):
        rates_of(of("22"), "glc")


def test_a_product_is_known_by_its_legend() -> None:
    assert set(PRODUCTS) - {"generic"} <= set(LEGENDS)
    assert [product_of(legend) for legend in ("igbp", "esa-cci", "unccd", None)] == ["igbp", "esa-cci"] + [
        "generic"
    ] * 2


def test_profiles_name_the_filters_there_are() -> None:
    assert get_args(get_type_hints(Profile)["cover_filter"]) == get_args(Method)


@pytest.mark.parametrize("product", sorted(PRODUCTS))
def test_every_row_of_the_rates_is_a_distribution(product: str) -> None:
    rates = of_product(product)
    for table in (rates.classes, rates.change, rates.shows, rates.begins, rates.kinds):
        assert (table >= 0).all()
        np.testing.assert_allclose(table.sum(-1), 1)
    np.testing.assert_allclose(rates.start().sum(), 1)


def changing(rng: np.random.Generator, pixels: int, yearly: float) -> np.ndarray:
    """True classes of 24 years: grassland, of which a share becomes other land every year, for good."""
    year = rng.geometric(yearly, pixels)
    return np.where(np.arange(24)[:, None] < year, 2, 6).astype(np.int8)


@pytest.mark.parametrize(("rate", "duration"), [(0.005, 3.0), (0.01, 4.0), (0.02, 2.0)])
def test_rates_are_found_from_the_labels(rate: float, duration: float) -> None:
    rng = np.random.default_rng(7)
    true = changing(rng, 20_000, 0.002)
    labels = confused(true, {2: (6,), 6: (2,)}, rng, rate=rate, duration=duration)
    cover = xr.DataArray(labels, {"year": range(2001, 2025)}, ("year", "pixel"))
    found = rates_of(cover, "igbp")
    steady = 1 - found.begins[0, 1, 1]
    assert found.kinds[0] > 0.98
    assert steady == pytest.approx(rate, rel=0.15)
    assert 1 / found.ending[0] == pytest.approx(duration, rel=0.15)
    assert found.change[1, 5] == pytest.approx(0.002, rel=0.25)
    assert found.change[5, 1] < 0.005
    wrong = (filtered(cover, rates=found).values != true).mean()
    assert wrong < 0.2 * (labels != true).mean()


def test_confusion_may_gather_in_mixed_pixels() -> None:
    rng = np.random.default_rng(11)
    true = changing(rng, 20_000, 0.002)
    rate = np.where(rng.random(20_000) < 0.08, 0.15, 0.0005)
    labels = confused(true, {2: (6,), 6: (2,)}, rng, rate=rate, duration=3.0)
    cover = xr.DataArray(labels, {"year": range(2001, 2025)}, ("year", "pixel"))
    found = rates_of(cover, "igbp")
    assert found.kinds[1] == pytest.approx(0.08, rel=0.2)
    assert 1 - found.begins[1, 1, 1] == pytest.approx(0.15, rel=0.2)
    assert (filtered(cover, rates=found).values != true).mean() < 0.35 * (labels != true).mean()


def test_few_pixels_keep_the_rates_of_the_product() -> None:
    known, found = of_product("igbp"), rates_of(of("2" * 24, "6" * 24), "igbp")
    np.testing.assert_allclose(found.change, known.change, rtol=0.05)
    np.testing.assert_allclose(found.ending, known.ending, rtol=0.05)


def test_real_labels_of_the_sahel() -> None:
    folder = SHARED / "assaba" / "landcover"
    if not folder.is_dir():
        pytest.skip(
            f"no {folder}: yearly MCD12Q1 of Assaba is not here; test_confusion_may_gather… is the same, generated"
        )
    maps = []
    for path in sorted(folder.glob("*LCT.tif")):
        with rasterio.open(path) as source:
            maps.append(to_unccd(source.read(1).astype(np.int16), "igbp"))
    labels = np.stack(maps)
    inside = (labels > 0).all(0)
    cover = xr.DataArray(labels[:, inside], {"year": range(2010, 2024)}, ("year", "pixel"))
    found = filtered(cover, rates=rates_of(cover[:, ::8], "igbp")).values
    before, after = ((each[1:] != each[:-1]).mean() for each in (cover.values, found))
    assert before == pytest.approx(0.0164, abs=1e-4)
    assert after < 0.05 * before  # what returns is confusion; what stays is not
    assert (found != cover.values).mean() < 0.05
