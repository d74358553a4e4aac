"""How large is the area? Areas of cells and classes, means over cells, percentiles by unit, people."""

from indicators.area.areas import cell_area, class_table, zone_area
from indicators.area.means import finite, known_mean
from indicators.area.percentiles import by_unit
from indicators.area.population import by_cause, conserved, exposure
from indicators.area.tally import Sums, class_rows, class_sums, of_land, transition_rows, transition_sums

__all__ = [
    "Sums",
    "by_cause",
    "by_unit",
    "cell_area",
    "class_rows",
    "class_sums",
    "class_table",
    "conserved",
    "exposure",
    "finite",
    "known_mean",
    "of_land",
    "transition_rows",
    "transition_sums",
    "zone_area",
]
