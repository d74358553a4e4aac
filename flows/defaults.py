"""What commands and requests take where nothing is given."""

from pathlib import Path

#: Folder for cubes, results and database.
DEFAULT_DATA = Path("drylands-data")
