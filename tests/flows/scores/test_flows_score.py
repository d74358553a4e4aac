"""`drylands score`: what it refuses, how scores are pooled, and a whole small run with its page and numbers."""

from __future__ import annotations

import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from chromium import chromium
from shapely import box
from typed import Drylands, polygons

from flows.errors import FlowError
from flows.region.landscape.scored import Key, ScoredLandscape
from flows.request.assess import ALL_PROFILES
from flows.scores import many
from flows.scores.export import tables
from flows.scores.page import ShownMaps, spans, write_page
from flows.scores.pooling import pooled
from flows.scores.scoring import MethodScores, parse_seeds, score, score_request
from indicators.certainty import Additive, Confusion

REGIONS = ("tottori", "yeongil")


def test_seeds_are_a_number_or_spans() -> None:
    assert parse_seeds("3") == (0, 1, 2)
    assert parse_seeds("0-4") == (0, 1, 2, 3, 4)
    assert parse_seeds("7-7,2-3, 3-4") == (7, 2, 3, 4)
    assert spans(parse_seeds("7-7,0-2")) == "0–2, 7"
    for wrong in ("0", "x", "4-0", "1,2", "", "-3", "20000"):
        with pytest.raises(FlowError, match="--seeds"):
            parse_seeds(wrong)


def test_what_cannot_be_scored_is_refused(drylands: Drylands, tmp_path: Path) -> None:
    def asked(*regions: str, world: str = "real", years: str = "2001-2024") -> object:
        return score_request(
            regions, seeds="1", world=world, cell=0.05, profiles="all", years=years, data=tmp_path / "data"
        )

    with pytest.raises(FlowError, match="easy, real, hard"):
        asked("suan", world="harder")
    with pytest.raises(FlowError, match="years"):
        asked("suan", years="2001-2003")
    polygons(tmp_path / "own.geojson", {"steppe": box(110, 46, 110.7, 46.5)})
    assert drylands("regions", "add", "own.geojson", "--data", "data")[0] == 0
    with pytest.raises(FlowError, match="region steppe: performance"):
        asked("steppe")
    request = score_request(
        (), seeds="2", world="easy", cell=0.05, profiles="ne-asia", years="2001-2024", data=tmp_path / "data"
    )
    assert len(request.places) == 2 * 17  # own polygons are left out where all are meant
    assert {place.region.id for place in request.places}.isdisjoint({"steppe"})


def landscape(region: str, seed: int, hit: float, *, wide: bool = False, calm: bool = False) -> ScoredLandscape:
    """A landscape of 10 km² of lost land, of which `hit` km² are found."""
    sums = [[hit, 10 - hit, 0, 0], [0, 90, 0, 0], [0, 0, 0, 0]]
    scores: dict[Key, Additive] = {("ne-asia", "2001-2024", "sdg"): Confusion.of(sums)}
    return ScoredLandscape(region, seed, scores, {"common_loss": wide, "calm": calm}, {"2001-2024": "2001-2024"})


def test_scores_are_pooled_by_group_and_region_with_intervals_over_seeds() -> None:
    made = [
        landscape("otindag", 0, 10),
        landscape("otindag", 1, 8),
        landscape("suan", 0, 6),
        landscape("suan", 1, 0, wide=True),
    ]
    pools = pooled(made)
    assert {name: pool.landscapes for name, pool in pools.items()} == {
        "all": 4, "patchy": 3, "region-wide": 1, "calm": 0, "otindag": 2, "suan": 2,
    }  # fmt: skip
    of = ("ne-asia", "2001-2024", "sdg", "loss_recall")
    assert pools["all"].value(*of) == (0.6, 0.4, 0.8)
    assert pools["patchy"].value(*of) == (0.8, 0.8, 0.8)
    assert pools["region-wide"].value(*of)[0] == 0
    assert pools["otindag"].value(*of)[0] == 0.9
    assert pools["calm"].value(*of) == (None, None, None)
    assert pooled(made[:1])["all"].value(*of) == (1, None, None)  # one seed has no interval


