"""How old is each data set of a source? Which have stopped, which are late, and what replaces them?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from series.datasets import DATASETS
from series.sequences import last_day

if TYPE_CHECKING:
    from series.datasets import Dataset

State = Literal["current", "late", "ended"]
#: Days from the end of an image's period to its publication, where the catalogue does not say it.
USUAL_DELAY = 60
#: Days after the usual day of the next image from which a data set is late, and from which it has ended.
LATE, ENDED = 30, 365


@dataclass(frozen=True)
class DatasetAge:
    """The last image of a data set: its first day, the days from the end of its period to today, and what that means.

    `overdue`: days since the next image was to be expected, 0 where it is not.
    """

    dataset: Dataset
    last: date
    days: int
    overdue: int
    state: State

    @property
    def last_year(self) -> int:
        """The last calendar year that its images cover to the end."""
        return self.dataset.period_end(self.last).year - 1

    @property
    def sentence(self) -> str:
        """Its last image and age, and what replaces it if it has ended.

        >>> from series.datasets import DATASETS
        >>> age_of(DATASETS["mod13q1-ndvi"], date(2026, 10, 16), date(2027, 3, 15)).sentence
        'MODIS/061/MOD13Q1 has ended: its last image begins on 2026-10-16 (134 days old). VIIRS S-NPP \
(NASA/VIIRS/002/VNP13A1, vnp13a1-ndvi) replaces it'
        """
        image = f"its last image begins on {self.last} ({self.days} days old)"
        if self.state == "current":
            return f"{self.dataset.asset}: {image}"
        if self.state == "late":
            return f"{self.dataset.asset} is late by {self.overdue} days: {image}"
        return f"{self.dataset.asset} has ended: {image}. {replaced(self.dataset)}"


def replaced(dataset: Dataset) -> str:
    """What replaces a data set, as a sentence without a stop."""
    if not dataset.successor:
        return "The catalogue has no data set that replaces it"
    after = DATASETS[dataset.successor]
    return f"{after.sensor or after.key} ({after.asset}, {after.key}) replaces it"


def age_of(dataset: Dataset, last: date, today: date) -> DatasetAge:
    """The age of a data set whose last image begins on a day.

    It is late 30 days after the usual day of the next image, and has ended a year after it. Where the catalogue knows
    its end, and that image is there, it has ended after 30 days; if later images come, the catalogue was wrong, and it
    goes on.
    """
    end = dataset.period_end(last)
    delay = USUAL_DELAY if dataset.delay_days is None else dataset.delay_days
    overdue = max((today - end - (end - last) - timedelta(days=delay)).days, 0)
    known_end = dataset.ended is not None and last >= dataset.ended
    state: State = "current" if overdue <= LATE else "ended" if known_end or overdue > ENDED else "late"
    return DatasetAge(dataset, last, max((today - end).days, 0), overdue, state)


def end_by_catalogue(dataset: Dataset) -> int | None:
    """The last complete year of a data set whose end the catalogue knows; None where it goes on.

    >>> from series.datasets import DATASETS
    >>> end_by_catalogue(DATASETS["mod13q1-ndvi"]), end_by_catalogue(DATASETS["vnp13a1-ndvi"])
    (2025, None)
    """
    return None if dataset.ended is None else dataset.period_end(dataset.ended).year - 1


def asked_age(dataset: Dataset, today: date) -> DatasetAge:
    """The age of a data set of the connected source; one request. Raises the errors of `series`."""
    return age_of(dataset, last_day(dataset), today)


def stale_lines(ages: Mapping[str, DatasetAge]) -> list[str]:
    """A line for each variable whose data set is late or has ended."""
    return [
        f"{variable.replace('_', ' ')}: {age.sentence}." for variable, age in ages.items() if age.state != "current"
    ]
