"""Images of stored collections: described once and shared by all requests, or few of many when they are needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from offline.model.assets import CollectionAsset, TableAsset
from offline.model.collection import START, Collection
from offline.model.geometry import Feature
from offline.model.image import Image, from_asset

#: Collections with more images than this are described again in each request, so that memory stays small.
MOST_SHARED = 1_000

Starts = tuple[list[int], list[int]] | None
_lock = Lock()
_described: WeakKeyDictionary[CollectionAsset, tuple[Image, ...]] = WeakKeyDictionary()
_begun: WeakKeyDictionary[CollectionAsset, Starts] = WeakKeyDictionary()


@dataclass(frozen=True)
class StoredImages:
    """The images of an asset with so many that all of them are described only where all are needed."""

    asset: CollectionAsset

    def starts(self) -> Starts:
        """When the images begin, in order, and the place of each; None where that is not always a number."""
        with _lock:
            if self.asset not in _begun:
                begun = [(image.properties.get(START), place) for place, image in enumerate(self.asset.images)]
                known = sorted((moment, place) for moment, place in begun if isinstance(moment, int))
                whole = len(known) == len(begun)
                _begun[self.asset] = ([moment for moment, _ in known], [place for _, place in known]) if whole else None
            return _begun[self.asset]

    def images(self, places: Sequence[int]) -> list[Image]:
        """The images at some places."""
        return [from_asset(self.asset.images[place]) for place in places]

    def values(self, name: str) -> list[Any]:
        """A property of each image."""
        if name == "system:id":
            return [image.id for image in self.asset.images]
        return [image.properties.get(name) for image in self.asset.images]


def collection_of(asset: CollectionAsset) -> Collection:
    """A stored collection."""
    stored = StoredImages(asset) if len(asset.images) > MOST_SHARED else None
    return Collection("ImageCollection", lambda: images_in(asset), asset.properties, asset.id, stored)


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
