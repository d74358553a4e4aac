"""Which sensor is watched, how old is its newest image, and what does silence then mean?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flows.pull.ages import DatasetAge, asked_age
from series.datasets import DATASETS

if TYPE_CHECKING:
    from flows.pull.sources import OpenSource
    from flows.request.monitor import MonitorRequest

VEGETATION, ENDED = "productivity", "productivity until then"


def living(request: MonitorRequest, source: OpenSource) -> OpenSource:
    """The source with the age of what is watched; in place of a sensor that has ended, the one that replaces it.

    The months of a request that lie in the record of the older sensor are watched with it. Raises the errors of
    `series`.
    """
    dataset = source.datasets[VEGETATION]
    if source.today is None or not source.has(dataset.asset):
        return source
    age = asked_age(dataset, source.today)
    after = DATASETS.get(dataset.successor)
    inside = request.until is not None and request.until <= age.last
    if age.state != "ended" or inside or after is None or not source.has(after.asset):
        return replace(source, ages={VEGETATION: age})
    datasets = {**source.datasets, VEGETATION: after}
    return replace(source, datasets=datasets, ages={VEGETATION: asked_age(after, source.today), ENDED: age})


def silence(age: DatasetAge | None) -> str:
    """What it means that there is no alarm: nothing, where no new image has come.

    >>> from datetime import date
    >>> from series.datasets import DATASETS
    >>> modis = DATASETS["mod13q1-ndvi"]
    >>> from flows.pull.ages import age_of
    >>> silence(age_of(modis, date(2026, 9, 30), date(2026, 10, 28)))
    'No alarm in images up to 2026-09-30 (12 days old).'
    >>> silence(age_of(modis, date(2026, 10, 16), date(2027, 3, 15)))
    'No image since 2026-10-16 (134 days old): whether the land is calm is not known.'
    """
    if age is None:
        return "No alarm."
    if age.state == "current":
        return f"No alarm in images up to {age.last} ({age.days} days old)."
    return f"No image since {age.last} ({age.days} days old): whether the land is calm is not known."
