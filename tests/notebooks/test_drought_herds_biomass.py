"""The study of drought, herds and pasture runs from the first cell to the last: on generated fields, on Mongolia's."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pytest
from checkout import ROOT
from nbclient import NotebookClient

FIELDS = ROOT.parent / "shared" / "data"
YEARS = np.arange(2007, 2021)
#: Plots of the made-up steppe that lose two fifths of their biomass in 2014.
LOST = (0, 3)
#: What a test asks of the notebook, as text of a cell after its last.
ASKED = """
import json
print("ASKED" + json.dumps({
    "share": {f"{name}, {cause}": row["variance_share"] for (name, cause), row in explained.iterrows()},
    "departures": {f"{name}, {cause}": row["variance_share"] for (name, cause), row in departed.iterrows()},
    "plots": int(agreement.loc["all", "plots"]),
    "same": agreement.loc["all", "same"],
    "yearly": agreed_yearly,
    "together": yearly.to_dict("index"),
    "q": {f"{name}, {factor}": row["q"] for (name, factor), row in where.iterrows()},
    "smallest": smallest.to_dict("index"),
    "judged": verdicts[["plots", "lost", "gained"]].to_dict("index"),
    "compared with": list(verdicts["compared with"]),
    "largest decline of biomass found": float(chances["biomass 2007–2020"].curve.query("scale == 'region'")["found"].max()),
}) + "END")
"""  # noqa: E501

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


def answers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The notebook's findings on the fields of `folder`."""
    monkeypatch.setenv("DRYLANDS_FIELD_DATA", str(folder))
    notebook = nbformat.read(ROOT / "notebooks" / "drought_herds_biomass.ipynb", as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(ASKED))
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    outputs = [each for cell in notebook.cells for each in cell.get("outputs", [])]
    (chart,) = (each["data"]["image/png"] for each in outputs if "image/png" in each.get("data", {}))
    assert len(chart) > 20_000
    (told,) = re.findall("ASKED(.*?)END", "".join(each.get("text", "") for each in outputs))
    return dict(json.loads(told))


