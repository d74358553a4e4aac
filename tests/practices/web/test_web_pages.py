"""Pages: what they say, that simulated and real never mix, headers, caching, and that nothing comes from elsewhere."""

from __future__ import annotations

import asyncio
import csv
import html
import io
import json
import re
from collections.abc import MutableMapping
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest
from openpyxl import load_workbook
from sample import DEGRADED, REGIONS, STATISTICS, areas, breaks, fill, observations, square, transitions, words
from sqlalchemy import Engine
from starlette.responses import PlainTextResponse

from practices.database.open import open_database
from practices.record.catalogue import load
from practices.results.publish import publish
from practices.results.records import AssessmentRecord, RegionRecord, RunRecord
from practices.web.app import create_app
from practices.web.downloads import table
from practices.web.security import BodyLimit

PAGES = (
    "/",
    "/?sites=1&indicator=land_cover",
    "/regions",
    "/regions?q=mng",
    "/regions/otindag",
    "/regions/otindag?revision=1",
    "/regions/dornod?origin=offline-files",
    "/compare",
    "/compare?a=dornod&b=ordos",
    "/practices",
    "/about",
    "/practices?country=MNG&q=pasture",
    "/practices/chn-saihanba-forest-farm",
    "/practices/chn-saihanba-forest-farm/history",
    "/practices/chn-saihanba-forest-farm/card",
    "/regions/otindag/brief",
    "/nowhere",
    "/regions/nowhere",
    "/practices/nowhere",
)
EVIL = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' OR 1=1 --",
    "'; DROP TABLE practice; --",
    "{{7*7}}",
    "../../../etc/passwd",
    "%00",
    "javascript:alert(1)",
    "\u202e",
    "🌾" * 30,
    "\\",
    "${7*7}",
    "a" * 100,
)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_safe_and_whole(client: httpx.Client, path: str) -> None:
    page = client.get(path)
    assert page.status_code == (404 if path.endswith("nowhere") else 200)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-security-policy"].startswith("default-src 'self'")
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["x-frame-options"] == "DENY"
    # Nothing is loaded from elsewhere, and nothing inside that the policy forbids.
    loaded = re.findall(r"<(?:script|link|img|iframe|source|object|use)\b[^>]*?(?:src|href)=\"([^\"]*)\"", page.text)
    assert loaded
    assert all(each.startswith("/static/") for each in loaded)
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", page.text)
    assert page.text.count("<h1") == 1
    assert '<html lang="en"' in page.text


def test_the_map_says_what_the_database_holds(client: httpx.Client) -> None:
    page = client.get("/", params={"period": "2001-2024", "origin": "simulated"})
    said = dict(re.findall(r'data-said="([^:"]+): ([\d.]+) % degraded"', page.text))
    assert {name: float(value) for name, value in said.items()} == {
        "Otindag sandy land": 55.5,
        "Dornod steppe": DEGRADED["dornod"],
        "Mu Us sandy land and Ordos": DEGRADED["ordos"],
    }
    assert "bin-4" in page.text
    half = client.get("/", params={"period": "baseline", "origin": "simulated"})
    assert "Dornod steppe: 6.0 % degraded" in half.text
    cover = client.get("/", params={"period": "2001-2024", "origin": "simulated", "indicator": "land_cover"})
    assert "Dornod steppe: 1.5 % degraded" in cover.text


def test_real_results_come_first_and_never_stand_beside_simulated_ones(client: httpx.Client) -> None:
    first = client.get("/")
    assert "Dornod steppe: 7.0 % degraded" in first.text
    assert "Otindag sandy land: no result" in first.text
    assert "SIMULATED DATA" not in first.text
    assert "SIMULATED" not in first.text
    real = client.get("/regions/dornod")
    assert "7.0 % degraded" in words(real)
    assert "12.0 %" not in words(real)
    assert "SIMULATED DATA" not in words(real)
    mixed = client.get("/compare", params={"a": "dornod", "b": "otindag", "origin": "offline-files"})
    assert mixed.status_code == 404
    assert "no result is published for origin offline-files" in words(mixed)
    both = client.get("/compare", params={"a": "dornod", "b": "otindag"})
    assert "SIMULATED DATA: a virtual landscape" in words(both)
    assert "Degraded land: what leads 12.0 % degraded 55.5 % degraded" in words(both)
    assert "SDG 15.3.1: degraded in the period alone, as mapped 12 55.5 % of the land" in words(both)


