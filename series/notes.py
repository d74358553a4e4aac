"""What a reader must know of data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Notes:
    """What every output of a series states: who made the data, its licence, how sure it is, and its trap, a sentence.

    `source` has the citation; `uncertainty` says what is known of errors.
    """

    source: str
    licence: str
    uncertainty: str
    trap: str
