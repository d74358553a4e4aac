"""Options of uncertainty and correction: orders of years, areas that experts recode, reference sites."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from flows.errors import FlowError
from flows.request.habitat_file import Habitat, read_habitats
from flows.request.recoding_file import RecodedArea, read_recoding
from indicators.certainty.uncertainty import JUDGED

if TYPE_CHECKING:
    from flows.request.assess import AssessRequest


@dataclass(frozen=True)
class RunOptions:
    """Options of uncertainty and correction: orders of years for field significance, recoded areas, reference sites.

    `accuracy`: numbers of reference sites, map classes in rows, reference classes in columns. `pixel_breaks`: whether
    breaks are dated in every pixel and its change is divided by driver; `patches`: whether it is asked what the loss of
    each degraded patch goes with. `habitats`: ranges of species.
    """

    permutations: int = 999
    areas: tuple[RecodedArea, ...] = ()
    accuracy: pd.DataFrame | None = None
    pixel_breaks: bool = True
    patches: bool = True
    habitats: tuple[Habitat, ...] = ()

    @property
    def identity(self) -> dict[str, Any]:
        """The part of these options that the digest of a result is computed from."""
        sites = None if self.accuracy is None else self.accuracy.to_csv()
        recoded = [each.digest for each in self.areas]
        return {
            "permutations": self.permutations, "recoded": recoded, "sites": sites, "pixel_breaks": self.pixel_breaks,
            "patches": self.patches,
            "habitats": [each.digest for each in self.habitats],
        }  # fmt: skip


def options_of(request: AssessRequest) -> RunOptions:
    """The options of a request. Raises FlowError or IndicatorError for a file that cannot be used."""
    areas = () if request.recode is None else read_recoding(request.recode)
    sites = None if request.accuracy is None else read_accuracy(request.accuracy)
    habitats = () if request.habitats is None else read_habitats(request.habitats)
    return RunOptions(
        request.permutations, areas, sites, request.pixel_breaks, request.patches, habitats
    )  # fmt: skip


def read_accuracy(file: Path) -> pd.DataFrame:
    """A confusion matrix: CSV with the map class first in each row.

    Raises FlowError if it cannot be read, a cell is not a count, or rows and columns differ in their classes.
    """
    if not file.is_file():
        raise FlowError(f"accuracy {file}: no such file")
    try:
        table = pd.read_csv(file, index_col=0, comment="#", skipinitialspace=True)
    except (OSError, ValueError) as error:
        raise FlowError(f"accuracy {file}: cannot be read as a table ({error})") from error
    table.index, table.columns = ([str(name).strip() for name in axis] for axis in (table.index, table.columns))
    wrong = [name for name in table.columns if not pd.api.types.is_numeric_dtype(table[name])]
    if wrong:
        raise FlowError(f"accuracy {file}: column {wrong[0]!r} has no numbers; give counts of reference sites")
    for row, *counts in table.itertuples(name=None):
        for column, count in zip(table.columns, counts, strict=True):
            if not 0 <= count < math.inf:
                cell = f"{row} (map), {column} (reference)"
                raise FlowError(f"accuracy {file}: {cell} is {count:g}; give a count of sites from 0 up")
    if list(table.index) != list(table.columns):
        raise FlowError(
            f"accuracy {file}: rows {', '.join(table.index)} (map) and columns {', '.join(table.columns)} (reference) "
            f"differ; name the same classes in the same order"
        )
    _classes_of_map(file, table)
    return table


def _classes_of_map(file: Path, table: pd.DataFrame) -> None:
    """Refuse classes that no map shows, and a class with too few sites for a variance. Raises FlowError."""
    allowed = tuple(JUDGED.values())
    unknown = [name for name in table.index if name not in allowed]
    if unknown or table.empty:
        raise FlowError(
            f"accuracy {file}: {f'class {unknown[0]!r} is none' if unknown else 'no class'} of the map; name rows "
            f"and columns {', '.join(allowed)}"
        )
    for name, sites in table.sum(axis=1).items():
        if sites < 2:
            raise FlowError(
                f"accuracy {file}: map class {name!r} has {sites:g} reference sites; give at least 2, or leave the "
                f"class out where the map has none of it"
            )
