"""The signatures of the server's algorithms, read from the installed client so that they never drift."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Argument:
    """One argument of an algorithm: its name, declared type, and default when it may be left out."""

    name: str
    type: str
    optional: bool
    default: Any


@dataclass(frozen=True)
class Signature:
    """An algorithm's arguments in order."""

    name: str
    arguments: tuple[Argument, ...]

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of the arguments."""
        return frozenset(argument.name for argument in self.arguments)


@cache
def client_file(name: str) -> bytes:
    """A protocol file that the installed `ee` package carries."""
    return (files("ee") / "tests" / name).read_bytes()


@cache
def signatures() -> dict[str, Signature]:
    """Algorithm name (`Image.add`) → signature, for every algorithm that the client lists."""
    listed = json.loads(client_file("algorithms.json"))["algorithms"]
    return {each.name: each for each in map(_parse, listed)}


def _parse(entry: dict[str, Any]) -> Signature:
    arguments = tuple(
        Argument(
            argument["argumentName"],
            argument.get("type", "Object"),
            bool(argument.get("optional", False)),
            argument.get("defaultValue"),
        )
        for argument in entry.get("arguments", [])
    )
    name = entry["name"].removeprefix("algorithms/")
    return Signature(name, arguments)