@pytest.mark.parametrize(
    "path", ["/?origin=simulated", "/regions/otindag", "/compare?origin=simulated", "/regions/otindag/brief"]
)
def test_simulated_results_say_so_in_words_and_in_every_picture(client: httpx.Client, path: str) -> None:
    page = client.get(path)
    assert "SIMULATED DATA: a virtual landscape" in words(page)
    drawn = re.findall(r'<svg class="(?:chart|map)".*?</svg>', page.text, flags=re.DOTALL)
    assert drawn
    assert all(">SIMULATED</text>" in each for each in drawn)


def test_a_region_answers_the_four_questions(client: httpx.Client) -> None:
    text = words(client.get("/regions/otindag"))
    assert "55.5 % degraded" in text
    assert "44.4 % to 69.4 % of the land whose productivity can be judged is degraded (95 %)" in text
    assert "Mapped: 5,550 km² of 10,000 km² of land, 55.5 % (assessment of the period alone)." in text
    assert "not of the true area: in other similar years this method would map 44.4 % to 66.6 %." in text
    assert "2012 First year after the last break, 2011 to 2014 (95 %); downwards." in text
    assert "Greenness (vegetation index) fell by 4.2 % a decade; this is more than chance can explain." in text
    assert re.search(r"Greenness \(vegetation index\) is associated with it: r = [−0-9.]+ over 24 years", text)
    assert "land productivity 50.0 %, land cover 1.5 %, soil organic carbon 2.0 %" in text
    assert "p = 0.004" in text
    assert "150 km² changed class" in text
    assert "(Duolun County, point 40 km outside the outline; its radius of 45 km is a guess)" in text
    assert "Stilling the Mu Us sands around Yulin (Northern Yulin)" in words(client.get("/regions/ordos"))
    # Other methods and periods stand beside it.
    assert "trends-earth 42.0 %" in text
    assert "baseline 2001–2015 ne-asia 27.8 %" in text


def test_an_older_revision_stays_readable(client: httpx.Client) -> None:
    old = client.get("/regions/otindag", params={"revision": 1, "period": "2001-2024", "origin": "simulated"})
    assert "42.0 % degraded" in words(old)
    assert "as it was published" in words(old)
    assert "55.5 % degraded" in words(client.get("/regions/otindag"))
    assert client.get("/regions/otindag", params={"revision": 9}).status_code == 404


def test_a_view_that_is_not_there_shows_the_nearest_and_says_so(client: httpx.Client) -> None:
    page = client.get("/regions/otindag", params={"period": "2001-2024", "method": "unknown"})
    assert "no result for 2001-2024 by unknown; 2001-2024 by ne-asia is shown instead" in words(page)
    assert client.get("/regions/otindag", params={"origin": "earth-engine"}).status_code == 404


def test_regions_are_found_by_name_and_country(client: httpx.Client) -> None:
    assert "1 of 3 regions" in words(client.get("/regions", params={"q": "mu us"}))
    assert "2 of 3 regions" in words(client.get("/regions", params={"q": "chn"}))
    assert "No region matches" in words(client.get("/regions", params={"q": "sahara"}))


def test_practices_are_searched_and_filtered(client: httpx.Client) -> None:
    records = load()
    total = len(records)
    assert f"{total} of {total} practices" in words(client.get("/practices"))
    mongolian = sum(record.country == "MNG" for record in records)
    assert f"{mongolian} of {total} practices" in words(client.get("/practices", params={"country": "MNG"}))
    planted = sum("V1" in record.measures for record in records)
    assert f"{planted} of {total} practices" in words(client.get("/practices", params={"measure": "V1"}))
    vegetative = sum(any(code[0] == "V" for code in record.measures) for record in records)
    assert f"{vegetative} of {total} practices" in words(client.get("/practices", params={"measure": "vegetative"}))
    wind = sum("Et" in record.degradation for record in records)
    assert f"{wind} of {total} practices" in words(client.get("/practices", params={"degradation": "Et"}))
    forest = sum("tech_lu_forest" in record.land_use for record in records)
    assert f"{forest} of {total} practices" in words(client.get("/practices", params={"land_use": "tech_lu_forest"}))
    assert f"{total} of {total} practices" in words(client.get("/practices", params={"effect": "context"}))
    both = client.get("/practices", params={"q": "SAIHANBA forest", "country": "CHN"})
    assert f"1 of {total} practices" in words(both)
    assert f"0 of {total} practices" in words(client.get("/practices", params={"q": "no such words at all"}))


