"""Patches whose loss has a known cause: series of drivers inside and on matched land, with what leads astray.

Drivers have a memory, share their course with the matched land, and differ from it by errors of the size that their
products have. A cause changes its driver for good (at once or over three years), 0 to 2 years before the loss; a
drought or a fire comes in the year of the loss or the year before. Some other drivers change in the patch at other
times, or everywhere at the time of the loss.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from indicators.causes import PatchVerdict, patch_verdict
from indicators.causes.drivers import CAUSES, SEVERAL, UNDETERMINED, Cause

YEARS = np.arange(2001, 2026)
#: A driver of each cause: level, what years share with matched land, error of the patch, and size of a cause.
LASTING: dict[Cause, tuple[str, float, float, float, tuple[float, float]]] = {
    "grazing": ("herd_sheep_units", 40.0, 0.15, 0.08, (0.4, 1.2)),
    "water": ("open_water", 0.3, 0.02, 0.015, (-0.25, -0.08)),
    "mining": ("mine_bare", 0.1, 0.02, 0.02, (0.25, 0.8)),
    "cultivation": ("cropland", 0.1, 0.02, 0.02, (0.25, 0.8)),
}
#: Shares of patches with one cause, with two, and with none that is measured.
SHARES = (0.5, 0.05, 0.45)


@dataclass(frozen=True)
class Patch:
    """A patch: its series, those of matched land, when the loss may have begun, and the true causes."""

    patch: pd.DataFrame
    matched: pd.DataFrame
    starts: pd.Series
    causes: tuple[str, ...]

    @property
    def truth(self) -> str:
        return SEVERAL if len(self.causes) > 1 else self.causes[0] if self.causes else UNDETERMINED


def remembering(rng: np.random.Generator, memory: float) -> np.ndarray:
    values = rng.standard_normal(len(YEARS) + 20) * np.sqrt(1 - memory**2)
    for year in range(1, len(values)):
        values[year] += memory * values[year - 1]
    return values[20:]


def generated(seed: int) -> Patch:
    """One patch."""
    rng = np.random.default_rng([seed, 77])
    kind = rng.choice(3, p=SHARES)
    causes = tuple(str(each) for each in rng.permutation(CAUSES)[: (1, 2, 0)[kind]])
    began = int(rng.integers(2006, 2021))
    patch, matched = {}, {}
    for cause, (name, level, shared, error, sizes) in LASTING.items():
        course = np.zeros(len(YEARS))
        astray = rng.random()
        everywhere = np.zeros(len(YEARS))
        size, years = rng.uniform(*sizes), 3 if rng.random() < 0.4 else 1
        onset = began - int(rng.integers(0, 3))
        if cause in causes:
            course = size * np.clip((YEARS - onset + 1) / years, 0, 1)
        elif astray < 0.08:
            elsewhen = int(rng.choice([*range(2002, began - 5), *range(began + 3, 2025)]))
            course = size * (elsewhen <= YEARS)
        elif astray < 0.2:
            everywhere = size * (onset <= YEARS)
        memory = rng.uniform(0, 0.6)
        common = shared * remembering(rng, memory) + everywhere
        own = common + course + error * remembering(rng, memory)
        other = common + 0.3 * error * remembering(rng, memory)
        if name.startswith("herd"):
            patch[name], matched[name] = level * np.exp(own), level * np.exp(other)
        else:
            patch[name], matched[name] = level + own, level + other
    rain = remembering(rng, 0.1)
    if "climate" in causes:
        rain[began - int(rng.integers(0, 2)) == YEARS] = -rng.uniform(1.6, 2.6)
    patch["precipitation"], matched["precipitation"] = 250 + 60 * rain, 250 + 60 * remembering(rng, 0.1)
    burned = np.where(rng.random(len(YEARS)) < 0.03, 0.6, 0.0)
    if "fire" in causes:
        burned[began - int(rng.integers(0, 2)) == YEARS] = rng.uniform(0.4, 1)
    patch["burned"], matched["burned"] = burned, np.full(len(YEARS), 0.02)
    starts = pd.Series({began - 1: 0.2, began: 0.6, began + 1: 0.2})
    return Patch(pd.DataFrame(patch, YEARS), pd.DataFrame(matched, YEARS), starts, causes)


def judged(patch: Patch) -> PatchVerdict:
    return patch_verdict(patch.patch, patch.matched, patch.starts)
