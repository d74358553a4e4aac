"""The notebooks run from the first cell to the last, as they are, against the offline engine."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
import requests
from checkout import ROOT
from made_cubes import made, region
from nbclient import NotebookClient
from PIL import Image

from flows.region.results import compute_profiles
from flows.request.assess import AssessRequest
from offline.protocol.server import Server, serve
from offline.sources.simulated.source import SimulatedSource

NOTEBOOKS = ROOT / "notebooks"
#: Tile of the Daurian steppe (116.6 E, 50.6 N) at zoom 8.
TILE = {"x": "210", "y": "85", "z": "8"}


@pytest.fixture(scope="module")
def engine() -> Iterator[Server]:
    with serve(SimulatedSource()) as server:
        yield server


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_no_results_are_kept_in_a_notebook(path: Path) -> None:
    for cell in nbformat.read(path, as_version=4).cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_explore_region(engine: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRYLANDS_ENGINE", engine.url)
    monkeypatch.setenv("DRYLANDS_DATA", str(tmp_path))
    monkeypatch.delenv("EARTHENGINE_PROJECT", raising=False)
    where = region(20, 25, "daurian-steppe")
    request = AssessRequest(regions=(where.id,), data=tmp_path, permutations=19, pixel_breaks=False, workers=1)
    compute_profiles(where, made(tmp_path / "made", where), request, "simulated")
    notebook = nbformat.read(NOTEBOOKS / "explore_region.ipynb", as_version=4)
    place = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=place).execute()

    shown = json.dumps([cell.get("outputs") for cell in notebook.cells])
    assert "simulated, a virtual landscape" in shown
    charts = re.findall(r'"image/png": "([A-Za-z0-9+/=\\n]+)"', shown)
    assert [len(chart) > 20_000 for chart in charts] == [True, True]  # the series, and the classes of the result
    widgets: dict[str, Any] = notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    layers = {
        state["state"]["name"]: state["state"]["url"]
        for state in widgets.values()
        if state["state"].get("_model_name") == "LeafletTileLayerModel" and engine.url in state["state"]["url"]
    }
    assert list(layers) == [
        "NDVI, mean",
        "Land cover 2024",
        "Land-cover change: worse or better",
        "NDVI trend, % a decade, p < 0.05",
    ]
    legends = json.dumps(widgets)
    assert "NDVI trend, % a decade" in legends
    assert "Tree-covered" in legends
    for name, url in layers.items():
        answer = requests.get(url.format(**TILE), timeout=120)
        picture = np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGBA"))
        opaque = picture[picture[..., 3] == 255]
        assert 0 < len(opaque) < picture[..., 3].size
        colours = {tuple(each) for each in opaque[:, :3].tolist()}
        if "worse or better" in name:
            assert colours <= {(0xB0, 0x41, 0x3E), (0x01, 0x66, 0x5E)}
        else:
            assert len(colours) > 3