@pytest.mark.parametrize("record", load(), ids=lambda record: record.id)
def test_a_practice_shows_its_facts_sources_and_caveats(client: httpx.Client, record: object) -> None:
    draft = record.model_dump(mode="json")  # type: ignore[attr-defined]
    page = client.get(f"/practices/{draft['id']}")
    text = words(page)
    said = [draft["title"]["en"], draft["description"], draft["outcome"], *draft["caveats"]]
    said += [source["title"] for source in draft["sources"]]
    assert [each for each in said if " ".join(each.split()) not in text] == []
    links = re.findall(r'href="(https?://[^"]+)"', page.text)
    assert links == [html.escape(source["url"]) for source in draft["sources"] if source["url"]]
    assert "Satellite: context only, no effect was computed" in text
    assert "WOCAT codes: assigned by the compiler" in text


@pytest.mark.parametrize("evil", EVIL)
def test_words_of_a_reader_stay_words(client: httpx.Client, evil: str) -> None:
    for path, name in (("/practices", "q"), ("/regions", "q"), ("/", "indicator"), ("/practices", "country")):
        page = client.get(path, params={name: evil})
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "onerror=alert(1)>" not in page.text
        assert "49" not in words(page) or "{{7*7}}" not in evil
    for path in ("/regions/", "/practices/", "/ogc/collections/", "/static/", "/api/v1/regions/"):
        assert client.get(path + evil).status_code in (404, 422)
    for name in ("period", "method", "origin"):
        assert client.get("/regions/otindag", params={name: evil}).status_code in (200, 404, 422)


@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2f..%2fdraft.py", "/static//etc/passwd"]
)
def test_nothing_but_our_own_files_is_served(client: httpx.Client, path: str) -> None:
    request = client.build_request("GET", "/")
    request.url = request.url.copy_with(raw_path=path.encode())
    answer = client.send(request)
    assert answer.status_code == 404
    assert "import" not in answer.text


def test_an_answer_is_sent_once_and_then_only_confirmed(client: httpx.Client) -> None:
    for path in (
        "/",
        "/regions/otindag",
        "/api/v1/regions/otindag",
        "/ogc/collections/regions/items",
        "/static/style.css",
    ):
        first = client.get(path)
        again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        other = client.get(path, headers={"If-None-Match": '"other"'})
        assert other.status_code == 200
        head = client.head(path)
        assert (head.status_code, head.content) == (200, b"")


def test_no_address_changes_anything_without_editing(client: httpx.Client) -> None:
    for path in ("/login", "/edit", "/edit/import", "/edit/practices/new", "/logout"):
        assert client.get(path).status_code == 404
        assert client.post(path, data={"csrf": "x"}).status_code == 404
    for path in ("/practices/chn-saihanba-forest-farm", "/regions/otindag", "/", "/api/v1/practices"):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            assert client.request(method, path).status_code == 405


def test_a_large_request_is_refused(client: httpx.Client) -> None:
    answer = client.post("/practices", content=b"x" * 300_000)
    assert answer.status_code == 413
    assert "larger than the 200,000 bytes" in words(answer)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"

    def parts() -> object:
        for _ in range(300):
            yield b"x" * 1000

    assert client.post("/practices", content=parts()).status_code == 413  # type: ignore[arg-type]


