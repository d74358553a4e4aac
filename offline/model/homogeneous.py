"""Whether the images of a collection have the same bands and pixel types, as the service wants before it reduces them.

A pixel type has a range. Types that the service may infer in another way than this engine are not `sure`, and are
never refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from offline.errors import EngineError
from offline.model.image import Image
from offline.model.values import INTEGER_RANGES, PixelType

#: Algorithms whose arguments may hold mixed collections: the service was seen to reduce regions of them.
TOLERANT = {"Image.reduceRegion", "Image.reduceRegions"}
#: The service's names of integer types, all signed, by the name that numpy has for them; the narrowest first.
SIGNED = {"int8": "Byte", "int16": "Short", "int32": "Integer", "int64": "Long"}
#: Bands that a message lists at most.
MOST_LISTED = 50
_tolerant: ContextVar[bool] = ContextVar("tolerant", default=False)


@contextmanager
def tolerance() -> Iterator[None]:
    """Accept mixed collections in the arguments of one of the algorithms of which the service does (`TOLERANT`)."""
    token = _tolerant.set(True)
    try:
        yield
    finally:
        _tolerant.reset(token)


def require_homogeneous(images: Sequence[Image], *, names: bool = True) -> None:
    """Refuse images that differ from the first in the types of their bands or, with `names`, in names or their order.

    Raises EngineError in the service's words.
    """
    if _tolerant.get() or not images:
        return
    first = images[0]
    expected = {band.name: band.type for band in first.bands}
    for image in images[1:]:
        if names and image.names != first.names:
            raise EngineError(f"{_incompatible(first, image)}.")
        for band in image.bands:
            if band.name in expected and differ(expected[band.name], band.type):
                raise EngineError(
                    f"{_incompatible(first, image)}. Mismatched type for band '{band.name}': Expected type: "
                    f"{described(expected[band.name])}. Actual type: {described(band.type)}. Image ID: "
                    f"{image.properties.get('system:index', image.id)}. Some bands might require explicit casts."
                )


def differ(one: PixelType, other: PixelType) -> bool:
    """Whether two types are certainly not the same, in their range or at least in their precision."""
    if one.dimensions or other.dimensions:
        return False
    if one.sure and other.sure:
        return one != other
    return one.precise and other.precise and one.precision != other.precision


def described(kind: PixelType) -> str:
    """A type as the service's messages have it, such as `Short` or `Float<0.0, 255.0>`."""
    if kind.precision != "int":
        if kind.low is None or kind.high is None:
            return kind.precision.title()
        # the messages that are known call fractions with a range so, whatever their precision
        return f"Float<{float(kind.low)}, {float(kind.high)}>"
    if kind.low is None or kind.high is None:
        return "Long"
    if kind.low == kind.high == 0:
        return "MaskOnly"
    for dtype, name in SIGNED.items():
        low, high = INTEGER_RANGES[dtype]
        if low <= kind.low and kind.high <= high:
            whole = (kind.low, kind.high) == (low, high)
            return name if whole else f"{name}<{int(kind.low)}, {int(kind.high)}>"
    return f"Long<{int(kind.low)}, {int(kind.high)}>"


def _incompatible(first: Image, image: Image) -> str:
    return (
        "Expected a homogeneous image collection, but an image with incompatible bands was encountered: "
        f"First image type: {_bands(first)}. Current image type: {_bands(image)}"
    )


def _bands(image: Image) -> str:
    listed = ", ".join(image.names[:MOST_LISTED]) + (", ..." if len(image.names) > MOST_LISTED else "")
    return f"{len(image.names)} bands ([{listed}])"
