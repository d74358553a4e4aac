"""The GeoPackage: regions with their indicators, sites of practices as points and outlines, evidence, all tables.

QGIS finds the styles of its layers in the table `layer_styles`. Simulated results have rows of their own, say so
in the column `origin`, and in the descriptions of their layers.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyogrio

from practices.exports import notes, schema
from practices.exports.styles import style_of
from practices.report.wording import SIMULATED

if TYPE_CHECKING:
    from practices.exports.content import Geometry

WGS84 = "EPSG:4326"
#: Columns of a region for each period and method. The headline's come first: which number it is, what leads.
SHOWN = (
    "headline_is", "leads", "degraded_percent", "stable_percent", "improved_percent", "undetermined_percent",
    "degraded_km2", "land_km2", "true_low_percent", "true_high_percent", "alone_percent", "alone_km2", "corrected_km2",
    "corrected_low_km2", "corrected_high_km2", "corrected_percent", "state_alone_percent", "statement", "warning",
)  # fmt: skip
#: Kept even if it is empty in every region: the style colours by it.
RANKED = "ranked_percent"
TREND = ("trend_percent_decade", "break_years")
#: Layers, and what a row of each is.
LAYERS = {
    "regions": "one region with data of one origin; columns by period and method",
    "sites": "a site of a practice, as a point",
    "site_outlines": "a site of a practice whose outline is known",
    "evidence": "what satellites say of a practice at a site, at the point of the site",
    "patches": "a patch of degraded land, at its middle, with what its loss is associated with",
}
#: Layers of polygons; others have points.
POLYGONS = ("regions", "site_outlines")
STYLES_TABLE = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
    f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
    update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now'))
)
"""


def write_geopackage(path: Path, tables: dict[str, pd.DataFrame], geometry: Geometry) -> None:
    """Write layers, tables and styles as one GeoPackage."""
    layers = _layers(tables, geometry)
    path.unlink(missing_ok=True)
    for name, layer in layers.items():
        _write(path, name, layer)
    for table in schema.TABLES:
        if table.name not in layers:
            _write(path, table.name, tables[table.name])
    _write(path, "data_dictionary", _dictionary(layers))
    said = [("Warning", SIMULATED)] if notes.simulated(tables) else []
    _write(path, "read_me", pd.DataFrame([*said, *notes.notes(tables)], columns=["heading", "text"]))
    _describe(path, layers, marked=notes.simulated(tables))


def column_of(name: str, period: str, method: str) -> str:
    """The name of a region's column for a period and method: letters, digits and underscores."""
    return re.sub(r"[^a-z0-9]+", "_", f"{name} {period} {method}".lower()).strip("_")


def _layers(tables: dict[str, pd.DataFrame], geometry: Geometry) -> dict[str, Any]:
    import geopandas as gpd

    regions = _regions(tables["summary"])
    outlines = regions["region"].map(geometry.regions)
    sites = tables["sites"].merge(
        tables["practices"][
            ["practice", "title", "country", "scope", "start", "evidence_type", "confidence", "caveats"]
        ],
        on="practice",
    )
    keys = list(zip(sites["practice"], sites["site"], strict=True))
    polygons = pd.Series([geometry.sites.get(key) for key in keys], index=sites.index, dtype=object)
    known = polygons.notna()
    places = tables["sites"][["practice", "site", "lat", "lon"]]
    evidence = tables["evidence"].merge(places, on=["practice", "site"], how="left")
    return {
        "regions": gpd.GeoDataFrame(regions, geometry=outlines.to_numpy(), crs=WGS84),
        "sites": gpd.GeoDataFrame(sites, geometry=gpd.points_from_xy(sites["lon"], sites["lat"]), crs=WGS84),
        "site_outlines": gpd.GeoDataFrame(sites[known], geometry=polygons[known].to_numpy(), crs=WGS84),
        "evidence": gpd.GeoDataFrame(
            evidence.drop(columns=["lat", "lon"]),
            geometry=gpd.points_from_xy(evidence["lon"], evidence["lat"]),
            crs=WGS84,
        ),
        "patches": gpd.GeoDataFrame(
            tables["patches"],
            geometry=gpd.points_from_xy(tables["patches"]["lon"], tables["patches"]["lat"]),
            crs=WGS84,
        ),
    }


