"""Every revision of a practice with who wrote it, when and why; sites that end instead of being overwritten.

Records that are there become revision 1, written by the catalogue, in the form of `practices.record.draft`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

PRACTICE = sa.table(
    "practice",
    sa.column("id", sa.String),
    sa.column("record", sa.JSON),
    sa.column("revision", sa.Integer),
    sa.column("retired", sa.Boolean),
)
REVISION = sa.table(
    "practice_revision",
    *(sa.column(name, sa.String) for name in ("practice_id", "who", "why")),
    sa.column("revision", sa.Integer),
    sa.column("at", sa.DateTime),
    sa.column("retired", sa.Boolean),
    sa.column("record", sa.JSON),
)


def upgrade() -> None:
    """Add the history and move what is there into it."""
    op.create_table(
        "practice_revision",
        sa.Column("practice_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("practice_id", "revision", name="pk_practice_revision"),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name="fk_practice_revision_practice_id"),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_practice_revision_revision")),
    )
    with op.batch_alter_table("practice") as table:
        table.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
        table.add_column(sa.Column("retired", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("practice") as table:
        table.alter_column("revision", server_default=None)
        table.alter_column("retired", server_default=None)
    with op.batch_alter_table("practice_site") as table:
        table.add_column(sa.Column("since", sa.Integer(), nullable=False, server_default="1"))
        table.add_column(sa.Column("until", sa.Integer(), nullable=True))
        table.add_column(sa.Column("note", sa.String(), nullable=True))
        table.drop_constraint("uq_practice_site_practice_id_name", type_="unique")
        table.create_unique_constraint("uq_practice_site_practice_id_name_since", ["practice_id", "name", "since"])
        table.create_check_constraint(op.f("ck_practice_site_until"), "until IS NULL OR until > since")
    with op.batch_alter_table("practice_site") as table:
        table.alter_column("since", server_default=None)
    connection = op.get_bind()
    now = datetime.now(UTC).replace(tzinfo=None)
    for row in connection.execute(sa.select(PRACTICE.c.id, PRACTICE.c.record)).all():
        record = newer(row.record)
        connection.execute(sa.update(PRACTICE).where(PRACTICE.c.id == row.id).values(record=record))
        first = {"practice_id": row.id, "revision": 1, "who": "catalogue", "at": now, "retired": False}
        connection.execute(sa.insert(REVISION).values(**first, why="there before history was kept", record=record))


def downgrade() -> None:
    """Drop the history: practices stay as their newest revision tells them, retired ones and ended sites go."""
    connection = op.get_bind()
    op.drop_table("practice_revision")
    connection.execute(
        sa.text("DELETE FROM evidence WHERE site_id IN (SELECT id FROM practice_site WHERE until IS NOT NULL)")
    )
    connection.execute(sa.text("DELETE FROM practice_site WHERE until IS NOT NULL"))
    retired = "SELECT id FROM practice WHERE retired"
    sites = f"SELECT id FROM practice_site WHERE practice_id IN ({retired})"
    connection.execute(sa.text(f"DELETE FROM evidence WHERE site_id IN ({sites})"))
    connection.execute(sa.text(f"DELETE FROM practice_site WHERE practice_id IN ({retired})"))
    connection.execute(sa.text("DELETE FROM practice WHERE retired"))
    for row in connection.execute(sa.select(PRACTICE.c.id, PRACTICE.c.record)).all():
        connection.execute(sa.update(PRACTICE).where(PRACTICE.c.id == row.id).values(record=older(row.record)))
    with op.batch_alter_table("practice_site") as table:
        table.drop_constraint(op.f("ck_practice_site_until"), type_="check")
        table.drop_constraint("uq_practice_site_practice_id_name_since", type_="unique")
        table.create_unique_constraint("uq_practice_site_practice_id_name", ["practice_id", "name"])
        for name in ("note", "until", "since"):
            table.drop_column(name)
    with op.batch_alter_table("practice") as table:
        for name in ("retired", "revision"):
            table.drop_column(name)


def newer(old: dict[str, Any]) -> dict[str, Any]:
    """A record of the form before as one of the form of this revision."""
    measures, period, outcome, fit = (old[name] for name in ("measures", "period", "outcome", "satellite_fit"))
    keys = ("name", "baseline", "value", "unit", "when", "as_reported")
    return {
        "id": old["id"],
        "title": {"en": old["title"]},
        "country": old["country"],
        "admin": old["place"].get("admin", []),
        "scope": "north-east-asia",
        "scale": old["scale"],
        "sites": [{**site, "note": None, "polygon": None} for site in old["sites"]],
        "area_km2": old["area_km2"],
        "area_note": old["area_note"],
        "start": period["start"],
        "end": period["end"],
        "period_note": period.get("note"),
        "land_use": old["land_use"],
        "land_use_note": None,
        "degradation": old["degradation"],
        "measures": measures["wocat"],
        "slm_groups": measures["slm_groups"],
        "goals": measures["goal"],
        "purposes": [],
        "codes_basis": old["codes_basis"],
        "description": old["description"],
        "outcome": outcome["text"],
        "evidence_type": outcome["evidence_type"],
        "indicators": [{key: each.get(key) for key in keys} for each in outcome["indicators"]],
        "implementing_bodies": old["implementing_bodies"],
        "sources": [_source(each) for each in old["sources"]],
        "confidence": old["confidence"],
        "caveats": old["caveats"],
        "external_ids": {key: str(value) for key, value in old["external_ids"].items()},
        "satellite_fit": fit["value"],
        "satellite_fit_why": fit["why"],
    }


def _source(old: dict[str, Any]) -> dict[str, Any]:
    date = None if old["year"] is None else str(old["year"])
    return {**{name: old[name] for name in ("kind", "title", "publisher", "url")}, "date": date, "note": None}


def older(new: dict[str, Any]) -> dict[str, Any]:
    """A record of this revision as one of the form before, without what that had no place for."""
    kinds = {"A": "agronomic", "V": "vegetative", "S": "structural", "M": "management"}
    site_fields = ("name", "lat", "lon", "radius_km", "coord_basis", "coord_precision_km")
    same = (
        "id", "country", "scale", "area_km2", "area_note", "land_use", "degradation", "codes_basis", "description",
        "implementing_bodies", "confidence", "external_ids", "caveats",
    )  # fmt: skip
    return {
        **{name: new[name] for name in same},
        "title": new["title"]["en"],
        "place": {"admin": new["admin"]},
        "sites": [{name: site[name] for name in site_fields} for site in new["sites"]],
        "period": {"start": new["start"], "end": new["end"], "note": new["period_note"]},
        "measures": {
            "types": list(dict.fromkeys(kinds[code[0]] for code in new["measures"])),
            "wocat": new["measures"],
            "slm_groups": new["slm_groups"],
            "goal": new["goals"],
        },
        "outcome": {
            "text": new["outcome"],
            "evidence_type": new["evidence_type"],
            "indicators": [{k: v for k, v in each.items() if v is not None} for each in new["indicators"]],
        },
        "sources": [
            {
                **{name: each[name] for name in ("title", "publisher", "kind")},
                "url": each["url"] or "",
                "year": int(each["date"][:4]) if each["date"] else None,
            }
            for each in new["sources"]
        ],
        "satellite_fit": {
            "value": new["satellite_fit"],
            "why": new["satellite_fit_why"] or "",
            "before_2000_start": None if new["start"] is None else new["start"] < 2000,
        },
    }
