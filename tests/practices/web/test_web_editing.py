"""Editing: who may, tokens, limits, every change kept, nothing typed lost, nothing of a reader's text ever run."""

from __future__ import annotations

import html
import json
import re
import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from sample import NAME, PASSWORD
from sqlalchemy import Engine, select, update

from practices.errors import BadPerson
from practices.exchange.files import export_practices
from practices.models import Person, SignIn
from practices.record import people
from practices.record.draft import PracticeDraft
from practices.record.editing import current, history, retire
from practices.web import practice_form
from practices.web.accounts import SignInAttempts
from practices.web.app import create_app
from practices.web.practice_form import of_form, of_record, record_of
from practices.web.settings import WebSettings

PRACTICE = "chn-saihanba-forest-farm"
SCRIPT = "<script>alert('x')</script>\"'><img src=x onerror=alert(1)>{{7*7}}"


def hidden(page: httpx.Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found is not None, page.text[:500]
    return html.unescape(found[1])


def sign_in(client: httpx.Client, name: str = NAME, password: str = PASSWORD) -> httpx.Response:
    token = hidden(client.get("/login"), "form_token")
    return client.post("/login", data={"form_token": token, "name": name, "password": password})


def fields(page: httpx.Response) -> dict[str, list[str]]:
    """What a browser would send of the first form with the practice's fields."""
    body = page.text[page.text.index('<form class="form" method="post"') :]
    body = body[: body.index("</form>")]
    sent: dict[str, list[str]] = {}
    for attributes in re.findall(r"<input ([^>]*)>", body):
        name, value = re.search(r'name="([^"]+)"', attributes), re.search(r'value="([^"]*)"', attributes)
        if name and ("checkbox" not in attributes or "checked" in attributes):
            sent.setdefault(name[1], []).append(html.unescape(value[1]) if value else "")
    for name, value in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', body, re.DOTALL):
        sent.setdefault(name, []).append(html.unescape(value))
    for name, choices in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', body, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', choices)
        sent.setdefault(name, []).append(html.unescape(chosen[1]) if chosen else "")
    return sent


def test_only_people_who_are_known_come_in(editing: httpx.Client) -> None:
    for path in ("/edit", f"/edit/practices/{PRACTICE}", "/edit/import", "/edit/template/csv"):
        assert editing.get(path).status_code == 401
    assert sign_in(editing, password="steppe-grass-2025").status_code == 401
    assert sign_in(editing, name="nobody").status_code == 401
    assert sign_in(editing, name="x\x00y").status_code == 401
    answer = sign_in(editing)
    assert (answer.status_code, answer.headers["location"]) == (303, "/edit")
    cookie = next(each for each in answer.headers.get_list("set-cookie") if each.startswith("drylands_session"))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    page = editing.get("/edit")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert "etag" not in page.headers
    csrf = hidden(page, "csrf")
    assert editing.post("/logout", data={"csrf": "wrong"}).status_code == 403
    assert editing.post("/logout", data={"csrf": csrf}).status_code == 303
    assert editing.get("/edit").status_code == 401


def test_over_https_the_cookie_goes_nowhere_else(own: Engine, serve: object) -> None:
    with httpx.Client(base_url=serve(create_app(own, WebSettings(editing=True, secure=True)))) as there:  # type: ignore[operator]
        page = there.get("/login")
        assert "max-age" in page.headers["strict-transport-security"]
        form = next(each for each in page.headers.get_list("set-cookie") if each.startswith("drylands_form"))
        assert "Secure" in form
        there.cookies.set("drylands_form", re.search(r"drylands_form=([^;]+)", form)[1])  # type: ignore[index]
        data = {"form_token": hidden(page, "form_token"), "name": NAME, "password": PASSWORD}
        answer = there.post("/login", data=data)
        assert answer.status_code == 303
        assert re.search(
            r"__Host-drylands=[^;]+; HttpOnly; Max-Age=\d+; Path=/; SameSite=lax; Secure", answer.headers["set-cookie"]
        )


