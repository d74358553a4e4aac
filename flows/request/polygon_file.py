"""Open a user's file of polygons with attributes, in degrees."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pyogrio.errors import DataSourceError

from flows.errors import FlowError

if TYPE_CHECKING:
    from geopandas import GeoDataFrame


def read_polygons(file: Path, what: str, empty: str) -> GeoDataFrame:
    """The rows of a GeoJSON or GeoPackage file in WGS84; a file without a reference system is taken to be in it.

    Raises FlowError that begins with `what` and the file; `empty` says what to do where there is no row.
    """
    import geopandas as gpd

    if not file.is_file():
        raise FlowError(f"{what} {file}: no such file")
    try:
        table = gpd.read_file(file)
    except DataSourceError as error:
        raise FlowError(f"{what} {file}: cannot be read ({error}); give a GeoJSON or GeoPackage file") from error
    if table.empty:
        raise FlowError(f"{what} {file}: {empty}")
    return table.to_crs("EPSG:4326") if table.crs is not None else table