def _regions(summary: pd.DataFrame) -> pd.DataFrame:
    """A row for each region and origin; a column for each number, period and method; the first period first."""
    key = ["region", "name", "countries", "origin", "total_km2"]
    order = summary.sort_values(["year_first", "year_last", "method"])
    wide = (
        order[key[:-1]]
        .drop_duplicates()
        .merge(order.groupby(["region", "origin"], as_index=False)["total_km2"].first())
    )
    for (_, _, period, method), own in order.groupby(["year_first", "year_last", "period", "method"]):
        shown = own.set_index(["region", "origin"])[[*SHOWN, RANKED, *TREND]]
        named = shown.rename(columns=lambda name, p=period, m=method: column_of(name, p, m))  # type: ignore[misc]
        wide = wide.merge(named, how="left", left_on=["region", "origin"], right_index=True)
    # Columns that are empty in every region are dropped.
    empty = [name for name in wide if wide[name].isna().all() and not str(name).startswith(f"{RANKED}_")]
    return wide.drop(columns=empty).sort_values(["region", "origin"], ignore_index=True)


def _write(path: Path, name: str, table: pd.DataFrame) -> None:
    plain = table.copy()
    for column in plain.columns:
        values = plain[column]
        if column == "geometry":
            continue
        if isinstance(values.dtype, pd.BooleanDtype):
            plain[column] = values.astype(bool)  # no table has a gap in one
        elif isinstance(values.dtype, pd.Int64Dtype) and not values.isna().any():
            plain[column] = values.astype("int64")
        elif values.dtype == object and len(values) and hasattr(values.iloc[0], "isoformat"):
            plain[column] = pd.to_datetime(values).astype("datetime64[ms]")
    geometry = None
    if "geometry" in table:
        geometry = "MultiPolygon" if name in POLYGONS else "Point"
    options = {"geometry_type": geometry, "promote_to_multi": geometry == "MultiPolygon"} if geometry else {}
    pyogrio.write_dataframe(plain, path, layer=name, driver="GPKG", **options)


def _dictionary(layers: dict[str, Any]) -> pd.DataFrame:
    """The data dictionary, with the columns of the regions' layer added."""
    meanings = {column.name: column for column in schema.SUMMARY.columns}
    rows = []
    for name in layers["regions"].columns:
        source = next((m for key, m in meanings.items() if name == key or name.startswith(f"{key}_")), None)
        if source is not None:
            rows.append(
                {
                    "table": "regions",
                    "column": name,
                    "type": source.kind,
                    "units": source.units,
                    "meaning": source.meaning
                    + (", of the period and method in the name" if name != source.name else ""),
                }
            )
    return pd.concat([schema.dictionary(), pd.DataFrame(rows)], ignore_index=True)


def _describe(path: Path, layers: dict[str, Any], *, marked: bool) -> None:
    """Titles and descriptions of the layers, and their styles."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(STYLES_TABLE)
        connection.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('layer_styles', 'attributes', ?)",
            ("layer_styles",),
        )
        for table in schema.TABLES:
            _title(connection, table.name, f"{table.title}: one row is {table.row}", marked=marked)
        for name, row in LAYERS.items():
            _title(connection, name, f"One row is {row}", marked=marked)
            style = style_of(name, layers[name])
            connection.execute(
                "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
                " styleQML, styleSLD, useAsDefault, description, owner) VALUES ('', '', ?, 'geom', ?, ?, '', 1, ?, '')",
                (name, style.name, style.qml, style.description),
            )


def _title(connection: sqlite3.Connection, table: str, text: str, *, marked: bool) -> None:
    warned = (
        f"{SIMULATED}. {text}" if marked and table not in ("practices", "sites", "site_outlines", "history") else text
    )
    connection.execute("UPDATE gpkg_contents SET description = ? WHERE table_name = ?", (warned, table))
