"""What the indicators cannot do, and what to do about it."""

from __future__ import annotations


class IndicatorError(ValueError):
    """An input that an indicator cannot use; the message says what, the allowed values, and the mend."""
