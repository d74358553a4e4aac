"""The text of Earth Engine expressions, kept so that cubes of one expression do not write it again."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Any

#: Expressions whose text is kept; a run has some twenty.
MOST_KEPT = 64

_lock = Lock()
#: By identity. The expression is kept with its text, so that no other object takes its identity.
_texts: OrderedDict[int, tuple[Any, str]] = OrderedDict()


def text_of(images: Any) -> str:
    """The serialised expression of an `ee` object, which must not be changed afterwards."""
    with _lock:
        if id(images) in _texts:
            _texts.move_to_end(id(images))
            return _texts[id(images)][1]
    text: str = images.serialize()
    with _lock:
        _texts[id(images)] = (images, text)
        while len(_texts) > MOST_KEPT:
            _texts.popitem(last=False)
    return text