@pytest.mark.slow
def test_the_page_fits_a_phone_and_loads_nothing(tmp_path: Path) -> None:
    made = [landscape("otindag", seed, 5 + seed, wide=seed == 1) for seed in (0, 1)]
    request = score_request(
        ("otindag",), seeds="2", world="real", cell=0.05, profiles="ne-asia", years="2001-2024", data=tmp_path
    )
    maps = ShownMaps("otindag", 0, "ne-asia", {"truth": "data:image/png;base64,"}, 1.5)
    file = tmp_path / "page.html"
    write_page(MethodScores(request, made, pooled(made)), maps, file)
    with chromium() as browser:
        for width in (1280, 390):
            shown = browser.new_page(viewport={"width": width, "height": 800})
            asked: list[str] = []
            shown.on("request", lambda each, asked=asked: asked.append(each.url))
            shown.goto(file.as_uri())
            assert shown.evaluate("document.documentElement.scrollWidth") <= width
            assert [address for address in asked if not address.startswith("data:")] == [file.as_uri()]
            assert shown.locator("tbody tr", has_text="region-wide (1)").count() == 1
            assert "0.71" in shown.locator("tbody tr").first.inner_text()  # F1 of 11 km² found of 20, and none wrong


class Sources(HTMLParser):
    """What a page would load, and how often each element occurs."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.counts: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the element and the address it loads."""
        self.counts[tag] += 1
        self.loaded += [value or "" for name, value in attrs if name in ("src", "href", "srcset", "data")]


@pytest.mark.slow
def test_two_small_regions_of_two_landscapes(
    drylands: Drylands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    page, numbers, data = tmp_path / "page.html", tmp_path / "scores.json", tmp_path / "data"
    code, said, errors = drylands(
        "score", *REGIONS, "--seeds", "2-3", "--html", "page.html", "--json", "scores.json", "--data", "data"
    )
    assert code == 0, errors
    assert max(len(line) for line in said.splitlines()) <= 80
    assert "…" not in said  # nothing is cut off
    assert all(re.search(rf"^\s*{name} ", said, re.MULTILINE) for name in (*ALL_PROFILES, *REGIONS))

    content = json.loads(numbers.read_text())
    assert [row["period"] for row in content["periods"]] == ["2001-2024", "baseline", "report-1", "report-2"]
    assert {(row["region"], row["seed"]) for row in content["landscapes"]} == {(r, s) for r in REGIONS for s in (2, 3)}
    rows = {tuple(row[name] for name in ("group", "profile", "period", "what", "measure")): row for row in
            content["scores"]}  # fmt: skip
    assert len(rows) == len(content["scores"])  # tidy: one row for each number
    for profile in ALL_PROFILES:
        for period in ("2001-2024", "baseline", "report-1", "report-2"):
            assert 0 <= rows["all", profile, period, "sdg", "accuracy"]["value"] <= 1
        assert 0 <= rows["all", profile, "report-2", "status", "accuracy"]["value"] <= 1
        assert ("all", profile, "2001-2024", "breaks", "recall") in rows
    assert rows["all", "ne-asia-2", "2001-2024", "loss_probability", "error"]["value"] is not None
    assert rows["all", "ne-asia-2", "2001-2024", "share_lost", "count"]["value"] == 4
    land = sum(row["land_km2"] for row in content["landscapes"])
    areas = [row["km2"] for row in content["confusion"] if row["group"] == "all" and row["profile"] == "ne-asia-2"
             and row["period"] == "baseline" and row["what"] == "sdg"]  # fmt: skip
    assert sum(areas) == pytest.approx(land, rel=1e-4)  # every cell of the land is in one class

    html = Sources()
    html.feed(page.read_text())
    assert all(address.startswith("data:image/png;base64,") for address in html.loaded)
    assert (html.counts["img"], html.counts["svg"]) == (3, 1 + 8)
    assert "SIMULATED DATA" in page.read_text()

    monkeypatch.setattr(many, "score_landscape", lambda *_: pytest.fail("scores on disk were computed again"))
    again = score(
        score_request(REGIONS, seeds="2-3", world="real", cell=0.03, profiles="all", years="2001-2024", data=data)
    )
    assert isinstance(again, MethodScores)
    assert tables(again) == content
