"""Files of other programs: what goes out comes back the same, and what is wrong is told by row and column."""

from __future__ import annotations

import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from drafts import SQUARE, VALUES, draft
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from sqlalchemy import Engine

from practices.errors import BadRecord
from practices.exchange.example import EXAMPLE_RECORD
from practices.exchange.files import KINDS, export_practices, import_file, read_drafts, write_drafts, write_template
from practices.exchange.layout import COLUMNS
from practices.exchange.reading import BadImport
from practices.exports.formulas import FORMULA, guard, unguard
from practices.record.catalogue import load, seed
from practices.record.draft import BOXES, PracticeDraft, checked
from practices.record.editing import current, history, retire, save
from practices.record.fields import clean
from practices.record.vocabularies import COUNTRIES, VOCABULARIES
from practices.results import practice_queries

LETTERS = "abcXYZ0189 .,;:'\"=+-@|\\/{}[]()\n\t草原Монголөү한국어日本語Ёё＝é̀🐑_"


def _clean(text: str) -> str | None:
    return clean(text) or None


texts = st.one_of(
    st.text(LETTERS, min_size=1, max_size=40),
    st.text(st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"), min_size=1, max_size=12),
).filter(lambda text: bool(_clean(text)))
NOTES = ("area_note", "period_note", "land_use_note", "satellite_fit_why")
numbers = st.floats(allow_nan=False, allow_infinity=False)


def codes(name: str, least: int = 0) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(VOCABULARIES[name].codes), min_size=least, max_size=4, unique=True)


def word(name: str) -> st.SearchStrategy[str]:
    return st.sampled_from(VOCABULARIES[name].codes)


@st.composite
def sites(draw: st.DrawFn, country: str) -> dict[str, Any]:
    west, south, east, north = draw(st.sampled_from(BOXES[country]))
    lat, lon = draw(st.floats(south, north)), draw(st.floats(west, east))
    site: dict[str, Any] = {"name": draw(texts), "lat": lat, "lon": lon, "coord_basis": draw(word("coord_basis"))}
    site |= draw(st.fixed_dictionaries({}, optional={"radius_km": st.floats(0.001, 5000), "note": texts}))
    half = draw(st.floats(0.001, 0.4))
    kind = draw(st.sampled_from(["none", "Polygon", "MultiPolygon"]))
    ring = [[lon + dx * half, lat + dy * half] for dx, dy in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))]
    inside = all(-180 <= x <= 180 and -90 <= y <= 90 for x, y in ring)
    if kind == "Polygon" and inside:
        hole = [[lon + (x - lon) / 2, lat + (y - lat) / 2] for x, y in ring]
        site["polygon"] = {"type": "Polygon", "coordinates": [ring, hole]}
    if kind == "MultiPolygon" and inside:
        other = [[x, y - 3 * half] for x, y in ring]
        if all(y >= -90 for _, y in other):
            site["polygon"] = {"type": "MultiPolygon", "coordinates": [[ring], [other]]}
    return site


@st.composite
def drafts(draw: st.DrawFn) -> PracticeDraft:
    country = draw(st.sampled_from(COUNTRIES.codes))
    optional: dict[str, st.SearchStrategy[Any]] = dict.fromkeys(NOTES, texts)
    optional |= {"area_km2": st.floats(0.001, 1e12), "start": st.integers(1, 2000), "end": st.integers(2000, 2100)}
    source = st.fixed_dictionaries(
        {"kind": word("source_kind"), "title": texts},
        optional={
            "publisher": texts,
            "note": texts,
            "date": st.sampled_from(["2018", "2018-06", "2018-06-21"]),
            "url": st.sampled_from(["https://example.org/a?b=1&c='x'#d", "http://例え.jp/ü"]),
        },
    )
    indicator = st.fixed_dictionaries(
        {"name": texts},
        optional={"baseline": numbers, "value": numbers, "unit": texts, "when": texts, "as_reported": texts},
    )
    values = draw(st.fixed_dictionaries({}, optional=optional))
    values |= {
        "id": draw(st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,3}", fullmatch=True)),
        "title": {"en": draw(texts), **draw(st.dictionaries(st.sampled_from(["zh", "mn", "ru", "ko", "ja"]), texts))},
        "country": country,
        "sites": draw(st.lists(sites(country), min_size=1, max_size=3, unique_by=lambda site: clean(site["name"]))),
        "sources": draw(st.lists(source, min_size=1, max_size=3)),
        "indicators": draw(st.lists(indicator, max_size=3)),
        "external_ids": draw(st.dictionaries(st.sampled_from(["wocat", "doi", "x_1"]), texts)),
        "caveats": draw(st.lists(texts, min_size=1, max_size=3)),
    }
    values |= {name: draw(st.lists(texts, max_size=3)) for name in ("admin", "implementing_bodies")}
    values |= {name: draw(texts) for name in ("codes_basis", "description", "outcome")}
    values |= {name: draw(word(name)) for name in ("scale", "scope", "evidence_type", "confidence", "satellite_fit")}
    values |= {name: draw(codes(name)) for name in ("slm_groups", "goals", "purposes")}
    values |= {name: draw(codes(name, 1)) for name in ("land_use", "degradation", "measures")}
    return checked(values)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(several=st.lists(drafts(), min_size=1, max_size=2, unique_by=lambda each: each.id))
