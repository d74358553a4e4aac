"""Drought beside breaks in the database: published and read again, empty where unknown, its migration up and down."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from openpyxl import load_workbook
from published import BREAKS, OBSERVATIONS, RUN, assessment
from sqlalchemy import Engine, inspect, text

from practices.database.migrations import migrate
from practices.exports import schema
from practices.exports.content import content
from practices.exports.workbook import write_workbook
from practices.models import Base
from practices.report.summary import summary
from practices.results import queries
from practices.results.publish import publish

BESIDE = {"spi": -1.62, "spei": None, "soil_moisture_z": -0.8, "drought": "severe drought", "explained_by_rain": False}
NAMES = list(BESIDE)


def test_what_stands_beside_a_break_is_published_and_exported(database: Engine, tmp_path: Path) -> None:
    seen = BREAKS.assign(variable="productivity_as_observed", year=2004, low=2003, high=2006)
    table = pd.concat([BREAKS.assign(**BESIDE), seen.assign(explained_by_rain=True)])
    publish(database, RUN, [assessment()], OBSERVATIONS, table)
    found = queries.breaks(database).set_index("variable")
    assert found.loc["productivity", "spi"] == -1.62
    assert found.loc["productivity", "drought"] == "severe drought"
    assert not found.loc["productivity", "explained_by_rain"]
    assert found.loc["productivity_as_observed", ["spi", "spei", "soil_moisture_z", "drought"]].isna().all()
    assert found.loc["productivity_as_observed", "explained_by_rain"]
    # what rain explains is no break year of the summary
    assert summary(database)["break_years"].tolist() == ["2010 (2008-2012)"]
    tables = content(database)
    assert tables["breaks"]["drought"].tolist() == ["severe drought", None]
    assert tables["breaks"]["explained_by_rain"].tolist() == ["no", "yes"]
    write_workbook(tmp_path / "book.xlsx", tables)
    sheet = load_workbook(tmp_path / "book.xlsx")["Breaks"]
    head = [cell.value for cell in sheet[3]]
    row = dict(zip(head, [cell.value for cell in sheet[4]], strict=True))
    assert (row["drought"], row["spi"], row["spei"], row["explained_by_rain"]) == ("severe drought", -1.62, None, "no")


def test_a_break_without_a_record_of_rain_has_nothing_beside_it(database: Engine) -> None:
    publish(database, RUN, [assessment()], OBSERVATIONS, BREAKS)
    assert queries.breaks(database)[NAMES].isna().all(axis=None)
    assert content(database)["breaks"][NAMES].isna().all(axis=None)


def test_the_migration_adds_empty_columns_and_takes_them_away(database: Engine) -> None:
    publish(database, RUN, [assessment()], OBSERVATIONS, BREAKS.assign(**BESIDE))
    before = queries.breaks(database)
    migrate(database, "0007")
    assert set(NAMES).isdisjoint(each["name"] for each in inspect(database).get_columns("break_point"))
    migrate(database)
    columns = {each["name"] for each in inspect(database).get_columns("break_point")}
    assert columns == set(Base.metadata.tables["break_point"].columns.keys())
    after = queries.breaks(database)
    rest = [name for name in before if name not in NAMES]
    pd.testing.assert_frame_equal(after[rest], before[rest])
    assert after[NAMES].isna().all(axis=None)


def test_breaks_of_before_are_moved_to_the_first_date_after(database: Engine) -> None:
    """At revision 0008 a break was dated by the last year or month before it; adjacent ones do not collide."""
    years = pd.concat([BREAKS.assign(year=year, low=year - 1, high=year + 2) for year in (2009, 2010, 2011)])
    days = {
        name: pd.Timestamp(day) for name, day in (("date", "2015-01-01"), ("low", "2014-12-01"), ("high", "2015-03-01"))
    }
    months = BREAKS.drop(columns=["year", "low", "high"]).assign(variable="soil_moisture", **days)
    own = {"date": years["year"], "low": years["low"], "high": years["high"]}
    dated = years.drop(columns="year").assign(**{name: pd.to_datetime(each.astype(str)) for name, each in own.items()})
    dated = dated.assign(cadence="yearly", series="growing-season mean of NDVI", break_method="Bai-Perron")
    publish(database, RUN, [assessment()], OBSERVATIONS, pd.concat([dated, months.assign(cadence="monthly")]))
    now = queries.breaks(database).set_index("variable")[["date", "low", "high", "series", "break_method"]]
    migrate(database, "0008")
    with database.connect() as connection:
        found = connection.execute(text("SELECT variable, date, low, high FROM break_point ORDER BY variable, date"))
        before = [[str(each) for each in row] for row in found]
    assert before == [
        ["productivity", "2008-01-01", "2007-01-01", "2010-01-01"],
        ["productivity", "2009-01-01", "2008-01-01", "2011-01-01"],
        ["productivity", "2010-01-01", "2009-01-01", "2012-01-01"],
        ["soil_moisture", "2014-12-01", "2014-11-01", "2015-02-01"],
    ]
    migrate(database)
    again = queries.breaks(database).set_index("variable")[list(now.columns)]
    pd.testing.assert_frame_equal(again[["date", "low", "high"]], now[["date", "low", "high"]])
    assert again["series"].isna().all()  # not recorded then


def test_a_break_says_its_series_and_method_in_every_export(database: Engine, tmp_path: Path) -> None:
    words = {"series": "growing-season mean of NDVI, effect of rain removed", "break_method": "Bai-Perron, BIC, h 0.2"}
    publish(database, RUN, [assessment()], OBSERVATIONS, BREAKS.assign(**words))
    tables = content(database)
    assert tables["breaks"][list(words)].to_dict("records") == [words]
    write_workbook(tmp_path / "book.xlsx", tables)
    sheet = load_workbook(tmp_path / "book.xlsx")["Breaks"]
    row = dict(zip([c.value for c in sheet[3]], [c.value for c in sheet[4]], strict=True))
    assert {name: row[name] for name in words} == words
    meaning = schema.dictionary().set_index(["table", "column"])["meaning"]
    assert meaning["breaks", "date"].startswith("first date after the break")
    assert meaning["summary", "break_years"].startswith("first year after each break")
