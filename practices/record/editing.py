"""Editing the documented practices: every revision is kept, with who wrote it, when and why; nothing is overwritten.

An edit says which revision it is based on and is refused where that is no longer the newest, so that two people who
edit at the same time lose nothing. Writing the same record again changes nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from difflib import get_close_matches
from itertools import pairwise
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Engine, Row, insert, select, update

from practices.database.transactions import reading, writing
from practices.errors import BadRecord, StaleEdit, UnknownPractice
from practices.models import Practice, PracticeRevision, PracticeSite
from practices.record.draft import PracticeDraft, Site
from practices.results.publish import put_outline

#: The author of the records of the project; the name is reserved.
CATALOGUE = "catalogue"
#: Longest name of an author and longest reason, characters.
LONGEST_WHO, LONGEST_WHY = 200, 2000
COLUMNS = tuple(PracticeRevision.__table__.columns)


def save(engine: Engine, draft: PracticeDraft, *, who: str, base: int | None, why: str = "") -> int:
    """Write a practice; the number of its newest revision. `base`: the revision that was edited, none: a new practice.

    Raises BadRecord without an author or the practice is retired, and StaleEdit where `base` is not the newest.
    """
    check_author(who, why)
    with writing(engine) as connection:
        newest = newest_revision(connection, draft.id)
        if newest is not None and newest.record == as_stored(draft) and not newest.retired:
            return newest.revision
        _check_base(draft.id, base, newest)
        return append(connection, draft, who=who, why=why)


def retire(engine: Engine, practice: str, *, who: str, why: str) -> int:
    """Take a practice out of what is shown; it stays in the database with its history. The new revision.

    Raises BadRecord if no reason is given, and UnknownPractice.
    """
    check_author(who, why)
    if not why.strip():
        raise BadRecord(f"practice {practice}: retiring needs a reason; say why")
    with writing(engine) as connection:
        newest = _existing(connection, practice)
        if newest.retired:
            return newest.revision
        return append(connection, stored(newest.record), who=who, why=why, retired=True)


def restore(engine: Engine, practice: str, *, who: str, why: str, revision: int | None = None) -> int:
    """Bring back a practice as it was in a revision (none: the newest), as a new revision; its number.

    Raises BadRecord for an unknown revision, and UnknownPractice.
    """
    check_author(who, why)
    with writing(engine) as connection:
        newest = _existing(connection, practice)
        chosen = newest
        if revision is not None:
            own = PracticeRevision.practice_id == practice, PracticeRevision.revision == revision
            found = connection.execute(select(*COLUMNS).where(*own)).one_or_none()
            if found is None:
                raise BadRecord(f"practice {practice}: there is no revision {revision}; it has 1 to {newest.revision}")
            chosen = found
        if chosen.record == newest.record and not newest.retired:
            return int(newest.revision)
        return append(connection, stored(chosen.record), who=who, why=why)


def history(engine: Engine | Connection, practice: str) -> pd.DataFrame:
    """Every revision of a practice, oldest first: revision, who, at (UTC), why, retired, changed, record.

    `changed` names the fields that differ from the revision before, of which the first has none. Raises
    UnknownPractice.
    """
    with reading(engine) as connection:
        _existing(connection, practice)
        query = select(*COLUMNS).where(PracticeRevision.practice_id == practice).order_by(PracticeRevision.revision)
        found = pd.DataFrame([dict(row._mapping) for row in connection.execute(query)])
    records = found["record"].tolist()
    changed = ["", *(", ".join(changed_fields(old, new)) for old, new in pairwise(records))]
    return found.assign(changed=changed)[["revision", "who", "at", "why", "retired", "changed", "record"]]


def current(engine: Engine | Connection, practice: str) -> tuple[int, PracticeDraft]:
    """The newest revision of a practice and its number, to show or to edit. Raises UnknownPractice."""
    with reading(engine) as connection:
        newest = _existing(connection, practice)
    return newest.revision, stored(newest.record)


def changed_fields(before: dict[str, object], after: dict[str, object]) -> list[str]:
    """Names of the fields of a record that differ."""
    return [name for name in after if after[name] != before.get(name)]


def as_stored(draft: PracticeDraft) -> dict[str, object]:
    """A record as the database keeps it."""
    return draft.model_dump(mode="json")


def stored(record: dict[str, object]) -> PracticeDraft:
    """The draft of a record of the database."""
    return PracticeDraft.model_validate(record)


def check_author(who: str, why: str) -> None:
    """Raises BadRecord unless author and reason are valid: a name that is not reserved, and texts of allowed length."""
    name = who.strip()
    if not name or len(name) > LONGEST_WHO or not name.isprintable():
        raise BadRecord(f"author {who[:40]!r}: a name of 1 to {LONGEST_WHO} characters is needed; say who edits")
    if name.casefold() == CATALOGUE:
        raise BadRecord(f"author {name!r}: this name is reserved for the records of the project; give your own name")
    if len(why) > LONGEST_WHY:
        raise BadRecord(f"reason: {len(why)} characters of at most {LONGEST_WHY}; shorten it")


def newest_revision(connection: Connection, practice: str) -> Row[Any] | None:
    """The row of the newest revision of a practice, if there is one."""
    query = (
        select(*COLUMNS)
        .where(PracticeRevision.practice_id == practice)
        .order_by(PracticeRevision.revision.desc())
        .limit(1)
    )
    return connection.execute(query).one_or_none()


def append(connection: Connection, draft: PracticeDraft, *, who: str, why: str, retired: bool = False) -> int:
    """Write the next revision of a practice within a transaction; its number. Who may do so was checked before."""
    newest = newest_revision(connection, draft.id)
    number = 1 if newest is None else newest.revision + 1
    values = {
        "title": draft.title["en"],
        **{name: getattr(draft, name) for name in ("country", "start", "end", "evidence_type", "confidence")},
        "record": as_stored(draft),
        "revision": number,
        "retired": retired,
    }
    if newest is None:
        connection.execute(insert(Practice).values(id=draft.id, **values))
    else:
        connection.execute(update(Practice).where(Practice.id == draft.id).values(**values))
    row = {"who": who.strip(), "why": why.strip(), "at": datetime.now(UTC).replace(tzinfo=None)}
    written = insert(PracticeRevision).values(
        practice_id=draft.id, revision=number, retired=retired, record=values["record"], **row
    )
    connection.execute(written)
    _put_sites(connection, draft, number)
    return number


def _check_base(practice: str, base: int | None, newest: Row[Any] | None) -> None:
    if newest is None:
        if base is not None:
            raise StaleEdit(f"practice {practice}: revision {base} is edited, and there is none; save it as a new one")
        return
    if newest.retired:
        raise BadRecord(f"practice {practice}: it is retired since revision {newest.revision}; restore it first")
    if base is None:
        raise StaleEdit(
            f"practice {practice}: there is one of that id already (revision {newest.revision}); edit that, or "
            "choose another id"
        )
    if base != newest.revision:
        raise StaleEdit(
            f"practice {practice}: revision {base} was edited, but {newest.who} has written revision "
            f"{newest.revision} meanwhile; look at that and edit it"
        )


def _existing(connection: Connection, practice: str) -> Row[Any]:
    newest = newest_revision(connection, practice)
    if newest is None:
        known = list(connection.scalars(select(Practice.id).where(Practice.retired.is_(False))))
        near = get_close_matches(practice, known, n=3, cutoff=0.3)
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        raise UnknownPractice(f"there is no practice {practice!r}; {hint}list them: drylands practices")
    return newest


def _put_sites(connection: Connection, draft: PracticeDraft, number: int) -> None:
    """End the sites that the new revision has not, or has otherwise, and add those that are new or changed."""
    conditions = PracticeSite.practice_id == draft.id, PracticeSite.until.is_(None)
    wanted = {site.name: _site_row(connection, site) for site in draft.sites}
    kept = set()
    for row in connection.execute(select(*PracticeSite.__table__.columns).where(*conditions)).mappings():
        values = wanted.get(row["name"])
        if values is not None and all(row[name] == value for name, value in values.items()):
            kept.add(row["name"])
        else:
            connection.execute(update(PracticeSite).where(PracticeSite.id == row["id"]).values(until=number))
    for name, values in wanted.items():
        if name not in kept:
            connection.execute(insert(PracticeSite).values(practice_id=draft.id, since=number, **values))


def _site_row(connection: Connection, site: Site) -> dict[str, object]:
    digest = None if site.polygon is None else put_outline(connection, site.polygon)
    return {**site.model_dump(exclude={"polygon"}), "outline_digest": digest}
