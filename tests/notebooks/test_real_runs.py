"""The three real runs, in their notebook: on the real data, and on generated ones whose truth is known."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from checkout import ROOT, SHARED
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

NOTEBOOKS = ROOT / "notebooks"
FIELDS = SHARED
#: What a test asks of the notebook, as text of a cell after its last.
ASKED = """
import json
print("ASKED" + json.dumps({
    "districts": beside["rain, mm"].to_dict(),
    "rain p": float(beside["rain p"].min()),
    "follows": float(followed.min()),
    "degraded": beside["degraded, %"].astype(float).to_dict(),
    "causes": {name: of_all(causes[name]) for name in causes},
    "largest": [origin, target, float(largest), float(back)],
    "first year": float(first_year.min()),
    "trend": trends.to_dict(),
    "p": asia_table["p"].astype(float).to_dict(),
    "improved": trajectory["improved"].to_dict(),
    "asia degraded": worst.to_dict(),
    "breaks": [len(all_breaks), upward],
    "chile": [str(date)[:7] for date in found["central-chile"]["date"]],
    "chile sizes": found["central-chile"]["magnitude"].tolist(),
    "levels": [str(date)[:7] for date in levels["date"]],
    "off": {str(year): int(value) for year, value in off.items()},
    "atacama": [date.year for date in found["atacama"]["date"]],
    "bare": bare_share,
    "parts": parts.loc["central-chile"].to_dict(),
}) + "END")
"""

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


def executed(data: Path, work: Path, monkeypatch: pytest.MonkeyPatch) -> nbformat.NotebookNode:
    """The notebook after its last cell, and one that asks."""
    monkeypatch.setenv("DRYLANDS_FIELD_DATA", str(data))
    monkeypatch.setenv("DRYLANDS_DATA", str(work))
    notebook = nbformat.read(NOTEBOOKS / "real_runs.ipynb", as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(ASKED))
    place = {"metadata": {"path": str(NOTEBOOKS)}}
    NotebookClient(notebook, timeout=500, kernel_name="python3", resources=place).execute()
    return notebook


def answers(notebook: nbformat.NotebookNode) -> dict[str, Any]:
    """What the notebook found; its nine figures and three discussions are there."""
    outputs = [each for cell in notebook.cells for each in cell.get("outputs", [])]
    pictures = [each["data"]["image/png"] for each in outputs if "image/png" in each.get("data", {})]
    assert len(pictures) == 10
    assert min(map(len, pictures)) > 15_000
    told = [each["data"]["text/markdown"] for each in outputs if "text/markdown" in each.get("data", {})]
    assert len(told) == 3
    assert not re.search(r"\bnan\b|None", "".join(told))
    (found,) = re.findall("ASKED(.*?)END", "".join(each.get("text", "") for each in outputs))
    return dict(json.loads(found))


def test_the_real_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not (FIELDS / "assaba").is_dir():
        pytest.skip("real data are not beside the checkout (../shared/data/assaba)")
    notebook = executed(FIELDS, tmp_path, monkeypatch)
    found = answers(notebook)
    # Assaba: dry districts at the edge of vegetation are called degraded, by a land-cover map that began in a wet year
    assert len(found["districts"]) == 8
    assert min(found["districts"].values()) < 100 < 400 < max(found["districts"].values())
    assert found["rain p"] > 0.05
    assert found["follows"] > 0.4
    assert found["causes"]["trajectory"] < 0.1
    assert found["causes"]["soil_organic_carbon"] > found["causes"]["state"] > found["causes"]["trajectory"]
    assert found["largest"][:2] == ["grassland", "other land"]
    assert found["largest"][2] > 3 * found["largest"][3]
    assert found["first year"] > 0
    edge = [found["degraded"][name] for name, mm in found["districts"].items() if 150 < mm < 320]
    wet = [found["degraded"][name] for name, mm in found["districts"].items() if mm > 320]
    assert min(edge) > max(wet)
    # greening from Horqin to Ordos and in Dornod, and no fall anywhere
    assert all(found["improved"][name] > 90 for name in ("horqin", "ordos", "hobq", "dornod"))
    assert min(found["trend"].values()) > 0
    assert max(found["asia degraded"].values()) == pytest.approx(2.2, abs=0.1)
    assert found["breaks"] == [13, 13]
    # central Chile: no break of the trend before 2015, a small one of the level about the onset
    assert found["chile"] == ["2015-10"]
    assert found["chile sizes"][0] > 0
    assert found["levels"][0] in ("2011-01", "2011-02", "2011-03")
    assert (found["off"]["2011"], found["off"]["2016"], found["off"]["2019"]) == pytest.approx((-9, 10, -21), abs=1)
    assert found["parts"]["state"] > found["parts"]["trajectory"] > found["parts"]["performance"]
    assert found["atacama"] == [2011, 2017]
    assert found["bare"] > 75
    assert "**Does central Chile break about 2010?** No." in json.dumps(notebook)


def test_generated_runs_tell_what_was_put_in(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    from generated_sources import assaba_like, chile_like, lai_like

    data = tmp_path_factory.mktemp("like")
    assaba_like(data)
    lai_like(data)
    chile_like(data)
    notebook = executed(data, tmp_path, monkeypatch)
    found = answers(notebook)
    assert found["degraded"]["falling"] > 99
    assert found["degraded"]["steady"] < 20
    assert found["largest"][:2] == ["grassland", "other land"]
    assert found["asia degraded"]["eastern-gobi"] > 10
    assert [date[:4] for date in found["chile"]] in (["2010"], ["2011"])
    assert found["chile sizes"][0] == pytest.approx(-0.125, abs=0.02)
    assert "**Does central Chile break about 2010?** Yes." in json.dumps(notebook)


def test_what_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lai-asia").mkdir()
    with pytest.raises(CellExecutionError, match=r"lacks assaba/gpp, .*atacama.tif; put the files there"):
        executed(tmp_path, tmp_path / "work", monkeypatch)
