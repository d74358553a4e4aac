"""Sentences that page, brief, terminal, figures and exports share; those on the headline are in `headline_words`."""

from __future__ import annotations

from practices.numbers import percent

#: Mark of every output from the simulated landscape.
SIMULATED = "SIMULATED DATA: a virtual landscape for trials and teaching, not an observation of any place"
#: Origins of data, for people.
ORIGINS = {
    "earth-engine": "Google Earth Engine",
    "offline-files": "local files",
    "simulated": "simulated landscape",
}
BORDERS = "Outlines of regions are rough and drawn for statistics; they express no view on any border."
DEGRADED_IS = (
    "Degraded means classified as degraded by the indicator. Drought at the end of a record, missing data over bare "
    "ground and a change of data product can look the same."
)
WOCAT_CODES = "WOCAT codes were assigned from the text of the sources, not read from WOCAT records."
#: Meaning of the columns in a table of the periods that countries report.
PERIOD_COLUMNS = (
    "Status: mapped share against the baseline, which a country reports. Period alone: mapped share of the period "
    "without the baseline. Corrected: period alone, corrected by reference sites. State alone: percent of the degraded "
    "land that only the last three years make degraded."
)


def origin_sentence(origin: str) -> str:
    """Where data are from, as a sentence."""
    return f"{SIMULATED if origin == 'simulated' else f'Data from {ORIGINS[origin]}'}."


def origin_mark(origin: str) -> str:
    """The mark inside a picture of simulated data; empty for real data."""
    return "SIMULATED" if origin == "simulated" else ""


def agreement_sentence(methods: int, by_all: float, by_any: float) -> str:
    """How far methods agree, as a sentence.

    Parameters
    ----------
    methods : int
        Number of methods.
    by_all, by_any : float
        Land that all methods, or at least one, map as degraded, percent of the land that can be judged.

    Examples
    --------
    >>> agreement_sentence(5, 16.66, 83.3)
    '16.7 % of the land that can be judged is mapped as degraded by all 5 methods, 83.3 % by at least one.'
    """
    return (
        f"{percent(by_all)} of the land that can be judged is mapped as degraded by all {methods} methods, "
        f"{percent(by_any)} by at least one."
    )


def capitalised(words: str) -> str:
    """Words with a capital at the beginning, the others unchanged."""
    return words[:1].upper() + words[1:]
