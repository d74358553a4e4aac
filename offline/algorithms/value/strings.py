"""Strings and dictionaries."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from offline.errors import EngineError
from offline.graph.regex import fits, matches, parts, replaced
from offline.graph.registry import algorithm
from offline.model.plain import numeric, textual


@algorithm("String")
def string(value: Any) -> str:
    """Anything as a string; a whole number without a decimal point."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


@algorithm("String.cat")
def cat(one: str, two: str) -> str:
    """Two strings, one after the other."""
    return one + two


@algorithm("String.replace")
def replace(text: str, pattern: str, new: str, flags: str) -> str:
    """Replace the first match of a regular expression, or all with the flag `g`; `i` ignores case, here and below."""
    return replaced(pattern, new, text, _known(flags, "replace", "gi"))


@algorithm("String.split")
def split(text: str, pattern: str, flags: str) -> list[str]:
    """The parts between the matches, without empty ones at the end; single characters for an empty pattern."""
    return parts(pattern, text, _known(flags, "split", "i"))


@algorithm("String.match")
def match(text: str, pattern: str, flags: str) -> list[str]:
    """The first match and its groups, or all matches with the flag `g`."""
    return matches(pattern, text, _known(flags, "match", "gi"))


def _known(flags: str, name: str, known: str) -> str:
    """The flags. Raises EngineError for those that there are not."""
    if set(flags) - set(known):
        raise EngineError(f"String.{name}: flags '{flags[:80]}' are not some of '{known}'.")
    return flags


@algorithm("String.slice")
def cut(text: str, start: int, end: int | None) -> str:
    """Part of a string; negative positions count from the end."""
    return text[int(start) : None if end is None else int(end)]


@algorithm("String.length")
def length(text: str) -> int:
    """Number of characters."""
    return len(text)


@algorithm("String.index")
def index(text: str, pattern: str) -> int:
    """Position of the first occurrence, or -1."""
    return text.find(pattern)


@algorithm("String.toLowerCase")
def lower(text: str) -> str:
    """In lower case."""
    return text.lower()


@algorithm("String.toUpperCase")
def upper(text: str) -> str:
    """In upper case."""
    return text.upper()


@algorithm("String.trim")
def trim(text: str) -> str:
    """Without leading and trailing blanks."""
    return text.strip()


@algorithm("String.equals")
def equals(text: str, other: Any) -> bool:
    """Whether two strings are the same."""
    return text == other


@algorithm("Dictionary")
def dictionary(value: Any) -> dict[str, Any]:
    """A dictionary, or one of a list of keys and values in turn; an empty one of nothing."""
    if value is None:
        return {}
    return dict(zip(value[::2], value[1::2], strict=True)) if isinstance(value, list) else dict(value)


@algorithm("Dictionary.get")
def get(table: dict[str, Any], key: str, default: Any) -> Any:
    """The value of a key. Raises EngineError if there is neither a value nor a default."""
    if key not in table and default is None:
        raise EngineError(f"Dictionary.get: Dictionary does not contain key: '{key}'.")
    return table.get(key, default)


@algorithm("Dictionary.getNumber")
def get_number(table: dict[str, Any], key: str) -> Any:
    """The number of a key. Raises EngineError if it is something else."""
    return numeric(get(table, key, None), f"Dictionary.getNumber: the value of '{key}'")


@algorithm("Dictionary.getString")
def get_string(table: dict[str, Any], key: str) -> Any:
    """The string of a key. Raises EngineError if it is something else."""
    return textual(get(table, key, None), f"Dictionary.getString: the value of '{key}'")


@algorithm("Dictionary.set")
def put(table: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    """The dictionary with one value set."""
    return {**table, key: value}


@algorithm("Dictionary.combine")
def combine(first: dict[str, Any], second: dict[str, Any], overwrite: bool) -> dict[str, Any]:
    """Both dictionaries; the second takes precedence unless `overwrite` is false."""
    return {**first, **second} if overwrite else {**second, **first}


@algorithm("Dictionary.keys")
def keys(table: dict[str, Any]) -> list[str]:
    """The keys, sorted as Earth Engine does."""
    return sorted(table)


@algorithm("Dictionary.values")
def values(table: dict[str, Any], wanted: list[str] | None) -> list[Any]:
    """The values, in the order of the keys."""
    return [table[key] for key in (wanted or sorted(table))]


@algorithm("Dictionary.size")
def size(table: dict[str, Any]) -> int:
    """Number of keys."""
    return len(table)


@algorithm("Dictionary.contains")
def contains(table: dict[str, Any], key: str) -> bool:
    """Whether a key is there."""
    return key in table


@algorithm("Dictionary.fromLists")
def from_lists(names: list[str], items: list[Any]) -> dict[str, Any]:
    """A dictionary of keys and values of the same number."""
    return dict(zip(names, items, strict=True))


@algorithm("Dictionary.map")
def map_values(table: dict[str, Any], function: Callable[..., Any]) -> dict[str, Any]:
    """The function of every key and value."""
    return {key: function(key, value) for key, value in sorted(table.items())}


@algorithm("Dictionary.select")
def select(table: dict[str, Any], selectors: list[str], ignore: bool) -> dict[str, Any]:
    """The entries whose keys match. Raises EngineError for a selector without a match, unless it is to be ignored."""
    return {key: table[key] for selector in selectors for key in _matching(table, selector, ignore, "select")}


@algorithm("Dictionary.remove")
def remove(table: dict[str, Any], selectors: list[str], ignore: bool) -> dict[str, Any]:
    """The entries whose keys do not match. Raises EngineError as `Dictionary.select` does."""
    gone = {key for selector in selectors for key in _matching(table, selector, ignore, "remove")}
    return {key: value for key, value in table.items() if key not in gone}


def _matching(table: dict[str, Any], selector: str, ignore: bool, name: str) -> list[str]:
    matching = [selector] if selector in table else [key for key in table if fits(selector, key)]
    if not matching and not ignore:
        raise EngineError(f"Dictionary.{name}: '{selector}' matches none of the keys {', '.join(sorted(table))}.")
    return matching


@algorithm("Dictionary.rename")
def rename(table: dict[str, Any], old: list[str], new: list[str], overwrite: bool) -> dict[str, Any]:
    """The entries under new keys. Raises EngineError for a missing key, and for a new one that is taken."""
    if len(old) != len(new):
        raise EngineError(f"Dictionary.rename: {len(old)} keys and {len(new)} new ones.")
    kept = {key: value for key, value in table.items() if key not in old}
    for key, name in zip(old, new, strict=True):
        if key not in table:
            raise EngineError(f"Dictionary.rename: there is no key '{key}'.")
        if name in kept and not overwrite:
            raise EngineError(f"Dictionary.rename: there is a key '{name}' already; use 'overwrite'.")
        kept[name] = table[key]
    return kept


@algorithm("String.compareTo")
def compare(one: str, other: str) -> int:
    """-1, 0 or 1: before, equal to, after the other in the order of letters."""
    return (one > other) - (one < other)


@algorithm("String.rindex")
def last_index(target: str, pattern: str) -> int:
    """Where the text last occurs, or -1."""
    return target.rfind(pattern)


@algorithm("String.decodeJSON")
def decode_json(text: str) -> Any:
    """The value that JSON means. Raises EngineError if it is none."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise EngineError(f"String.decodeJSON: not JSON ({error}).") from error


@algorithm("String.encodeJSON")
def encode_json(value: Any) -> str:
    """Numbers, strings, lists and dictionaries as JSON; keys in the order of letters."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True)
