"""Series of pressures are what the landscape has; years without images have no row and are asked for again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from affine import Affine
from checkout import ROOT
from odc.geo.geobox import GeoBox
from shapely import box

from offline.landscape import Scene, geography, of_geobox
from offline.landscape.drivers import ground, herds, irrigation, lakes, modification, winters
from offline.landscape.points import at
from offline.protocol.server import Server, serve
from offline.sources.simulated.drivers import JUMP
from offline.sources.simulated.source import SimulatedSource
from series.pressures import PRESSURES, yearly, years_a_request
from series.pressures.catalogue import DUSTY, SHEEP_UNITS
from series.pressures.model import area_km2
from series.service.earth_engine import Connection, connect
from series.year_tables import rows_of_years, whole_years

BY_NAME = {each.name: each for each in PRESSURES}
AREA = box(107.9, 46, 108.4, 46.4)
OUTLINES = {"here": AREA}


@contextmanager
def serving(**options: object) -> Iterator[Server]:
    with serve(SimulatedSource(**options)) as server:  # type: ignore[arg-type]
        connect(Connection(url=server.url))
        yield server


@pytest.fixture(scope="module")
def engine() -> Iterator[Server]:
    with serving() as server:
        yield server


def values(table: pd.DataFrame, variable: str) -> pd.Series:
    own = table[table["variable"] == f"{variable}_annual"]
    return pd.Series(own["value"].to_numpy(float), own["month"].dt.year)


def truth(cell: float, west: float = 107.9, north: float = 46.4, size: tuple[int, int] = (40, 50)) -> Scene:
    """The landscape in small cells over an area, that of `AREA` by default."""
    return of_geobox(GeoBox(size, Affine(cell, 0, west, 0, -cell, north), "EPSG:4326"))


def asked(name: str, years: range, outlines: dict[str, object] | None = None) -> pd.DataFrame:
    pressure, where = BY_NAME[name], outlines or OUTLINES
    return yearly(pressure, where, years, pressure.cell_of(where["here"]))  # type: ignore[arg-type]


def test_herds_are_counted_in_one_request_and_jump_in_mongolia(engine: Server) -> None:
    before = engine.count("features")
    found = asked("herds", range(1998, 2024))
    assert engine.count("features") - before == 1
    scene = truth(0.01)
    km2 = 1.1132**2 * np.cos(np.radians(scene.points.lat))
    for variable, species in (("herd_sheep", "sheep"), ("herd_horses", "horse"), ("herd_cattle", "cattle")):
        series = values(found, variable)
        assert series.index.tolist() == [*range(2000, 2023)]
        true = [float((herds.density(scene, species, year) * km2).sum()) for year in (2000, 2011, 2022)]
        # all of the area is in Mongolia
        np.testing.assert_allclose(series[[2000, 2011, 2022]], np.array(true) * JUMP, rtol=0.03)
    units = sum(weight * values(found, name) for name, weight in SHEEP_UNITS)
    np.testing.assert_allclose(values(found, "herd_sheep_units"), units, rtol=1e-12)
    assert set(found["units"]) == {"head", "sheep units"}


def test_a_coarse_cell_counts_as_many_heads(engine: Server) -> None:
    herd = BY_NAME["herds"]
    fine, coarse = (values(yearly(herd, OUTLINES, [2010], cell), "herd_goats")[2010] for cell in (1 / 120, 0.05))
    assert coarse == pytest.approx(fine, rel=0.05)


def test_dust_is_the_mean_of_an_hour_a_day_and_days_above_the_threshold(engine: Server) -> None:
    gobi = {"here": box(103.9, 42.2, 104.6, 42.9)}
    found = asked("dust", range(2010, 2012), gobi)
    # one cell of MERRA nearly fills the area: 103.75 to 104.6875, 42.25 to 42.75
    scene = truth(0.01, 103.9, 42.9, (70, 70))
    for year in (2010, 2011):
        days = [date(year, 1, 1) + timedelta(n) for n in range(365)]
        sampled = [day for day in days if (day - date(1980, 1, 1)).days % 3 == 0]
        dust = np.array([float(ground.dust(scene, day).mean()) for day in sampled])
        assert values(found, "dust")[year] == pytest.approx(1e6 * dust.mean(), rel=0.15)
        assert values(found, "dust_days")[year] == pytest.approx(365 * (dust > DUSTY).mean(), abs=25)
        assert values(found, "dust_days")[year] > 5


def test_albedo_is_that_of_summer_days(engine: Server) -> None:
    found = values(asked("albedo", range(2010, 2012)), "albedo")
    scene = truth(0.01)
    for year in (2010, 2011):
        days = BY_NAME["albedo"].chosen(year)
        assert [days[0].isoformat(), days[-1].isoformat()] == [f"{year}-06-10", f"{year}-09-30"]
        assert found[year] == pytest.approx(np.mean([ground.albedo(scene, day).mean() for day in days]), abs=0.004)


def test_snow_days_are_those_of_the_winter_that_ends_in_the_year(engine: Server) -> None:
    found = values(asked("snow", range(2008, 2014)), "snow_days")
    scene = truth(0.02, size=(20, 25))
    days = {year: BY_NAME["snow"].chosen(year) for year in found.index}
    assert {day.year for day in days[2012]} == {2011, 2012}
    true = [151.25 * np.mean([(winters.snow_share(scene, d) >= 0.4).mean() for d in days[y]]) for y in found.index]
    np.testing.assert_allclose(found, true, atol=9)
    assert np.corrcoef(found, true)[0, 1] > 0.7


def test_water_shrinks_with_the_lake(engine: Server) -> None:
    lon, lat, radius = geography.LAKES[4]
    wide = 1.4 * radius / np.cos(np.radians(lat))
    shore = {"here": box(lon - wide, lat - 1.1 * radius, lon + wide, lat + 1.1 * radius)}
    found = asked("surface_water", [*range(1982, 1987), 1990, *range(2019, 2024)], shore)
    permanent, seasonal = values(found, "water_permanent"), values(found, "water_seasonal")
    assert permanent.index.tolist() == [1984, 1985, 1986, 1990, 2019, 2020, 2021]
    for year in (1990, 2020):
        core = lakes.permanent(year, 0)
        # the sphere's degrees are 111.2 to 111.3 km long at this latitude
        disc = np.pi * (111.2 * radius) ** 2
        # cells on the shore have their commonest class, in a tie the lower one
        assert permanent[year] == pytest.approx(disc * core**2, rel=0.03)
        assert seasonal[year] == pytest.approx(disc * ((core + lakes.BELT) ** 2 - core**2), rel=0.1)
    assert permanent.loc[2019:].mean() < 0.85 * permanent.loc[:1986].mean()


def test_human_modification_is_that_of_each_threat_every_five_years(engine: Server) -> None:
    before = engine.count("features")
    found = asked("human_modification", range(1988, 2026))
    assert engine.count("features") - before == 1
    scene = truth(0.01)
    for variable, threat in (("modified_agriculture", "AG"), ("modified_built_up", "BU"),
                             ("modified_energy_mining", "EX"), ("modified_transport", "TI")):  # fmt: skip
        series = values(found, variable)
        assert series.index.tolist() == [1990, 1995, 2000, 2005, 2010, 2015, 2020]
        true = [float(modification.modified(scene, year, threat).mean()) for year in (1990, 2020)]
        np.testing.assert_allclose(series[[1990, 2020]], true, rtol=0.15, atol=0.004)
    assert BY_NAME["human_modification"].within(range(2001, 2005)) == []
    assert BY_NAME["human_modification"].period == "1990–2020, every 5 years"


def test_irrigation_is_the_land_of_cells_of_each_class(engine: Server) -> None:
    fields = {"here": box(106, 37.5, 107, 38.5)}
    found = asked("irrigation", range(1999, 2020), fields)
    source, grid = SimulatedSource(), GeoBox((12, 12), Affine(1 / 12, 0, 106, 0, -1 / 12, 38.5), "EPSG:4326")
    km2 = (111.2 / 12) ** 2 * np.cos(np.radians(38.5 - (np.arange(12) + 0.5) / 12))[:, None] * np.ones((12, 12))
    for year in (2001, 2015):
        image = source.get(f"users/deepakna/global_irrigation_maps/{year}")
        classes = image.read("classification", grid, "nearest")[0]  # type: ignore[union-attr]
        for variable, class_ in (("irrigated_cells_high", 2), ("irrigated_cells_low", 1)):
            series = values(found, variable)
            assert series.index.tolist() == [*range(2001, 2016)]
            assert series[year] == pytest.approx(float(km2[classes == class_].sum()), rel=0.01)


def test_stored_water_is_the_mean_of_mascons_without_the_gap(engine: Server) -> None:
    wide = {"here": box(102, 42, 108, 48)}
    found = values(asked("stored_water", range(2001, 2026), wide), "stored_water")
    assert found.index.tolist() == [*range(2003, 2017), *range(2019, 2025)]
    lon, lat = np.array([[103.5, 106.5]]), np.array([[43.5], [46.5]])
    mascons = Scene(at(lon, lat), 0)
    months = [month for month in range(12) if month not in (0, 5)]  # January and June 2011 have no solution
    # cells of a degree count alike, as on the service
    true = np.mean([irrigation.stored_water(mascons, 12 * 2011 + month).mean() for month in months])
    assert found[2011] == pytest.approx(true, abs=0.01)
    # 2014 has none in December, but later ones: it is complete
    assert 2014 in found.index
    water = BY_NAME["stored_water"]
    assert water.is_of(wide["here"])
    assert not water.is_of(AREA)
    assert area_km2(box(0, 0, 1, 1)) == pytest.approx(111.195**2, rel=1e-3)
    with serving(today=date(2024, 9, 1)):
        years = values(asked("stored_water", range(2020, 2026), wide), "stored_water").index
    assert years.tolist() == [2020, 2021, 2022, 2023]


def test_a_year_without_all_its_images_has_no_row() -> None:
    """On 15 August 2026: burned area of Terra and Aqua to May, dust to June, albedo to July, maps of 2025 to come."""
    village = {"here": box(108, 46, 108.05, 46.05)}
    with serving(today=date(2026, 8, 15)):
        last = {
            name: values(asked(name, range(2024, 2028), village), series).index.max()
            for name, series in (
                ("burned", "burned"), ("dust", "dust"), ("albedo", "albedo"), ("snow", "snow_days"),
                ("land_use", "cropland"), ("night_lights", "night_lights"),
            )
        }  # fmt: skip
    assert last == {
        "burned": 2025, "dust": 2025, "albedo": 2025, "snow": 2026, "land_use": 2024, "night_lights": 2025,
    }  # fmt: skip


def test_years_go_on_as_the_asset_does(tmp_path: Path) -> None:
    """A run in 2027 asks again for what a run in 2026 did not get, and not for what it got."""
    lights, asks = BY_NAME["night_lights"], []

    def kept(today: date) -> list[int]:
        def ask(years: tuple[int, ...]) -> pd.DataFrame:
            asks.append(years)
            return yearly(lights, {"here": box(108, 46, 108.05, 46.05)}, years)

        wanted = whole_years(lights.within(range(2011, 2027)))
        with serving(today=today):
            rows = rows_of_years(tmp_path / "lights.json", wanted, ask, 20, keep_empty=False)
        return [int(month[:4]) for month in rows["month"]]

    assert kept(date(2026, 3, 1)) == [*range(2013, 2025)]
    assert kept(date(2027, 7, 1)) == [*range(2013, 2027)]
    assert kept(date(2027, 8, 1)) == [*range(2013, 2027)]
    assert asks == [tuple(range(2013, 2027)), (2025, 2026)]


def test_more_pixels_are_fewer_years_a_request() -> None:
    for pressure in PRESSURES:
        assert years_a_request(pressure, 1e6) == 1
    assert years_a_request(BY_NAME["herds"], 1.0, 0.05) > years_a_request(BY_NAME["herds"], 1.0) > 23


def test_a_request_opens_some_thousand_images_at_most() -> None:
    assert years_a_request(BY_NAME["dust"], 1e-3) == 10
    assert years_a_request(BY_NAME["night_lights"], 1e-3) > 100


def test_measures_have_names_of_their_own() -> None:
    names = [measure.name for pressure in PRESSURES for measure in pressure.measures]
    assert len(set(names)) == len(names)
    assert {"herd_sheep_units", "dust", "dust_days", "albedo", "snow_days", "water_permanent", "wind_erosion"} <= set(
        names
    )


def test_the_page_of_drivers_says_what_the_catalogue_says() -> None:
    page = (ROOT / "docs" / "science" / "drivers.md").read_text(encoding="utf-8")
    for pressure in PRESSURES:
        rows = [line for line in page.splitlines() if line.startswith("|") and f"`{pressure.asset}`" in line]
        cells = [cell.strip() for cell in rows[0].split("|")]
        assert all(f"`{asset}`" in cells[2] for asset in pressure.assets)
        assert cells[3:7] == [pressure.period, pressure.notes.licence, pressure.notes.uncertainty, pressure.notes.trap]
        assert all(f"`{measure.name}_annual` ({measure.units})" in cells[1] for measure in pressure.measures)