@example(several=[EXAMPLE_RECORD.model_copy(update={"id": "given"})])
def test_any_record_survives_a_file(kind: str, several: list[PracticeDraft]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"practices{kind}"
        write_drafts(path, [(each, number) for number, each in enumerate(several, start=1)])
        read = read_drafts(path)
    assert read.bad == ()
    assert [(each.draft, each.base) for each in read.entries] == [(each, n) for n, each in enumerate(several, start=1)]


@pytest.mark.parametrize("kind", KINDS)
def test_the_catalogue_survives_a_file(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"all{kind}"
    write_drafts(path, [(each, 1) for each in load()])
    assert [each.draft for each in read_drafts(path).entries] == load()


@given(st.text("'=+-@\t＝ab", max_size=6))
def test_a_guarded_cell_is_no_formula_and_comes_back(text: str) -> None:
    guarded = guard(text)
    assert isinstance(guarded, str)
    assert not guarded or guarded[0] not in "=+-@\t\r＝"
    assert unguard(guarded) == text


def test_formulas_in_texts_are_harmless_in_every_file(tmp_path: Path) -> None:
    evil = draft(description='=HYPERLINK("http://example.org","x")', outcome="@SUM(A1)", caveats=["+1", "-1", "'=1"])
    write_drafts(tmp_path / "a.csv", [(evil, None)])
    write_drafts(tmp_path / "a.xlsx", [(evil, None)])
    text = (tmp_path / "a.csv").read_text(encoding="utf-8-sig")
    assert "'=HYPERLINK" in text
    assert ",=" not in text
    assert "''=1" in text
    cells = [cell for row in load_workbook(tmp_path / "a.xlsx")["Practices"].iter_rows() for cell in row]
    assert not any(cell.data_type == "f" for cell in cells)
    assert all(cell.quotePrefix for cell in cells if isinstance(cell.value, str) and FORMULA.match(cell.value))
    for name in ("a.csv", "a.xlsx"):
        assert read_drafts(tmp_path / name).entries[0].draft == evil


@pytest.mark.parametrize("kind", KINDS)
def test_a_template_is_filled_by_example_and_refuses_its_example(kind: str, database: Engine, tmp_path: Path) -> None:
    path = tmp_path / f"t{kind}"
    write_template(path)
    with pytest.raises(BadImport, match="this is the example"):
        import_file(database, path, who="Saran")
    write_drafts(path, [(EXAMPLE_RECORD.model_copy(update={"id": "mng-mine"}), None)])
    assert import_file(database, path, who="Saran").written == ("mng-mine",)
    if kind == ".xlsx":
        book = load_workbook(path)
        assert [row[0].value for row in book["Columns"].iter_rows(min_row=2)] == [column.name for column in COLUMNS]
        assert {"Et", "tech_lu_forest"} <= {row[1].value for row in book["Words"].iter_rows(min_row=2)}


@pytest.mark.parametrize("kind", KINDS)
def test_an_edited_export_is_the_next_revision_and_the_rest_stays(kind: str, database: Engine, tmp_path: Path) -> None:
    seed(database)
    path = tmp_path / f"e{kind}"
    assert export_practices(database, path, ["mng-billion-trees", "chn-kekeya-greening"]) == 2
    assert import_file(database, path, who="Saran").unchanged == ("chn-kekeya-greening", "mng-billion-trees")
    read = [(each.draft, each.base) for each in read_drafts(path).entries]
    write_drafts(path, [read[0], (read[1][0].model_copy(update={"end": 2031}), read[1][1])])
    done = import_file(database, path, who="Saran", why="prolonged")
    assert (done.written, done.unchanged) == (("mng-billion-trees",), ("chn-kekeya-greening",))
    assert history(database, "mng-billion-trees")["changed"].tolist()[1] == "end"
    # somebody else goes on, and the same file with another change is an edit of what is no longer the newest
    number, newest = current(database, "mng-billion-trees")
    save(database, newest.model_copy(update={"start": 2020}), who="Bold", base=number)
    write_drafts(path, [(read[1][0].model_copy(update={"end": 2040}), 2)])
    with pytest.raises(BadImport, match=r"column revision: 2; allowed: 3, the newest, written by Bold"):
        import_file(database, path, who="Saran")
    retire(database, "mng-billion-trees", who="Bold", why="context only")
    with pytest.raises(BadImport, match="retired since revision 4: restore it"):
        import_file(database, path, who="Saran")


def table(path: Path, lines: list[dict[str, Any]], header: list[str] | None = None) -> Path:
    """A workbook as a person fills it: some columns, in any order."""
    names = header or list(dict.fromkeys(name for line in lines for name in line))
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(names)
    for line in lines:
        sheet.append([line.get(name) for name in names])
    book.save(path)
    return path


GOOD: dict[str, Any] = {
    "title_en": "Wells", "id": "mng-wells", "country": "MNG", "scale": "site", "site_name": "A", "site_lat": 46,
    "site_lon": 103, "site_coord_basis": "survey", "land_use": "tech_lu_grazingland", "degradation": "Bc, Et;Ed",
    "measures": "M2", "codes_basis": "me", "description": "d", "outcome": "o", "evidence_type": "measured",
    "source_kind": "field_note", "source_title": "n", "confidence": "high", "satellite_fit": "too_small",
}  # fmt: skip


def test_a_sheet_filled_by_hand_is_read(tmp_path: Path) -> None:
    further = {"id": "mng-wells", "site_name": "B", "site_lat": "46.5", "site_lon": 103, "site_coord_basis": "survey"}
    dated = {"id": "mng-wells", "source_kind": "wocat", "source_title": "t", "source_date": 2018, "country": "MNG"}
    (read,) = read_drafts(table(tmp_path / "hand.xlsx", [GOOD, further, {}, dated])).entries
    assert [(site.name, site.lat) for site in read.draft.sites] == [("A", 46.0), ("B", 46.5)]
    assert read.draft.degradation == ("Bc", "Et", "Ed")
    assert read.draft.sources[1].date == "2018"
    assert read.base is None


def test_every_mistake_is_told_by_row_and_column_and_nothing_is_written(database: Engine, tmp_path: Path) -> None:
    lines = [
        GOOD,
        {**GOOD, "id": "mng-bad", "site_lat": 104, "degradation": "Bc Wx", "country": "MGN"},
        {"id": "mng-bad", "site_name": "B", "site_lat": "x", "site_lon": 103, "site_coord_basis": "gazeteer"},
        {"id": "mng-bad", "title_en": "Another"},
        {**GOOD, "id": None},
        {**GOOD, "id": "mng-third", "start": 2001, "end": 1999, "description": None},
        {**GOOD, "id": "mng-fourth", "site_polygon": "{", "revision": "first"},
    ]
    path = table(tmp_path / "bad.xlsx", lines)
    with pytest.raises(BadImport) as refused:
        import_file(database, path, who="Saran")
    said = str(refused.value)
    for expected in (
        "row 3, column site_lat: 104; allowed: 90.0 or less; check whether lat and lon are swapped",
        "row 3, column degradation: 'Wx'; allowed: Wt,",
        "row 3, column country: 'MGN'; allowed: CHN, JPN, KOR, MNG, PRK, RUS; did you mean MNG (Mongolia)?",
        "row 4, column site_lat: 'x'; allowed: a number with a decimal point",
        "row 4, column site_coord_basis: 'gazeteer'",
        "did you mean gazetteer",
        "row 5, column title_en: 'Another'; allowed: what row 3 says, or nothing",
        "row 6, column id: empty; allowed: an id",
        "row 7, column description: empty; allowed: a value; fill it in",
        "row 8, column site_polygon: '{'; allowed: a GeoJSON geometry as text",
        "row 8, column revision: 'first'; allowed: the number of a revision, or nothing",
    ):
        assert expected in said
    assert "row 2" not in said
    assert practice_queries.practices(database).empty
    done = import_file(database, path, who="Saran", skip_bad=True)
    assert done.written == ("mng-wells",)
    assert {each.row for each in done.bad} == {3, 4, 5, 6, 7, 8}
    assert practice_queries.practices(database)["practice"].tolist() == ["mng-wells"]


def test_mistakes_across_fields_are_told(tmp_path: Path) -> None:
    lines = [
        {**GOOD, "id": "a", "start": 2001, "end": 1999},
        {**GOOD, "id": "b", "site_lat": 20, "site_lon": 46},
        {**GOOD, "id": "c", "confidence": "medium"},
        {**GOOD, "id": "d", "external_ids": "nothing"},
        {**GOOD, "id": "e", "source_url": "javascript:alert(1)"},
        {**GOOD, "id": "f", "site_polygon": json.dumps(SQUARE), "site_lon": 110},
    ]
    said = [each.text for each in read_drafts(table(tmp_path / "x.xlsx", lines)).bad]
    assert "start 2001, end 1999; allowed: a last year (end) that is not before the first" in said[0]
    assert "sites within MNG: longitude 87 to 120.5" in said[1]
    assert "at least one caveat" in said[2]
    assert "column external_ids: 'nothing'; allowed: a name, a colon and an id" in said[3]
    assert "column source_url: 'javascript:alert(1)'; allowed: a web address" in " ".join(said)
    assert "column site_name: 110, 46; allowed: longitude 103 to 103.5" in said[-1]


def test_wrong_headings_are_told(tmp_path: Path) -> None:
    for header, match in (
        (["id", "titel_en"], r"'titel_en' is not a column of a record; did you mean title_en\?"),
        (["id", "id"], "column id comes twice"),
        (["country"], "there is no column id"),
        (["id", "country (2)"], r"'country \(2\)' is not a column"),
    ):
        with pytest.raises(BadImport, match=match):
            read_drafts(table(tmp_path / "h.xlsx", [{"id": "a"}], header))


def test_what_is_no_file_of_practices_is_refused_with_the_reason(tmp_path: Path) -> None:
    def refused(name: str, content: bytes, match: str) -> None:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BadImport, match=match):
            read_drafts(tmp_path / name)

    refused("a.txt", b"", r"its kind \.txt is not known; name it \.csv, \.xlsx, \.geojson")
    refused("a.csv", b"", "is empty; start from a template")
    refused("b.csv", b"id\n", "contains no practice")
    refused("a.csv", "id,title_en\na,Пустыня\n".encode("cp1251"), "line 2 is not UTF-8")
    refused("a.csv", b"id\0", "NUL characters")
    refused("a.csv", b'id,country\na,"CHN\n', r"line \d: unexpected end of data")
    refused("a.csv", b"id,country\na,CHN,JPN\n", "row 2 has 3 cells of 2 that the heading names")
    refused("a.csv", b"id\n" + b"a\n" * 20_001, "more than 20000 rows")
    refused("a.csv", b"x" * 20_000_001, "has 20000001 bytes of at most 20000000")
    refused("a.xlsx", b"this is not a workbook", "is not a workbook")
    refused("a.geojson", b"{", "is not JSON")
    refused("a.geojson", b'{"type": "FeatureCollection", "features": [NaN]}', "NaN is not a number")
    refused("a.geojson", b"[" * 100_000, "is not JSON")
    refused("a.geojson", b'{"type": "Feature"}', "is not a GeoJSON FeatureCollection")
    mercator = {"type": "FeatureCollection", "features": [], "crs": {"properties": {"name": "EPSG:3857"}}}
    refused("a.geojson", json.dumps(mercator).encode(), "export it in WGS84")
    with pytest.raises(BadImport, match="there is no such file"):
        read_drafts(tmp_path / "absent.csv")


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed, packed.open("xl/sheet.xml", "w") as file:
        for _ in range(201):
            file.write(b"\0" * 1_000_000)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(BadImport, match="unpacks to 201000000 bytes of at most 200000000"):
        read_drafts(path)


LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "declared", [f'<!ENTITY a0 "lol">{LAUGHS}<!ENTITY x "&a9;">', '<!ENTITY x SYSTEM "file:///etc/hostname">']
)
def test_entities_in_a_workbook_are_refused(declared: str, tmp_path: Path) -> None:
    plain, path = table(tmp_path / "plain.xlsx", [{"id": "a", "title_en": "MARK"}]), tmp_path / "entities.xlsx"
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            text = source.read(name)
            if b"MARK" in text:
                root = text.index(b"<worksheet")
                text = text[:root] + f"<!DOCTYPE r [{declared}]>".encode() + text[root:].replace(b"MARK", b"&x;")
            target.writestr(name, text)
    with pytest.raises(BadImport, match="is not a workbook"):
        read_drafts(path)


