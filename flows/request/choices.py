"""The profiles of a request, with the user's own matrix, legend and periods."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from flows.errors import FlowError
from flows.request.assess import AssessRequest
from indicators.profiles import get
from indicators.sdg15.land_cover import MATRICES
from indicators.sdg15.legends import legend, matrix
from indicators.sdg15.periods import available, own

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pandas as pd

    from indicators.profiles import Profile
    from indicators.sdg15.periods import Period


def profiles_of(request: AssessRequest) -> list[Profile]:
    """The profiles of a request, each with the request's own transition matrix if it has one.

    Raises IndicatorError naming the cell of a matrix that is wrong.
    """
    chosen = [get(name) for name in request.profiles]
    if request.matrix is None:
        return chosen
    matrix = own_matrix(request.matrix)
    return [replace(each, matrix=matrix) for each in chosen]


def own_matrix(given: str) -> str | tuple[tuple[int, ...], ...]:
    """A named matrix, or that of a CSV file. Raises FlowError if it is neither."""
    if given in MATRICES:
        return given
    if not Path(given).is_file():
        raise FlowError(f"matrix {given!r}: this is neither {', '.join(MATRICES)} nor a file; give a CSV of 7 by 7")
    return matrix(_table(Path(given), header=False), given)


def periods_of(request: AssessRequest, years: Iterable[int]) -> list[Period]:
    """The periods of a request: its own, else those of PRAIS 4 that `years` cover."""
    if request.baseline is None:
        return available(years)
    return own(request.span, request.baseline, request.reporting)


def own_legend(request: AssessRequest) -> dict[int, int] | None:
    """The user's legend, code → UNCCD class; None if the data set's own is used.

    Raises IndicatorError naming the line that cannot be used.
    """
    return None if request.legend is None else legend(_table(request.legend, header=True), str(request.legend))


def _table(path: Path, *, header: bool) -> pd.DataFrame:
    if not path.is_file():
        raise FlowError(f"{path}: no such file")
    try:
        return pd.read_csv(path, header=0 if header else None, comment="#", skipinitialspace=True)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        said = str(error).strip()
        raise FlowError(f"{path}: cannot be read as CSV ({said}); save it as UTF-8, with commas") from error
