"""Which of the client's server algorithms this engine has: the list, and the table of families in the README."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from offline.evaluate import LOADERS
from offline.graph.registry import algorithms
from offline.graph.signatures import signatures

BEGIN, END = "<!-- families -->", "<!-- end of families -->"
#: Algorithms without a family of their own, such as `Date` or `If`.
ALONE = "(others)"


def supported() -> dict[str, bool]:
    """Every algorithm of the installed client, in order, and whether it is supported."""
    here = {*algorithms(), *LOADERS}
    return {name: name in here for name in sorted(signatures(), key=str.lower)}


def family(name: str) -> str:
    """What an algorithm belongs to: `Image` for `Image.add`."""
    return name.split(".")[0] if "." in name else ALONE


def families() -> dict[str, tuple[int, int]]:
    """Family → algorithms supported and listed; families of which nothing is supported are counted as others."""
    listed, here = Counter(map(family, supported())), Counter(family(n) for n, has in supported().items() if has)
    known = {name: (here[name], total) for name, total in listed.items() if here[name] and name != ALONE}
    rest = sum(listed.values()) - sum(total for _, total in known.values())
    return {**known, ALONE: (here[ALONE], rest)}


def table(tests: Mapping[str, Collection[str]]) -> str:
    """The families as a table in markdown; `tests` are the algorithms that each test calls."""
    known = families()
    counted = Counter(
        name for called in tests.values() for name in {f if f in known else ALONE for f in map(family, called)}
    )
    called = {name for each in tests.values() for name in each if supported().get(name)}
    by_family = Counter(f if f in known else ALONE for f in map(family, called))
    rows = [
        f"| {name} | {here} | {total} | {by_family[name]} | {counted[name]} |" for name, (here, total) in known.items()
    ]
    here, total = sum(supported().values()), len(supported())
    head = ["| Family | Supported | Listed | Called by name in tests | Tests |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows, f"| **all** | **{here}** | **{total}** | **{len(called)}** | **{len(tests)}** |"])
