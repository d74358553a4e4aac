"""The tables of people: made and taken away again on data, on both servers."""

from __future__ import annotations

from sample import REGIONS, put
from sqlalchemy import Engine, inspect, text

from practices.database.migrations import migrate
from practices.database.migrations.versions import r0007_people
from practices.models import Base
from practices.record import people
from practices.results import queries


def test_people_come_and_go_and_results_stay(database: Engine) -> None:
    put(database, REGIONS[0], method="ne-asia", origin="simulated", degraded=10.0, number=0)
    people.add(database, "Somebody", "steppe-grass-2026")
    assert people.password_matches(database, "Somebody", "steppe-grass-2026")
    assert not any(
        people.password_matches(database, name, "steppe-grass-2026") for name in ("some\x00body", "' OR 1=1 --", "")
    )
    assert people.signed_in(database, people.sign_in(database, "Somebody", seconds=60)) is not None
    assert people.signed_in(database, "\x00") is None
    before = queries.areas(database)
    migrate(database, r0007_people.down_revision)
    assert {"person", "sign_in"}.isdisjoint(inspect(database).get_table_names())
    with database.connect() as connection:  # queries are made for the newest schema
        kept = connection.execute(text("SELECT area_km2 FROM area ORDER BY area_km2")).scalars().all()
    assert kept == sorted(before["area_km2"])
    migrate(database)
    assert people.people(database).empty
    assert queries.areas(database).equals(before)
    found = {each["name"] for each in inspect(database).get_indexes("assessment")}
    assert "ix_assessment_period" in found
    columns = {each["name"] for each in inspect(database).get_columns("sign_in")}
    assert columns == set(Base.metadata.tables["sign_in"].columns.keys())
