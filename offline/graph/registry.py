"""The table of the algorithms that this engine has: Earth Engine's name → a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from offline.graph.signatures import signatures

Algorithm = Callable[..., Any]
F = TypeVar("F", bound=Algorithm)
_ALGORITHMS: dict[str, Algorithm] = {}


def algorithm(*names: str) -> Callable[[F], F]:
    """Register a function under Earth Engine's names; it is called with the signature's arguments in order.

    A name that the installed client does not list is refused, so that a renamed algorithm fails loudly.
    """

    def register(function: F) -> F:
        for name in names:
            add(name, function)
        return function

    return register


def add(name: str, function: Algorithm) -> None:
    """Register one function; see `algorithm`."""
    if name not in signatures():
        raise KeyError(f"{name} is no algorithm of the installed Earth Engine client")
    _ALGORITHMS[name] = function


def algorithms() -> dict[str, Algorithm]:
    """The algorithms that are registered, by name: all of them once `offline.algorithms` is imported."""
    return _ALGORITHMS
