"""What does the loss of a degraded patch go with? A probability for each cause, from its drivers.

Each driver gives a Bayes factor (`indicators.causes.driver_changes`): how much likelier its course is if it goes with
the loss than if it does not. A cause has the largest factor of its drivers. With the probabilities P that causes have
before any driver is seen,

    cannot be determined: P₀,   one cause: P_c B_c,   several: P_a B_a P_b B_b / P₀

with a and b the two causes whose drivers speak for them most, if both do (B > 1): causes may act independently.

A cause none of whose drivers was read keeps its P_c, which counts as undetermined: it cannot be excluded.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from indicators.causes.driver_changes import driver_change
from indicators.causes.drivers import CAUSES, DRIVERS, SEVERAL, UNDETERMINED
from indicators.errors import IndicatorError

#: Fewest years of the series.
FEWEST = 12
#: Probabilities before a driver is seen: each cause alike, fire less, as most burnt land recovers within two years;
#: nearly half of all losses go with nothing that is measured. A setting, no finding.
PRIOR = MappingProxyType(
    {"climate": 0.1, "grazing": 0.1, "water": 0.1, "mining": 0.1, "cultivation": 0.1, "fire": 0.05, UNDETERMINED: 0.45}
)
#: Probability from which a patch is decided: one answer is likelier than all others together.
DECIDED = 0.5


@dataclass(frozen=True, eq=False)
class PatchVerdict:
    """What the loss of a patch goes with.

    `probability` by cause, with `several` and `cannot be determined`; `answer` is the likeliest if it reaches
    `DECIDED`, else `cannot be determined`. `drivers`, by variable: `cause`, first `year` of its change, its `change`
    (logarithm for ratios, units of the driver for differences, standard deviations for weather, share for fire) and
    `bayes_factor`. `start`: the likeliest first year of the loss.
    """

    probability: pd.Series
    drivers: pd.DataFrame
    start: int

    @property
    def answer(self) -> str:
        """The cause that the loss goes with, `several`, or `cannot be determined`."""
        best = str(self.probability.idxmax())
        return best if float(self.probability[best]) >= DECIDED else UNDETERMINED

    @property
    def sentence(self) -> str:
        """The answer in words, with the driver behind it."""
        answer, chance = self.answer, self.probability
        since = f"the loss since {self.start}"
        if answer == UNDETERMINED:
            named = chance.drop(UNDETERMINED)
            best = str(named.idxmax())
            if float(named[best]) < 0.1:
                return f"What {since} goes with cannot be determined: no driver changed before it."
            return (
                f"What {since} goes with cannot be determined; the likeliest is {best} "
                f"({100 * float(named[best]):.0f} %)."
            )
        own = self.drivers if answer == SEVERAL else self.drivers[self.drivers["cause"] == answer]
        chosen = own.nlargest(2 if answer == SEVERAL else 1, "bayes_factor")
        said = "; ".join(_said(str(name), row) for name, row in chosen.iterrows())
        what = "several drivers" if answer == SEVERAL else answer
        return f"{since[:1].upper()}{since[1:]} goes with {what} ({100 * float(chance[answer]):.0f} %): {said}."


def patch_verdict(patch: pd.DataFrame, matched: pd.DataFrame, starts: pd.Series, *, loss: float = 0.0) -> PatchVerdict:
    """What the loss of one degraded patch goes with: a probability for each cause, and the drivers behind it.

    Parameters
    ----------
    patch
        Yearly series in the patch, by consecutive years: a column for each driver, named as in `DRIVERS`, with or
        without `_annual`. Units: shares of land (0 to 1), nW cm-2 sr-1 of lamps; any for ratios and weather. NaN is a
        gap.
    matched
        The same columns and years, means of matched land without loss.
    starts
        Probability that the loss began in a year, by year (`loss_onset`).
    loss
        Share of the productivity of the patch that was lost, 0 to 1. New fields, or a fire, on a smaller share of its
        land cannot explain it: even land that lost all would not make up for it.

    Returns
    -------
    PatchVerdict
        Probabilities that add up to 1, and the table of drivers.

    Raises
    ------
    IndicatorError
        A column is not known, the tables differ, years are missing or too few, no start lies within them, or the loss
        is no share.

    References
    ----------
    Bayes factors: Kass & Raftery (1995), doi:10.1080/01621459.1995.10476572. Comparison with matched land:
    Stewart-Oaten et al. (1986), doi:10.2307/1939815.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> years = range(2001, 2025)
    >>> names = ["precipitation", "herd_sheep_units", "cropland"]
    >>> spread = [60, 1, 0.01]
    >>> matched = pd.DataFrame(rng.normal([250, 20, 0.2], spread, (24, 3)), years, names)
    >>> patch = pd.DataFrame(rng.normal([250, 20, 0.2], spread, (24, 3)), years, names)
    >>> patch.loc[2014:, "herd_sheep_units"] *= 2.5
    >>> patch_verdict(patch, matched, pd.Series({2014: 0.3, 2015: 0.7})).answer
    'grazing'
    """
    _check(patch, matched, starts)
    if not 0 <= loss <= 1:
        raise IndicatorError(f"patch_verdict: loss {loss:g} is no share; give a number from 0 to 1")
    within = starts[starts.index.isin(patch.index)]
    chances = within / within.sum()
    rows = {}
    for column in patch.columns:
        name = str(column).removesuffix("_annual")
        found = driver_change(DRIVERS[name].explaining(loss), patch[column], matched[column], chances)
        if found is not None:
            rows[name] = {
                "cause": DRIVERS[name].cause, "year": found.year, "change": found.size,
                "bayes_factor": found.bayes_factor,
            }  # fmt: skip
    drivers = pd.DataFrame.from_dict(rows, orient="index", columns=["cause", "year", "change", "bayes_factor"])
    factors = drivers.groupby("cause")["bayes_factor"].max().astype(float)
    return PatchVerdict(probabilities(factors), drivers, int(chances.index[int(chances.to_numpy().argmax())]))


def probabilities(factors: pd.Series) -> pd.Series:
    """Probability of each cause by the Bayes factors of causes whose drivers were read."""
    known = {str(cause): float(factor) for cause, factor in factors.items()}
    weight: dict[str, float] = {cause: PRIOR[cause] * known.get(cause, 0.0) for cause in CAUSES}
    speaking = sorted(weight[cause] for cause, factor in known.items() if factor > 1)
    weight[SEVERAL] = float(np.prod(speaking[-2:])) / PRIOR[UNDETERMINED] if len(speaking) > 1 else 0.0
    weight[UNDETERMINED] = PRIOR[UNDETERMINED] + sum(PRIOR[cause] for cause in CAUSES if cause not in known)
    found = pd.Series(weight)
    return found / found.sum()


def _said(name: str, row: pd.Series) -> str:
    """The change of a driver in words."""
    words, year, size = name.replace("_", " "), int(row["year"]), float(row["change"])
    match DRIVERS[name].scale:
        case "ratio":
            return f"{words} changed {np.exp(size):.1f}-fold against matched land from {year} on"
        case "difference":
            return f"{words} changed by {size:+.2g} against matched land from {year} on"
        case "event":
            return f"{100 * size:.0f} % of it burned in {year}"
        case _:
            return f"{words} of {year} was {abs(size):.1f} standard deviations below the usual"


def _check(patch: pd.DataFrame, matched: pd.DataFrame, starts: pd.Series) -> None:
    unknown = [str(name) for name in patch.columns if str(name).removesuffix("_annual") not in DRIVERS]
    if unknown:
        raise IndicatorError(f"patch_verdict: driver {unknown[0]!r} is unknown; use {', '.join(DRIVERS)}")
    if list(patch.columns) != list(matched.columns) or not patch.index.equals(matched.index):
        raise IndicatorError("patch_verdict: patch and matched land differ in columns or years; give both the same")
    years = patch.index.to_numpy(int)
    if len(years) < FEWEST or (np.diff(years) != 1).any():
        raise IndicatorError(f"patch_verdict: {len(years)} years; give {FEWEST} or more, each once, in their order")
    if float(starts[starts.index.isin(patch.index)].sum()) <= 0:
        raise IndicatorError(
            f"patch_verdict: no year in which the loss may have begun lies within {years[0]}–{years[-1]}; give longer "
            f"series"
        )