def test_formulas_in_a_workbook_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadImport, match="cell B2 contains a formula: =1\\+1; paste its value"):
        read_drafts(table(tmp_path / "f.xlsx", [{"id": "a", "start": "=1+1"}]))


def test_a_csv_file_of_another_country_is_read(tmp_path: Path) -> None:
    lines = [";".join(GOOD), ";".join(f'"{value}"' for value in GOOD.values())]
    (tmp_path / "semi.csv").write_text("\n".join(lines), encoding="utf-8")
    (read,) = read_drafts(tmp_path / "semi.csv").entries
    assert read.draft.title == {"en": "Wells"}


def test_an_outline_drawn_in_a_gis_becomes_a_site(tmp_path: Path) -> None:
    record = {name: value for name, value in VALUES.items() if name not in ("sites", "title")}
    properties = {**record, "title_en": "Wells", "site_name": "Drawn", "site_coord_basis": "survey"}
    # programs that know tables only write lists as the text of their JSON
    properties["sources"] = json.dumps(record["sources"])
    feature = {"type": "Feature", "geometry": SQUARE, "properties": properties}
    path = tmp_path / "drawn.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    (read,) = read_drafts(path).entries
    (site,) = read.draft.sites
    assert (site.lat, site.lon) == (46.25, 103.25)
    assert site.polygon is not None
    bad = {**feature, "properties": {**properties, "site_name": None, "country": "CHN", "colour": "red"}}
    bow = {"type": "Polygon", "coordinates": [[[103, 46], [104, 47], [104, 46], [103, 47], [103, 46]]]}
    crossed = {**feature, "geometry": bow, "properties": {**properties, "id": "other"}}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature, bad, crossed]}))
    said = "\n".join(each.text for each in read_drafts(path).bad)
    assert "row 2, column site_name: empty; allowed: a value" in said
    assert "row 2, column country: 'CHN'; allowed: what feature 1 says" in said
    assert "row 2, column colour" in said
    assert "row 3, column geometry: Self-intersection" in said


def test_an_import_is_signed(database: Engine, tmp_path: Path) -> None:
    write_drafts(tmp_path / "a.csv", [(draft(), None)])
    with pytest.raises(BadRecord, match="author"):
        import_file(database, tmp_path / "a.csv", who=" ")


def test_an_outline_longer_than_a_cell_survives(tmp_path: Path) -> None:
    from shapely import Point
    from shapely.geometry import mapping

    circle = mapping(Point(103.25, 46.25).buffer(0.2, quad_segs=1200))
    large = draft(sites=[{**VALUES["sites"][0], "polygon": dict(circle)}])
    for name in ("a.csv", "a.xlsx"):
        write_drafts(tmp_path / name, [(large, None)])
        assert read_drafts(tmp_path / name).entries[0].draft == large
