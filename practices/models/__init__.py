"""Which tables does the database have? A run is published whole or not at all; nothing published is changed afterwards.

Times are UTC without a zone. Areas are in km². `origin` is part of what identifies a result, and a foreign key binds
it to that of the run, so that a simulated result is never listed as a real one.
"""

from __future__ import annotations

from practices.models.alarms import FATES, SCOPES, Alarm, AlarmFate
from practices.models.base import Base
from practices.models.evidence import Evidence
from practices.models.people import Person, SignIn
from practices.models.runs import (
    ORIGINS,
    STATES,
    Area,
    Assessment,
    BreakPoint,
    Observation,
    Outline,
    Run,
    StoredRegion,
    Transition,
)
from practices.models.sites import Practice, PracticeRevision, PracticeSite
from practices.models.statistics import DegradedPatch, Recode, ReportValue, Statistic

__all__ = [
    "FATES",
    "ORIGINS",
    "SCOPES",
    "STATES",
    "Alarm",
    "AlarmFate",
    "Area",
    "Assessment",
    "Base",
    "BreakPoint",
    "DegradedPatch",
    "Evidence",
    "Observation",
    "Outline",
    "Person",
    "Practice",
    "PracticeRevision",
    "PracticeSite",
    "Recode",
    "ReportValue",
    "Run",
    "SignIn",
    "Statistic",
    "StoredRegion",
    "Transition",
]
