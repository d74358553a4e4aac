"""Published results for the tests of the page: three regions, two methods, two origins, an older revision."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import datetime
from typing import Any

import httpx
import numpy as np
import pandas as pd
from sqlalchemy import Engine

from practices.record.catalogue import seed
from practices.results.publish import publish
from practices.results.records import AssessmentRecord, RegionRecord, RunRecord


def square(west: float, south: float, size: float = 2.0) -> dict[str, Any]:
    """A square as GeoJSON."""
    east, north = west + size, south + size
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


REGIONS = (
    RegionRecord("otindag", "Otindag sandy land", ("CHN",), "sandy steppe", square(114.0, 42.0)),
    RegionRecord("dornod", "Dornod steppe", ("MNG",), "steppe", square(114.5, 46.5)),
    RegionRecord("ordos", "Mu Us sandy land and Ordos", ("CHN",), "sandy steppe", square(108.0, 37.5)),
)
#: Degraded share of the land in percent, by region.
DEGRADED = {"otindag": 42.0, "dornod": 12.0, "ordos": 3.0}
#: Who may edit in the tests.
NAME, PASSWORD = "Сарнай", "steppe-grass-2026"
YEARS = tuple(range(2001, 2025))


def fill(engine: Engine) -> None:
    """The practices, simulated results of all regions, results from files of one, and an older revision."""
    seed(engine)
    for number, region in enumerate(REGIONS):
        for method in ("ne-asia", "trends-earth"):
            put(engine, region, method=method, origin="simulated", degraded=DEGRADED[region.id], number=number)
    put(engine, REGIONS[1], method="ne-asia", origin="offline-files", degraded=7.0, number=9)
    put(engine, REGIONS[0], method="ne-asia", origin="simulated", degraded=55.5, number=0, again="b")
    agree(engine, REGIONS[0])


def put(
    engine: Engine, region: RegionRecord, *, method: str, origin: str, degraded: float, number: int, again: str = "a"
) -> None:
    """Publish a run of one region: a whole period and a baseline."""
    run = RunRecord(
        f"{region.id}-{method}-{origin}-{again}",
        origin,
        {
            "productivity": {"key": "mod13q1-ndvi", "asset": "MODIS/061/MOD13Q1", "cube": "c"},
            **({"protected_areas": PROTECTED} if method == "ne-asia" else {}),
        },
        "0.1.0",
        datetime(2026, 1, 1),
        datetime(2026, 1, 1 + number),
    )
    whole = AssessmentRecord(
        region,
        "2001-2024",
        (2001, 2024),
        method,
        areas(degraded),
        transitions(),
        statistics(degraded, method),
        patches=PATCHES,
        trend_percent_decade=-4.2,
        trend_p=0.004,
    )
    baseline = replace(
        whole, period="baseline", years=(2001, 2015), areas=areas(degraded / 2),
        statistics=statistics(degraded / 2, method), patches=pd.DataFrame(), trend_percent_decade=None, trend_p=None,
    )  # fmt: skip
    publish(engine, run, [whole, baseline], observations(region.id, number), breaks(region.id))


STATISTICS = pd.DataFrame(
    [
        ("field_significance", 0.38, None, None, 0.002, "1", "degraded share by trajectory; 999 orders of years"),
        ("degraded_by_chance", 0.05, 0.02, 0.11, None, "1", "degraded share with years in random order"),
        ("detectable_decline_pixel", None, None, None, None, "%", "not even 40 % was found that often"),
        ("detectable_decline_region", 10.0, None, None, None, "%", "smallest ramp found 80 % of the time"),
        ("degraded_share_in_accord", None, 0.31, 0.52, None, "1", "true degraded shares in accord with the map"),
        ("interval_kind", None, None, None, None, "1", "resampled significance, not how often the map is wrong"),
    ],
    columns=["name", "value", "low", "high", "p", "units", "note"],
)


PATCHES = pd.DataFrame(
    [
        (1, 120.5, 43.1, 115.2, "grazing", 0.88, 2012, 2011, 2013, 0.31, "herd_sheep_units", -0.7, -0.9, -0.3,
         "The loss since 2012 goes with grazing (88 %): herd sheep units changed 2.4-fold against matched land from "
         "2011 on."),
        (2, 60.0, 43.3, 115.6, "cannot be determined", 0.7, 2009, 2007, 2010, 0.2, None, None, None, None,
         "What the loss since 2009 goes with cannot be determined: no driver changed before it."),
        (3, 30.0, 43.6, 115.1, "cannot be determined", None, None, None, None, 0.1, None, None, None, None,
         "What the loss goes with cannot be determined: its loss began before the record."),
    ],
    columns=["patch", "area_km2", "lat", "lon", "verdict", "probability", "year", "low", "high", "loss", "driver",
             "r", "r_low", "r_high", "sentence"],
)  # fmt: skip


#: What links land, climate and nature, by method `ne-asia`.
LINKS = pd.DataFrame(
    [
        ("carbon_change", -1000.0, -2000.0, -100.0, None, "t C", "stock by land cover"),
        ("carbon_change_co2e", -11000 / 3, -22000 / 3, -1100 / 3, None, "t CO2e", "stock by land cover"),
        ("carbon_lost", -1500.0, -2500.0, -600.0, None, "t C", "stock by land cover"),
        ("carbon_gained", 500.0, 400.0, 600.0, None, "t C", "stock by land cover"),
        ("natural_land_lost", 150.0, 120.0, 200.0, None, "km2", "by land cover"),
        ("natural_land_gained", 12.5, None, None, None, "km2", "by land cover"),
        ("area_protected", 1000.0, None, None, None, "km2", "WDPA; licence: non-commercial"),
        ("degraded_inside_protected", 0.02, 0.01, 0.05, None, "1", "WDPA; licence: non-commercial"),
        ("degraded_outside_protected", 0.2, None, None, None, "1", "WDPA; licence: non-commercial"),
        ("key_areas", 2.0, None, None, None, "areas", "KBA; licence: non-commercial"),
        ("key_areas_covered_last", 0.25, None, None, None, "1", "KBA; licence: non-commercial"),
        ("trend_dust_days", 3.0, None, None, 0.01, "days decade-1", "trend"),
        ("trend_albedo", 0.001, None, None, 0.4, "decade-1", "trend"),
    ],
    columns=["name", "value", "low", "high", "p", "units", "note"],
)
PROTECTED = {
    "key": "protected", "asset": "WCMC/WDPA/current/polygons", "period": "present", "source": "WDPA",
    "licence": "non-commercial use only, of results too", "uncertainty": "not stated",
    "trap": "many areas of China are absent",
}  # fmt: skip


def statistics(degraded: float, method: str) -> pd.DataFrame:
    """The statistics of an assessment; by `ne-asia` alone the true shares in accord hold the mapped share."""
    if method != "ne-asia":
        return STATISTICS
    own = STATISTICS["name"] == "degraded_share_in_accord"
    found = STATISTICS.assign(
        low=STATISTICS["low"].where(~own, degraded / 125), high=STATISTICS["high"].where(~own, degraded / 80)
    )
    return pd.concat([found, LINKS], ignore_index=True)


def agree(engine: Engine, region: RegionRecord) -> None:
    """Publish how five methods agree on a region: 1,000 km² a number of methods."""
    counted = pd.DataFrame(
        {"indicator": "agreement", "class": [f"degraded_by_{n}" for n in range(6)], "area_km2": 1000.0}
    )
    record = AssessmentRecord(
        region, "2001-2024", (2001, 2024), "agreement", counted.assign(valid_km2=6000.0, total_km2=6000.0)
    )
    run = RunRecord("agreed", "simulated", {}, "0.1.0", datetime(2026, 1, 1), datetime(2026, 1, 2))
    empty = observations(region.id, 0).iloc[:0]
    publish(engine, run, [record], empty, breaks(region.id).iloc[:0])


def areas(degraded: float) -> pd.DataFrame:
    """10,000 km², water and gaps besides; the headline with an interval."""
    rows = []
    for indicator, share in {
        "sdg": degraded,
        "productivity": degraded * 0.9,
        "land_cover": 1.5,
        "soil_organic_carbon": 2.0,
    }.items():
        classes = {"degraded": share, "improved": 5.0, "undetermined": 1.0}
        classes["stable"] = 100 - sum(classes.values())
        valid = 9900.0
        for name, percent in classes.items():
            judged = name != "undetermined"
            known = indicator == "sdg" and name == "degraded"
            rows.append(
                (
                    indicator, name, percent * 100, valid, 10_200.0, percent / 99 if judged else np.nan,
                    percent * 100 * 0.8 if known else np.nan, percent * 100 * 1.2 if known else np.nan,
                )
            )  # fmt: skip
        rows.append((indicator, "water", 200.0, valid, 10_200.0, np.nan, np.nan, np.nan))
    names = ["indicator", "class", "area_km2", "valid_km2", "total_km2", "share", "low_km2", "high_km2"]
    return pd.DataFrame(rows, columns=names)


def transitions() -> pd.DataFrame:
    """Grassland that became cropland, and much that stayed."""
    rows = [("grassland", "grassland", 8000.0), ("grassland", "cropland", 150.0), ("cropland", "cropland", 1850.0)]
    return pd.DataFrame(rows, columns=["from_class", "to_class", "area_km2"])


def observations(region: str, number: int) -> pd.DataFrame:
    """Annual and monthly series: greenness that follows rain and falls after 2012."""
    rng = np.random.default_rng(number)
    rain = 250 + 60 * rng.normal(size=len(YEARS))
    green = 0.2 + rain / 2000 - 0.05 * (np.array(YEARS) > 2012)
    rows = [(region, "precipitation_annual", f"{y}-01-01", r, "mm") for y, r in zip(YEARS, rain, strict=True)]
    rows += [(region, "productivity_annual", f"{y}-01-01", g, "1") for y, g in zip(YEARS, green, strict=True)]
    for y, total in zip(YEARS, rain, strict=True):
        rows += [
            (region, "precipitation", f"{y}-{m:02}-01", total / 12 * (1 + (4 < m < 10)), "mm") for m in range(1, 13)
        ]
        rows += [(region, "spi_12", f"{y}-{m:02}-01", (total - 250) / 60, "1") for m in range(1, 13)]
    table = pd.DataFrame(rows, columns=["region", "variable", "month", "value", "units"])
    return table.assign(month=pd.to_datetime(table["month"]))


def breaks(region: str) -> pd.DataFrame:
    """The break that was put into the greenness, a dry year beside it, and one of the greenness as seen."""
    row = {"region": region, "variable": "productivity", "year": 2012, "low": 2011, "high": 2014, "magnitude": -0.05}
    beside = {"spi": -1.7, "spei": None, "soil_moisture_z": -1.1, "drought": "severe drought"}
    seen = {"variable": "productivity_as_observed", "year": 2006, "low": 2005, "high": 2008, "magnitude": -0.02}
    lost = {**row, "test": "OLS-MOSUM", "p": 0.01, **beside, "explained_by_rain": False}
    dry = {**row, **seen, **beside, "spi": -1.2, "drought": "moderate drought", "explained_by_rain": True}
    return pd.DataFrame([lost, dry])


def words(page: httpx.Response) -> str:
    """The text of a page."""
    body = re.sub(r"<(style|script|svg)\b.*?</\1>", " ", page.text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())
