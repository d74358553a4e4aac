"""Texts that a spreadsheet would run as a formula, made harmless in CSV files without losing anything."""

from __future__ import annotations

import re
from typing import Any

#: Beginnings that spreadsheets take for a formula, after any number of apostrophes.
FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")


def guard(cell: Any) -> Any:
    """A cell for a CSV file: a text that would be run gets an apostrophe in front; anything else is as it was."""
    return f"'{cell}" if isinstance(cell, str) and FORMULA.match(cell) else cell


def unguard(cell: str) -> str:
    """The text that `guard` was given."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell
