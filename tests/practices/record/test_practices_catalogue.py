"""The documented practices: complete, with their sources, and in the database once."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from shapely import Point, box
from sqlalchemy import Engine, event, func, select, text

from practices.database.open import open_database
from practices.database.transactions import writing
from practices.errors import BadPracticeCatalogue
from practices.models import PracticeRevision
from practices.record.catalogue import DATA, load, seed
from practices.record.editing import CATALOGUE, append
from practices.results.practice_queries import practices

#: Rough boxes (west, south, east, north) around each country.
COUNTRIES = {
    "CHN": box(73, 18, 135, 54),
    "PRK": box(124, 37.6, 131, 43.1),
    "JPN": box(129, 31, 146, 46),
    "MNG": box(87, 41.5, 120, 52.2),
    "KOR": box(125, 33, 130, 38.7),
    "RUS": box(44, 44, 180, 75),
}


def test_every_country_has_practices_with_sources_and_places() -> None:
    records = load()
    assert len(records) == 40
    assert [record.id for record in records if record.scope == "outside"] == [
        "rus-kalmykia-black-lands-phytomelioration"
    ]
    assert sum(record.confidence == "medium" for record in records) == 6
    assert {record.country for record in records} == set(COUNTRIES)
    for record in records:
        assert record.codes_basis
        assert len(record.description.split()) > 25
        assert all(COUNTRIES[record.country].contains(Point(site.lon, site.lat)) for site in record.sites)
        assert all(site.polygon is None for site in record.sites)  # no outline is known: radii are guesses
        assert record.start is None or record.end is None or record.start <= record.end
        if record.confidence == "medium" or record.evidence_type == "reported_company":
            assert record.caveats


def test_seeding_twice_changes_nothing_and_a_correction_is_taken_over(database: Engine) -> None:
    records = load()
    assert seed(database) == len(records)
    assert seed(database) == 0
    table = practices(database)
    assert sorted(table["practice"]) == sorted(record.id for record in records)
    assert table["sources"].str.contains("http").all()
    corrected = records[0].model_copy(update={"title": {"en": "Another title"}, "sites": records[0].sites[:1]})
    assert seed(database, [corrected]) == 1
    assert set(practices(database)["title"]) >= {"Another title"}
    with database.connect() as connection:
        query = text("SELECT count(*) FROM practice_site WHERE practice_id = :id AND until IS NULL")
        assert connection.execute(query, {"id": corrected.id}).scalar_one() == 1


def test_of_two_that_begin_at_once_one_seeds(database: Engine, place: str) -> None:
    records = load()[:3]
    looked = threading.Event()

    def seen(*executed: object) -> None:
        if "practice_revision" in str(executed[2]):
            looked.set()

    other = open_database(place)
    event.listen(other, "after_cursor_execute", seen)
    try:
        with ThreadPoolExecutor(1) as pool:
            with writing(database) as connection:
                second = pool.submit(seed, other, records)
                assert looked.wait(20)  # it has seen that nothing is there, and waits for its turn to write
                for record in records:
                    append(connection, record, who=CATALOGUE, why="as it comes with drylands")
            assert second.result(30) == 0
    finally:
        other.dispose()
    with database.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(PracticeRevision)) == len(records)


def test_a_bad_catalogue_says_which_practice_and_field(tmp_path: Path) -> None:
    path = tmp_path / "practices.json"
    with pytest.raises(BadPracticeCatalogue, match=r"cannot be read as a list of practices"):
        load(path)
    content = json.loads(DATA.read_text(encoding="utf-8"))
    content["practices"][2]["confidence"] = "absolute"
    path.write_text(json.dumps(content))
    with pytest.raises(BadPracticeCatalogue, match=rf"{content['practices'][2]['id']}: confidence"):
        load(path)
    content["practices"] = content["practices"][:1] * 2
    path.write_text(json.dumps(content))
    with pytest.raises(BadPracticeCatalogue, match="comes twice"):
        load(path)
