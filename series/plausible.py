"""Units and value ranges of variables: what stored values times scale plus offset can be."""

from __future__ import annotations

from series.datasets import Dataset

Range = tuple[float, float]

#: Productivity by quantity, other variables by name: the range of values in each unit that the calculation takes.
PRODUCTIVITY: dict[str, dict[str, Range]] = {
    "ndvi": {"1": (-1, 1)},
    "evi": {"1": (-1, 2)},
    "fapar": {"1": (0, 1)},
    "lai": {"m2 m-2": (0, 12), "1": (0, 12)},
    "gpp": {"kg m-2 year-1": (0, 10), "kg C m-2 year-1": (0, 10), "g m-2 year-1": (0, 10_000)},
    "npp": {"kg m-2 year-1": (-3, 6), "kg C m-2 year-1": (-3, 6), "g m-2 year-1": (-3000, 6000)},
}
OTHERS: dict[str, dict[str, Range]] = {
    "precipitation": {"mm": (0, 20_000)},
    "soil_moisture": {"m3 m-3": (0, 1)},
    "temperature": {"degC": (-95, 65)},
    "wind": {"m s-1": (-120, 120)},
    "potential_evapotranspiration": {"mm": (0, 2000)},
    "land_cover": {"1": (0, 255)},
    "soil_carbon": {"t ha-1": (0, 3000)},
    "climate_zone": {"1": (0, 12)},
    "aridity": {"1": (0, 60)},
    "elevation": {"m": (-500, 9000)},
    "population": {"persons": (0, 5_000_000)},
}
#: Vegetation indices of a whole record that stay below this were scaled twice.
LEAST_INDEX = 0.01
INDICES = ("ndvi", "evi")


def units_of(dataset: Dataset) -> dict[str, Range]:
    """The units that a data set may have, each with its range; empty where nothing is known of the quantity."""
    if dataset.variable == "productivity":
        return PRODUCTIVITY.get(dataset.quantity, {})
    return OTHERS.get(dataset.variable, {})


def unit_problem(dataset: Dataset) -> str:
    """Why the units of a data set cannot be used; empty where they can."""
    known = units_of(dataset)
    if not known or dataset.units in known:
        return ""
    return f"units {dataset.units!r} of {named(dataset)}; allowed: {', '.join(map(repr, known))}"


def named(dataset: Dataset) -> str:
    """What a data set measures, in words."""
    return dataset.quantity if dataset.variable == "productivity" else dataset.variable.replace("_", " ")


def range_of(dataset: Dataset) -> Range | None:
    """The lowest and highest value that a data set can have in its units; None where nothing is known."""
    return units_of(dataset).get(dataset.units)


def scale_that_fits(dataset: Dataset, low: float, high: float) -> float | None:
    """The largest power of ten, below 1, by which stored values from `low` to `high` come into range; None if none."""
    allowed = range_of(dataset)
    if allowed is None:
        return None
    for power in range(1, 6):
        scale = 10.0**-power
        if allowed[0] <= low * scale + dataset.offset and high * scale + dataset.offset <= allowed[1]:
            return scale
    return None
