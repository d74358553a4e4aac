"""Names of droughts by a standardised index, light enough for pages: no arrays."""

from __future__ import annotations

import math

#: Upper bound of z of each class, the wettest first; a bound itself belongs to the milder class.
BOUNDS = {0: math.inf, 1: 0.0, 2: -1.0, 3: -1.5, 4: -2.0}
CLASSES = {0: "no drought", 1: "mild drought", 2: "moderate drought", 3: "severe drought", 4: "extreme drought"}
#: A drought is named from this index down: it begins where the SPI reaches −1.0 (McKee et al. 1993), and −0.99 to 0.99
#: is near normal (WMO-No. 1090). The mild class of PRAIS 4 (0 to −0.99, Reporting Manual, table 19), which its table
#: asks for, holds a third of all years in any climate; it is no drought to speak of.
ONSET = -1.0


def named(z: float | None) -> str | None:
    """The drought of an index in words: none above `ONSET`, else the class of PRAIS 4; None where there is no index."""
    if z is None or math.isnan(z):
        return None
    if z > ONSET:
        return CLASSES[0]
    return CLASSES[max(sum(z < bound for bound in BOUNDS.values()) - 1, 2)]
