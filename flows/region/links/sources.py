"""What is recorded of the outlines that a result uses: asset, source, licence, uncertainty and trap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

from series.areas import AREAS

if TYPE_CHECKING:
    from pathlib import Path


def area_sources(areas: Mapping[str, Path]) -> dict[str, dict[str, str]]:
    """The sources of the outlines that a result uses, by name, as other data sets of a run are recorded."""
    return {
        each.name.replace(" ", "_"): {
            "key": each.key, "asset": each.asset, "period": each.period, **asdict(each.notes),
        }
        for each in AREAS
        if each.key in areas
    }  # fmt: skip
