"""Regular expressions of requests, which must come to an end: some patterns need ages for a short text."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

import regex

from offline.errors import EngineError
from offline.graph.limits import bounded_text

Found = TypeVar("Found")

#: Seconds for one text; other requests are answered meanwhile.
PATIENCE = 2.0


def fits(pattern: str, text: str) -> bool:
    """Whether a pattern matches the whole of a text.

    Raises EngineError, as all functions here, where the pattern is none or takes ages.
    """
    return (
        _ended(pattern, lambda: _compiled(pattern, "").fullmatch(text, timeout=PATIENCE, concurrent=True)) is not None
    )


def replaced(pattern: str, new: str, text: str, flags: str) -> str:
    """A text with its first match, or with the flag `g` every one, replaced; `$1` in `new` is a group."""
    with_groups, most = re.sub(r"\$(\d)", r"\\\1", new), 0 if "g" in flags else 1
    # No more than this: the groups of all matches are parts of the text.
    count = len(matches(pattern, text, flags)) if "g" in flags else 1
    bounded_text(len(text) * (1 + new.count("$")) + count * len(new), "String.replace")
    return _ended(
        pattern, lambda: _compiled(pattern, flags).sub(with_groups, text, most, timeout=PATIENCE, concurrent=True)
    )


def parts(pattern: str, text: str, flags: str) -> list[str]:
    """The parts of a text between the matches, as Java splits: none of no width at the start, none empty at the end."""

    def collect() -> list[str]:
        pieces, start = [], 0
        for each in _compiled(pattern, flags).finditer(text, timeout=PATIENCE, concurrent=True):
            if each.end():
                pieces.append(text[start : each.start()])
                start = each.end()
        pieces.append(text[start:])
        while len(pieces) > 1 and not pieces[-1]:
            pieces.pop()
        return pieces

    return _ended(pattern, collect)


def matches(pattern: str, text: str, flags: str) -> list[str]:
    """With the flag `g` all matches, else the first one and its groups; empty where there is none."""

    def collect() -> list[str]:
        compiled = _compiled(pattern, flags)
        if "g" in flags:
            return [each.group(0) for each in compiled.finditer(text, timeout=PATIENCE, concurrent=True)]
        first = compiled.search(text, timeout=PATIENCE, concurrent=True)
        return [first.group(0), *first.groups()] if first else []

    return _ended(pattern, collect)


@lru_cache(maxsize=256)
def _compiled(pattern: str, flags: str) -> Any:
    return regex.compile(as_re2(pattern), regex.IGNORECASE if "i" in flags else 0)


def as_re2(pattern: str) -> str:
    """A pattern in which a brace without a count is escaped, as in RE2."""
    return BRACES.sub(lambda match: "\\{" if match[0] == "{" else match[0], pattern)


#: An escape, or a brace that does not begin a count such as {2,3}.
BRACES = re.compile(r"\\[pPx]\{[^}]*\}|\\.|\{(?!\d+,?\d*\})", re.DOTALL)


def _ended(pattern: str, work: Callable[[], Found]) -> Found:
    try:
        return work()
    except TimeoutError as error:
        raise EngineError(f"The regular expression '{pattern[:80]}' takes more than {PATIENCE:g} seconds.") from error
    except regex.error as error:
        raise EngineError(f"The regular expression '{pattern[:80]}' is not one: {error}.") from error
