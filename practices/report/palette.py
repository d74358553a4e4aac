"""The colours of classes, in one place for figures and rasters; the colour-blind can distinguish them, also in grey."""

from __future__ import annotations

from collections.abc import Sequence

#: Degraded, stable, improved, and what is neither.
CLASSES = {
    "degraded": "#c0622b",
    "stable": "#e3dccb",
    "improved": "#2c8397",
    "undetermined": "#c3b9de",
    "below_detectability": "#efc94c",
    "water": "#6aa5ee",
}
NO_DATA = "#9a9a9a"
#: Land productivity dynamics.
DYNAMICS = {
    "declining": "#8f3d14",
    "early_signs_of_decline": "#c0622b",
    "stable_but_stressed": "#eec591",
    "increasing": "#2c8397",
}
#: Status of a period against the baseline.
STATUS = {
    "persistent_degradation": "#8f3d14",
    "recent_degradation": "#c0622b",
    "baseline_degradation": "#e0a77f",
    "stability": "#e3dccb",
    "baseline_improvement": "#a5cdd5",
    "recent_improvement": "#2c8397",
    "persistent_improvement": "#14525f",
}
#: What a break makes of a trend class, from nothing to a denial (ColorBrewer RdBu).
FLAGS = {
    "no_break": "#f7f7f7",
    "confirmed": "#92c5de",
    "step": "#4393c3",
    "reversed": "#d6604d",
    "hidden": "#f4a582",
}
#: How many of several methods call land degraded, from none to all: pale to dark, one hue (ColorBrewer Oranges).
COUNTS = ("#fff5eb", "#fdd0a2", "#fdae6b", "#f16913", "#d94801", "#7f2704")
COUNTED = "degraded_by_"
#: Classes without colours of their own, in their order (ColorBrewer YlGnBu).
RAMP = ("#ffffcc", "#c7e9b4", "#7fcdbb", "#41b6c4", "#1d91c0", "#225ea8", "#0c2c84")
NAMED = {**CLASSES, **DYNAMICS, **STATUS, **FLAGS}


def colours_of(names: Sequence[str]) -> list[str]:
    """The colour of each class of a raster, `#rrggbb`; classes without one of their own get a ramp."""
    counts = [name for name in names if name.startswith(COUNTED)]
    rest = [name for name in names if name not in NAMED and name not in counts]
    ramps = {
        **dict(zip(counts, spread(COUNTS, len(counts)), strict=True)),
        **dict(zip(rest, spread(RAMP, len(rest)), strict=True)),
    }
    return [ramps[name] if name in ramps else NAMED[name] for name in names]


def spread(ramp: Sequence[str], number: int) -> list[str]:
    """So many colours of a ramp, from its first to its last."""
    return [ramp[round(place * (len(ramp) - 1) / max(number - 1, 1))] for place in range(number)]


def rgb(colour: str) -> tuple[int, int, int]:
    """`#rrggbb` as red, green and blue."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
