"""The log of alarms: raised once, judged later, counted; on both databases."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from published import REGION
from sqlalchemy import Engine

from practices.errors import BadRecord
from practices.results.alarms import Logged, alarms, false_alarm_rate, log

METHOD = "bfastmonitor, order 3, h 0.25, history roc"


def said(seen: str, **changes: Any) -> pd.DataFrame:
    row = {
        "scope": "region",
        "place": "whole",
        "variable": "productivity",
        "date": "2024-06-10",
        "seen": seen,
        "magnitude": -0.05,
        "units": "1",
        "strength": -2.5,
        "images": 3,
        "rain_z": 0.2,
        "soil_moisture_z": None,
        "context": "no drought",
        "confidence": "high",
        "fate": "open",
    }
    return pd.DataFrame([{**row, **changes}])


def test_an_alarm_is_raised_once_and_keeps_what_was_said_of_it(database: Engine) -> None:
    assert log(database, REGION, "simulated", METHOD, said("2024-07-31")) == Logged(1, 0)
    assert log(database, REGION, "simulated", METHOD, said("2024-08-31", strength=-1.5, images=5)) == Logged(0, 0)
    found = alarms(database)
    assert found[["region", "fate", "strength", "images"]].values.tolist() == [["otindag", "open", -2.5, 3]]
    assert str(found["seen"][0]) == "2024-07-31"


def test_later_images_decide_and_may_decide_again(database: Engine) -> None:
    log(database, REGION, "simulated", METHOD, said("2024-07-31"))
    assert log(database, REGION, "simulated", METHOD, said("2024-09-30", fate="confirmed")) == Logged(0, 1)
    assert log(database, REGION, "simulated", METHOD, said("2024-09-30", fate="confirmed")) == Logged(0, 0)
    assert log(database, REGION, "simulated", METHOD, said("2024-11-30", fate="withdrawn")) == Logged(0, 1)
    found = alarms(database)
    assert (found["fate"][0], str(found["decided"][0])) == ("withdrawn", "2024-11-30")


def test_false_alarms_are_counted_by_what_was_said_and_origins_stay_apart(database: Engine) -> None:
    assert false_alarm_rate(database).empty
    for day, fate in (("2024-04-06", "withdrawn"), ("2024-05-08", "confirmed"), ("2024-06-25", "open")):
        log(database, REGION, "simulated", METHOD, said("2024-12-31", date=day, fate=fate))
    log(database, REGION, "earth-engine", METHOD, said("2024-12-31", fate="withdrawn", confidence="low"))
    rate = false_alarm_rate(database).set_index("origin")
    assert rate.loc["simulated", ["open", "confirmed", "withdrawn", "rate"]].tolist() == [1, 1, 1, 0.5]
    assert rate.loc["earth-engine", "rate"] == 1
    assert rate.loc["earth-engine", "confidence"] == "low"


@pytest.mark.parametrize(
    ("change", "origin", "words"),
    [
        ({}, "guess", "origin 'guess' is none of earth-engine"),
        ({"scope": "county"}, "simulated", "scope 'county' is none of region, pixels"),
        ({"fate": "maybe"}, "simulated", "fate 'maybe' is none of open, confirmed, withdrawn"),
        ({"date": "2024-09-01"}, "simulated", "the data end on 2024-07-31, before the alarm"),
        ({"strength": float("nan")}, "simulated", "has no strength"),
    ],
)
def test_what_is_no_alarm_is_refused_and_nothing_written(
    database: Engine, change: dict[str, Any], origin: str, words: str
) -> None:
    with pytest.raises(BadRecord, match=words):
        log(database, REGION, origin, METHOD, said("2024-07-31", **change))
    assert alarms(database).empty
