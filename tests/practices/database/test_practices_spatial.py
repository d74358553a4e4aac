"""Sites in a box: the same with and without PostGIS, which is used where it is and never needed.

A PostgreSQL server with the extension is not among the dependencies. Its URL in DRYLANDS_TEST_POSTGIS (of an empty
database with `CREATE EXTENSION postgis`) lets the tests of the index run; without it they are skipped.
"""

from __future__ import annotations

import os

import pytest
from drafts import VALUES, draft
from sqlalchemy import Engine, inspect, text

from practices.database.migrations import migrate
from practices.database.open import open_database
from practices.database.spatial import INDEX, _within, has_index, has_postgis, prepare, sites_within
from practices.record.catalogue import load, seed
from practices.record.editing import retire, save

BOXES = [
    (100.0, 40.0, 110.0, 50.0),
    (103.25, 46.25, 103.25, 46.25),
    (-180.0, -90.0, 180.0, 90.0),
    (140.0, 40.0, 100.0, 43.0),
]


def expected(engine: Engine, box: tuple[float, float, float, float]) -> list[int]:
    """The slow, obvious answer."""
    west, south, east, north = box
    query = (
        "SELECT s.id, s.lon, s.lat FROM practice_site s JOIN practice p ON p.id = s.practice_id "
        "WHERE s.until IS NULL AND NOT p.retired ORDER BY s.id"
    )
    with engine.connect() as connection:
        rows = connection.execute(text(query)).all()
    return [
        row.id
        for row in rows
        if south <= row.lat <= north
        and (west <= row.lon <= east if west <= east else row.lon >= west or row.lon <= east)
    ]


def fill(engine: Engine) -> None:
    seed(engine)
    save(engine, draft(), who="Saran", base=None)
    save(engine, draft(sites=[VALUES["sites"][0]]), who="Saran", base=1)
    retire(engine, load()[0].id, who="Saran", why="not ours")


def test_sites_in_a_box(database: Engine) -> None:
    fill(database)
    for box in BOXES:
        assert sites_within(database, box) == expected(database, box)
    assert len(sites_within(database, BOXES[1])) == 1
    assert sites_within(database, (0.0, 0.0, 1.0, 1.0)) == []


def test_without_postgis_nothing_is_asked_of_it(database: Engine) -> None:
    with database.connect() as connection:
        if has_postgis(connection):
            pytest.skip("this server has PostGIS")
        assert not has_index(connection)
    assert prepare(database) is False
    assert INDEX not in {index["name"] for index in inspect(database).get_indexes("practice_site")}


@pytest.mark.skipif("DRYLANDS_TEST_POSTGIS" not in os.environ, reason="no PostgreSQL server with PostGIS is named")
def test_with_postgis_the_index_is_made_and_used() -> None:
    engine = open_database(os.environ["DRYLANDS_TEST_POSTGIS"])
    fill(engine)
    with engine.connect() as connection:
        assert has_postgis(connection)
        assert has_index(connection)
        connection.execute(text("SET enable_seqscan = off"))
        asked = _within(BOXES[0], postgis=True).compile(engine, compile_kwargs={"literal_binds": True})
        plan = connection.execute(text(f"EXPLAIN {asked}")).scalars().all()
    assert INDEX in " ".join(plan)
    for box in BOXES:
        assert sites_within(engine, box) == expected(engine, box)
    assert prepare(engine) is True
    migrate(engine, "0002")
    migrate(engine)
    assert prepare(engine) is True
    migrate(engine, "base")
    engine.dispose()
