"""Variables of the user's own yearly tables of drivers, with their units and what is converted into them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType

#: Beginning of the names of variables that the user invents, with units of their own.
OWN = "own_"
#: End of the name of a yearly series in the observations of a region.
ANNUAL = "_annual"
#: Columns of the rows of own series: those of `series.tables`, and where the values come from.
SOURCED = ["region", "variable", "month", "value", "units", "source", "licence", "note"]
_FOLDED = str.maketrans({"²": "2", "³": "3", "\u00a0": " "})
#: Large numbers by the word in front of a unit.
_WORDS = {"": 1.0, "thousand ": 1e3, "million ": 1e6}


@dataclass(frozen=True)
class OwnVariable:
    """A variable of the vocabulary: what it is, its units, and the factor of every unit that is accepted."""

    name: str
    label: str
    units: str
    factors: MappingProxyType[str, float]


def _counted(name: str, label: str, unit: str) -> OwnVariable:
    return OwnVariable(name, label, unit, MappingProxyType({f"{word}{unit}": size for word, size in _WORDS.items()}))


def _area(name: str, label: str) -> OwnVariable:
    factors = {"km2": 1.0, "ha": 0.01, "thousand ha": 10.0, "million ha": 1e4}
    return OwnVariable(name, label, "km2", MappingProxyType(factors))


_VOLUMES = {"million m3": 1.0, "thousand m3": 1e-3, "m3": 1e-6}
VARIABLES = {
    each.name: each
    for each in (
        _counted("herd_sheep_units", "herds in sheep units", "sheep units"),
        _counted("herd_cattle", "cattle", "head"),
        _counted("herd_horses", "horses", "head"),
        _counted("herd_goats", "goats", "head"),
        _counted("herd_sheep", "sheep", "head"),
        _counted("herd_camels", "camels", "head"),
        _counted("livestock_losses", "livestock lost", "head"),
        OwnVariable("water_withdrawal", "water withdrawal", "million m3", MappingProxyType(_VOLUMES)),
        _area("irrigated_area", "irrigated land"),
        _counted("mining_output", "output of mines", "t"),
        _area("mined_area", "land under mines"),
    )
}


def label(variable: str) -> str:
    """The name of a variable for people, with or without `_annual`.

    Examples
    --------
    >>> label("herd_cattle_annual"), label("own_wells")
    ('cattle', 'wells')
    """
    plain = variable.removesuffix(ANNUAL)
    return VARIABLES[plain].label if plain in VARIABLES else plain.removeprefix(OWN).replace("_", " ")


def is_own_name(name: str) -> bool:
    """Whether a name may be invented: `own_` and small letters, digits or underscores.

    Examples
    --------
    >>> is_own_name("own_wells"), is_own_name("wells"), is_own_name("own_wells_annual")
    (True, False, False)
    """
    return re.fullmatch(rf"{OWN}[a-z0-9_]*[a-z0-9]", name) is not None and not name.endswith(ANNUAL)


def unit_of(text: str) -> str:
    """A unit as the vocabulary writes it: small letters, `km2` for `km²`, `thousand` for `1000`.

    Examples
    --------
    >>> unit_of(" 1000  Head "), unit_of("Million m³")
    ('thousand head', 'million m3')
    """
    plain = " ".join(text.translate(_FOLDED).split()).lower()
    return re.sub(r"^1[ ,]?000 ", "thousand ", plain)