def test_every_error_is_a_page_for_people_and_a_problem_for_programs(own: Engine, serve: object) -> None:
    app = create_app(own)

    def fail() -> None:
        raise RuntimeError("a fault of the program, with secrets")

    app.add_api_route("/fails", fail)
    app.add_api_route("/api/v1/fails", fail)
    asked: list[tuple[str, str, dict[str, Any], int]] = [
        ("GET", "/nothing", {}, 404),
        ("GET", "/regions/nowhere", {}, 404),
        ("GET", "/static/nothing.css", {}, 404),
        ("DELETE", "/", {}, 405),
        ("POST", "/static/style.css", {}, 405),
        ("POST", "/practices", {"content": b"x" * 300_000}, 413),
        ("POST", "/edit/import", {"files": {"file": ("a.csv", b"x" * 3_000_000)}}, 413),
        ("GET", "/regions/otindag", {"params": {"revision": "first"}}, 422),
        ("GET", "/fails", {}, 500),
    ]
    # uvicorn closes the connection after an error of the program, so none is used twice
    single = httpx.Limits(max_keepalive_connections=0)
    with httpx.Client(base_url=serve(app), limits=single) as there:  # type: ignore[operator]
        for method, path, more, status in asked:
            answer = there.request(method, path, **more)
            assert answer.status_code == status, path
            assert answer.headers["content-type"] == "text/html; charset=utf-8", path
            assert "To the map" in words(answer), path
            assert "content-security-policy" in answer.headers, path
            assert "secrets" not in answer.text
        for method, path, more, status in (
            ("GET", "/api/v1/fails", {}, 500), ("POST", "/api/v1/regions", {"content": b"x" * 300_000}, 413),
            ("GET", "/ogc/nothing", {}, 404),
        ):  # fmt: skip
            answer = there.request(method, path, **more)
            assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


@pytest.mark.parametrize(
    ("length", "status"),
    [
        (b"0", 200), (b"5", 200), (b"0005", 200), (b"99999", 413), (b"9" * 5000, 413), (b"", 400), (b"\xb2", 400),
        (b"-5", 400), (b"+5", 400), (b"5 ", 400), (b"5, 5", 400), (b"5e0", 400), ("٥".encode(), 400),
    ],
)  # fmt: skip
def test_a_length_is_a_number_and_nothing_else(length: bytes, status: int) -> None:
    limited = BodyLimit(PlainTextResponse("ok"), bytes_=1000, uploads="/up", upload_bytes=1000)
    scope = {"type": "http", "method": "POST", "path": "/", "headers": [(b"content-length", length)]}
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b"12345", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    asyncio.run(limited(scope, receive, send))
    assert sent[0]["status"] == status


