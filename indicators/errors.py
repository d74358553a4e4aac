"""Which input can an indicator not use, and how to correct it?"""

from __future__ import annotations


class IndicatorError(ValueError):
    """An input that an indicator cannot use; the message states what, the allowed values, and the correction."""