def test_a_login_needs_its_own_form(editing: httpx.Client) -> None:
    editing.get("/login")
    assert editing.post("/login", data={"name": NAME, "password": PASSWORD}).status_code == 403
    wrong = {"name": NAME, "password": PASSWORD, "form_token": "made up"}
    assert editing.post("/login", data=wrong).status_code == 403


def test_tries_are_limited_by_name_and_address(editing: httpx.Client) -> None:
    for _ in range(5):
        assert sign_in(editing, password="wrong wrong wrong").status_code == 401
    answer = sign_in(editing)
    assert answer.status_code == 429
    assert "Too many attempts" in answer.text


def test_tries_are_forgotten_after_a_while_and_never_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("practices.web.accounts.time.monotonic", lambda: now[0])
    tries = SignInAttempts(2, 60.0)
    assert [tries.begin("a", "x") for _ in range(3)] == [True, True, False]
    assert tries.begin("b", "x")
    assert [tries.begin("a", str(number)) for number in range(7)] == [True] * 6 + [False]
    assert not tries.begin("a", "y")
    now[0] = 61.0
    assert tries.begin("a", "x")
    for number in range(12_000):
        tries.begin(str(number), "x")
    assert len(tries._made) <= 10_000


def test_a_right_try_does_not_count() -> None:
    tries = SignInAttempts(2, 60.0)
    for _ in range(20):
        assert tries.begin("a", "x")
        tries.take_back("a", "x")
    assert tries._made[("a",)] == deque()


def test_many_tries_at_once_are_no_more_than_one_by_one(editing: httpx.Client) -> None:
    page = editing.get("/login")
    data = {"form_token": hidden(page, "form_token"), "name": NAME, "password": "wrong wrong wrong"}

    def attempt(_: int) -> int:
        with httpx.Client(base_url=editing.base_url, cookies=editing.cookies, timeout=60) as other:
            return other.post("/login", data=data).status_code

    with ThreadPoolExecutor(12) as together:
        statuses = sorted(together.map(attempt, range(12)))
    assert statuses == [401] * 5 + [429] * 7


def test_passwords_are_kept_as_hashes_and_sessions_as_digests(own: Engine) -> None:
    token = people.sign_in(own, NAME, seconds=100)
    with own.connect() as connection:
        hashed = connection.scalar(select(Person.password_hash))
        digest = connection.scalar(select(SignIn.token_digest))
    assert hashed.startswith("$argon2id$")
    assert PASSWORD not in hashed
    assert token not in digest
    assert people.signed_in(own, token).person == NAME  # type: ignore[union-attr]
    for weak in ("short", "aaaaaaaaaaaa", "x" * 201):
        with pytest.raises(BadPerson):
            people.add(own, "Other", weak)
    with pytest.raises(BadPerson, match="with that name exists already"):
        people.add(own, NAME, PASSWORD)
    people.change_password(own, NAME, "another-steppe-2026")
    assert people.signed_in(own, token) is None
    assert not people.password_matches(own, NAME, PASSWORD)
    assert people.password_matches(own, NAME, "another-steppe-2026")
    people.deactivate(own, NAME)
    assert not people.password_matches(own, NAME, "another-steppe-2026")
    assert people.people(own)["active"].tolist() == [False]


def test_a_session_ends(own: Engine) -> None:
    token = people.sign_in(own, NAME, seconds=-1)
    assert people.signed_in(own, token) is None
    people.sign_in(own, NAME, seconds=10)
    with own.connect() as connection:
        assert len(connection.execute(select(SignIn.person)).all()) == 1


def test_every_record_survives_the_form(own: Engine) -> None:
    """What the form shows of a record, sent back, is the record: no field is lost."""
    from practices.exchange.example import EXAMPLE_RECORD
    from practices.record.catalogue import load

    for draft in [*load(), EXAMPLE_RECORD]:
        record = draft.model_dump(mode="json")
        shown = of_record(record)
        sent = {name: [value] if isinstance(value, str) else list(value) for name, value in shown.values.items()}
        for name, rows in shown.rows.items():
            for number, row in enumerate(rows):
                sent |= {f"{name}-{member}-{number}": [value] for member, value in row.items()}
        assert PracticeDraft.model_validate(record_of(of_form(sent), draft.id)) == draft
    named = {field.name.partition("-")[0] for _, group in practice_form.SECTIONS for field in group} | set(
        practice_form.ROWS
    )
    assert named | {"id"} == set(PracticeDraft.model_fields)


