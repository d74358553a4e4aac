"""Could a map be the result of chance alone? Years in random order, and false discoveries."""

from indicators.chance.detectability import detectable
from indicators.chance.false_discovery import Counted, counted, largest_discovery, together
from indicators.chance.holm import holm, p_words
from indicators.chance.permuted import degraded_by_order
from indicators.chance.resampling import discovered, orders, residuals
from indicators.chance.significance import field

__all__ = [
    "Counted",
    "counted",
    "degraded_by_order",
    "detectable",
    "discovered",
    "field",
    "holm",
    "largest_discovery",
    "orders",
    "p_words",
    "residuals",
    "together",
]
