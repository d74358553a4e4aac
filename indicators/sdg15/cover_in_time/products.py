"""What is known beforehand of the confusion of a land-cover product, and of real change: where estimates start from.

Sources and what they say:

- MCD12Q1, Collection 6 and 6.1: the labels of 1.6 % of the pixels change in a year, real changes included (11.4 % in
  Collection 5; Sulla-Menashe et al. 2019, doi:10.1016/j.rse.2018.12.013, abstract). The user guide (Sulla-Menashe &
  Friedl 2018) asks not to compare two years for land-cover change, because classes that look alike at 500 m are
  confused. About a quarter of the labels are wrong (IGBP layer of Collection 5: 74.8 % right, 72.3 to 77.4 %; Friedl
  et al. 2010, doi:10.1016/j.rse.2009.08.016), so most errors last for the whole record: they cannot be seen in a
  series and change no carbon. Errors that come and go matter here. A confusion matrix by class does not say how many
  of these there are.
- Length of spells: yearly MCD12Q1 of Assaba, Mauritania, 2010-2023 (168,212 pixels). 1.6 % of the labels change in a
  year. The 20,156 runs that return to the class before last 1 year (36 %), 2 (16 %), 3 (15 %), 4 (9 %) or more, 3.0 on
  average, and lie in 9 % of the pixels. The model finds 5 % of mixed pixels there, in which a spell begins in 11 to 21
  % of the years, and spells of 3.1 to 4.1 years. The numbers of `igbp` below are these, rounded.
- ESA CCI and C3S: one map of ten years, changed where the yearly course of a pixel shows a change between six groups of
  classes (ESA 2017, Land Cover CCI product user guide, version 2). Its labels come and go less often.
- Real change: a yearly probability of 0.1 smooths MODIS (Abercrombie & Friedl 2016), far more than land changes;
  omission hardly depends on it, and commission grows with it. Land use changed on 32 % of the land of the Earth from
  1960 to 2019, 0.5 % a year (Winkler et al. 2021, doi:10.1038/s41467-021-22702-2).

The tables `LIKE` and `BECOMES` are judgement: which classes look alike at 300 to 500 m (grassland and sparse
vegetation, cropland and grassland, forest and savanna), and what land of a class becomes. They count as
`estimate.KNOWN` years of pixels; the rates of a region are estimated from the region itself.
"""

from __future__ import annotations

from dataclasses import dataclass

Table = tuple[tuple[float, ...], ...]

#: Shares of the confusions of a true class (row) by the class shown (column), in the order of the UNCCD classes: trees,
#: grassland, cropland, wetland, artificial, other land, water.
LIKE: Table = (
    (0.00, 0.70, 0.15, 0.08, 0.01, 0.03, 0.03),
    (0.25, 0.00, 0.35, 0.05, 0.02, 0.30, 0.03),
    (0.15, 0.70, 0.00, 0.05, 0.04, 0.05, 0.01),
    (0.25, 0.40, 0.10, 0.00, 0.02, 0.08, 0.15),
    (0.05, 0.30, 0.35, 0.02, 0.00, 0.25, 0.03),
    (0.02, 0.80, 0.06, 0.02, 0.04, 0.00, 0.06),
    (0.05, 0.15, 0.05, 0.35, 0.03, 0.37, 0.00),
)
#: Shares of the real changes of a class (row) by the new class (column).
BECOMES: Table = (
    (0.00, 0.45, 0.35, 0.03, 0.08, 0.07, 0.02),
    (0.20, 0.00, 0.40, 0.03, 0.10, 0.25, 0.02),
    (0.20, 0.55, 0.00, 0.03, 0.15, 0.05, 0.02),
    (0.10, 0.35, 0.25, 0.00, 0.10, 0.05, 0.15),
    (0.10, 0.35, 0.25, 0.02, 0.00, 0.25, 0.03),
    (0.05, 0.60, 0.15, 0.02, 0.13, 0.00, 0.05),
    (0.03, 0.20, 0.12, 0.35, 0.05, 0.25, 0.00),
)
#: No class is more like another than any other.
EVEN: Table = tuple(tuple(0.0 if row == column else 1 / 6 for column in range(7)) for row in range(7))


@dataclass(frozen=True)
class ProductConfusion:
    """How often a product takes classes for others, and how often land changes.

    Probabilities a year: `change` that a class becomes another; `single` that the label of one year alone is wrong;
    `spells` that a spell of wrong labels begins, in a steady and in a mixed pixel. `duration`: mean length of a spell,
    years. `mixed`: share of mixed pixels, which lie between two classes. `like` and `becomes`: tables as above.
    """

    change: float
    single: float
    spells: tuple[float, float]
    duration: float
    mixed: float
    like: Table = LIKE
    becomes: Table = BECOMES


#: Products by the legend of their classes (`indicators.sdg15.land_cover.LEGENDS`); `generic` for any other.
PRODUCTS = {
    "igbp": ProductConfusion(change=0.005, single=0.004, spells=(0.005, 0.15), duration=3.5, mixed=0.05),
    "esa-cci": ProductConfusion(change=0.005, single=0.001, spells=(0.002, 0.10), duration=4.0, mixed=0.02),
    "generic": ProductConfusion(
        change=0.005, single=0.010, spells=(0.010, 0.15), duration=3.0, mixed=0.05, like=EVEN, becomes=EVEN
    ),
}


def product_of(legend: str | None) -> str:
    """The product whose classes have a legend of this name; `generic` for one that is not known."""
    return legend if legend in PRODUCTS else "generic"
