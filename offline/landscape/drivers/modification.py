"""How far people have changed the land, by the threat that did it: 0 nothing, 1 all of it."""

from collections.abc import Callable

import numpy as np

from offline.landscape import cover
from offline.landscape.drivers.causes import MINING
from offline.landscape.noise import Floats, cell_hash, key, uniform, value_noise
from offline.landscape.scene import Scene

THREATS = ("AG", "BU", "EX", "FR", "HI", "NS", "PO", "TI")
"""Agriculture, built-up land, energy and mining, use of plants and animals, access, dams, pollution, transport."""

IN_A_MINE = 0.7


def modified(scene: Scene, year: int, threat: str) -> Floats:
    """The share of the land that a threat has changed, times how strongly, in a year."""
    return np.asarray(np.clip(_OF[threat](scene, year), 0, 1) * scene.land, np.float32)


def _agriculture(scene: Scene, year: int) -> Floats:
    fields = scene.land_cover(year) == cover.CROPLAND
    return np.where(fields, 0.5 + 0.2 * _own(scene, 1), 0.02 + 0.05 * _own(scene, 1)).astype(np.float32)


def _built_up(scene: Scene, year: int) -> Floats:
    return np.where(scene.land_cover(year) == cover.URBAN, 0.6 + 0.3 * _own(scene, 2), 0.0).astype(np.float32)


def _energy_and_mining(scene: Scene, year: int) -> Floats:
    causes = scene.causes
    opened = ((causes.cause == MINING) & (causes.year <= year))[scene.planted.row]
    return np.where(scene.marks.mined & opened, IN_A_MINE, 0.0).astype(np.float32)


def _everywhere(stream: int, most: float) -> Callable[[Scene, int], Floats]:
    """Threats that follow people from afar: smooth, and a little more in every decade."""

    def field(scene: Scene, year: int) -> Floats:
        near = 1 / (1 + np.exp(-1.5 * value_noise(scene.points, 0.7, key(scene.seed, 179, stream))))
        return np.asarray(np.float32(most) * near * np.float32(1 + 0.01 * (year - 1990)), np.float32)

    return field


def _own(scene: Scene, stream: int) -> Floats:
    return uniform(cell_hash(scene.points, key(scene.seed, 178, stream)))


_OF: dict[str, Callable[[Scene, int], Floats]] = {
    "AG": _agriculture,
    "BU": _built_up,
    "EX": _energy_and_mining,
    "FR": _everywhere(3, 0.02),
    "HI": _everywhere(4, 0.10),
    "NS": _everywhere(5, 0.01),
    "PO": _everywhere(6, 0.03),
    "TI": _everywhere(7, 0.05),
}
