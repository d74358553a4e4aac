"""The data folder of a user: own regions, and the good-practice database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from practices.database.open import open_database
from practices.record.catalogue import seed
from regions.catalogue import load

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from regions.model import Region


def own_regions(data: Path) -> Path:
    """The folder of the regions that a user has added."""
    return data / "regions"


def known_regions(data: Path) -> dict[str, Region]:
    """The regions of the catalogue and those that a user has added, by id."""
    own = own_regions(data)
    return load(extra=own if own.is_dir() else None)


def database(data: Path, url: str | None) -> Engine:
    """The good-practice database, made and brought up to date where needed, the documented practices in it."""
    if url is None:
        data.mkdir(parents=True, exist_ok=True)
    engine = open_database(url or data / "practices.sqlite")
    seed(engine)
    return engine
