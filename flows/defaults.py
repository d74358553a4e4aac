"""Default values of commands and requests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from offline.landscape.world import WorldName

#: Folder for cubes, results and database.
DEFAULT_DATA = Path("drylands-data")
#: World and seed of the simulated landscape.
DEFAULT_WORLD: WorldName = "real"
DEFAULT_SEED = 0
