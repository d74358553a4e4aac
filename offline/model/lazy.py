"""Properties computed at their first use."""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock
from typing import Any, Generic, TypeVar, overload

Value = TypeVar("Value")


class lazy(Generic[Value]):  # noqa: N801 - a decorator, as `property` is
    """A property computed at its first use and kept by the instance.

    Threads that need it of the same instance wait for the first of them; threads of other instances do not. In
    `functools.cached_property` of Python 3.11 all instances share one lock, so that requests would wait for each
    other.
    """

    def __init__(self, work: Callable[[Any], Value]) -> None:
        self._work = work
        self._name = work.__name__
        self.__doc__ = work.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> lazy[Value]: ...

    @overload
    def __get__(self, instance: object, owner: type) -> Value: ...

    def __get__(self, instance: object | None, owner: type) -> lazy[Value] | Value:
        if instance is None:
            return self
        # When the value is kept there, Python finds the value before this descriptor.
        kept = vars(instance)
        with kept.setdefault("_lazy_lock", RLock()):
            if self._name not in kept:
                kept[self._name] = self._work(instance)
        value: Value = kept[self._name]
        return value
