"""The table of the algorithms that this engine has: Earth Engine's name → a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from offline.signatures import signatures

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


def algorithms_so_far() -> dict[str, Algorithm]:
    """What is registered already: for names that stand for others."""
    return _ALGORITHMS


def algorithms() -> dict[str, Algorithm]:
    """Every algorithm of the engine, by name."""
    import offline.algorithms  # noqa: F401  the modules register themselves

    return _ALGORITHMS
