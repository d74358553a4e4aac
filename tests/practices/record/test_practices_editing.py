"""Editing: every revision kept, stale edits refused, the catalogue never over a person. On SQLite and PostgreSQL."""

from __future__ import annotations

import threading

import pandas as pd
import pytest
from drafts import SQUARE, VALUES, draft
from sqlalchemy import Engine, text

from practices.database.migrations import migrate
from practices.database.open import open_database
from practices.errors import BadRecord, PracticeError, StaleEdit, UnknownPractice
from practices.record.catalogue import load, seed
from practices.record.editing import current, history, restore, retire, save
from practices.results import practice_queries


def test_an_edit_is_the_next_revision_and_the_first_stays_readable(database: Engine) -> None:
    assert save(database, draft(), who="Saran", base=None, why="from a visit") == 1
    assert save(database, draft(start=2013), who="Bold", base=1, why="the year was wrong") == 2
    told = history(database, "mng-well-and-rest")
    assert told["who"].tolist() == ["Saran", "Bold"]
    assert told["why"].tolist() == ["from a visit", "the year was wrong"]
    assert [record["start"] for record in told["record"]] == [2012, 2013]
    assert told["changed"].tolist()[1] == "start"
    assert told["at"].is_monotonic_increasing
    assert practice_queries.practices(database)["start"].tolist() == [2013]
    assert current(database, "mng-well-and-rest") == (2, draft(start=2013))


def test_writing_what_is_there_changes_nothing(database: Engine) -> None:
    save(database, draft(), who="Saran", base=None)
    assert save(database, draft(), who="Bold", base=None) == 1
    assert len(history(database, "mng-well-and-rest")) == 1


def test_an_edit_of_an_older_revision_is_refused(database: Engine) -> None:
    save(database, draft(), who="Saran", base=None)
    save(database, draft(start=2013), who="Bold", base=1)
    with pytest.raises(StaleEdit, match="revision 1 was edited, but Bold has written revision 2"):
        save(database, draft(start=2014), who="Saran", base=1)
    with pytest.raises(StaleEdit, match=r"there is one of that id already \(revision 2\)"):
        save(database, draft(start=2014), who="Saran", base=None)
    with pytest.raises(StaleEdit, match="there is none"):
        save(database, draft(id="another"), who="Saran", base=3)
    assert len(history(database, "mng-well-and-rest")) == 2


