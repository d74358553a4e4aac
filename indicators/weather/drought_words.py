"""Names of droughts by a standardised index. Pages import this module: it loads no array library."""

from __future__ import annotations

import math

#: Below this z a year is drier than its normal: the mild class of PRAIS 4 begins.
NORMAL = 0.0
#: The z at which the moderate, severe and extreme class begin. A z equal to a bound belongs to the drier class: PRAIS 4
#: (Reporting Manual, table 19) and WMO-No. 1090 have -1.0 to -1.49, -1.5 to -1.99, and -2.0 or less.
BOUNDS = (-1.0, -1.5, -2.0)
CLASSES = {0: "no drought", 1: "mild drought", 2: "moderate drought", 3: "severe drought", 4: "extreme drought"}
#: Only an index of this or less is called a drought: it begins where the SPI reaches −1.0 (McKee et al. 1993), and
#: −0.99 to 0.99 is near normal (WMO-No. 1090). The mild class of PRAIS 4 (0 to −0.99, Reporting Manual, table 19)
#: contains a third of all years in any climate; only the table of PRAIS 4 uses it.
ONSET = -1.0


def named(z: float | None) -> str | None:
    """The drought of an index in words: none above `ONSET`, else the class of PRAIS 4; None if there is no index.

    The classes of PRAIS 4 have two decimals, so that the word agrees with an index that is shown with two.
    """
    if z is None or math.isnan(z):
        return None
    z = round(z, 2)
    if z > ONSET:
        return CLASSES[0]
    return CLASSES[1 + sum(z <= bound for bound in BOUNDS)]