def test_an_edit_is_a_new_revision_with_who_and_why(editing: httpx.Client, own: Engine) -> None:
    sign_in(editing)
    page = editing.get(f"/edit/practices/{PRACTICE}")
    sent = fields(page)
    before = current(own, PRACTICE)[1]
    sent |= {"title-mn": ["Сайханба ойн аж ахуй"], "start": ["1963"], "why": ["year corrected"]}
    assert editing.post(f"/edit/practices/{PRACTICE}", data=sent).status_code == 303
    revision, draft = current(own, PRACTICE)
    assert revision == 2
    assert draft == before.model_copy(update={"title": {**before.title, "mn": "Сайханба ойн аж ахуй"}, "start": 1963})
    last = history(own, PRACTICE).iloc[-1]
    assert (last["who"], last["why"], last["changed"]) == (NAME, "year corrected", "title, start")
    shown = editing.get(f"/practices/{PRACTICE}")
    assert "since 1963" in shown.text
    assert "Сайханба ойн аж ахуй" in shown.text
    assert "year corrected" in editing.get(f"/practices/{PRACTICE}/history").text
    # The same form once more is an edit of what is no longer the newest, and nothing typed is lost.
    stale = editing.post(f"/edit/practices/{PRACTICE}", data={**sent, "start": ["1971"]})
    assert stale.status_code == 409
    assert "has written revision 2 meanwhile" in html.unescape(stale.text)
    assert 'value="1971"' in stale.text
    assert current(own, PRACTICE)[0] == 2


def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_written(editing: httpx.Client, own: Engine) -> None:
    sign_in(editing)
    sent = fields(editing.get(f"/edit/practices/{PRACTICE}"))
    sent |= {
        "start": ["long ago"],
        "sites-lat-0": ["142.4"],
        "country": ["ATL"],
        "sources-url-0": ["javascript:alert(1)"],
        "why": [""],
    }
    answer = editing.post(f"/edit/practices/{PRACTICE}", data=sent)
    assert answer.status_code == 422
    for name in ("start", "sites-lat-0", "country", "sources-url-0", "why"):
        assert f'<a href="#{name}">' in answer.text
        assert re.search(rf'name="{name}"', answer.text)
    assert 'value="long ago"' in answer.text
    assert current(own, PRACTICE)[0] == 1


def test_an_edit_needs_a_session_and_its_token(editing: httpx.Client, own: Engine) -> None:
    sign_in(editing)
    sent = fields(editing.get(f"/edit/practices/{PRACTICE}")) | {"start": ["1963"], "why": ["x"]}
    for csrf in ("", "wrong", "ünïcode"):
        assert editing.post(f"/edit/practices/{PRACTICE}", data={**sent, "csrf": [csrf]}).status_code == 403
    editing.cookies.clear()
    assert editing.post(f"/edit/practices/{PRACTICE}", data=sent).status_code == 401
    assert current(own, PRACTICE)[0] == 1


