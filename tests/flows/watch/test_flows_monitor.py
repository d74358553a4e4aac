"""The monitor from outside: month by month over a planted change, with its log, its pictures and its failures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from odc.geo.geobox import GeoBox
from PIL import Image
from shapely import box
from typed import Drylands, polygons

from flows.request.monitor import MonitorRequest
from offline.landscape import truth
from practices.database.open import open_database
from practices.results.alarms import alarms
from regions.grid import geobox

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("prefect_server")]

YEAR = 2018


@pytest.fixture(scope="module")
def changed() -> tuple[float, float]:
    """Longitude and latitude of the largest loss that was planted in Otindag in one year."""
    grid: GeoBox = geobox(box(112.6, 42.2, 117.2, 43.6), 0.02)
    known = truth(grid, (YEAR - 10, YEAR + 1))
    loss = known["break_size"].where(known["break_year"] == YEAR, 0.0)
    y, x = np.unravel_index(int(loss.values.argmin()), loss.shape)
    assert float(loss[y, x]) < -0.2
    return float(loss["x"][x]), float(loss["y"][y])


def test_a_planted_loss_is_found_in_its_summer_logged_once_and_judged(
    drylands: Drylands, tmp_path: Path, changed: tuple[float, float]
) -> None:
    x, y = changed
    polygons(tmp_path / "places.geojson", {"lost": box(x - 0.1, y - 0.1, x + 0.1, y + 0.1)})
    watch = (
        "monitor",
        "--world",
        "easy",
        "--regions-file",
        "places.geojson",
        "--start",
        f"{YEAR}-01",
        "--cell",
        "0.02",
    )
    code, said, failed = drylands(*watch, "--until", f"{YEAR}-07")
    assert code == 0, failed
    assert "SIMULATED" in said
    assert "10 pixel requests" not in said  # ten years, and the months that have images

    code, again, _ = drylands(*watch, "--until", f"{YEAR}-07")
    assert (code, "0 new in the log" in again, ", 0 pixel requests" in again) == (0, True, True)
    code, later, _ = drylands(*watch, "--until", f"{YEAR}-09")
    assert code == 0
    assert ", 2 pixel requests" in later

    engine = open_database(tmp_path / "drylands-data" / "practices.sqlite")
    try:
        log = alarms(engine)
    finally:
        engine.dispose()
    losses = log[(log["magnitude"] < 0) & (log["scope"] == "pixels")]
    assert len(losses)
    largest = losses.loc[losses["area_km2"].idxmax()]
    assert f"{YEAR}-04" <= str(largest["date"])[:7] <= f"{YEAR}-09"
    assert largest["fate"] in ("confirmed", "open")
    assert not log.duplicated(["scope", "place", "date"]).any()
    assert set(log["origin"]) == {"simulated"}

    (folder,) = (tmp_path / "drylands-data" / "results" / "lost").glob(f"monitor-{YEAR}01-{YEAR}10-*")
    table = pd.read_csv(folder / "alarms.csv")
    assert {"rain_z", "soil_moisture_z", "context", "confidence", "fate"} <= set(table)
    assert table["rain_z"].notna().all()
    with Image.open(folder / "map.png") as picture:
        drawn = np.asarray(picture.convert("RGB"))
    assert drawn.shape[1] > 400
    assert len(np.unique(drawn.reshape(-1, 3), axis=0)) > 20


def test_what_cannot_be_watched_says_why(drylands: Drylands, tmp_path: Path) -> None:
    code, _, error = drylands("monitor", "--start", "2024-13")
    assert (code, "'2024-13' is not a month; write June 2024 as 2024-06" in error) == (1, True)
    code, _, error = drylands("monitor", "--start", "2024-06", "--until", "2024-02")
    assert (code, "start 2024-06 is after until 2024-02" in error) == (1, True)
    code, _, error = drylands("monitor", "nowhere")
    assert (code, "no region 'nowhere'" in error) == (1, True)
    code, _, error = drylands("monitor", "--regions-file", "places.geojson", "--start", "2030-01", "--until", "2030-02")
    assert code == 1
    assert "--start 2030-01: mod13q1-ndvi covers 2001 to 2024" in error
    assert not (tmp_path / "drylands-data" / "results").exists()


def test_months_are_read_and_the_last_year_is_watched_by_default() -> None:
    request = MonitorRequest.model_validate({"regions": ["otindag"], "until": "2024-09"})
    assert str(request.until) == "2024-09-01"
    assert request.start is None
    with pytest.raises(ValueError, match="no region is named"):
        MonitorRequest.model_validate({"regions": []})
