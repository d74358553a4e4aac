"""What satellites say of a practice at a site: its effect on annual productivity, and how sure that is.

Treated cells against matched cells of the same region, before and after the start (`practices.evidence.matching`), by
difference-in-differences with cell and year effects (`practices.evidence.difference_in_differences`), and the same for
the shape of the site moved to places where nothing was done (`practices.evidence.placebo`). The places give the
p-value, and the interval with it: a single site covers few blocks, and with few treated blocks clustered errors alone
are too small (MacKinnon & Webb 2020). Both outcomes are judged: productivity as observed, and with the
effect of rain removed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from practices.errors import NoEffect
from practices.evidence import difference_in_differences as effects
from practices.evidence import matching, placebo
from practices.evidence.study import OUTCOMES, Design, Study

__all__ = ["METHOD", "OUTCOMES", "Design", "Finding", "Study", "judge"]

Array = np.ndarray[Any, Any]

METHOD = "matched-did"
#: With fewer places than this no p-value can fall to 5 %, and the interval is that of clustered errors.
FEWEST_PLACES = 19


@dataclass(frozen=True)
class Finding:
    """The effect on one outcome: mean over the years since the start, in the outcome's units.

    `low` … `high` is the 95 % interval and `interval` says whether it comes from the places or from clustered errors;
    `p` is the rank among `places` moved shapes, `p_parallel` that of the years before; `minimum_detectable` is found in
    four cases of five. `balance` has a row for each covariate, `event_study` one for each year (effect, low, high,
    clustered).
    """

    outcome: str
    effect: float
    low: float
    high: float
    standard_error: float
    interval: str
    p: float
    p_parallel: float
    mean_before: float
    minimum_detectable: float
    treated: int
    dropped: int
    controls: int
    places: int
    balance: pd.DataFrame
    event_study: pd.DataFrame

    @property
    def effect_percent(self) -> float:
        """The effect in percent of the treated cells' mean before the start."""
        return 100 * self.effect / self.mean_before if self.mean_before else float("nan")


def judge(study: Study, site: Array) -> list[Finding]:
    """The effect of a practice on the cells of a site, for each outcome.

    Parameters
    ----------
    study : Study
        Region and start year: the panel, the cells of all sites, and the design of the comparison.
    site : array of bool (cell)
        Cells of the site, on the grid of the panel in one row.

    Returns
    -------
    list of Finding
        One for each outcome; effects in the units of the outcome, mean over the years since the start.

    Raises
    ------
    NoEffect
        Too few cells have controls: the message gives their number and the required number.

    References
    ----------
    MacKinnon & Webb (2020), doi:10.1016/j.jeconom.2020.04.024.
    """
    matched = study.match(site)
    cells, alike = study.thinned(site).size, len(matched.treated)
    needed = max(study.design.fewest_cells, int(np.ceil(study.design.fewest_share * cells)))
    if alike < needed:
        raise NoEffect(
            f"{alike} of {cells} cells of the site find {study.design.fewest_controls} controls that are like them; "
            f"{needed} are needed"
        )
    others = study.placebos(site)
    return [_finding(study, matched, others, outcome) for outcome in study.outcomes]


def _finding(study: Study, matched: matching.Matched, others: Sequence[matching.Matched], outcome: str) -> Finding:
    own = study.sample(matched, outcome)
    result = effects.did(own, study.after)
    effect, error = float(result.coefficients[0]), float(result.errors[0])
    course, places = effects.event_study(own, study.after)
    before = study.outcomes[outcome][~study.after][:, matched.treated]
    scale = float(np.nanmean(before))
    here, *there = (study.contrast(each, outcome) for each in (matched, *others))
    critical = placebo.critical_value(np.array([each.change for each in there]))
    by_place = np.isfinite(critical)
    half = critical * abs(scale) if by_place else _t_quantile(result.clusters - 1) * error
    parallel = effects.joint_test(course, ~study.after[places])[1]
    if len(there) >= FEWEST_PLACES:
        parallel = placebo.p_value(here.spread_before, np.array([each.spread_before for each in there]))
    return Finding(
        outcome=outcome,
        effect=effect,
        low=effect - half,
        high=effect + half,
        standard_error=error,
        interval="places" if by_place else "clustered errors",
        p=placebo.p_value(effect / scale, np.array([each.change for each in there])),
        p_parallel=parallel,
        mean_before=scale,
        minimum_detectable=effects.minimum_detectable(half / 1.959964),
        treated=len(matched.treated),
        dropped=matched.dropped,
        controls=len(matched.controls),
        places=len(others),
        balance=matching.balance(study.covariates, matched, study.pool),
        event_study=_course(course, study.years[places]),
    )


def _course(course: effects.Effect, years: Array) -> pd.DataFrame:
    half = _t_quantile(course.clusters - 1) * course.errors
    found = course.coefficients
    return pd.DataFrame({"year": years, "effect": found, "low": found - half, "high": found + half})


def _t_quantile(freedom: int) -> float:
    return float(stdtrit(max(freedom, 1), 0.975))