def test_text_of_any_field_is_shown_as_text(editing: httpx.Client, own: Engine) -> None:
    """A script in every field that takes text: kept as it was written, and never part of a page's code."""
    sign_in(editing)
    sent = fields(editing.get(f"/edit/practices/{PRACTICE}"))
    simple = [
        f for _, group in practice_form.SECTIONS for f in group if f.kind in ("text", "long", "lines", "paragraphs")
    ]
    for field in simple:
        sent[field.name] = [SCRIPT]
    for name, members in practice_form.ROWS.items():
        for member in members:
            if member.kind == "text" and member.name not in ("date", "url"):
                sent[f"{name}-{member.name}-0"] = [SCRIPT]
    sent["external_ids"] = [f"wocat: {SCRIPT}"]
    sent["why"] = [SCRIPT]
    answer = editing.post(f"/edit/practices/{PRACTICE}", data=sent)
    assert answer.status_code == 303, re.findall(r"<li>(.*?)</li>", answer.text)[:5]
    draft = current(own, PRACTICE)[1]
    assert draft.title["en"] == draft.description == draft.caveats[0] == SCRIPT
    pages = [
        f"/practices/{PRACTICE}",
        f"/practices/{PRACTICE}/history",
        f"/practices/{PRACTICE}/card",
        "/practices",
        "/edit",
        f"/edit/practices/{PRACTICE}",
        "/practices?q=script",
        "/?sites=1",
    ]
    for path in pages:
        text = editing.get(path).text
        assert "<script>alert" not in text, path
        assert "<img src=x" not in text, path
        assert "onerror=alert(1)" not in re.sub(r"&[a-z#0-9]+;", "", re.sub(r">[^<]*<|\"[^\"]*\"", "", text)), path
    assert editing.get(f"/api/v1/practices/{PRACTICE}").json()["record"]["description"] == SCRIPT


def test_ids_are_names_and_nothing_else(editing: httpx.Client) -> None:
    sign_in(editing)
    for evil in ("'; DROP TABLE practice; --", "../../etc/passwd", "a/b", "%00", "x" * 300, "Ü"):
        refused_everywhere(editing, evil)


def refused_everywhere(editing: httpx.Client, evil: str) -> None:
    sent = fields(editing.get("/edit/practices/new")) | {"id": [evil], "why": ["x"]}
    assert editing.post("/edit/practices/new", data=sent).status_code == 422
    for path in ("retire", "restore"):
        csrf = sent["csrf"]
        url = f"/edit/practices/{httpx.URL('http://x/').copy_with(path='/' + evil).raw_path.decode()[1:]}/{path}"
        assert editing.post(url, data={"csrf": csrf, "revision": "1", "why": "x"}).status_code in (404, 405, 422)


def test_practices_are_retired_and_brought_back(editing: httpx.Client, own: Engine) -> None:
    sign_in(editing)
    csrf = hidden(editing.get("/edit"), "csrf")
    assert editing.post(f"/edit/practices/{PRACTICE}/retire", data={"csrf": csrf, "why": " "}).status_code == 422
    assert editing.post(f"/edit/practices/{PRACTICE}/retire", data={"csrf": csrf, "why": "doubled"}).status_code == 303
    assert editing.get(f"/practices/{PRACTICE}").status_code == 404
    assert PRACTICE not in editing.get("/practices").text
    assert "doubled" in editing.get(f"/practices/{PRACTICE}/history").text
    back = editing.post(f"/edit/practices/{PRACTICE}/restore", data={"csrf": csrf, "revision": "1"})
    assert back.status_code == 303
    assert editing.get(f"/practices/{PRACTICE}").status_code == 200
    assert history(own, PRACTICE)["retired"].tolist() == [False, True, False]


def test_a_new_practice_is_written_once(editing: httpx.Client, own: Engine) -> None:
    sign_in(editing)
    sent = fields(editing.get(f"/edit/practices/{PRACTICE}")) | {"id": ["chn-new-one"], "why": ["copied"], "base": [""]}
    assert editing.post("/edit/practices/new", data=sent).status_code == 303
    assert current(own, "chn-new-one")[0] == 1
    again = editing.post("/edit/practices/new", data={**sent, "start": ["1999"]})
    assert again.status_code == 409
    assert "there is one of that id already" in html.unescape(again.text)


def upload(client: httpx.Client, name: str, content: bytes) -> httpx.Response:
    csrf = hidden(client.get("/edit/import"), "csrf")
    return client.post("/edit/import", data={"csrf": csrf, "why": "from a file"}, files={"file": (name, content)})


