"""Which cause a driver speaks for, what change of it does harm, and how well it is measured."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Cause = Literal["climate", "grazing", "water", "mining", "cultivation", "fire"]
CAUSES: tuple[Cause, ...] = ("climate", "grazing", "water", "mining", "cultivation", "fire")
HUMAN: tuple[Cause, ...] = ("grazing", "water", "mining", "cultivation")
SEVERAL, UNDETERMINED = "several", "cannot be determined"


@dataclass(frozen=True)
class Driver:
    """A driver: its cause, the sign of a harmful change, and how patch and matched land are compared.

    `scale`: `ratio` compares logarithms, for quantities that grow in proportion; `difference` compares values;
    `spell` looks at single years of the patch itself (weather); `event` at years in which something happened (fire).
    `error` is what the product errs by, and `least` the smallest change that can explain a loss: both are logarithms,
    or units of the driver. `of_patch`: values are shares of the land of the patch, which cannot explain a loss that is
    larger than the share.
    """

    cause: Cause
    sign: int
    scale: Literal["ratio", "difference", "spell", "event"]
    error: float = 0.0
    least: float = 0.0
    of_patch: bool = False

    def explaining(self, loss: float) -> Driver:
        """The driver with the smallest change that can explain a loss of this share of productivity."""
        return replace(self, least=max(self.least, loss)) if self.of_patch else self


#: Counts and amounts err by 10 %; what grows by less than a fifth explains no loss.
_HERD = Driver("grazing", 1, "ratio", 0.10, 0.18)
#: By name, without `_annual`. Shares of land cover err by 0.03: three cells in four are right, and errors stay.
DRIVERS: dict[str, Driver] = {
    "precipitation": Driver("climate", -1, "spell"),
    "soil_moisture": Driver("climate", -1, "spell"),
    "spei": Driver("climate", -1, "spell"),
    "herd_sheep_units": _HERD,
    "herd_cattle": _HERD,
    "herd_horses": _HERD,
    "herd_goats": _HERD,
    "herd_sheep": _HERD,
    "herd_camels": _HERD,
    "water_withdrawal": Driver("water", 1, "ratio", 0.10, 0.18),
    "irrigated_area": Driver("water", 1, "difference", 0.03, 0.10),
    "open_water": Driver("water", -1, "difference", 0.02, 0.05),
    "mining_output": Driver("mining", 1, "ratio", 0.10, 0.18),
    "mine_bare": Driver("mining", 1, "difference", 0.03, 0.20),
    "mine_lights": Driver("mining", 1, "difference", 0.3, 1.0),
    "cropland": Driver("cultivation", 1, "difference", 0.03, 0.20, of_patch=True),
    "burned": Driver("fire", 1, "event", least=0.20, of_patch=True),
}
