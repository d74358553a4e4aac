"""The tables of the page of scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flows.scores.pooling import GROUPS, PooledScores, Value
from practices.numbers import number, percent
from practices.report.headline import ACCORD, GAINED, LOST

#: A cell: text, and a small line below it.
Cell = tuple[str, str]
LAYERS = {
    "sdg": "SDG 15.3.1",
    "productivity": "Land productivity",
    "land_cover": "Land cover",
    "soil_organic_carbon": "Soil organic carbon",
    "status3": "Status, three classes",
}
#: Measures of three classes: heading, and how they are written.
MEASURES = {
    "loss_f1": ("loss F1", "share"),
    "loss_precision": ("loss precision", "share"),
    "loss_recall": ("loss recall", "share"),
    "loss_bias": ("loss bias", "signed"),
    "gain_f1": ("gain F1", "share"),
    "gain_precision": ("gain precision", "share"),
    "gain_recall": ("gain recall", "share"),
    "gain_bias": ("gain bias", "signed"),
    "sign_errors": ("sign errors", "percent"),
    "accuracy": ("right class", "percent"),
    "judged": ("judged", "percent"),
}
OTHER = {
    "breaks": (
        "Breaks of pixels",
        {"precision": ("precision", "share"), "precision_any": ("precision, any size", "share"),
         "recall": ("recall", "share"), "year_right": ("year ±1", "percent")},
        "Pixels with a planted abrupt change of 15 % or more; for precision of any size, smaller ones count as well. "
        "Year: share of the breaks found whose year is right within one.",
    ),
    "soil_carbon_change": (
        "Soil organic carbon of a region",
        {"mapped": ("mapped", "change"), "planted": ("planted", "change"), "distance": ("mean error", "fine percent")},
        "Change of the whole stock over the window of soil carbon, percent.",
    ),
    "loss_probability": (
        "Probability of loss", {"error": ("mean error", "share"), "brier": ("Brier score", "fine")}, "",
    ),
    "gain_probability": (
        "Probability of gain", {"error": ("mean error", "share"), "brier": ("Brier score", "fine")}, "",
    ),
}  # fmt: skip
INTERVALS = {ACCORD: "degraded share", LOST: "share lost", GAINED: "share gained"}


@dataclass(frozen=True)
class PageTable:
    """A table: title, head, rows of cells, and what is to know about it."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    note: str = ""


def written(value: float | None, how: str) -> str:
    """A measure as text: a share from 0 to 1, or in percent, signed where it is a difference."""
    if value is None:
        return "–"
    if how == "percent":
        return percent(100 * value)
    if how == "fine percent":
        return percent(100 * value, 2)
    if how in ("signed", "change"):
        return ("+" if value > 0 else "") + percent(100 * value, 0 if how == "signed" else 2)
    return number(value, 3 if how == "fine" else 2)


def cell(value: Value, how: str) -> Cell:
    """A measure with its interval."""
    middle, low, high = value
    if middle is None or low is None or high is None:
        return written(middle, how), ""
    return written(middle, how), f"{written(low, how).removesuffix(' %')} to {written(high, how).removesuffix(' %')}"


def named(period: str, years: Mapping[str, str]) -> str:
    """The name of a period, with its years where they are not its name."""
    return period if period == years[period] else f"{period} ({years[period]})"


def plain(text: str) -> Cell:
    """A cell of text."""
    return text, ""


def summary_table(every: PooledScores, profiles: Sequence[str], period: str) -> PageTable:
    """SDG 15.3.1 of the whole record, a row for each method."""
    rows = [
        [plain(name), *(cell(every.value(name, period, "sdg", each), how) for each, (_, how) in MEASURES.items())]
        for name in profiles
    ]
    note = (
        "Bias: mapped against true area. Sign errors: loss mapped as gain, or the reverse, of the judged land. Right "
        "class: judged land in its true class of three."
    )
    return PageTable(f"SDG 15.3.1, {period}", ["method", *(head for head, _ in MEASURES.values())], rows, note)


