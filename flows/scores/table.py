"""The scores on the terminal: tables of at most 80 columns, in plain English."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from flows.scores.pooling import EVERY, GROUPS, PooledScores, Value
from practices.report.headline import ACCORD

Write = Callable[[float], str]
#: What scores SDG 15.3.1 itself.
SDG = "sdg"


def share(value: float) -> str:
    """A share between 0 and 1, such as 0.93."""
    return f"{value:.2f}"


def points(value: float) -> str:
    """A share in per cent, such as 3.1."""
    return f"{100 * value:.1f}"


def signed(value: float) -> str:
    """A relative difference in per cent, such as +12."""
    return f"{100 * value:+.0f}"


def cell(value: Value, write: Write, *, interval: bool = False) -> str:
    """A measure as text, with its interval if that is wanted and there is one."""
    middle, low, high = value
    if middle is None:
        return "–"
    if not interval or low is None or high is None:
        return write(middle)
    return f"{write(middle)} {write(low)}–{write(high)}"


def print_scores(
    console: Console, pools: Mapping[str, PooledScores], profiles: Sequence[str], periods: Sequence[str]
) -> None:
    """All tables, with what they mean below each."""
    every = pools[EVERY]
    for table, words in (
        whole_record(every, profiles, periods[0]),
        by_period(every, profiles, periods),
        by_group(pools, profiles, periods[0]),
        further(every, profiles, periods[0]),
        by_region(pools, profiles, periods[0]),
    ):
        console.print(table)
        console.print(words, highlight=False)
        console.print()


def blank(title: str, first: str, *headings: str) -> Table:
    """A table without rows."""
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 0, 0, 1))
    table.add_column(f"{first}\n", no_wrap=True)
    for heading in headings:
        table.add_column(heading, no_wrap=True, justify="right")
    return table


def whole_record(every: PooledScores, profiles: Sequence[str], period: str) -> tuple[Table, str]:
    """SDG 15.3.1 of the whole record."""
    headings = ("F1 of loss\n(95 %)", "pre-\ncision", "re-\ncall", "bias\n%", "F1 of\ngain", "sign\nerr. %",
                "right\n%")  # fmt: skip
    table = blank(f"SDG 15.3.1, {period}, {every.landscapes} landscapes", "method", *headings)
    for profile in profiles:

        def of(measure: str, write: Write, name: str = profile, *, interval: bool = False) -> str:
            return cell(every.value(name, period, SDG, measure), write, interval=interval)

        table.add_row(
            profile,
            of("loss_f1", share, interval=True),
            of("loss_precision", share),
            of("loss_recall", share),
            of("loss_bias", signed),
            of("gain_f1", share),
            of("sign_errors", points),
            of("accuracy", points),
        )
    return table, (
        "Loss: degraded land. Precision: share of the mapped area that is right; recall: share of the true area that "
        "was found; F1: their harmonic mean, with 95 % intervals over seeds. Bias: mapped against true area. Sign "
        "errors: loss mapped as gain, or gain as loss. Right: judged land in its true class of three."
    )


def by_period(every: PooledScores, profiles: Sequence[str], periods: Sequence[str]) -> tuple[Table, str]:
    """F1 of loss in each period, and the status of the reporting periods."""
    table = blank("F1 of loss by period, and status", "method", *(f"{name}\n" for name in periods),
                  *(f"status\n{name} %" for name in periods if reporting(every, profiles, name)))  # fmt: skip
    for profile in profiles:
        table.add_row(
            profile,
            *(cell(every.value(profile, name, SDG, "loss_f1"), share) for name in periods),
            *(
                cell(every.value(profile, name, "status3", "accuracy"), points)
                for name in periods
                if reporting(every, profiles, name)
            ),
        )
    return table, "Status: land in its true class of three, as countries report it against the baseline."


def reporting(every: PooledScores, profiles: Sequence[str], period: str) -> bool:
    """Whether a period has a status."""
    return any((profile, period, "status3") in every.sums for profile in profiles)


def by_group(pools: Mapping[str, PooledScores], profiles: Sequence[str], period: str) -> tuple[Table, str]:
    """Patchy change alone, losses of whole regions, and calm regions."""
    patchy, wide, calm = (pools[name] for name in list(GROUPS)[1:])
    table = blank(
        f"Groups of landscapes, SDG 15.3.1, {period}", "method",
        f"patchy ({patchy.landscapes})\nF1 of loss", f"region-wide ({wide.landscapes})\nF1 of loss", "\nrecall",
        f"calm ({calm.landscapes})\nloss %", "\ngain %",
    )  # fmt: skip
    for profile in profiles:
        table.add_row(
            profile,
            cell(patchy.value(profile, period, SDG, "loss_f1"), share, interval=True),
            cell(wide.value(profile, period, SDG, "loss_f1"), share, interval=True),
            cell(wide.value(profile, period, SDG, "loss_recall"), share),
            cell(calm.value(profile, period, SDG, "loss_mapped"), points),
            cell(calm.value(profile, period, SDG, "gain_mapped"), points),
        )
    return table, (
        "Region-wide: the whole region lost more than 2 % of its productivity somewhere, beside patches. Calm: at most "
        "1 % of the land changed; what is mapped as loss or gain there, in percent of the land, is a false alarm."
    )


def further(every: PooledScores, profiles: Sequence[str], period: str) -> tuple[Table, str]:
    """Breaks of pixels, intervals, probabilities, soil carbon."""
    table = blank(f"Breaks, intervals, probabilities, soil carbon, {period}", "method", "breaks\nprec.", "\nrecall",
                  "year\n±1 %", "interval\nheld %", "\nwide", "prob.\nerror", "carbon\n%", "true\n%")  # fmt: skip
    for profile in profiles:

        def of(what: str, measure: str, write: Write, name: str = profile) -> str:
            return cell(every.value(name, period, what, measure), write)

        table.add_row(
            profile,
            of("breaks", "precision", share),
            of("breaks", "recall", share),
            of("breaks", "year_right", lambda value: f"{100 * value:.0f}"),
            of(ACCORD, "coverage", lambda value: f"{100 * value:.0f}"),
            of(ACCORD, "width", lambda value: f"{100 * value:.0f}"),
            of("loss_probability", "error", share),
            of("soil_carbon_change", "mapped", lambda value: f"{100 * value:+.2f}"),
            of("soil_carbon_change", "planted", lambda value: f"{100 * value:+.2f}"),
        )
    return table, (
        "Breaks: pixels with a planted abrupt change of 15 % or more. Interval: of the true degraded share; held: how "
        "many hold it (to be 95 %); wide: percentage points. Prob. error: mean distance of the probability of loss "
        "from what is observed. Carbon: change of the stock of soil carbon."
    )


def by_region(pools: Mapping[str, PooledScores], profiles: Sequence[str], period: str) -> tuple[Table, str]:
    """F1 of loss in every region."""
    table = blank(f"F1 of loss by region, SDG 15.3.1, {period}", "region", *(heading(name) for name in profiles))
    for name, pool in pools.items():
        if name not in GROUPS:
            table.add_row(name, *(cell(pool.value(each, period, SDG, "loss_f1"), share) for each in profiles))
    return table, "A dash: nothing was planted, and nothing mapped. Where nothing was planted, any loss mapped gives 0."


def heading(profile: str) -> str:
    """The name of a profile on two lines."""
    head, _, tail = profile.rpartition("-")
    return f"{head}\n{tail}" if head else f"{profile}\n"
