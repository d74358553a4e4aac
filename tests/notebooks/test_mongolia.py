"""The notebook on Mongolia's official tables: on the real ones, on generated ones whose truth is known, and without."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import nbformat
import numpy as np
import pandas as pd
import pytest
from checkout import ROOT, SHARED
from mongolia_tables import FILES, WINTER, LackingTables, aimag_name, losses, require, soums, winters
from nbclient import NotebookClient
from shapely import box

NOTEBOOKS = ROOT / "notebooks"
YEARS = np.arange(1970, 2025)
AIMAGS = {"Arkhangai": "Архангай", "Xovd": "Ховд", "Tov": "Төв", "Dornod": "Дорнод", "Omnogovi": "Өмнөговь"}
#: What a test asks of the notebook, as text of a cell after its last.
ASKED = """
import json
print("ASKED" + json.dumps({
    "herds": {period: herd_trends.loc[period, "p"].to_dict() for period in periods},
    "slopes": {period: herd_trends.loc[period, "% a decade"].to_dict() for period in periods},
    "losses": {name: [each.r, each.p] for name, each in found.items()},
    "since": since.r,
    "biomass": [list(biomass.index[biomass["discovery"]]), len(biomass), float(nation["p"])],
    "beside": beside["p"].to_dict(),
    "unknown": len(soums) - len(known),
    "apart": float(apart["share"].max()),
}) + "END")
"""

missing = [name for name in FILES if not (SHARED / name).is_file()]


def answers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, Any], str]:
    """The findings of the notebook on the tables of a folder, and its sentences."""
    monkeypatch.setenv("DRYLANDS_FIELD_DATA", str(folder))
    notebook = nbformat.read(NOTEBOOKS / "mongolia.ipynb", as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(ASKED))
    place = {"metadata": {"path": str(NOTEBOOKS)}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=place).execute()
    outputs = [each for cell in notebook.cells for each in cell.get("outputs", [])]
    (chart,) = (each["data"]["image/png"] for each in outputs if "image/png" in each.get("data", {}))
    assert len(chart) > 20_000
    said = "\n".join(each["data"]["text/markdown"] for each in outputs if "text/markdown" in each.get("data", {}))
    assert re.search(r"\bcaus", said) is None
    assert not re.search(r"\bnan\b|None", said)
    (told,) = re.findall("ASKED(.*?)END", "".join(each.get("text", "") for each in outputs))
    return dict(json.loads(told)), said


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_official_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Losses go with a dry summer before; biomass has no trend; animals by soum add up to the country's."""
    if missing:
        pytest.skip(f"official tables of Mongolia are not beside the checkout (../shared/data/{missing[0]})")
    found, said = answers(SHARED, monkeypatch)
    assert found["herds"]["private herds"]["Goat"] < 0.001 < 0.1 < found["herds"]["state herds"]["Goat"]
    assert found["slopes"]["private herds"]["sheep units"] == pytest.approx(31, abs=1)
    before, two, same, herd = found["losses"].values()
    assert before == [pytest.approx(-0.55, abs=0.01), pytest.approx(0.003, abs=0.001)]
    assert min(two[1], same[1], herd[1]) > 0.1
    assert found["since"] == pytest.approx(-0.52, abs=0.01)
    assert "More wetness of the summer before (SPEI-3) goes with less loss" in said
    assert "Nothing can be said of loss and animals in the December before" in said
    assert found["biomass"][:2] == [[], 18]
    assert found["biomass"][2] > 0.5
    assert min(found["beside"].values()) > 0.2
    assert found["unknown"] == 1
    assert found["apart"] < 0.2
    assert soums(SHARED)["head"].sum() == pytest.approx(70.97e6, rel=0.01)
    assert -25 < winters(SHARED).min() < winters(SHARED).max() < -12


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_generated_tables_tell_what_was_put_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Losses of large herds and not of drought, goats that rise and cattle that do not, biomass that falls in Khovd."""
    make_tables(tmp_path)
    found, said = answers(tmp_path, monkeypatch)
    assert found["herds"]["all years"]["Goat"] < 0.001 < 0.05 < found["herds"]["all years"]["Cattle"]
    before, two, same, herd = found["losses"].values()
    assert herd[0] > 0.8
    assert min(before[1], two[1], same[1]) > 0.05
    assert "More animals in the December before (sheep units) goes with more loss" in said
    assert "Nothing can be said of loss and wetness of the summer before" in said
    assert "khovd" in found["biomass"][0]
    assert found["biomass"][1] == 5
    assert found["unknown"] == 0


def test_what_lacks_is_named(tmp_path: Path) -> None:
    with pytest.raises(LackingTables, match=r"lacks mongolia-dzud/.* \(from github.com/.*DRYLANDS_FIELD_DATA"):
        require(tmp_path)


def test_aimags_have_one_name_in_all_tables() -> None:
    for writings in (("O'vorxangai", "Uvurkhangai", "Ovorkhangai"), ("Xentii", "Hentii"), ("To'v", "Tuv", "Tov")):
        assert len(set(map(aimag_name, writings))) == 1


def make_tables(folder: Path) -> None:
    """All files of the notebook for five aimags of four soums."""
    rng = np.random.default_rng(11)
    for name in FILES:
        (folder / name).parent.mkdir(exist_ok=True)
    index = pd.Index(YEARS, name="Year")
    rise = np.linspace(1, 3, len(YEARS))
    kinds = {"Horse": 2.0, "Cattle": 3.0, "Camel": 0.5, "Sheep": 14.0, "Goat": 5 * rise}
    swing = pd.Series(rng.normal(1, 0.1, len(YEARS)), index)
    herds = pd.DataFrame({name: level * swing for name, level in kinds.items()})
    herds.to_csv(folder / "mongolia-dzud/livestock_population_national_species.csv")
    spei = pd.Series(rng.normal(0, 0.5, 75), pd.Index(range(1950, 2025), name="Year"), name="JJA_Mean_SPEI3")
    spei.to_csv(folder / "mongolia-dzud/spei3_jja_national_1950_2024.csv")
    share = 0.05 + 0.3 * (swing.shift() - 1) + rng.normal(0, 0.005, len(YEARS))
    lost = herds.shift().mul(share, axis=0).loc[1992:]
    lost.assign(Total=lost.sum(axis=1)).to_csv(folder / "mongolia-dzud/livestock_losses_national_annual.csv")
    drying = pd.DataFrame({"Aimag": list(AIMAGS), "SPEI_slope_per_decade": rng.normal(-0.1, 0.05, 5)})
    drying.to_csv(folder / "mongolia-dzud/spei3_jja_aimag_trends.csv")

    codes = [f"{aimag}{soum}" for aimag in range(41, 46) for soum in range(11, 15)]
    listed = [{"CODE": f"3{code}", "DTVAL_CO": str(rng.uniform(50, 300))} for code in codes]
    (folder / "mongolia-prism/NSO_Livestock_Count_ths_Admin2.json").write_text(json.dumps({"DataList": listed}))
    names = [name for name in AIMAGS for _ in range(4)]
    shapes = [box(95 + n, 46, 96 + n, 47) for n in range(20)]
    columns = {"ADM1_EN": names, "ADM2_EN": codes, "ADM2_PCODE": codes}
    outlines = gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326")
    outlines.to_file(folder / "mongolia-soums/mongolia_adm_nso_v3.gpkg", layer="soum")
    cold = [dict.fromkeys(WINTER, -20.0 + n) for n in range(len(AIMAGS))]
    stations = [{"aimagname": name, **own, WINTER[0]: 10000} for name, own in zip(AIMAGS, cold, strict=True)]
    (folder / "mongolia-prism/longterm_data.json").write_text(json.dumps(stations))
    years = range(2009, 2020)
    dead = pd.DataFrame([[own, name, *rng.integers(50, 900, 11)] for name, own in AIMAGS.items()])
    dead.columns = ["Аймаг", "Aimag", *map(str, years)]
    head = ",".join(["Category_MN", "Category_EN", *(f"Year{n}" for n in range(1, 12))])
    text = f"{head}\n{dead.to_csv(index=False)}"
    (folder / "mongolia-prism/NSO_Animal_Deaths_Annual_Admin1.csv").write_text(text, encoding="utf-8")

    plots = pd.DataFrame({"gid": range(60), "aimag": [list(AIMAGS.values())[n % 5] for n in range(60)]})
    clipped = plots.merge(pd.DataFrame({"year": range(2007, 2021)}), how="cross")
    fall = np.where(clipped["aimag"] == "Ховд", 0.06 * (clipped["year"] - 2007), 0)
    clipped = clipped.assign(bms=5 * (1 - fall) * rng.lognormal(0, 0.3, len(clipped)))
    clipped.to_csv(folder / "mongolia-biomass/bms_plot.csv", index=False)
    both = pd.DataFrame({"aimag_eng": list(AIMAGS), "aimag_mng": list(AIMAGS.values())})
    both.to_csv(folder / "mongolia-biomass/mn_soum_db.csv", index=False)
    assert losses(folder).shape == (33, 5)