def group_table(pools: Mapping[str, PooledScores], profiles: Sequence[str], period: str) -> PageTable:
    """Groups of landscapes, a row for each method and group."""
    shown = ("loss_f1", "loss_precision", "loss_recall", "loss_bias", "sign_errors")
    rows = [
        [
            plain(profile),
            plain(f"{name} ({pools[name].landscapes})"),
            *(cell(pools[name].value(profile, period, "sdg", each), MEASURES[each][1]) for each in shown),
            *(
                cell(pools[name].value(profile, period, "sdg", f"{side}_mapped"), "percent")
                for side in ("loss", "gain")
            ),
            cell(pools[name].value(profile, period, "sdg", "loss_true"), "percent"),
        ]
        for profile in profiles
        for name in GROUPS
        if pools[name].landscapes
    ]
    head = ["method", "landscapes", *(MEASURES[each][0] for each in shown), "mapped loss", "mapped gain", "true loss"]
    return PageTable(f"SDG 15.3.1, {period}, by group", head, rows, "Mapped and true: percent of the land.")


def class_tables(every: PooledScores, profiles: Sequence[str], years: Mapping[str, str]) -> list[PageTable]:
    """A table for each layer of classes: a row for each method and period."""
    tables = []
    for what, title in LAYERS.items():
        # The status has seven classes beside the three.
        seven = {"status": "right of seven"} if what == "status3" else {}
        rows = [
            [
                *measured_row(every, profile, period, what, MEASURES),
                *(cell(every.value(profile, period, layer, "accuracy"), "percent") for layer in seven),
            ]
            for profile, period in scored(every, profiles, years, what)
        ]
        head = ["method", "period", *(name for name, _ in MEASURES.values()), *seven.values()]
        if rows:
            tables.append(PageTable(title, head, rows))
    return tables


def other_tables(every: PooledScores, profiles: Sequence[str], years: Mapping[str, str]) -> list[PageTable]:
    """Breaks, soil carbon, probabilities."""
    tables = []
    for what, (title, measures, note) in OTHER.items():
        rows = [
            measured_row(every, profile, period, what, measures)
            for profile, period in scored(every, profiles, years, what)
        ]
        if rows:
            tables.append(PageTable(title, ["method", "period", *(head for head, _ in measures.values())], rows, note))
    return tables


def scored(every: PooledScores, profiles: Sequence[str], years: Mapping[str, str], what: str) -> list[tuple[str, str]]:
    """The methods and periods that have a score of a kind."""
    return [(profile, period) for profile in profiles for period in years if (profile, period, what) in every.values]


def measured_row(
    every: PooledScores, profile: str, period: str, what: str, measures: Mapping[str, tuple[str, str]]
) -> list[Cell]:
    """Method, period and each of the measures of a score."""
    cells = (cell(every.value(profile, period, what, each), how) for each, (_, how) in measures.items())
    return [plain(profile), plain(period), *cells]


def interval_table(every: PooledScores, profiles: Sequence[str], years: Mapping[str, str]) -> PageTable:
    """Intervals of shares of the land: how many hold the truth, and how wide they are."""
    rows = []
    for profile in profiles:
        for period in years:
            for what, title in INTERVALS.items():
                count, coverage, width = (
                    every.value(profile, period, what, each) for each in ("count", "coverage", "width")
                )
                if count[0]:
                    rows.append(
                        [
                            plain(profile),
                            plain(period),
                            plain(title),
                            plain(number(count[0], 0)),
                            cell(coverage, "percent"),
                            cell(width, "percent"),
                        ]
                    )
    note = (
        "Each is to hold the true share in 95 % of cases. Width in percentage points. Methods without probabilities "
        "have an interval of the degraded share; it is scored for the whole record."
    )
    return PageTable("Intervals", ["method", "period", "of", "intervals", "hold the truth", "mean width"], rows, note)


def region_tables(
    regions: Sequence[PooledScores], profiles: Sequence[str], years: Mapping[str, str]
) -> list[PageTable]:
    """F1 of loss and of gain by region: a table for each period."""
    tables = []
    for period in years:
        for side in ("loss", "gain"):
            rows = [
                [
                    plain(pool.name),
                    *(cell(pool.value(profile, period, "sdg", f"{side}_f1"), "share") for profile in profiles),
                    cell(pool.value(profiles[0], period, "sdg", f"{side}_true"), "percent"),
                ]
                for pool in regions
            ]
            title = f"F1 of {side}, SDG 15.3.1, {named(period, years)}"
            tables.append(PageTable(title, ["region", *profiles, f"true {side}"], rows))
    return tables