def test_files_of_practices_are_taken_over(editing: httpx.Client, own: Engine, tmp_path: Path) -> None:
    sign_in(editing)
    for ending in ("csv", "xlsx", "geojson"):
        path = tmp_path / f"practices.{ending}"
        export_practices(own, path, [PRACTICE])
        assert "Already stored, unchanged: 1" in upload(editing, path.name, path.read_bytes()).text
        template = editing.get(f"/edit/template/{ending}")
        assert template.status_code == 200
        assert "nothing was written" in upload(editing, path.name, template.content).text


def test_a_changed_file_becomes_a_revision(editing: httpx.Client, own: Engine, tmp_path: Path) -> None:
    sign_in(editing)
    path = tmp_path / "practices.geojson"
    export_practices(own, path, [PRACTICE])
    collection = json.loads(path.read_text(encoding="utf-8"))
    for feature in collection["features"]:
        feature["properties"]["description"] = SCRIPT
    answer = upload(editing, "../../../../tmp/evil.geojson", json.dumps(collection).encode())
    assert answer.status_code == 200
    assert f"Written: 1 ({PRACTICE})" in html.unescape(answer.text)
    last = history(own, PRACTICE).iloc[-1]
    assert (last["who"], last["why"], last["changed"]) == (NAME, "from a file", "description")
    assert not Path("/tmp/evil.geojson").exists()


BAD_FILES = [
    ("a.csv", b"", 422),
    ("a.csv", b"id,title_en\nx,\xff\xfe", 422),
    ("a.csv", b"id,unknown column\nx,y\n", 422),
    ("a.xlsx", b"PK\x03\x04 no workbook", 422),
    ("a.xlsx", b"<script>alert(1)</script>", 422),
    ("a.geojson", b"[" * 100_000, 422),
    ("a.geojson", b'{"type": "FeatureCollection", "features": [{"type": "Feature"}]}', 422),
    ("a.geojson", b'{"type": "FeatureCollection", "features": [null, 3]}', 422),
    ("a.exe", b"MZ", 422),
    ("", b"x", 422),
    ("a" * 5000 + ".csv", b"x", 400),
    ("a.csv", b"x" * 2_000_001, 413),
    ("a.csv", b"x" * 3_000_000, 413),
]


def test_bad_files_are_refused_with_a_reason(editing: httpx.Client, own: Engine) -> None:
    sign_in(editing)
    reasons = ("nothing was written", "larger than", "Not understood", "Bad Request")
    for name, content, status in BAD_FILES:
        answer = upload(editing, name, content)
        assert answer.status_code == status, (name[:20], content[:40])
        assert "<script>alert" not in answer.text
        assert any(reason in answer.text for reason in reasons)
    assert history(own, PRACTICE)["revision"].tolist() == [1]


def test_two_who_save_at_once_lose_nothing(editing: httpx.Client, own: Engine) -> None:
    sign_in(editing)
    sent = fields(editing.get(f"/edit/practices/{PRACTICE}"))
    statuses: list[int] = []

    def save(year: int) -> None:
        data = {**sent, "start": [str(year)], "why": [f"year {year}"]}
        with httpx.Client(base_url=editing.base_url, cookies=editing.cookies, timeout=60) as other:
            statuses.append(other.post(f"/edit/practices/{PRACTICE}", data=data).status_code)

    threads = [threading.Thread(target=save, args=(year,)) for year in range(1970, 1976)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [303, 409, 409, 409, 409, 409]
    assert history(own, PRACTICE)["revision"].tolist() == [1, 2]


def test_a_retired_practice_is_not_edited(editing: httpx.Client, own: Engine) -> None:
    sign_in(editing)
    sent = fields(editing.get(f"/edit/practices/{PRACTICE}")) | {"start": ["1963"], "why": ["x"]}
    retire(own, PRACTICE, who="Other", why="doubled")
    assert editing.post(f"/edit/practices/{PRACTICE}", data=sent).status_code in (409, 422)
    assert history(own, PRACTICE)["revision"].tolist() == [1, 2]


def test_somebody_shut_out_is_out_at_once(editing: httpx.Client, own: Engine) -> None:
    sign_in(editing)
    assert editing.get("/edit").status_code == 200
    with own.begin() as connection:
        connection.execute(update(Person).values(active=False))
    assert editing.get("/edit").status_code == 401
