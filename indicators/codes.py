"""Codes and names of the class rasters.

Degraded −1, stable 0, improved +1. `UNDETERMINED`: nothing is degraded and something is missing. `WATER`: not land.
`NODATA` is the declared fill value and is left out of all calculations.
"""

from __future__ import annotations

DEGRADED, STABLE, IMPROVED = -1, 0, 1
UNDETERMINED, WATER, BELOW_DETECTABILITY = 2, 3, 4
NODATA = -128

MEANINGS = {
    DEGRADED: "degraded",
    STABLE: "stable",
    IMPROVED: "improved",
    UNDETERMINED: "undetermined",
    WATER: "water",
    BELOW_DETECTABILITY: "below_detectability",
}

UNCCD = {
    1: "tree-covered",
    2: "grassland",
    3: "cropland",
    4: "wetland",
    5: "artificial",
    6: "other land",
    7: "water",
}

#: Bits of the reason raster: what made a pixel degraded. `steadiness` of FAO-WOCAT: recent years below the others;
#: `expert_recoding`: experts classed it so; `lasting_change`: it probably lost productivity for reasons other than
#: weather.
REASONS = {
    1: "trajectory",
    2: "state",
    4: "performance",
    8: "land_cover",
    16: "soil_organic_carbon",
    32: "steadiness",
    64: "expert_recoding",
    128: "lasting_change",
}
#: The bit of the probability of change.
CHANGE_BIT = 128
#: The bit of state. A few dry years are enough for it.
STATE_BIT = 2


def attributes(long_name: str, meanings: dict[int, str], references: str) -> dict[str, object]:
    """CF attributes of a class raster."""
    return {
        "long_name": long_name,
        "units": "1",
        "flag_values": list(meanings),
        "flag_meanings": " ".join(meaning.replace(" ", "_") for meaning in meanings.values()),
        "references": references,
        "_FillValue": NODATA,
    }
