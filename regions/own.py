"""A user's own polygons as regions: GeoJSON, GeoPackage, shapefile, KML and KMZ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from pydantic import ValidationError

from regions.catalogue import load
from regions.errors import BadRegionFile, TakenId
from regions.files import read_table
from regions.model import Region, write_region
from regions.naming import LONGEST, NAME_FIELD, clean, distinct, has_han, slug
from regions.outlines import WITHOUT_AREA, repairs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pandas import DataFrame

#: How to get an id that is free, for messages.
CHOICES = "rename it in the file, choose an attribute with --id-field, or put a word before every id with --prefix"


@dataclass(frozen=True)
class OwnRegions:
    """The regions of a file, and notes on what was chosen, repaired or left out, each with its feature."""

    regions: list[Region]
    notes: list[str] = field(default_factory=list)


def read(
    path: Path,
    *,
    layer: str | None = None,
    encoding: str | None = None,
    id_field: str | None = None,
    name_field: str | None = None,
    prefix: str = "",
    growing_season: tuple[int, int] = (5, 9),
) -> OwnRegions:
    """The polygons of a file as regions, one a feature; features without an area are left out and noted.

    Names come from `name_field`, else from the attribute of names whose values differ most; ids from `id_field`, else
    from the names, after `prefix`. Raises BadRegionFile naming the file, the feature and the fix.
    """
    table, notes = read_table(path, layer=layer, encoding=encoding)
    attributes = table.drop(columns=table.geometry.name)
    for chosen in (id_field, name_field):
        if chosen is not None and chosen not in attributes.columns:
            raise BadRegionFile(
                f"{path}: has no attribute {chosen!r}; it has {', '.join(attributes.columns) or 'none'}"
            )
    names = name_field or name_column(attributes)
    if name_field is None and len(name_columns(attributes)) > 1:
        notes.append(f"{path.name}: names from attribute {names!r}; choose another with --name-field")
    regions: list[Region] = []
    for number, (row, shape) in enumerate(zip(attributes.to_dict("records"), table.geometry, strict=True), start=1):
        name = _text(row, names) or f"{path.stem} {number}"
        who = f"feature {number} ({name})"
        without = _without_area(shape)
        if without is not None:
            notes.append(f"{who}: {without}; left out")
            continue
        region = _region(path, who, shape, {"name": name, "growing_season": growing_season})
        wanted = _id(path, who, (_text(row, id_field), name), prefix)
        taken = {each.id for each in regions}
        if wanted in taken and id_field:
            raise BadRegionFile(f"{path}: {who}: id {wanted!r} occurs twice; choose another --id-field")
        notes += [f"{who}: {each}" for each in repairs(shape)]
        notes += [f"{who}: id {distinct(wanted, taken)}, because {wanted} exists already"] if wanted in taken else []
        regions.append(region.model_copy(update={"id": distinct(wanted, taken)}))
    mandarin = next((each for each in regions if id_field is None and has_han(each.name)), None)
    if mandarin is not None:
        notes.append(
            f"ids read Chinese characters as Mandarin ({mandarin.name}: {mandarin.id}); for Japanese or Korean names "
            f"choose an attribute with ids in Latin letters with --id-field"
        )
    if not regions:
        raise BadRegionFile(f"{path}: there is no polygon in it. {'. '.join(notes[:4])}. Add at least one polygon")
    return OwnRegions(regions, notes)


def name_columns(attributes: DataFrame) -> list[str]:
    """The attributes that hold names, by their own names."""
    return [str(each) for each in attributes.columns if NAME_FIELD.search(str(each))]


def name_column(attributes: DataFrame) -> str | None:
    """The attribute that names features: of those that hold names, the first whose values differ most."""
    return max(name_columns(attributes), key=lambda each: attributes[each].dropna().astype(str).nunique(), default=None)


def _without_area(shape: Any) -> str | None:
    """Why a feature is not an area; None if it may be one."""
    if shape is None:
        return "it has no geometry that can be read"
    if shape.is_empty:
        return "its geometry is empty"
    return f"it is a {shape.geom_type}, not a polygon" if shape.geom_type in WITHOUT_AREA else None


def _id(path: Path, who: str, texts: tuple[str, str], prefix: str) -> str:
    """The id that a feature wants: from its id or its name, else from its number in the file."""
    found = next((slug(text) for text in texts if slug(text)), "") or slug(f"{path.stem} {who.split()[1]}")
    wanted = "-".join(filter(None, (slug(prefix), found)))[:LONGEST].strip("-")
    return wanted or f"region-{who.split()[1]}"


def _region(path: Path, who: str, shape: Any, values: dict[str, Any]) -> Region:
    try:
        return Region(id="own", geometry=shape, source=path.name, **values)
    except ValidationError as error:
        reason = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise BadRegionFile(f"{path}: {who}: {reason}") from error


def _text(row: dict[Any, Any], attribute: str | None) -> str:
    """An attribute as one line of text; empty if it is missing, a whole number without decimals."""
    value = None if attribute is None else row[attribute]
    if value is None or pd.isna(value):
        return ""
    return clean(str(int(value)) if isinstance(value, float) and value.is_integer() else str(value))


def add(path: Path, store: Path, *, replace: bool = False, **options: Any) -> OwnRegions:
    """Read the polygons of `path` (options as for `read`) and keep each as a file in the folder `store`.

    A region that exists already and is the same changes nothing. Before anything is written: raises BadRegionFile, and
    TakenId if another region has an id already and `replace` is not set.
    """
    found = read(path, **options)
    known = load(extra=store if store.is_dir() else None)
    taken = clashes(found.regions, known)
    if taken and not replace:
        raise TakenId(f"{path}: {taken[0]}. To replace it add --replace; else {CHOICES}")
    notes = [*found.notes, *(f"replaced: {each}" for each in taken)]
    for region in found.regions:
        write_region(region, store / f"{region.id}.geojson")
    return OwnRegions(found.regions, notes)


def clashes(regions: Iterable[Region], known: Mapping[str, Region]) -> list[str]:
    """In words, the ids that other regions have already; the same name and outline do not clash."""
    said = []
    for region in regions:
        other = known.get(region.id)
        if other is None or (other.name == region.name and other.geometry.equals(region.geometry)):
            continue
        kind = "an own region" if other.kind == region.kind else "a region of the catalogue"
        same = "with another outline" if other.name == region.name else f"called {other.name!r}"
        said.append(f"the id {region.id!r} of {region.name!r} is that of {kind} {same}")
    return said
