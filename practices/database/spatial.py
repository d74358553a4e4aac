"""Sites by place: plain numbers everywhere, and a spatial index where the database has PostGIS.

PostGIS is used if its extension is installed, but it is not required: the same question has the same answer without it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, func, or_, select, text

from practices.database.transactions import reading, writing
from practices.errors import PracticeError
from practices.models import Practice, PracticeSite

#: Index of the points of sites; the expression is that of the question below, or it would not be used.
INDEX = "ix_practice_site_place"
MAKE = (
    f"CREATE INDEX IF NOT EXISTS {INDEX} ON practice_site USING gist (ST_SetSRID(ST_MakePoint(lon, lat), 4326)) "
    "WHERE until IS NULL"
)


def has_postgis(connection: Connection) -> bool:
    """Whether the database has the extension PostGIS."""
    if connection.dialect.name != "postgresql":
        return False
    found = connection.execute(text("SELECT 1 FROM pg_extension WHERE extname = 'postgis'")).first()
    return found is not None


def has_index(connection: Connection) -> bool:
    """Whether the database has the spatial index of sites."""
    if connection.dialect.name != "postgresql":
        return False
    found = connection.execute(text("SELECT to_regclass(:name)"), {"name": INDEX}).scalar_one()
    return found is not None


def prepare(engine: Engine) -> bool:
    """Make the spatial index where there is PostGIS and no index yet; whether the database has one afterwards."""
    if engine.dialect.name != "postgresql":
        return False
    with reading(engine) as connection:
        there, can = has_index(connection), has_postgis(connection)
    if can and not there:
        try:
            with writing(engine) as connection:
                connection.execute(text(MAKE))
        except PracticeError:
            return False  # who may only read does without
    return can or there


def sites_within(source: Engine | Connection, box: tuple[float, float, float, float]) -> list[int]:
    """Ids of the current sites of shown practices with their point in a box (west, south, east, north).

    Degrees in WGS84, borders included; west beyond east crosses the date line.
    """
    with reading(source) as connection:
        return list(connection.scalars(_within(box, postgis=has_postgis(connection))))


def _within(box: tuple[float, float, float, float], *, postgis: bool) -> Select[Any]:
    west, south, east, north = box
    halves = [box] if west <= east else [(west, south, 180.0, north), (-180.0, south, east, north)]
    parts: list[ColumnElement[bool]]
    if postgis:
        point = func.ST_SetSRID(func.ST_MakePoint(PracticeSite.lon, PracticeSite.lat), 4326)
        parts = [point.op("&&")(func.ST_MakeEnvelope(*half, 4326)) for half in halves]
    else:
        parts = [
            and_(PracticeSite.lon.between(half[0], half[2]), PracticeSite.lat.between(half[1], half[3]))
            for half in halves
        ]
    return (
        select(PracticeSite.id)
        .join(Practice, Practice.id == PracticeSite.practice_id)
        .where(PracticeSite.until.is_(None), Practice.retired.is_(False), or_(*parts))
        .order_by(PracticeSite.id)
    )
