"""One result in words: shares, trend, breaks, certainty, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from practices.report.wording import agreement_sentence

if TYPE_CHECKING:
    from flows.region.result import RegionResult


def share_text(result: RegionResult, name: str) -> str:
    """Area and share of one class, as `12,345 km² (6.7 %)`."""
    return f"{result.area_km2[name]:,.0f} km² ({100 * result.share[name]:.1f} %)"


def trend_text(result: RegionResult) -> str:
    """The region's trend per decade, as a share of its mean, with its p-value."""
    if result.trend_percent_decade is None:
        return "too few years"
    return f"{signed(result.trend_percent_decade)} %/decade (p {result.trend_p:.2f})"


def signed(value: float) -> str:
    """A number with one decimal and its sign; 0.0 has no sign."""
    rounded = round(value, 1) + 0.0
    return f"{rounded:+.1f}" if rounded else "0.0"


def break_text(result: RegionResult) -> str:
    """First years after the breaks of the region's series, with intervals and the drought at that time, or none."""
    said = [f"{b.year} ({b.low}-{b.high}{f'; {b.drought}' if b.drought else ''})" for b in result.breaks]
    return ", ".join(said) or no_break(result)


def no_break(result: RegionResult) -> str:
    """The cell without a break: none was found, or the series was too short to search."""
    return "none" if result.searched or not result.breaks_are else "too short"


def break_lines(results: Sequence[RegionResult]) -> list[str]:
    """Which series was searched for breaks, by which method; of several series the first one is the main answer."""
    profiles_by_series: dict[str, list[str]] = {}
    for each in results:
        if each.breaks_are and each.profile not in profiles_by_series.setdefault(each.breaks_are, []):
            profiles_by_series[each.breaks_are].append(each.profile)
    if len(profiles_by_series) < 2:
        return [f"Breaks: {words}." for words in profiles_by_series]
    (first, profiles), *others = profiles_by_series.items()
    return [
        f"Breaks according to {', '.join(profiles)} (main answer): {first}.",
        *(f"For comparison, according to {', '.join(own)}: {words}." for words, own in others),
    ]


def certainty_text(result: RegionResult) -> str:
    """Which decline could have been detected, and the test whether chance explains the degraded land."""
    statistics = result.certainty
    if "false_alarm_rate" not in statistics:
        return "no trend can be tested"
    smallest = statistics.get("detectable_decline_pixel")
    missed = "of 40 % or less" if smallest is None else f"below {smallest:.0f} %"
    return (
        f"in a single pixel, the trajectory test cannot reliably detect a decline {missed} over the period (field "
        f"significance p {statistics['field_p']:.3f})"
    )


def certainty_lines(results: Sequence[RegionResult]) -> list[str]:
    """A line on the certainty of each result; none for an agreement of profiles."""
    several = len({each.profile for each in results if each.certainty}) > 1
    return [
        f"{each.title}{f' by {each.profile}' if several else ''}: {certainty_text(each)}."
        for each in results
        if each.certainty
    ]


def gap_lines(results: Sequence[RegionResult]) -> list[str]:
    """What is missing, one line for each region; once if several profiles say the same."""
    return list(dict.fromkeys(f"{each.title}: {said}" for each in results for said in each.gaps))


def sensor_lines(results: Sequence[RegionResult]) -> list[str]:
    """Which sensors a joined record is from, one line for each region; once if several profiles say the same."""
    return list(dict.fromkeys(f"{each.title}: {each.sensors}." for each in results if each.sensors))


def own_series_lines(results: Sequence[RegionResult]) -> list[str]:
    """Which series are from the user's own table, a line for each; once if several profiles say the same."""
    return list(dict.fromkeys(f"{each.title}: {said}." for each in results for said in each.own_series))


def agreement_text(result: RegionResult) -> str:
    """How much of the land all profiles, and at least one, call degraded."""
    shares = [100 * share for share in result.share.values()]
    return agreement_sentence(len(shares) - 1, shares[-1], sum(shares[1:]))
