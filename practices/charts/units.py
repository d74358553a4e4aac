"""Units as people read them."""

from __future__ import annotations

#: Exponents as they are printed: `m3 m-3`.
RAISED = str.maketrans({"-": "⁻", "1": "¹", "2": "²", "3": "³"})
#: Units that are not printed by their symbols alone; a number without units is an index.
NAMES = {"1": "index", "degC": "°C", "t CO2e": "t CO₂e"}


def units_for_people(units: str) -> str:
    """Units with raised exponents: `m³ m⁻³`, `km²`, `°C`; `index` for a number without units."""
    return NAMES.get(units, units.translate(RAISED))
