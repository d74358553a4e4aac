"""Results are named by the code that computes: shown by changed copies of the packages."""

from __future__ import annotations

import ast
import json
import os
import py_compile
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from recomputed import assessed

from flows.defaults import DEFAULT_SEED, DEFAULT_WORLD
from flows.pull.sources import opened
from flows.run.source_digest import INSIDE, OUTSIDE, ROOT, SCIENCE, computing_digest, engine_digest, source_digest
from practices.database.open import open_database
from practices.report.summary import summary
from practices.results.queries import runs

PACKAGES = ("flows", "indicators", "offline", "practices", "regions", "series")
RECOMPUTED = Path(__file__).with_name("recomputed.py")
VOTES = "elif DEGRADED in known:", "elif known.count(DEGRADED) > 1:"


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The packages as an installation has them."""
    home = tmp_path / "site-packages"
    for package in PACKAGES:
        shutil.copytree(ROOT / package, home / package)
    return home


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def module_path(name: str) -> Path | None:
    """The file of one of our modules; None where `name` is something else."""
    place = ROOT.joinpath(*name.split("."))
    if name.split(".")[0] not in PACKAGES:
        return None
    return next((each for each in (place.with_suffix(".py"), place / "__init__.py") if each.is_file()), None)


def imported(name: str) -> set[str]:
    """Our modules that a module imports when it runs, inside of functions too."""
    found: set[str] = set()
    path = module_path(name)
    assert path is not None

    def visit(node: ast.AST) -> None:
        for each in ast.iter_child_nodes(node):
            if isinstance(each, ast.If) and isinstance(each.test, ast.Name) and each.test.id == "TYPE_CHECKING":
                continue
            if isinstance(each, ast.Import):
                found.update(alias.name for alias in each.names)
            elif isinstance(each, ast.ImportFrom):
                assert each.level == 0, f"{name}: a relative import, which this test does not follow"
                found.update([str(each.module), *(f"{each.module}.{alias.name}" for alias in each.names)])
            visit(each)

    visit(ast.parse(path.read_text(encoding="utf-8")))
    return {each for each in found if module_path(each) is not None}


def reached(start: str) -> set[str]:
    """What `start` reaches by imports; not through modules that cannot change a number."""
    found, todo = set(), [start]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += [] if name in OUTSIDE else sorted(imported(name))
    return found


def test_every_module_that_computing_reaches_is_inside_or_has_a_reason_to_be_outside() -> None:
    others = {name for name in reached("flows.region.results") if name.split(".")[0] != SCIENCE}
    packages = {name for name in others if (ROOT.joinpath(*name.split(".")) / "__init__.py").is_file()}
    assert others - packages == {*INSIDE, *OUTSIDE}
    assert not set(INSIDE) & set(OUTSIDE)
    for name in packages:  # no code that could change a number
        path = module_path(name)
        assert path is not None
        assert [type(each) for each in ast.parse(path.read_text(encoding="utf-8")).body] == [ast.Expr]


@pytest.mark.parametrize(
    "name",
    ["indicators/sdg15/one_out_all_out.py", "indicators/pairwise/kernel.py", "indicators/breaks/tables/hansen1997.csv",
     "flows/region/blocks.py", "regions/covered.py", "practices/results/names.py", "series/cubes/stored.py"],
)  # fmt: skip
def test_code_and_tables_that_compute_change_the_digest(copied: Path, name: str) -> None:
    assert computing_digest(copied) == source_digest()
    with (copied / name).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert computing_digest(copied) != source_digest()


def test_what_only_shows_results_does_not_change_the_digest(copied: Path) -> None:
    shown = ["practices/report/static/style.css", "practices/report/templates/region.html", "flows/report/terminal.py",
             "flows/figures/canvas.py", "practices/report/brief.py", "offline/protocol/routes.py",
             "indicators/README.md"]  # fmt: skip
    for name in shown:
        with (copied / name).open("a", encoding="utf-8") as file:
            file.write("# changed\n")
    assert computing_digest(copied) == source_digest()


def test_line_endings_times_and_compiled_files_do_not_change_the_digest(copied: Path) -> None:
    for path in [*copied.rglob("*.py"), *copied.rglob("*.csv")]:
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    py_compile.compile(str(copied / "indicators" / "sdg15" / "one_out_all_out.py"), doraise=True)
    assert list((copied / "indicators").rglob("*.pyc"))
    assert computing_digest(copied) == source_digest()


@pytest.mark.slow
def test_a_result_of_changed_code_is_another_and_is_published_as_a_new_revision(copied: Path, tmp_path: Path) -> None:
    """With degraded pixels that need two votes, the number of one vote was printed."""
    folder = tmp_path / "data"
    old, revision = assessed(folder, tmp_path / "cubes")
    assert revision == 1
    edit(copied / "indicators" / "sdg15" / "one_out_all_out.py", *VOTES)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (copied, ROOT / "tests" / "flows")))}
    command = [sys.executable, str(RECOMPUTED), str(folder), str(tmp_path / "again")]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False, env=environment)
    assert ended.returncode == 0, ended.stderr
    degraded, revision = (float(word) for word in ended.stdout.split())
    assert revision == 2
    assert 0 < degraded < 0.9 * old.area_km2["degraded"]
    told = [json.loads(path.read_text()) for path in folder.glob("results/made/*/summary.json")]
    assert {each["source_digest"] for each in told} == {source_digest(), computing_digest(copied)}
    assert {each["package_version"] for each in told} == {version("drylands")}
    engine = open_database(f"sqlite:///{folder / 'practices.sqlite'}")
    published, known = summary(engine), runs(engine)
    engine.dispose()
    assert known["source_digest"].tolist() == [source_digest(), computing_digest(copied)]
    shown = published[published["period"] == old.period].iloc[0]
    assert shown["revision"] == 2
    assert shown["degraded_km2"] == pytest.approx(degraded)


def test_what_the_offline_engine_computes_is_named_by_its_code(copied: Path) -> None:
    """The simulated landscape and readings of own files change with `offline/`, so cubes of them are pulled again."""
    with opened("simulated", None, {}) as source:
        assert source.fingerprint == f"{engine_digest()} world {DEFAULT_WORLD} seed {DEFAULT_SEED}"
    (copied / "offline" / "README.md").write_text("changed")
    assert asked(copied) == engine_digest()
    edit(copied / "offline" / "landscape" / "noise.py", "\n", "\n\n")
    assert asked(copied) != engine_digest()


def asked(packages: Path) -> str:
    """The digest of the engine that a process with these packages computes with."""
    command = [sys.executable, "-c", "from flows.run.source_digest import engine_digest; print(engine_digest())"]
    environment = {**os.environ, "PYTHONPATH": str(packages)}
    ended = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, cwd=packages)
    return ended.stdout.strip()
