"""What drives the land besides rain, by region and year: people, herds, fire, dust, snow, water; what each is worth."""

from series.pressures.catalogue import PRESSURES
from series.pressures.cells import CELL_DRIVERS, CellDriver
from series.pressures.model import Measure, Notes, Pressure
from series.pressures.yearly import yearly, years_a_request

__all__ = ["CELL_DRIVERS", "PRESSURES", "CellDriver", "Measure", "Notes", "Pressure", "yearly", "years_a_request"]
