"""Regular expressions of requests, which must come to an end: some patterns need ages for a short text."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from offline.errors import EngineError
from offline.sizes import bounded_text

Found = TypeVar("Found")

#: Seconds for one text; other requests are answered meanwhile.
PATIENCE = 2.0


def fits(pattern: str, text: str) -> bool:
    """Whether a pattern matches the whole of a text.

    Raises EngineError, as all functions here, where the pattern is none or takes ages.
    """
    import regex

    return _ended(pattern, lambda: regex.fullmatch(pattern, text, timeout=PATIENCE, concurrent=True)) is not None


def replaced(pattern: str, new: str, text: str, *, every: bool) -> str:
    """A text with its first match, or every one, replaced; `$1` in `new` stands for a group."""
    import regex

    with_groups, most = re.sub(r"\$(\d)", r"\\\1", new), 0 if every else 1
    # No more than this: the groups of all matches are parts of the text.
    found = len(matches(pattern, text, every=True)) if every else 1
    bounded_text(len(text) * (1 + new.count("$")) + found * len(new), "String.replace")
    return _ended(pattern, lambda: regex.sub(pattern, with_groups, text, most, timeout=PATIENCE, concurrent=True))


def parts(pattern: str, text: str) -> list[str]:
    """The parts of a text between the matches."""
    import regex

    return _ended(pattern, lambda: regex.split(pattern, text, timeout=PATIENCE, concurrent=True))


def matches(pattern: str, text: str, *, every: bool) -> list[str]:
    """All matches, or the first one and its groups; empty where there is none."""
    import regex

    def found() -> list[str]:
        if every:
            return [each.group(0) for each in regex.finditer(pattern, text, timeout=PATIENCE, concurrent=True)]
        first = regex.search(pattern, text, timeout=PATIENCE, concurrent=True)
        return [first.group(0), *first.groups()] if first else []

    return _ended(pattern, found)


def _ended(pattern: str, work: Callable[[], Found]) -> Found:
    import regex

    try:
        return work()
    except TimeoutError as error:
        raise EngineError(f"The regular expression '{pattern[:80]}' takes more than {PATIENCE:g} seconds.") from error
    except regex.error as error:
        raise EngineError(f"The regular expression '{pattern[:80]}' is not one: {error}.") from error
