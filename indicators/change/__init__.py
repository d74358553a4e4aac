"""Which land has lost or gained productivity for reasons other than weather, how probably, how much, and since when?"""

from indicators.change.common import Common
from indicators.change.courses import Courses, courses
from indicators.change.model import EVIDENCE, NEIGHBOURS, WEATHER, ChangeModel, change_model
from indicators.change.posterior import RECORD_LAYERS, WINDOW_LAYERS, YEAR_LAYERS, posterior
from indicators.change.reference import LocalReference, local_reference
from indicators.change.shares import ChangedShare, block_terms, changed_share

__all__ = [
    "EVIDENCE",
    "NEIGHBOURS",
    "RECORD_LAYERS",
    "WEATHER",
    "WINDOW_LAYERS",
    "YEAR_LAYERS",
    "ChangeModel",
    "ChangedShare",
    "Common",
    "Courses",
    "LocalReference",
    "block_terms",
    "change_model",
    "changed_share",
    "courses",
    "local_reference",
    "posterior",
]