def test_tables_hold_what_the_page_says(client: httpx.Client) -> None:
    answer = client.get("/regions/otindag/areas.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="otindag-areas.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    degraded = next(row for row in rows if (row["indicator"], row["class_name"]) == ("sdg", "degraded"))
    assert float(degraded["area_km2"]) == pytest.approx(5550)
    assert {row["origin"] for row in rows} == {"simulated"}
    assert sum(float(row["area_km2"]) for row in rows if row["indicator"] == "sdg") == pytest.approx(10_200)
    series = list(csv.DictReader(io.StringIO(client.get("/regions/otindag/series.csv").text.removeprefix("\ufeff"))))
    assert len(series) == 24 * 2 + 24 * 12 * 2
    feature = json.loads(client.get("/regions/otindag/region.geojson").text)
    assert feature["properties"]["degraded_percent"] == pytest.approx(55.5)
    assert feature["properties"]["simulated"] is True
    book = load_workbook(io.BytesIO(client.get("/regions/otindag/workbook.xlsx").content))
    assert {"Read me", "Summary", "Breaks"} <= set(book.sheetnames)
    assert "SIMULATED DATA" in str(book["Summary"]["A2"].value)
    rows = list(book["Summary"].iter_rows(min_row=4, max_col=4, values_only=True))
    assert {row[0] for row in rows} == {"otindag"}
    assert sorted(row[3] for row in rows) == ["2001-2024", "2001-2024", "baseline", "baseline"]


def test_a_workbook_has_the_practices_that_the_page_of_its_region_lists(client: httpx.Client) -> None:
    inside = {"chn-yulin-mu-us-sand-control"}
    duolun = "chn-duolun-otindag-sand-source-control"
    for region, some, other in (("ordos", inside, duolun), ("otindag", {duolun}, "chn-yulin-mu-us-sand-control")):
        book = load_workbook(io.BytesIO(client.get(f"/regions/{region}/workbook.xlsx").content))
        held = {row[0] for row in book["Good practices"].iter_rows(min_row=4, max_col=1, values_only=True)}
        page = client.get(f"/regions/{region}").text
        assert held == set(re.findall(r'<li><a href="/practices/([a-z0-9-]+)"', page))
        assert some <= held
        assert other not in held
        assert "Sites of practices" in book.sheetnames


def test_pages_are_the_same_over_both_servers_of_databases(database: Engine, serve: object) -> None:
    fill(database)
    with httpx.Client(base_url=serve(create_app(database))) as there:  # type: ignore[operator]
        assert "55.5 % degraded" in words(there.get("/regions/otindag"))
        assert "Dornod steppe: 7.0 % degraded" in there.get("/").text
        for path in ("/regions", "/compare", "/practices", "/about", "/api/v1/regions/otindag", "/ogc/collections"):
            assert there.get(path).status_code == 200
        for evil in EVIL:
            assert there.get("/practices", params={"q": evil}).status_code == 200
            assert there.get("/regions/otindag", params={"period": evil}).status_code in (200, 404, 422)


def test_a_database_that_is_gone_is_said_without_its_place(tmp_path: Path, serve: object) -> None:
    engine = open_database(tmp_path / "secret.sqlite")
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE area")
        connection.exec_driver_sql("DROP TABLE assessment")
    with httpx.Client(base_url=serve(create_app(engine))) as there:  # type: ignore[operator]
        answer = there.get("/regions")
    assert answer.status_code == 503
    assert "Try again later" in answer.text
    assert "secret" not in answer.text


def test_cells_of_tables_are_no_formulas() -> None:
    rows = [{"units": "=1+1", "value": -1.5}]
    said = bytes(table(["units", "value"], rows, "x").body).decode("utf-8-sig")
    assert said == "units,value\n'=1+1,-1.5\n"


def test_tables_without_a_row_have_their_header(own: Engine, serve: object) -> None:
    record = AssessmentRecord(REGIONS[0], "2005-2024", (2005, 2024), "ne-asia", areas(10.0))
    run = RunRecord("no-series", "simulated", {}, "0.1.0", datetime(2026, 1, 1), datetime(2026, 1, 2))
    publish(own, run, [record], observations("otindag", 0).iloc[:0], breaks("otindag").iloc[:0])
    with httpx.Client(base_url=serve(create_app(own))) as there:  # type: ignore[operator]
        empty, full = (
            there.get("/regions/otindag/series.csv", params={"period": period}).text.splitlines()
            for period in ("2005-2024", "2001-2024")
        )
        assert empty == full[:1] == ["\ufeffregion,origin,variable,month,value,units,source,run"]
    assert bytes(table(["a", "b"], [], "x").body).decode("utf-8-sig") == "a,b\n"


def test_an_empty_database_says_how_to_begin(tmp_path: object, serve: object) -> None:
    engine = open_database(tmp_path / "empty.sqlite")  # type: ignore[operator]
    with httpx.Client(base_url=serve(create_app(engine))) as there:  # type: ignore[operator]
        for path in ("/", "/compare"):
            assert "Nothing is published yet" in words(there.get(path))
        assert "0 of 0 practices" in words(there.get("/practices"))
        assert there.get("/regions/otindag").status_code == 404
        assert there.get("/api/v1/views").json() == []
        assert there.get("/ogc/collections/results/items").json()["features"] == []
    engine.dispose()


def test_drought_stands_beside_every_break(client: httpx.Client) -> None:
    page = words(client.get("/regions/otindag"))
    assert (
        "Severe drought around the break (lowest value in twelve months: SPI −1.70, soil moisture −1.10); rain does not"
        in page
    )
    assert "also breaks (first year after: 2006 (moderate drought)); rain explains that break." in page
    table = page[page.index("Soil moisture, z") :]
    assert "productivity 2012 2011–2014 −0.050 0.010 OLS-MOSUM severe drought −1.70 – −1.10 no" in table
    assert "productivity as observed 2006 2005–2008 −0.020 – – moderate drought −1.20 – −1.10 yes" in table


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("Mongolia", {"dornod"}), ("mongolia steppe", {"dornod"}), ("MNG", {"dornod"}), ("china", {"ordos", "otindag"}),
        ("Otindag", {"otindag"}), ("sandy steppe", {"ordos", "otindag"}), ("Japan", set()),
    ],
)  # fmt: skip
def test_a_region_is_found_by_its_country(client: httpx.Client, q: str, found: set[str]) -> None:
    page = client.get("/regions", params={"q": q})
    assert set(re.findall(r'<a href="/regions/([a-z]+)"', page.text)) == found
    assert f"{len(found)} of 3 regions" in words(page)


