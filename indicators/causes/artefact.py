"""Is a jump of a product at a border an artefact of the product?

Products that share official numbers out by country have a step at the border that no fence makes. The land on either
side is cut into strips parallel to the border. With L_k the mean (of logarithms) in strip k, the jump at the line
between two strips is J_k = L_(k+1) − L_k. Lines inside a country are placebos: no product changes its numbers there.
They give the mean m of each side, so that a slope across the border is no jump, and the weight w with which the
neighbours of a line predict it (least squares), since neighbouring lines share a strip and fields are smooth:

    E = J_0 − m − w (J_−1 + J_1 − 2 m) / 2,    t = E / (s √(1 + (1 − w)² / 2K + a² / Q)),

with m the mean of both sides, s the spread of the errors of the same prediction at the lines inside, K the lines a
side, a the departure of the border's neighbours from m and Q the sum of squares of those of the placebos. The degrees
of freedom of s are divided by 1 + 2 Σ r², r being the correlation of errors one and two lines apart. The same test of
one year's departure of J from its median over the years finds jumps that come and go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t as student

from indicators.chance import holm, p_words
from indicators.errors import IndicatorError

Floats = NDArray[np.float64]
Scale = Literal["ratio", "difference"]
#: Strips on each side of the border, unless others are requested, and the fewest that are tested.
STRIPS, FEWEST_STRIPS = 24, 8
#: Degrees of freedom that the means of both sides and the weight of the neighbours cost: each twice, because the errors
#: of neighbouring lines are correlated. With 3, smooth fields gave 6 % of false alarms at a level of 5 %.
SPENT = 6
#: Distances, in lines, over which errors of the prediction may be correlated.
LAGS = (1, 2)


@dataclass(frozen=True, eq=False)
class BorderJump:
    """The jump of a field at a border, beyond the jumps at lines beside it.

    `size` with its interval is the second side over the first (scale ratio; 1: none) or less it (difference; 0: none);
    `p` is two-sided. `by_year`: `size` and `p` of each year's departure from the usual jump, p adjusted for the number
    of years (Holm); without rows for one year. `lines`: `distance` of each line (negative on the first side) and its
    `jump`; `artefact`: whether either test finds a jump, at a level of `1 − confidence` for both together.
    """

    size: float
    low: float
    high: float
    p: float
    confidence: float
    scale: Scale
    by_year: pd.DataFrame
    lines: pd.DataFrame

    @property
    def alpha(self) -> float:
        """Level of each of the tests, so that both together have that of the confidence."""
        return (1 - self.confidence) / (2 if len(self.by_year) else 1)

    @property
    def years(self) -> tuple[int, ...]:
        """Years in which the jump differs from the usual one."""
        return tuple(int(year) for year in self.by_year.index[self.by_year["p"] < self.alpha])

    @property
    def artefact(self) -> bool:
        """Whether there is a jump, always or in some years."""
        return self.p < self.alpha or bool(self.years)

    @property
    def sentence(self) -> str:
        """What was found, in words."""
        unit = "times" if self.scale == "ratio" else "more"
        size = f"{self.size:.3g} ({self.low:.3g} to {self.high:.3g}) {unit}, {p_words(self.p)}"
        beside = f"beyond the jumps at {len(self.lines) - 1} lines inside both sides"
        if not self.artefact:
            return f"No jump at the border {beside}: {size}."
        said = f"A jump at the border {beside}, an artefact of the product and no finding: {size}."
        if not self.years:
            return said
        return f"{said} It is not the same in every year: {', '.join(map(str, self.years))}."


def border_jump(
    first: ArrayLike,
    second: ArrayLike,
    first_distance: ArrayLike,
    second_distance: ArrayLike,
    *,
    years: Sequence[int] | None = None,
    strips: int = STRIPS,
    scale: Scale = "ratio",
    confidence: float = 0.95,
) -> BorderJump:
    """Test whether a field jumps at a border more than at parallel lines inside either side.

    Parameters
    ----------
    first, second
        Values of the cells on either side: (cell), or (year, cell) with the same years. Any unit; NaN is no data.
    first_distance, second_distance
        Distance of each cell to the border (cell), 0 or more, one unit for both sides, such as km.
    years
        The years of the rows; by default they are counted from 0.
    strips
        Strips on each side, of equal width: the nearest land up to the distance that both sides reach.
    scale
        `ratio` compares logarithms of strip means, for quantities that are positive; `difference` the means.
    confidence
        Confidence of the interval; both tests together have a level of `1 − confidence`.

    Returns
    -------
    BorderJump
        Size of the jump with interval and p, and the test of each year.

    Raises
    ------
    IndicatorError
        Shapes do not fit, a distance is negative, there are fewer than 8 strips, a strip has no value in some year, or
        a strip mean is not positive where the scale is a ratio.

    References
    ----------
    Placebo lines: after Keele & Titiunik (2015), doi:10.1093/pan/mpu014. Holm (1979), Scand. J. Statist. 6, 65–70.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> distance = rng.uniform(0, 60, 9000)
    >>> here, there = rng.lognormal(3, 0.3, 9000), 1.5 * rng.lognormal(3, 0.3, 9000)
    >>> found = border_jump(here, there, distance, distance)
    >>> round(found.size, 1), found.artefact
    (1.5, True)
    """
    if scale not in ("ratio", "difference"):
        raise IndicatorError(f"border_jump: scale {scale!r} is unknown; use 'ratio' or 'difference'")
    sides = [_side(*each) for each in (("first", first, first_distance), ("second", second, second_distance))]
    if len(sides[0][0]) != len(sides[1][0]):
        raise IndicatorError(
            f"border_jump: first has {len(sides[0][0])} years and second {len(sides[1][0])}; give both the same years"
        )
    if strips < FEWEST_STRIPS:
        raise IndicatorError(f"border_jump: {strips} strips a side are too few; give {FEWEST_STRIPS} or more")
    width = min(float(distance.max()) for _, distance in sides) / strips
    means = [
        _strip_means(name, _scaled(name, values, scale), distance, width, strips)
        for name, (values, distance) in zip(("first", "second"), sides, strict=True)
    ]
    profile = np.concatenate([means[0][:, ::-1], means[1]], axis=1)
    level = np.diff(profile.mean(axis=0, keepdims=True), axis=1)
    excess, error, freedom = _excess(level, _rounding(profile))
    p = _two_sided(excess / error, freedom)
    half = float(student.ppf((1 + confidence) / 2, freedom[0]) * error[0])
    ends = [float(excess[0]) - half, float(excess[0]), float(excess[0]) + half]
    low, size, high = np.exp(ends) if scale == "ratio" else ends
    names = list(range(len(profile))) if years is None else [int(year) for year in years]
    if len(names) != len(profile):
        raise IndicatorError(f"border_jump: {len(names)} years are named, but the data have {len(profile)}")
    places = width * np.arange(1 - strips, strips)
    lines = pd.DataFrame({"distance": places, "jump": level[0]})
    return BorderJump(
        float(size), float(low), float(high), float(p[0]), confidence, scale, _by_year(profile, names, scale), lines
    )


def _side(name: str, values: ArrayLike, distance: ArrayLike) -> tuple[Floats, Floats]:
    """Values (year, cell) and distances (cell) of one side."""
    cells = np.atleast_2d(np.asarray(values, float))
    places = np.asarray(distance, float)
    if cells.ndim != 2 or places.shape != cells.shape[1:]:
        raise IndicatorError(
            f"border_jump: {name} has the shape {np.shape(values)} and its distances {places.shape}; give values "
            f"(year, cell) and distances (cell)"
        )
    if not places.size or not (np.isfinite(places).all() and (places >= 0).all() and places.max() > 0):
        raise IndicatorError(f"border_jump: distances of {name} must be numbers of 0 and more; give them without sign")
    return cells, places


def _scaled(name: str, values: Floats, scale: Scale) -> Floats:
    """Values as they are averaged: logarithms for ratios, without the cells of 0, which have none."""
    if scale == "difference":
        return values
    if (values < 0).any():
        raise IndicatorError(f"border_jump: {name} has negative values, which have no ratio; use scale='difference'")
    return np.log(np.where(values > 0, values, np.nan))


def _strip_means(name: str, values: Floats, distance: Floats, width: float, strips: int) -> Floats:
    """Mean of every strip (year, strip), the one at the border first."""
    inside = distance <= width * strips * (1 + 1e-12)
    strip = np.minimum((distance[inside] / width).astype(int), strips - 1)
    known = np.isfinite(values[:, inside])
    filled = np.where(known, values[:, inside], 0.0)
    member = np.zeros((strip.size, strips))
    member[np.arange(strip.size), strip] = 1
    count = known @ member
    if (count == 0).any():
        year, empty = (int(each[0]) for each in np.nonzero(count == 0))
        raise IndicatorError(
            f"border_jump: strip {empty + 1} of {name} has no value in row {year}; use fewer strips, or leave the "
            f"year out"
        )
    return np.asarray(filled @ member / count)


def _excess(jumps: Floats, rounding: float) -> tuple[Floats, Floats, Floats]:
    """What the border line has beyond what the others predict, its standard error, degrees of freedom; each by year.

    Fields of one value everywhere have no spread; `rounding` is the least, so that rounding makes no jump.
    """
    count = jumps.shape[1] // 2
    # the first line inside stands first on both sides
    sides = np.stack([jumps[:, :count][:, ::-1], jumps[:, count + 1 :]])
    mean = sides.mean(axis=2, keepdims=True)
    rest = sides - mean
    own, beside = rest[..., 1:-1], (rest[..., :-2] + rest[..., 2:]) / 2
    squares = np.maximum((beside**2).sum(axis=(0, 2)), rounding**2)
    weight = (own * beside).sum(axis=(0, 2)) / squares
    error = own - weight[:, None] * beside
    known = error.shape[0] * error.shape[2] - SPENT
    freedom = known / (1 + 2 * sum(_correlation(error, lag) ** 2 for lag in LAGS))
    variance = (error**2).sum(axis=(0, 2)) / known
    at_border = rest[..., 0].mean(axis=0)
    excess = jumps[:, count] - mean[..., 0].mean(axis=0) - weight * at_border
    # of the two means, and of the weight
    uncertain = 1 + (1 - weight) ** 2 / (2 * count) + at_border**2 / squares
    return excess, np.maximum(np.sqrt(variance * uncertain), rounding), freedom


def _rounding(profile: Floats) -> float:
    """Size of a jump that is rounding."""
    return 1e-12 * max(float(np.abs(profile).max()), 1e-100)


def _correlation(error: Floats, lag: int) -> Floats:
    """Correlation (year) of errors (side, year, line) that lie `lag` lines apart."""
    squares = np.maximum((error**2).sum(axis=(0, 2)), 1e-200)
    return np.asarray((error[..., lag:] * error[..., :-lag]).sum(axis=(0, 2)) / squares)


def _two_sided(t: Floats, freedom: Floats) -> Floats:
    return np.asarray(2 * student.sf(np.abs(t), freedom))


def _by_year(profile: Floats, years: list[int], scale: Scale) -> pd.DataFrame:
    """Departure of each year's jump from the usual one, and its p adjusted for the number of years."""
    if len(profile) < 2:
        return pd.DataFrame({"size": [], "p": []}, index=pd.Index([], name="year", dtype=int))
    jumps = np.diff(profile, axis=1)
    excess, error, freedom = _excess(jumps - np.median(jumps, axis=0), _rounding(profile))
    p = holm(_two_sided(excess / error, freedom))
    size = np.exp(excess) if scale == "ratio" else excess
    return pd.DataFrame({"size": size, "p": p}, index=pd.Index(years, name="year"))