def test_mongolia(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drought goes with biomass, and trends of the two measures agree no better than a coin."""
    if not (FIELDS / "mongolia-biomass").is_dir():
        pytest.skip("field data of Mongolia are not beside the checkout (../shared/data/mongolia-biomass)")
    found = answers(FIELDS, monkeypatch)
    assert found["plots"] == 773
    assert found["share"]["biomass 2007–2020, summer SPEI-3"] == pytest.approx(0.58, abs=0.01)
    assert found["share"]["biomass 2007–2020, herds"] == pytest.approx(0.05, abs=0.01)
    assert found["share"]["greenness 2001–2020, herds"] == pytest.approx(0.66, abs=0.01)
    assert found["departures"]["greenness 2001–2020, herds"] < 0.05
    assert found["departures"]["biomass 2007–2020, herds"] == pytest.approx(0.42, abs=0.01)
    assert found["together"]["greenness 2001–2020"]["summer SPEI-3"] == pytest.approx(0.68, abs=0.01)
    assert found["same"] == pytest.approx(0.50, abs=0.01)
    assert found["yearly"] == pytest.approx(0.71, abs=0.01)
    assert found["q"]["mean biomass, aimag"] == pytest.approx(0.60, abs=0.01)
    assert found["q"]["biomass trend, eco-zone"] < 0.03
    assert np.isnan(found["smallest"]["biomass 2007–2020"]["region, ramp"])
    assert found["judged"]["biomass 2007–2020"] == {"plots": 773, "lost": 0, "gained": 6}
    assert found["judged"]["greenness 2001–2020"] == {"plots": 732, "lost": 0, "gained": 58}
    assert set(found["compared with"]) == {"rain and temperature"}
    assert found["largest decline of biomass found"] < 0.8
    assert 0.05 < found["smallest"]["greenness 2001–2020"]["region, ramp"] < 0.15


def test_a_made_up_steppe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Biomass from SPEI alone, greenness from herds alone, levels from aimags, two plots that lose: found as made."""
    make_fields(tmp_path)
    found = answers(tmp_path, monkeypatch)
    assert found["plots"] == 60
    assert found["share"]["biomass 2007–2020, summer SPEI-3"] > 0.9
    assert found["share"]["greenness 2007–2020, herds"] > 0.9
    assert found["departures"]["greenness 2001–2020, herds"] > 0.9
    assert found["judged"]["biomass 2007–2020"]["lost"] == len(LOST)
    assert found["judged"]["greenness 2001–2020"]["lost"] == 0
    assert found["q"]["mean biomass, aimag"] > 0.9 > 0.2 > found["q"]["mean biomass, eco-zone"]


def make_fields(folder: Path) -> None:
    """The study's files for 60 plots (and one clipped in half of the years) in three aimags."""
    import rasterio

    rng = np.random.default_rng(5)
    for name in ("mongolia-biomass", "mongolia-dzud", "lai-asia"):
        (folder / name).mkdir()
    long = np.arange(1990, 2025)
    drought = pd.Series(rng.normal(size=len(long)), pd.Index(long, name="Year"), name="JJA_Mean_SPEI3")
    drought.to_csv(folder / "mongolia-dzud" / "spei3_jja_national_1950_2024.csv")
    own = pd.concat(dict.fromkeys(("Arkhangai", "Dornod"), drought), names=["Aimag"])
    own.to_csv(folder / "mongolia-dzud" / "spei3_jja_two_aimags_1950_2024.csv")
    kinds = ["Horse", "Cattle", "Camel", "Sheep", "Goat"]
    herds = pd.DataFrame(rng.uniform(1, 3, (len(long), 5)), drought.index, kinds)
    herds.to_csv(folder / "mongolia-dzud" / "livestock_population_national_species.csv")
    units = herds @ np.array([7, 6, 5, 1, 0.9])

    aimags = np.array(["Arkhangai", "Dornod", "Govi"])
    gid = np.arange(61)
    plots = pd.DataFrame({"gid": gid, "aimag": aimags[gid % 3], "lon": 99.2 + gid // 6 % 4 / 2, "lat": 47.2})
    plots["soum"] = plots["aimag"] + (plots["gid"] % 6 // 3).astype(str)
    soums = plots.drop_duplicates("soum")[["aimag", "soum"]].set_axis(["aimag_mng", "soum_mng"], axis=1)
    soums = soums.assign(aimag_eng=soums["aimag_mng"], eco_dominant=4 + soums["soum_mng"].str[-1].astype(int))
    soums.to_csv(folder / "mongolia-biomass" / "mn_soum_db.csv", index=False)
    level = plots["aimag"].map({"Arkhangai": 9.0, "Dornod": 5.0, "Govi": 2.0})

    def kept(year: int) -> np.ndarray:
        return np.where(np.isin(gid, LOST) & (year >= 2014), 0.6, 1.0)

    clipped = [
        plots.assign(year=year, bms=(level + 0.5 * drought[year] + rng.normal(0, 0.3, 61)) * kept(year)).iloc[
            : 61 - year % 2
        ]
        for year in YEARS
    ]
    pd.concat(clipped).to_csv(folder / "mongolia-biomass" / "bms_plot.csv", index=False)

    green = np.stack([np.full((4, 4), 0.3 + 0.01 * units[year - 1]) for year in range(2001, 2021)])
    with rasterio.open(
        folder / "lai-asia" / "MOD15A2_LAI_China_G050_2001-2020.tif", "w", driver="GTiff", height=4, width=4, count=20,
        dtype="float32", crs="EPSG:4326", transform=rasterio.Affine(0.5, 0, 99.0, 0, -0.5, 48.0),
    ) as file:  # fmt: skip
        file.write((green + rng.normal(0, 1e-3, green.shape)).astype("float32"))