def test_labels_follow_quantity_and_origin(own: Engine, serve: object) -> None:
    """Gross primary production from own files, in a region without country or kind."""
    region = RegionRecord("bayan", "Bayan", (), "", square(100.0, 44.0))
    data = {"productivity": {"key": "own-gpp", "asset": "own", "cube": "c", "quantity": "gpp"}}
    run = RunRecord("gpp", "offline-files", data, "0.4.0", datetime(2026, 1, 1), datetime(2026, 1, 2))
    seen = observations("bayan", 4)
    seen.loc[seen["variable"] == "productivity_annual", "units"] = "kg m-2 year-1"
    record = AssessmentRecord(
        region, "2001-2024", (2001, 2024), "ne-asia", areas(5.0), transitions(), STATISTICS, trend_percent_decade=-4.2,
        trend_p=0.004,
    )  # fmt: skip
    publish(own, run, [record], seen, breaks("bayan"))
    with httpx.Client(base_url=serve(create_app(own))) as there:  # type: ignore[operator]
        for path in ("/regions/bayan", "/regions/bayan/brief"):
            page = words(there.get(path))
            assert "Gross primary production fell by 4.2 % a decade" in page, path
            assert "reenness" not in page, path
            assert "kg m⁻² year⁻¹" in there.get(path).text, path
            assert "› ·" not in page, path
            assert " · ·" not in page, path
            assert not re.search(r"(^| )· 2001–2024", page), path
        assert "Regions › Bayan" in words(there.get("/regions/bayan"))
        assert "Drylands in local files" in words(there.get("/?origin=offline-files"))
        simulated = words(there.get("/?origin=simulated"))
        assert "A simulated landscape instead of the drylands" in simulated
        assert "satellites saw" not in simulated


def test_drivers_stand_with_their_trap_and_source(own: Engine, serve: object) -> None:
    """Herds of three species, of which one is always 0, and dust without a recorded source."""
    region = RegionRecord("dundgovi", "Dundgovi", ("MNG",), "province", square(106.0, 45.0))
    notes = {"source": "Herds of all (2026)", "licence": "CC-BY-4.0", "period": "2000–2022", "uncertainty": "large"}
    herds = {
        name: {"key": "herds", "asset": "herds/v1", **notes, "trap": "counts jump at borders"}
        for name in ("herd_sheep_units", "herd_sheep", "herd_goats", "herd_buffalo")
    }
    run = RunRecord("herded", "simulated", herds, "0.4.0", datetime(2026, 1, 1), datetime(2026, 1, 2))
    seen = observations("dundgovi", 4)
    years = [pd.Timestamp(year, 1, 1) for year in range(2001, 2023)]
    more = [
        pd.DataFrame({"region": "dundgovi", "variable": f"{name}_annual", "month": years, "value": v, "units": "head"})
        for name, v in (("herd_sheep", 4e5), ("herd_goats", 5e5), ("herd_sheep_units", 1e6), ("herd_buffalo", 0.0),
                        ("dust", 1e-4))
    ]  # fmt: skip
    record = AssessmentRecord(region, "2001-2024", (2001, 2024), "ne-asia", areas(5.0), transitions(), STATISTICS)
    publish(own, run, [record], pd.concat([seen, *more]), breaks("dundgovi"))
    with httpx.Client(base_url=serve(create_app(own))) as there:  # type: ignore[operator]
        page = there.get("/regions/dundgovi?origin=simulated")
    before, _, after = page.text.partition('id="drivers"')
    assert "Dust in the air" in before  # nothing is known of its source: it stays among the other series
    assert "Herds in sheep units, by year" in after
    assert "Herds by species, by year. Note: counts jump at borders" in after
    assert "Buffalo" not in after
    table = words(page)[words(page).index("Sources of the drivers (1)") :]
    said = "Herds in sheep units, Goats, Sheep Herds of all (2026) 2000–2022 CC-BY-4.0 large counts jump at borders"
    assert said in table
