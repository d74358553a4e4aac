"""Tables as files: CSV as Earth Engine writes it, and GeoJSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

from offline.errors import EngineError
from offline.model.collection import Collection
from offline.model.geometry import Feature, geojson
from offline.protocol.encode import to_json

#: Makes the pieces of a file's text of features and the selected columns.
Writer = Callable[[list[Feature], list[str] | None], Iterator[str]]
#: The value in the column of geometries of a feature without one.
NO_GEOMETRY = {"type": "MultiPoint", "coordinates": []}


def table_format(name: str) -> tuple[str, Writer]:
    """Suffix and writer of a table format. Raises EngineError for one that is not offered."""
    as_json = (".geojson", geojson_parts)
    # The client sends GEO_JSON for "GeoJSON" and JSON, which its reference names for downloads, as it is.
    writers: dict[str, tuple[str, Writer]] = {"CSV": (".csv", csv_rows), "GEO_JSON": as_json, "JSON": as_json}
    if name not in writers:
        raise EngineError(f"Table format {name} is not supported by the offline engine; use CSV or GeoJSON.")
    return writers[name]


def features_of(table: Collection) -> list[Feature]:
    """The features of a collection. Raises EngineError if it holds something else."""
    for each in table.elements():
        if not isinstance(each, Feature):
            raise EngineError(f"A table holds features, not {type(each).__name__}.")
    return table.elements()


def csv_rows(features: list[Feature], selectors: list[str] | None) -> Iterator[str]:
    """One row a feature: system:index, properties by name, .geo, or what is selected; lists as JSON."""
    names = sorted({name for each in features for name in each.properties if name != "system:index"})
    columns = selectors or ["system:index", *names, ".geo"]
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")
    for row in (columns, *([cell(each, name) for name in columns] for each in features)):
        writer.writerow(row)
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def cell(feature: Feature, name: str) -> Any:
    """A value of a row: nothing where there is none."""
    if name == "system:index":
        return feature.id if feature.id is not None else feature.properties.get(name, "")
    if name == ".geo":
        shown = NO_GEOMETRY if feature.geometry is None else geojson(feature.geometry)
        return json.dumps(shown, separators=(",", ":"))
    value = to_json(feature.properties.get(name))
    if value is None:
        return ""
    return json.dumps(value) if isinstance(value, (bool, list, dict)) else value


def geojson_parts(features: list[Feature], selectors: list[str] | None) -> Iterator[str]:
    """A feature collection, with the properties that are selected; geometries always."""
    yield '{"type": "FeatureCollection", "features": ['
    for number, each in enumerate(features):
        body = to_json(each)
        if selectors:
            body["properties"] = {name: body["properties"].get(name) for name in selectors if name != ".geo"}
        yield (",\n" if number else "\n") + json.dumps(body)
    yield "\n]}\n"
