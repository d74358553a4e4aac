"""The page in a real browser: what people do with it, on a phone and by keyboard, and that nothing leaves the machine.

The browser is the distribution's Chromium. Where there is none the tests are skipped; continuous integration refuses
that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from chromium import chromium
from fastapi import FastAPI
from openpyxl import load_workbook
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sample import NAME, PASSWORD
from sqlalchemy import Engine

from practices.record.editing import history
from practices.record.people import sign_in
from practices.web.app import create_app
from practices.web.settings import WebSettings

pytestmark = pytest.mark.slow
PAGES = (
    "/", "/?origin=simulated&sites=1", "/regions", "/regions/otindag", "/practices", "/practices/mng-billion-trees",
    "/practices/mng-billion-trees/history", "/compare?a=otindag&b=ordos", "/about", "/nature?origin=simulated",
    "/regions/otindag/brief", "/practices/mng-billion-trees/card", "/nowhere",
)  # fmt: skip
EDITING_PAGES = ("/login", "/edit", "/edit/practices/new", "/edit/practices/mng-billion-trees", "/edit/import")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A context of its own that notes every request and every error of a script."""
    made = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    asked: list[str] = []
    wrong: list[str] = []
    made.on("request", lambda request: asked.append(request.url))
    made.on("weberror", lambda error: wrong.append(str(error.error)))
    made.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    yield made
    made.close()
    assert [url for url in asked if not re.match(r"http://127\.0\.0\.1:\d+/|data:", url)] == []
    assert [each for each in wrong if not re.search("status of (401|404|422)", each)] == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def found_wrong(page: Page) -> list[str]:
    """Serious and critical findings of axe-core."""
    results = Axe().run(page)
    assert len(results.response["passes"]) > 5, "axe-core did not look at the page"
    return [
        f"{each['id']}: {each['nodes'][0]['target']} {each['nodes'][0].get('failureSummary', '')}"
        for each in results.response["violations"]
        if each["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser: Browser, address: str, scheme: str) -> None:
    made = browser.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 800})  # type: ignore[arg-type]
    page = made.new_page()
    for path in PAGES if scheme == "light" else PAGES[1:8:2]:
        page.goto(address + path)
        for details in page.locator("details").all():
            details.evaluate("each => each.open = true")
        assert (path, found_wrong(page)) == (path, [])
    made.close()


@pytest.mark.parametrize("width", [360, 390, 768])
def test_nothing_overflows_on_a_small_screen(browser: Browser, address: str, width: int) -> None:
    made = browser.new_context(viewport={"width": width, "height": 844}, is_mobile=True, has_touch=True)
    page = made.new_page()
    for path in PAGES:
        page.goto(address + path)
        for details in page.locator("details").all():
            details.evaluate("each => each.open = true")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert (path, wide) == (path, width)
    made.close()


def test_a_search_and_filters_find_practices(page: Page, address: str) -> None:
    page.goto(f"{address}/practices")
    page.get_by_label("Search").fill("pasture")
    page.get_by_label("Country").select_option("MNG")
    page.get_by_role("button", name="Search").click()
    expect(page).to_have_url(re.compile(r"country=MNG"))
    results = page.locator("#results > li")
    assert results.count() > 0
    for result in results.all():
        expect(result).to_contain_text("Mongolia")
    results.first.get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="What is known of its effect")).to_be_visible()


def test_a_click_on_the_map_leads_to_the_region_in_the_same_view(page: Page, address: str) -> None:
    page.goto(f"{address}/?origin=simulated")
    region = page.locator('svg.map a[data-region="otindag"]')
    region.locator("path").hover()
    expect(page.locator("[data-said-here]")).to_have_text("Otindag sandy land: 55.5 % degraded")
    region.locator("path").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Otindag sandy land")
    expect(page).to_have_url(re.compile("origin=simulated"))
    expect(page.locator(".simulated")).to_be_visible()


def test_a_switch_shows_another_period_at_once(page: Page, address: str) -> None:
    page.goto(f"{address}/?origin=simulated")
    page.locator('select[name="period"]').select_option("baseline")
    expect(page).to_have_url(re.compile("period=baseline"))
    expect(page.locator('a[data-region="dornod"]').first).to_have_attribute("data-said", re.compile("6.0 % degraded"))
    page.get_by_role("link", name="Land cover", exact=True).click()
    expect(page.locator('a[data-region="dornod"]').first).to_have_attribute("data-said", re.compile("1.5 % degraded"))


def test_the_keyboard_reaches_what_the_pointer_does(page: Page, address: str) -> None:
    page.goto(f"{address}/?origin=simulated")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the content")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset?.region"):
            break
    expect(page.locator("[data-said-here]")).to_contain_text("% degraded")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/regions/"))


def test_files_are_downloaded(page: Page, address: str, tmp_path: Path) -> None:
    page.goto(f"{address}/regions/otindag")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Workbook (XLSX)").click()
    path = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(path)
    assert path.name == "otindag.xlsx"
    assert "SIMULATED DATA" in str(load_workbook(path)["Summary"]["A2"].value)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Areas (CSV)").click()
    waiting.value.save_as(tmp_path / "areas.csv")
    assert (tmp_path / "areas.csv").read_text(encoding="utf-8-sig").startswith("region,region_name,period")


def test_a_brief_prints_on_one_page(page: Page, address: str, tmp_path: Path) -> None:
    page.goto(f"{address}/regions/otindag/brief")
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    path = tmp_path / "brief.pdf"
    page.pdf(path=path, prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", path.read_bytes())) == 1


def test_somebody_signs_in_edits_and_signs_out(page: Page, own: Engine, serve: Callable[[FastAPI], str]) -> None:
    address = serve(create_app(own, WebSettings(editing=True)))
    page.goto(address)
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("Name").fill(NAME)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Edit the practices")
    page.get_by_role("link", name="One Billion Trees").first.click()
    page.get_by_label("Title in Mongolian").fill("Тэрбум мод")
    page.locator('[name="start"]').fill("soon")
    page.get_by_label("What changed, and why").fill("title in Mongolian")
    page.get_by_role("button", name="Another source").click()
    page.get_by_role("button", name="Save as a new revision").click()
    expect(page.get_by_role("alert")).to_contain_text("1 problem to fix")
    page.get_by_role("alert").get_by_role("link").click()
    expect(page.locator('[name="start"]')).to_have_value("soon")
    expect(page.get_by_label("Title in Mongolian")).to_have_value("Тэрбум мод")
    page.locator('[name="start"]').fill("2021")
    page.get_by_role("button", name="Save as a new revision").click()
    expect(page.get_by_role("status")).to_have_text("Saved: mng-billion-trees.")
    last = history(own, "mng-billion-trees").iloc[-1]
    assert (last["revision"], last["who"], last["why"]) == (2, NAME, "title in Mongolian")
    page.goto(f"{address}/practices/mng-billion-trees")
    expect(page.get_by_text("Тэрбум мод")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{address}/edit")
    expect(page.get_by_text("Nobody is signed in")).to_be_visible()


def test_axe_finds_nothing_serious_where_people_edit(
    browser: Browser, own: Engine, serve: Callable[[FastAPI], str]
) -> None:
    address = serve(create_app(own, WebSettings(editing=True)))
    made = browser.new_context()
    made.add_cookies([{"name": "drylands_session", "value": sign_in(own, NAME, seconds=600), "url": address}])
    page = made.new_page()
    for path in EDITING_PAGES:
        page.goto(address + path)
        assert (path, found_wrong(page)) == (path, [])
    made.close()
