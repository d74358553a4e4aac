"""The layout "evidence": a dense field of practice sites whose effects are known, on top of what else is planted."""

from __future__ import annotations

from datetime import date
from itertools import combinations

import numpy as np
import pytest
from affine import Affine
from odc.geo.geobox import GeoBox

from offline.landscape import field as sites_in
from offline.landscape import of_geobox, truth
from offline.landscape.planted import KM_PER_DEGREE
from offline.landscape.sites import FIELD_EFFECTS, FIELD_RADIUS_KM, FIELD_STARTS
from offline.sources.simulated.source import SimulatedSource

HERE = GeoBox((72, 84), Affine(1 / 60, 0, 112, 0, -1 / 60, 44), "EPSG:4326")
BOUNDS = (112.0, 42.8, 113.4, 44.0)
YEARS = (2001, 2024)


def test_the_field_is_the_same_from_every_window() -> None:
    whole = {site.name: site for site in sites_in(105, 40, 115, 46)}
    part = sites_in(*BOUNDS)
    assert len(part) > 10
    assert all(whole[site.name] == site for site in part)
    assert sites_in(*BOUNDS, seed=1) != part


def test_seven_regions_hold_hundreds_of_sites_of_every_size() -> None:
    everywhere = sites_in(100, 38, 122, 50)
    placebos = [site for site in everywhere if site.placebo]
    assert 0.45 < len(placebos) / len(everywhere) < 0.55
    assert {site.effect for site in placebos} == {0.0}
    assert {site.effect for site in everywhere if not site.placebo} == set(FIELD_EFFECTS)
    assert {site.start_year for site in everywhere} == set(FIELD_STARTS)
    low, high = FIELD_RADIUS_KM
    assert all(low <= site.radius_km <= high for site in everywhere)
    near = [
        np.hypot((a.lat - b.lat) * KM_PER_DEGREE, (a.lon - b.lon) * KM_PER_DEGREE * np.cos(np.deg2rad(a.lat)))
        for a, b in combinations(sites_in(110, 45, 114, 50), 2)
    ]
    assert min(near) > 15


def test_an_effect_settles_over_eight_years() -> None:
    site = next(site for site in sites_in(100, 38, 122, 50) if site.effect == 0.2 and site.start_year == 2008)
    assert (site.level(2007.5), site.level(2012.0), site.level(2016.0), site.level(2024.0)) == (0, 0.1, 0.2, 0.2)
    # eight seasons on the way, (0.54 + … + 7.54) / 8 of the whole, then nine years of it
    assert site.mean_effect(2024) == pytest.approx(0.2 * (sum(k + 0.54 for k in range(8)) / 8 + 9) / 17)


def test_only_sites_with_an_effect_differ_from_the_untouched_landscape() -> None:
    known = truth(HERE, YEARS, layout="evidence")
    sites = {site.name: site for site in sites_in(111, 42, 114, 45)}
    names = known["practice_site"].attrs["sites"].split()
    number = known["practice_site"].values
    assert len(np.unique(number[number > 0])) > 10
    effect = np.array([0.0, *(sites[name].effect for name in names)])[number]
    with_sites, without = (of_geobox(HERE, layout=layout) for layout in ("evidence", "untouched"))
    before, after = date(2004, 7, 11), date(2023, 7, 12)
    np.testing.assert_array_equal(with_sites.view(before).ndvi, without.view(before).ndvi)
    changed = with_sites.view(after).ndvi != without.view(after).ndvi
    assert not changed[effect == 0].any()
    assert changed[(effect != 0) & known["land"].values & (without.view(after).quality == 0)].mean() > 0.9
    gain = with_sites.season_ndvi(2023.5) - without.season_ndvi(2023.5)
    share = gain / without.season_ndvi(2000.5)
    np.testing.assert_allclose(share[effect > 0], effect[effect > 0], atol=1e-3)
    assert (truth(HERE, YEARS, layout="untouched")["practice_site"] == 0).all()


def test_patches_go_on_under_the_sites() -> None:
    """Land under a practice suffers what land elsewhere does: kinds and land cover are those of the other layout."""
    one, other = (truth(HERE, YEARS, layout=layout) for layout in ("evidence", "untouched"))
    for name in ("kind", "land_cover", "soil_carbon", "break_year"):
        np.testing.assert_array_equal(one[name], other[name])


def test_a_source_says_its_layout() -> None:
    assert SimulatedSource().describe()["layout"] == "practices"
    described = {"origin": "simulated", "seed": 0, "layout": "evidence", "world": "easy"}
    assert SimulatedSource(layout="evidence").describe() == described
