"""Names that results are published under, in the order in which they are shown: indicators and their classes."""

from __future__ import annotations

#: The indicator of headlines.
HEADLINE = "sdg"
#: Method under which the agreement of several methods is published: no view of its own, it stands beside others.
AGREEMENT = "agreement"
#: Indicators, and their names for people.
INDICATORS = {
    HEADLINE: "SDG 15.3.1",
    "productivity": "Land productivity",
    "land_cover": "Land cover",
    "soil_organic_carbon": "Soil organic carbon",
}
#: Classes that together are the land; percentages are of it.
LAND = ("degraded", "stable", "improved", "undetermined")
#: All classes; any other follows.
CLASSES = (*LAND, "below_detectability", "water", "no data")

#: How names of statistics begin that say what a result lacks: area without data, missing inputs, codes without a class.
GAPS = ("no_data_", "missing_", "unlisted_")


def is_gap(name: str) -> bool:
    """Whether a statistic says what a result lacks."""
    return name.startswith(GAPS)
