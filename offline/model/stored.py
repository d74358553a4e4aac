"""Images of stored collections: described once, then shared by all requests."""

from __future__ import annotations

from threading import Lock
from weakref import WeakKeyDictionary

from offline.model.assets import CollectionAsset, TableAsset
from offline.model.collection import Collection
from offline.model.geometry import Feature
from offline.model.image import Image, from_asset

#: Collections with more images than this are described again in each request, so that memory stays small.
MOST_SHARED = 2_000

_lock = Lock()
_described: WeakKeyDictionary[CollectionAsset, tuple[Image, ...]] = WeakKeyDictionary()


def images_in(asset: CollectionAsset) -> list[Image]:
    """The images of a collection in its order. They hold no pixels, so that sharing them changes no result."""
    if len(asset.images) > MOST_SHARED:
        return [from_asset(image) for image in asset.images]
    with _lock:
        if asset not in _described:
            _described[asset] = tuple(from_asset(image) for image in asset.images)
        return list(_described[asset])


def table_of(asset: TableAsset) -> Collection:
    """The features of a table."""
    features = [
        Feature(outline, dict(properties), str(properties.get("system:index", index)))
        for index, (outline, properties) in enumerate(asset.features)
    ]
    return Collection("FeatureCollection", lambda: features, asset.properties, asset.id)
