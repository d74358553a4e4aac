"""Default values of commands and requests."""

from pathlib import Path

#: Folder for cubes, results and database.
DEFAULT_DATA = Path("drylands-data")
