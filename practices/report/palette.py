"""The colours of all outputs: figures, rasters, page, QGIS styles and workbook take them from here.

Two classes of one set differ by a CIEDE2000 of at least 20, with normal vision and with deuteranopia, protanopia or
tritanopia (tests/practices/report/test_palette.py). No output distinguishes classes by colour alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

#: Degraded, stable, improved, and what is neither.
CLASSES = {
    "degraded": "#b3592e",
    "stable": "#f1e8d6",
    "improved": "#1b6068",
    "undetermined": "#c7cdff",
    "below_detectability": "#ecb042",
    "water": "#1f88d9",
}
NO_DATA = "#908f8d"
#: Land productivity dynamics.
DYNAMICS = {
    "declining": "#591c08",
    "early_signs_of_decline": CLASSES["degraded"],
    "stable_but_stressed": "#eea553",
    "stable": CLASSES["stable"],
    "increasing": CLASSES["improved"],
}
#: Status of a period against the baseline: warm to blue, darker where it lasts longer.
STATUS = {
    "persistent_degradation": DYNAMICS["declining"],
    "recent_degradation": CLASSES["degraded"],
    "baseline_degradation": DYNAMICS["stable_but_stressed"],
    "stability": CLASSES["stable"],
    "baseline_improvement": "#86d2ea",
    "recent_improvement": "#2580bc",
    "persistent_improvement": "#17395c",
}
#: Effect of a break on a trend class: blue where it agrees, warm where it does not.
FLAGS = {
    "no_break": CLASSES["stable"],
    "confirmed": STATUS["baseline_improvement"],
    "step": "#1a6f9c",
    "reversed": CLASSES["degraded"],
    "hidden": DYNAMICS["stable_but_stressed"],
}
#: Share of degraded land from low to high, one colour for each class of `practices.charts.BINS`.
SHARES = ("#f4ead2", "#eccb94", "#dd9a55", "#b9602a", "#7c2d0c")
#: How many of several methods call land degraded, from none to all: pale to dark, one hue (ColorBrewer Oranges).
COUNTS = ("#fff5eb", "#fdd0a2", "#fdae6b", "#f16913", "#d94801", "#7f2704")
COUNTED = "degraded_by_"
#: Classes without colours of their own, in their order (ColorBrewer YlGnBu).
RAMP = ("#ffffcc", "#c7e9b4", "#7fcdbb", "#41b6c4", "#1d91c0", "#225ea8", "#0c2c84")
#: What the loss of a degraded patch goes with (`indicators.causes.drivers`).
CAUSES = {
    "climate": "#06ffae",
    "grazing": "#1e5403",
    "water": "#0800eb",
    "mining": "#1d0000",
    "cultivation": "#bb8c34",
    "fire": "#7b0056",
    "several": "#1985ff",
    "cannot be determined": CLASSES["undetermined"],
}
#: The same by the names of classes of a raster; water is no land there, and a verdict here.
VERDICTS = {name.replace(" ", "_"): colour for name, colour in CAUSES.items()}
NAMED = {**CLASSES, **DYNAMICS, **STATUS, **FLAGS}
#: Classes and shares of the page in a dark theme.
DARK = {
    "degraded": "#d8701e",
    "stable": "#686254",
    "improved": "#469896",
    "undetermined": "#c0c1ff",
    "below_detectability": "#fee19e",
    "water": "#425986",
}
DARK_NO_DATA = "#232629"
DARK_SHARES = ("#3b3a30", "#6b5436", "#a06a3a", "#d2844a", "#ffb27d")
#: Outlines and axes on a map or chart.
LINE = "#333333"
#: Lines between parts of a bar or a legend.
SOFT_LINE = "#888888"
#: Head of a table in a workbook; text and ground of a warning.
TABLE_HEAD = "#e9e4d4"
WARNING_TEXT, WARNING = "#9c5700", "#ffeb9c"


def colours_of(names: Sequence[str]) -> list[str]:
    """Colours for the classes of a raster.

    Parameters
    ----------
    names : sequence of str
        Names of the classes, as in the tag `flag_meanings`.

    Returns
    -------
    list of str
        One colour for each class, `#rrggbb`. Classes without a colour of their own get a ramp, in their order.

    Examples
    --------
    >>> colours_of(["degraded", "stable"])
    ['#b3592e', '#f1e8d6']
    """
    known = VERDICTS if set(names) <= set(VERDICTS) else NAMED
    counts = [name for name in names if name.startswith(COUNTED)]
    rest = [name for name in names if name not in known and name not in counts]
    ramps = {
        **dict(zip(counts, spread(COUNTS, len(counts)), strict=True)),
        **dict(zip(rest, spread(RAMP, len(rest)), strict=True)),
    }
    return [ramps[name] if name in ramps else known[name] for name in names]


def spread(ramp: Sequence[str], number: int) -> list[str]:
    """`number` colours of a ramp, from its first to its last."""
    return [ramp[round(step * (len(ramp) - 1) / max(number - 1, 1))] for step in range(number)]


def rgb(colour: str) -> tuple[int, int, int]:
    """`#rrggbb` as red, green and blue."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def text_on(colour: str) -> str:
    """Colour of a text on this ground, black or white: the one with the higher contrast (WCAG 2.2)."""
    parts = [part / 255 for part in rgb(colour)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    luminance = sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return "white" if 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.05 else "black"


def css_variables() -> str:
    """The classes as variables of a style sheet, `--degraded` and so on; a dark theme has its own."""
    light = _variables(CLASSES, NO_DATA, SHARES)
    dark = _variables(DARK, DARK_NO_DATA, DARK_SHARES)
    return f":root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"


def _variables(classes: Mapping[str, str], no_data: str, shares: Sequence[str]) -> str:
    named = {**classes, "no-data": no_data, **{f"bin{number}": colour for number, colour in enumerate(shares)}}
    return " ".join(f"--{name.replace('_', '-')}: {colour};" for name, colour in named.items())
