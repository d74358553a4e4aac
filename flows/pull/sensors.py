"""Which sensor is the record of productivity from, and which one continues it when that one has ended?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flows.errors import FlowError
from flows.request.schema import LATEST
from series.datasets import DATASETS

if TYPE_CHECKING:
    from flows.pull.ages import DatasetAge
    from flows.pull.sources import OpenSource
    from flows.request.assess import AssessRequest
    from series.datasets import Dataset

#: The data set of productivity that a sensor names; `auto` and `joined` begin with the default one, which is MODIS.
SENSOR_DATASETS = {
    "modis": "mod13q1-ndvi",
    "viirs": "vnp13a1-ndvi",
    "landsat": "landsat-32day-ndvi",
    "hls": "hls-ndvi",
}


#: Variables that the last year waits for: their years must be those of vegetation. Others are read to their own ends.
LEADING = ("productivity", "precipitation")


def sensor_dataset(sensor: str) -> dict[str, Dataset]:
    """The data set of productivity that a sensor names; nothing for `auto` and `joined`."""
    key = SENSOR_DATASETS.get(sensor)
    return {} if key is None else {"productivity": DATASETS[key]}


def sensed(request: AssessRequest, source: OpenSource) -> OpenSource:
    """The source with the productivity of the sensor that the request names."""
    chosen = sensor_dataset(request.sensor)
    return replace(source, datasets={**source.datasets, **chosen}) if chosen else source


def continuation(request: AssessRequest, source: OpenSource, kept: DatasetAge | None) -> Dataset | None:
    """The data set whose sensor continues the record of productivity; None where the record needs none.

    By `auto` that is the successor of a data set that has ended (`kept`, its age, where it is known), or of one that
    lacks the last year of the request. By `joined` it is always the successor. Raises FlowError where there is none.
    """
    productivity = source.datasets["productivity"]
    after = DATASETS.get(productivity.successor)
    last = request.years[1]
    if request.sensor == "joined" and (after is None or not source.has(after.asset)):
        reason = (
            f"no data set replaces {productivity.key}"
            if after is None
            else f"{after.asset}: {source.absence(after.asset)}"
        )
        raise FlowError(f"--sensor joined: {reason}; leave --sensor out")
    if after is None or request.sensor not in ("auto", "joined"):
        return None
    over = kept is not None and kept.state == "ended"
    lacking = over if last == LATEST else last > productivity.last_year
    return after if request.sensor == "joined" or (lacking and source.has(after.asset)) else None
