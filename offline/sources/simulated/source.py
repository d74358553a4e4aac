"""The simulated landscape under the asset ids, bands, scales and quality bits that Earth Engine has."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from threading import Lock
from typing import Any

from offline.landscape import Layout, World
from offline.landscape import world as named
from offline.landscape.world import called
from offline.model.assets import Asset, CollectionAsset, ImageAsset, TableAsset
from offline.model.lazy import lazy
from offline.sources.simulated.areas import KEY_AREAS, MINES, key_areas, mines
from offline.sources.simulated.assets import SPECS, made
from offline.sources.simulated.clock import Deliveries
from offline.sources.simulated.tables import TABLES, TableOutline, tables


class SimulatedSource:
    """Assets of the virtual North-East Asia (see `offline.landscape`), all of one seed and one world.

    Requests of native cells or finer ones are evaluated at the cell centres of the requested grid; "bilinear" and
    "bicubic" give the same, as the fields have no pixels of their own. Requests of at least twice the native cell read
    a level of the band's pyramid, made of native pixels (see `levels`), and its nearest pixel whatever the resampling.
    Data sets on a grid in degrees (ERA5-Land, soils, climate zones, aridity) are constant within their
    native cells under "nearest", as the stored ones are. Sea, and all that lies outside 65-195 E and
    25-72 N, is masked. `outlines` become the first level of the tables of administrative areas; `layout` says which
    sites of practices are planted, `world` how hard the landscape is (see `offline.landscape.world`): its name, or a
    world of one's own. `today` is the day on its clock: images exist up to it (see `offline.sources.simulated.clock`);
    without it all series end with 2024. Faults of delivery: data sets that have `vanished`, that come days `late`, or
    that are `lacking` months (`2023-07`). Raises ValueError for a day after 2030 and for a fault that cannot be used.
    """

    origin = "simulated"

    def __init__(
        self,
        seed: int = 0,
        outlines: Sequence[TableOutline] = (),
        layout: Layout = "practices",
        world: World | str = "easy",
        today: date | None = None,
        vanished: Collection[str] = (),
        late: Mapping[str, int] | None = None,
        lacking: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        self.seed = seed
        self.layout: Layout = layout
        self.world = called(named(world))
        self.today = today
        self._world = named(world)
        self._deliveries = Deliveries(today, vanished, late or {}, lacking or {})
        self._outlines = outlines
        self._deliveries.check({spec.id for spec in SPECS})
        self._specs = {spec.id: spec for spec in SPECS if spec.id not in vanished}
        self._assets: dict[str, CollectionAsset | ImageAsset] = {}
        self._inside: dict[str, dict[str, ImageAsset]] = {}
        self._lock = Lock()

    def get(self, asset_id: str) -> Asset | None:
        """A collection, image or table by id, images of collections included; None if there is none."""
        if asset_id in self._specs:
            return self._asset(asset_id)
        if asset_id in (*TABLES, KEY_AREAS, MINES):
            return self._table(asset_id)
        parent = asset_id.rpartition("/")[0]
        if parent not in self._specs:
            return None
        self._asset(parent)
        return self._inside[parent].get(asset_id)

    def list(self, parent: str) -> list[Asset]:
        """What lies directly in a collection or a folder such as "MODIS/061"."""
        if parent in self._specs:
            asset = self._asset(parent)
            return list[Asset](asset.images) if isinstance(asset, CollectionAsset) else []
        folder = parent.rstrip("/") + "/"
        names = [*self._specs, *TABLES, KEY_AREAS, MINES]
        return [a for n in names if n.startswith(folder) and "/" not in n[len(folder) :] and (a := self.get(n))]

    def _table(self, asset_id: str) -> TableAsset:
        if asset_id == MINES:
            return self._mines
        return self._key_areas if asset_id == KEY_AREAS else self._tables[asset_id]

    @lazy
    def _mines(self) -> TableAsset:
        return mines(self.seed, self.layout, self._world)

    @lazy
    def _key_areas(self) -> TableAsset:
        return key_areas(self.seed)

    @lazy
    def _tables(self) -> dict[str, TableAsset]:
        return tables(self.seed, self._outlines)

    def _asset(self, name: str) -> CollectionAsset | ImageAsset:
        """The asset of a data set, made at the first request: some have tens of thousands of images."""
        with self._lock:
            if name not in self._assets:
                spec = self._specs[name]
                starts = self._deliveries.starts(spec) if spec.starts else ()
                asset = made(spec, starts, self.seed, self.layout, self._world)
                self._inside[name] = {i.id: i for i in asset.images} if isinstance(asset, CollectionAsset) else {}
                self._assets[name] = asset
            return self._assets[name]

    def describe(self) -> Mapping[str, Any]:
        """What this source is, for provenance."""
        known = {"origin": self.origin, "seed": self.seed, "layout": self.layout, "world": self.world}
        return known if self.today is None else {**known, "today": self.today.isoformat()}
