"""The documented practices that come with the project, and their place in the database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, Engine, select

from practices.database.transactions import reading, writing
from practices.errors import BadPracticeCatalogue
from practices.models import Practice, PracticeRevision
from practices.record.draft import PracticeDraft, checked
from practices.record.editing import CATALOGUE, append, as_stored
from practices.record.problems import BadDraft

DATA = Path(__file__).parents[1] / "data" / "practices.json"


def load(path: Path = DATA) -> list[PracticeDraft]:
    """The practices of a file. Raises BadCatalogue naming the file, the practice, the field and what is wrong."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))["practices"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadPracticeCatalogue(
            f"{path}: cannot be read as a list of practices ({error}); restore the file"
        ) from error
    records: list[PracticeDraft] = []
    for number, entry in enumerate(entries, start=1):
        who = str(entry.get("id", "")) if isinstance(entry, dict) else ""
        try:
            records.append(checked(entry, whose=who or f"practice {number}"))
        except BadDraft as error:
            raise BadPracticeCatalogue(f"{path}: {error}") from error
    ids = [record.id for record in records]
    twice = sorted({each for each in ids if ids.count(each) > 1})
    if twice:
        raise BadPracticeCatalogue(f"{path}: {twice[0]} comes twice; give every practice its own id")
    return records


def seed(engine: Engine, records: Sequence[PracticeDraft] | None = None) -> int:
    """Bring the practices of the catalogue into the database; how many were new or corrected.

    A correction is a new revision. A practice that a user has edited, retired or restored is not changed.
    Nothing is written if all is stored already.
    """
    wanted = load() if records is None else records
    with reading(engine) as connection:
        if not _due(connection, wanted):
            return 0
    with writing(engine) as connection:
        # Another program may have done it before this one had its turn to write.
        due = _due(connection, wanted)
        for record in due:
            append(connection, record, who=CATALOGUE, why="as it comes with drylands")
    return len(due)


def _due(connection: Connection, wanted: Sequence[PracticeDraft]) -> list[PracticeDraft]:
    """Those that are not there, or there as an earlier catalogue had them."""
    newest = (PracticeRevision.practice_id == Practice.id) & (PracticeRevision.revision == Practice.revision)
    query = select(Practice.id, PracticeRevision.who, PracticeRevision.record).join(PracticeRevision, newest)
    there = {row.id: row for row in connection.execute(query)}
    return [
        record
        for record in wanted
        if record.id not in there
        or (there[record.id].who == CATALOGUE and there[record.id].record != as_stored(record))
    ]
