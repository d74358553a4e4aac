"""The tables of PRAIS 4 as the reporting forms have them: their titles, and the order of rows and columns."""

from __future__ import annotations

from indicators.sdg15.prais import DROUGHT_TITLES, NATURE_TITLES, ORDER, TITLES
from indicators.weather.drought_words import CLASSES

#: Rows and columns in the order of the forms; droughts from none to extreme.
FORM_ORDER = (*CLASSES.values(), *ORDER)
#: Titles of the tables by id, in the order of the forms.
FORMS = {**TITLES, **DROUGHT_TITLES, **NATURE_TITLES}


def rank(name: str) -> int:
    """Place of a row or column; those that the forms do not order (years, conversions) come last, as they are."""
    return FORM_ORDER.index(name) if name in FORM_ORDER else len(FORM_ORDER)


def heading(column: str, units: str) -> str:
    """A column with its units: a table may give one cell in several."""
    return f"{column} {'points' if units == 'percentage points' else units}"
