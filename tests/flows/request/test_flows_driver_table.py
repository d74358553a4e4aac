"""Own tables of drivers: what is read and converted, and everything that is wrong with a table, by row and column."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from typer.testing import CliRunner

from flows.cli.main import app
from flows.errors import FlowError
from flows.pull.checks import check_assess
from flows.request.assess import AssessRequest
from flows.request.driver_table import COLUMNS, BadDriverTable, driver_rows, read_driver_table
from flows.request.driver_template import write_template
from series.own_drivers import SOURCED, VARIABLES
from series.tables import COLUMNS as SERIES

HEAD = "region,variable,year,value,unit,source"


def table(path: Path, *rows: str, head: str = HEAD) -> Path:
    path.write_text("\n".join((head, *rows)) + "\n", encoding="utf-8")
    return path


def problems(path: Path) -> list[str]:
    with pytest.raises(BadDriverTable) as caught:
        read_driver_table(path)
    return [f"{each.row} {each.column}" for each in caught.value.problems] or [str(caught.value)]


def test_values_are_converted_and_keep_their_source(tmp_path: Path) -> None:
    file = table(
        tmp_path / "t.csv",
        "b,irrigated_area,2011,250,ha,Office; 2012,CC-BY-4.0,measured",
        "a,herd_cattle,2011,12.5,Thousand head,Office,,",
        "a,herd_cattle,2010,1.25,million head,Office,,",
        "a,water_withdrawal,2010,3000000,m³,Office,,",
        "a,own_wells,2010,-3,Wells,Survey,,",
        head=f"{HEAD},licence,note",
    )
    read = read_driver_table(file)
    assert list(read.rows.columns) == SOURCED
    assert SOURCED[: len(SERIES)] == SERIES
    shown = read.rows[["region", "variable", "value", "units"]].to_numpy().tolist()
    assert shown == [
        ["a", "herd_cattle_annual", 1_250_000, "head"],
        ["a", "herd_cattle_annual", 12_500, "head"],
        ["a", "own_wells_annual", -3, "Wells"],
        ["a", "water_withdrawal_annual", 3, "million m3"],
        ["b", "irrigated_area_annual", 2.5, "km2"],
    ]
    assert read.rows["month"].iloc[0] == pd.Timestamp(2010, 1, 1)
    assert read.of("b").iloc[0][["source", "licence", "note"]].tolist() == ["Office; 2012", "CC-BY-4.0", "measured"]
    assert read.of("c").empty
    assert read.notes(["a"]) == ["table of drivers: region b is not in this run, its rows are not used"]
    (near,) = read.notes(["a", "bb"])
    assert near.endswith("did you mean bb?")


def test_everything_wrong_is_named_with_row_and_column(tmp_path: Path) -> None:
    file = table(
        tmp_path / "t.csv",
        "a,herd_catle,2010,12,head,Office",
        'a,herd_cattle,201,"1,5",heads,Office',
        "a,herd_cattle,2010,12,head,",
        "a,herd_goats,2010,-1,head,Office",
        "a,herd_goats,2011,5,head,Office",
        "",
        "a,herd_goats,2011,5,head,Office",
        "a,own_wells,2011,5,wells,Office",
        "a,own_wells,2012,inf,boreholes,Office",
        "a,own_wells,2013,5,boreholes,Office",
        ",own_x_annual,,,,Office",
    )
    assert problems(file) == [
        "2 variable", "3 year", "3 value", "3 unit", "4 source", "5 value", "8 year", "10 value", "11 unit",
        "12 region", "12 variable", "12 year", "12 value", "12 unit",
    ]  # fmt: skip
    with pytest.raises(BadDriverTable, match=r"14 problems.*\n  row 2, column variable: .*did you mean herd_cattle\?"):
        read_driver_table(file)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty; start from a template .drylands drivers template"),
        (f"{HEAD}\n", "has no row with a value"),
        ("regions,variable,year,value,unit,source\n", "'regions' is not known; did you mean region"),
        (f"{HEAD},year\n", "column year comes twice"),
        ("region,variable,year,value,source\n", "column unit is missing"),
        (f"{HEAD}\na,b,2000,1,head,Office,more\n", "row 2 has 7 cells of 6"),
    ],
)
def test_a_table_that_cannot_be_read_says_why(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "t.csv"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(FlowError, match=said):
        read_driver_table(file)


def test_other_kinds_and_missing_files_are_refused_before_the_first_request(tmp_path: Path) -> None:
    for name, said in (("t.ods", "save it as CSV or XLSX"), ("t.csv", "no such file")):
        if name == "t.ods":
            (tmp_path / name).touch()
        with pytest.raises(FlowError, match=said):
            check_assess(AssessRequest(regions=("otindag",), drivers=tmp_path / name))


def test_a_filled_template_is_read(tmp_path: Path) -> None:
    for kind in ("csv", "xlsx"):
        file = tmp_path / f"t.{kind}"
        write_template(file)
        assert problems(file) == ["2 region", "3 region", "4 region"]
    book = load_workbook(tmp_path / "t.xlsx")
    assert [cell.value for cell in book["Drivers"][1]] == list(COLUMNS)
    assert [row[0].value for row in book["Variables"].iter_rows(min_row=2)][:-1] == list(VARIABLES)
    for row in book["Drivers"].iter_rows(min_row=2):
        row[0].value = 101  # an id that a spreadsheet takes for a number
    book.save(tmp_path / "t.xlsx")
    read = read_driver_table(tmp_path / "t.xlsx")
    assert read.regions == ["101"]
    assert read.rows.set_index("variable")["value"].to_dict() == {
        "herd_sheep_annual": 412_500, "own_wells_annual": 148, "water_withdrawal_annual": 3.2,
    }  # fmt: skip


@given(
    st.sampled_from([(name, unit) for name, each in VARIABLES.items() for unit in each.factors]),
    st.floats(0, 1e9),
    st.integers(1850, 2100),
)
def test_what_is_written_is_read(named: tuple[str, str], value: float, year: int) -> None:
    name, unit = named
    row: list[str | int | float | None] = ["a", name, year, value, unit.upper(), "Office"]
    rows = driver_rows("t.csv", HEAD.split(","), [(2, row)])
    assert rows["value"].iloc[0] == pytest.approx(value * VARIABLES[name].factors[unit], rel=1e-11)
    assert rows["month"].iloc[0].year == year
    assert rows["units"].iloc[0] == VARIABLES[name].units


def test_the_command_lists_the_series(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    file = table(tmp_path / "t.csv", "a,herd_goats,2011,5,head,Office", "a,herd_goats,2013,6,head,Other")
    result = CliRunner().invoke(app, ["drivers", "check", str(file)], catch_exceptions=False)
    line = next(line for line in result.output.splitlines() if "herd_goats" in line)
    assert [each.strip() for each in line.strip("│ ").split("│")] == [
        "a", "herd_goats", "2011-2013", "2", "head", "Office, Other",
    ]  # fmt: skip
    result = CliRunner().invoke(app, ["drivers", "template", str(tmp_path / "new.xlsx")], catch_exceptions=False)
    assert "drylands drivers check" in result.output
    assert (tmp_path / "new.xlsx").is_file()