def test_of_many_who_edit_at_once_one_wins_and_the_others_are_told(place: str) -> None:
    engine = open_database(place)
    save(engine, draft(), who="Saran", base=None)
    told: list[object] = []

    def edit(year: int) -> None:
        own = open_database(place)
        try:
            told.append(save(own, draft(start=year), who=f"editor {year}", base=1))
        except PracticeError as error:
            told.append(type(error))
        finally:
            own.dispose()

    threads = [threading.Thread(target=edit, args=(1990 + number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, told)) == ["2", *[str(StaleEdit)] * 5]
    assert len(history(engine, "mng-well-and-rest")) == 2
    engine.dispose()


def test_retired_and_restored(database: Engine) -> None:
    save(database, draft(), who="Saran", base=None)
    save(database, draft(start=2013), who="Saran", base=1)
    with pytest.raises(BadRecord, match="needs a reason"):
        retire(database, "mng-well-and-rest", who="Bold", why=" ")
    assert retire(database, "mng-well-and-rest", who="Bold", why="told twice") == 3
    assert retire(database, "mng-well-and-rest", who="Bold", why="again") == 3
    assert practice_queries.practices(database).empty
    assert practice_queries.sites(database).empty
    assert practice_queries.practices(database, retired=True)["retired"].tolist() == [True]
    with pytest.raises(BadRecord, match="restore it first"):
        save(database, draft(start=2015), who="Saran", base=3)
    assert restore(database, "mng-well-and-rest", who="Saran", why="it is another", revision=1) == 4
    assert practice_queries.practices(database)["start"].tolist() == [2012]
    assert history(database, "mng-well-and-rest")["retired"].tolist() == [False, False, True, False]
    with pytest.raises(BadRecord, match="no revision 9; it has 1 to 4"):
        restore(database, "mng-well-and-rest", who="Saran", why="", revision=9)
    with pytest.raises(UnknownPractice, match="did you mean mng-well-and-rest"):
        history(database, "mng-wel-and-rest")


def test_nobody_edits_unsigned_or_as_the_catalogue(database: Engine) -> None:
    for who in ("", "   ", "Catalogue", "two\nlines", "x" * 201):
        with pytest.raises(BadRecord, match="author"):
            save(database, draft(), who=who, base=None)
    assert practice_queries.practices(database).empty


def test_the_catalogue_never_undoes_what_a_person_wrote(database: Engine) -> None:
    first = load()[0]
    assert seed(database) == len(load())
    edited = first.model_copy(update={"start": 1956})
    save(database, edited, who="Saran", base=1)
    retire(database, load()[1].id, who="Saran", why="not ours")
    assert seed(database) == 0
    corrected = first.model_copy(update={"end": 2001})
    assert seed(database, [corrected]) == 0
    assert current(database, first.id) == (2, edited)
    assert load()[1].id not in set(practice_queries.practices(database)["practice"])
    untouched = load()[2].model_copy(update={"period_note": "a correction of the catalogue"})
    assert seed(database, [untouched]) == 1
    assert history(database, untouched.id)["who"].tolist() == ["catalogue", "catalogue"]


def test_a_site_that_moves_is_another_site_to_evidence(database: Engine) -> None:
    save(database, draft(), who="Saran", base=None)
    before = practice_queries.sites(database).set_index("site")
    assert before["has_polygon"].to_dict() == {"North": True, "South": False}
    assert before.loc["North", "polygon"]["coordinates"] == draft().sites[0].polygon["coordinates"]  # type: ignore[index]
    moved = {**VALUES["sites"][1], "lat": 45.2}
    save(database, draft(sites=[VALUES["sites"][0], moved]), who="Saran", base=1)
    after = practice_queries.sites(database).set_index("site")
    assert after.loc["North", "site_id"] == before.loc["North", "site_id"]
    assert after.loc["South", "site_id"] != before.loc["South", "site_id"]
    with database.connect() as connection:
        rows = connection.execute(text("SELECT name, since, until FROM practice_site ORDER BY id")).all()
    assert [tuple(row) for row in rows] == [("North", 1, None), ("South", 1, 2), ("South", 2, None)]


def test_the_migration_keeps_records_up_and_down(database: Engine) -> None:
    seed(database)
    save(database, draft(), who="Saran", base=None)
    dated = [{**VALUES["sources"][0], "date": "2019"}]  # the older schema has years only
    save(database, draft(sites=[VALUES["sites"][0]], sources=dated), who="Saran", base=1)
    retire(database, load()[0].id, who="Saran", why="not ours")
    shown = practice_queries.practices(database)
    migrate(database, "0002")
    with database.connect() as connection:
        ids = set(connection.scalars(text("SELECT id FROM practice")))
        names = set(connection.scalars(text("SELECT name FROM practice_site WHERE practice_id = 'mng-well-and-rest'")))
    assert ids == set(shown["practice"])
    assert names == {"North"}
    migrate(database)
    again = practice_queries.practices(database)
    assert again["practice"].tolist() == shown["practice"].tolist()
    columns = ["title", "start", "measures", "degradation", "outcome", "caveats", "sources"]
    pd.testing.assert_frame_equal(again[columns], shown[columns])
    told = history(database, "chn-yanchi-grazing-ban")
    assert told["who"].tolist() == ["catalogue"]
    assert told["why"].tolist() == ["there before history was kept"]
    # Notes of sites and sources had no place in the older schema: the catalogue brings them back, and the practice
    # that was retired and is gone from it.
    lost = [each for each in load() if any(part.note for part in (*each.sites, *each.sources)) or each.land_use_note]
    assert seed(database) == len({load()[0].id, *(each.id for each in lost)})


def test_the_polygon_of_a_site_is_stored_once(database: Engine) -> None:
    two = [{**VALUES["sites"][0], "name": name, "polygon": SQUARE} for name in ("A", "B")]
    save(database, draft(sites=two), who="Saran", base=None)
    with database.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM outline")).scalar_one() == 1
