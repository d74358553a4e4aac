"""Notes for the reader of an export, in every format."""

from __future__ import annotations

import pandas as pd

from practices.report.shares import ASSESSMENT, STATUS, WIDEST
from practices.report.wording import BORDERS, WOCAT_CODES

DOCUMENTED = "Documented of real practices; the simulated data of this file are in other tables"
INDICATOR = (
    "SDG 15.3.1, the proportion of land that is degraded, with its sub-indicators land productivity, land cover and "
    "soil organic carbon, combined by the rule one out, all out."
)
TWO_NUMBERS = (
    f"SDG 15.3.1 is two numbers. The {STATUS} is what a country reports for a reporting period: land degraded in the "
    f"period, plus land degraded in the baseline that did not improve in the period. The {ASSESSMENT} looks at the "
    f"years of one period. Column headline_is says which of the two numbers the columns from degraded_… to "
    f"undetermined_… contain; the second is alone_percent. If the interval of the true share excludes the mapped "
    f"share, the interval is given first (column leads). If it is wider than {WIDEST:g} points, the share cannot be "
    f"determined. In both cases no number ranks the region (ranked_percent is empty)."
)
HOW_TO_READ = (
    "Areas are in km2 on the WGS84 ellipsoid; classes add up to the area of the region. Undetermined: nothing is "
    "degraded and something is missing. Below detectability: too bare for a vegetation index to judge."
)
PRACTICES = (
    f"{WOCAT_CODES} Radii of sites are guesses, not boundaries: an effect computed on them is a demonstration, never "
    "evidence."
)
EVIDENCE = (
    "Outcomes in “Good practices” are reported or measured by others; “Evidence of satellites” holds what was computed "
    "from images. One never replaces the other."
)


def simulated(tables: dict[str, pd.DataFrame]) -> bool:
    """Whether anything in an export comes from the simulated landscape."""
    return "simulated" in set(tables["summary"]["origin"])


def notes(tables: dict[str, pd.DataFrame]) -> list[tuple[str, str]]:
    """A heading and a text each."""
    runs, summary = tables["runs"], tables["summary"]
    finished = ", ".join(sorted({str(when)[:10] for when in runs["finished"]}))
    return [
        ("Contents", f"{summary['region'].nunique()} regions; periods {listed(summary['period'])}"),
        ("Indicator", INDICATOR),
        ("Two numbers", TWO_NUMBERS),
        ("Guidance", "UNCCD Good Practice Guidance for SDG 15.3.1, version 2 (2021), and its addendum (2023)."),
        ("Method", f"profiles {listed(summary['method'])}; the documentation of drylands describes each choice."),
        ("Origin of the data", listed(summary["origin"])),
        ("Data sets", "\n".join(datasets(tables))),
        ("Computed", f"{finished} with drylands {listed(runs['package_version'])}"),
        ("How to read areas", HOW_TO_READ),
        ("Borders", BORDERS),
        ("Practices", PRACTICES),
        ("Kinds of evidence", EVIDENCE),
    ]


def datasets(tables: dict[str, pd.DataFrame]) -> list[str]:
    """The data sets of all runs as texts: `variable: key (asset)`."""
    return sorted({part for text in tables["runs"]["datasets"] for part in text.split("; ") if part})


def listed(values: pd.Series) -> str:
    """Values of a column, each once, in their order."""
    return ", ".join(dict.fromkeys(map(str, values)))
