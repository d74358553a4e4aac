"""The simulated landscape under the asset ids, bands, scales and quality bits that Earth Engine has."""

from collections.abc import Mapping
from typing import Any

from offline.assets import Asset, CollectionAsset, ImageAsset
from offline.landscape import Layout
from offline.sources.simulated_assets import collections, images


class SimulatedSource:
    """Assets of the virtual North-East Asia (see `offline.landscape`), all of one seed.

    Pixels are evaluated at the cell centres of whatever grid is asked for; "bilinear" gives the same,
    as the fields have no pixels of their own. Coarser requests are samples at the centre, not means.
    Data sets on a grid in degrees (ERA5-Land, soils, climate zones, aridity) are constant within their
    native cells under "nearest", as the stored ones are. Sea, and all that lies outside 65-195 E and
    25-72 N, is masked. `layout` says which sites of practices are planted.
    """

    origin = "simulated"

    def __init__(self, seed: int = 0, layout: Layout = "practices") -> None:
        self.seed = seed
        self.layout: Layout = layout
        found: list[CollectionAsset | ImageAsset] = [*collections(seed, layout), *images(seed, layout)]
        self._top: Mapping[str, CollectionAsset | ImageAsset] = {asset.id: asset for asset in found}
        self._inside: dict[str, ImageAsset] = {
            image.id: image
            for asset in self._top.values()
            if isinstance(asset, CollectionAsset)
            for image in asset.images
        }

    def get(self, asset_id: str) -> Asset | None:
        """A collection or image by id, images of collections included; None if there is none."""
        return self._top.get(asset_id) or self._inside.get(asset_id)

    def list(self, parent: str) -> list[Asset]:
        """What lies directly in a collection or a folder such as "MODIS/061"."""
        asset = self._top.get(parent)
        if isinstance(asset, CollectionAsset):
            return list[Asset](asset.images)
        folder = parent.rstrip("/") + "/"
        return [a for i, a in self._top.items() if i.startswith(folder) and "/" not in i[len(folder) :]]

    def describe(self) -> Mapping[str, Any]:
        """What this source is, for provenance."""
        return {"origin": self.origin, "seed": self.seed, "layout": self.layout}
