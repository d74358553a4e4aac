"""`drylands practices`: the commands over a database of their own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli.main import app
from flows.errors import RowsLeftOut
from flows.run.failures import exit_code, plain_failure
from practices.exchange.example import EXAMPLE_RECORD
from practices.exchange.files import write_drafts

WHO = ("--who", "Saran")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("DRYLANDS_DATA", str(tmp_path / "data"))
    return tmp_path


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["practices", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def fails(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["practices", *arguments])
    assert result.exit_code != 0
    assert result.exception is not None
    said = plain_failure(result.exception)
    assert said is not None, result.exception
    return said


def test_the_list_is_the_default(data: Path) -> None:
    said = run()
    assert "chn-kekeya-greening" in said
    assert "(outside North-East Asia)" in said
    said = run("--country", "mng")
    assert "mng-billion-trees" in said
    assert "chn-kekeya-greening" not in said
    assert "no practice is documented; there are some for CHN, JPN" in fails("--country", "FRA")


def test_one_is_shown_with_the_meaning_of_its_codes(data: Path) -> None:
    said = run("show", "chn-yanchi-grazing-ban")
    assert said == run("--show", "chn-yanchi-grazing-ban")
    for expected in (
        "revision 1",
        "grazing land",
        "a guess and no boundary",
        "https://www.nxnews.net",
        "grassland cover",
    ):
        assert expected in said
    assert "did you mean chn-kekeya-greening" in fails("show", "chn-kekeya")


def test_from_the_template_to_the_database_and_out_again(data: Path) -> None:
    for kind in ("csv", "xlsx", "geojson"):
        said = run("template", str(data / f"t.{kind}"))
        assert f"t.{kind}" in said
        assert "this is the example" in fails("import", str(data / f"t.{kind}"), *WHO)
    write_drafts(data / "own.csv", [(EXAMPLE_RECORD.model_copy(update={"id": "mng-own"}), None)])
    assert "written    mng-own" in run("import", str(data / "own.csv"), *WHO, "--why", "a visit")
    assert "unchanged  mng-own" in run("import", str(data / "own.csv"), *WHO)
    assert "1 practices" in run("export", str(data / "out.xlsx"), "--practice", "mng-own")
    assert "41 practices" in run("export", str(data / "out.geojson"))
    assert "no practice 'nothing' to export" in fails("export", str(data / "out.csv"), "--practice", "nothing")


def test_a_bad_file_writes_nothing_unless_told_to(data: Path) -> None:
    good = EXAMPLE_RECORD.model_copy(update={"id": "mng-own"})
    write_drafts(data / "two.csv", [(good, None), (EXAMPLE_RECORD, None)])
    assert "2 problems" not in (said := fails("import", str(data / "two.csv"), *WHO))
    assert "nothing was written:\n  row 4, column id: example-practice" in said
    result = CliRunner().invoke(app, ["practices", "import", str(data / "two.csv"), *WHO, "--skip-bad"])
    assert "written    mng-own" in result.output
    assert "left out   row 4, column id" in result.output
    # a script must see that rows are missing: the exit code is that of a run in which some regions failed
    assert isinstance(result.exception, RowsLeftOut)
    assert exit_code(result.exception) == 3
    assert str(result.exception).startswith("two.csv: 1 problems, their rows were left out (listed above); 1 practices")
    write_drafts(data / "bad.csv", [(EXAMPLE_RECORD, None)])
    result = CliRunner().invoke(app, ["practices", "import", str(data / "bad.csv"), *WHO, "--skip-bad"])
    assert isinstance(result.exception, RowsLeftOut)
    assert exit_code(result.exception) == 1


def test_editing_leaves_a_history_that_can_be_gone_back_to(data: Path) -> None:
    practice = "mng-billion-trees"
    assert f"{practice}: revision 2" in run("edit", practice, "--set", "end=2031", *WHO, "--why", "prolonged")
    record = json.loads(run("show", practice, "--json"))
    assert (record["revision"], record["end"]) == (2, 2031)
    (data / "record.json").write_text(json.dumps({**record, "start": 2020}))
    assert "revision 3" in run("edit", practice, "--file", str(data / "record.json"), "--who", "Bold")
    (data / "record.json").write_text(json.dumps({**record, "start": 2019}))
    assert "Bold has written revision 3 meanwhile" in fails("edit", practice, "--file", str(data / "record.json"))
    assert "retired, revision 4" in run("retire", practice, "--why", "context only", *WHO)
    assert practice not in run("--country", "MNG")
    assert "revision 5" in run("restore", practice, "--revision", "1", *WHO)
    told = run("history", practice)
    for expected in ("catalogue", "Saran", "Bold", "prolonged", "retired", "end", "start"):
        assert expected in told


def test_edits_that_cannot_be_done_say_why(data: Path) -> None:
    practice = "mng-billion-trees"
    assert "give either --set" in fails("edit", practice)
    assert "is not a record with its revision" in fails("edit", practice, "--file", str(data / "absent.json"))
    other = json.loads(run("show", "chn-kekeya-greening", "--json"))
    (data / "other.json").write_text(json.dumps(other))
    assert "is the record of chn-kekeya-greening" in fails("edit", practice, "--file", str(data / "other.json"))
    assert "country: 'XX'; allowed: CHN" in fails("edit", practice, "--set", "country=XX", *WHO)
    assert "reserved for the records of the project" in fails(
        "edit", practice, "--set", "end=2031", "--who", "catalogue"
    )
