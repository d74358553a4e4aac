"""The description of a folder of files: `catalog.json`, read strictly.

Unknown keys are refused (a misspelt key would otherwise be a silent loss), except the top-level
"datasets", which belongs to the reader of data sets, not to the engine. Paths are absolute or relative
to the folder of the catalogue; a missing file is an error when the catalogue is read, not when a map is
first drawn.
"""

import json
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from offline.model.assets import Policy

NAME = "catalog.json"


class CatalogError(ValueError):
    """A catalogue, or a file that it names, cannot be used; the message names file, key and fix."""

    def __init__(self, path: Path, key: str, problem: str, fix: str) -> None:
        self.path, self.key = path, key
        where = f"{path}: {key}: " if key else f"{path}: "
        super().__init__(f"{where}{problem}. {fix}")


class _StrictEntry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BandSpec(_StrictEntry):
    """One band of a file, or every band of a stack. Values outside `valid_range`, and `nodata`, are masked."""

    name: str
    index: int = Field(default=1, ge=1)
    """band of a GeoTIFF, from 1 (stacks: set by the order of dates)"""
    nodata: tuple[float, ...] = ()
    """besides the no-data value that the file itself declares"""
    valid_range: tuple[float, float] | None = None
    dtype: str | None = None
    """numpy type of the output; default: that of the file"""
    categorical: bool = False
    """classes: short for `pyramiding` MODE"""
    pyramiding: Policy | None = None
    """how coarser pixels are made (MEAN unless it is categorical); MODE and SAMPLE are never interpolated"""
    scale: float = 1.0
    offset: float = 0.0
    """physical = scale x stored + offset; recorded, not applied, as Earth Engine returns stored values"""

    @model_validator(mode="after")
    def _no_mean_of_classes(self) -> "BandSpec":
        if self.categorical and self.pyramiding == "MEAN":
            raise ValueError("classes have no mean; give pyramiding MODE or SAMPLE, or leave categorical out")
        return self

    @property
    def policy(self) -> Policy:
        """How coarser pixels are made."""
        return self.pyramiding or ("MODE" if self.categorical else "MEAN")


class FileSpec(_StrictEntry):
    """One file and the bands taken from it."""

    path: str
    bands: tuple[BandSpec, ...] = Field(min_length=1)
    variable: str | None = None
    """variable of a NetCDF or Zarr file"""
    crs: str | None = None
    """replaces a missing or wrong coordinate reference system"""


class ImageSpec(_StrictEntry):
    """One image of a collection."""

    index: str
    start: date
    end: date | None = None
    files: tuple[FileSpec, ...] = Field(min_length=1)
    properties: dict[str, Any] = {}


class StackSpec(_StrictEntry):
    """One file with an image per band (or per step of its time axis), or one file per date."""

    path: str | None = None
    paths: tuple[str, ...] = ()
    variable: str | None = None
    crs: str | None = None
    band: BandSpec
    dates: tuple[date, ...] = ()
    dates_from: Literal["descriptions", "time"] | None = None
    cadence_days: int | None = Field(default=None, ge=1)
    """length of a step; default: up to the next date, and as long as the step before for the last"""

    @model_validator(mode="after")
    def _one_way(self) -> "StackSpec":
        if (self.path is None) == (not self.paths):
            raise ValueError("give either path (one file) or paths (one file per date)")
        if self.paths and not self.dates:
            raise ValueError("paths needs dates, one for each file")
        if self.dates and self.dates_from:
            raise ValueError("give either dates or dates_from, not both")
        if self.paths and len(self.paths) != len(self.dates):
            raise ValueError(f"{len(self.paths)} paths for {len(self.dates)} dates; give one date per file")
        if any(b <= a for a, b in zip(self.dates, self.dates[1:], strict=False)):
            raise ValueError("dates must rise without repetition")
        return self


class _AssetSpec(_StrictEntry):
    id: str = Field(min_length=1)
    properties: dict[str, Any] = {}


class CollectionSpec(_AssetSpec):
    """An image collection: images one by one, or a stack."""

    type: Literal["IMAGE_COLLECTION"]
    images: tuple[ImageSpec, ...] = ()
    stack: StackSpec | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "CollectionSpec":
        if bool(self.images) == (self.stack is not None):
            raise ValueError("give either images or stack")
        indices = [image.index for image in self.images]
        twice = sorted({i for i in indices if indices.count(i) > 1})
        if twice:
            raise ValueError(f"images with the same index: {', '.join(twice)}")
        return self


class StillSpec(_AssetSpec):
    """A single image."""

    type: Literal["IMAGE"]
    files: tuple[FileSpec, ...] = Field(min_length=1)


class TableSpec(_AssetSpec):
    """A feature collection from GeoJSON (longitude and latitude)."""

    type: Literal["TABLE"]
    path: str


Spec = Annotated[CollectionSpec | StillSpec | TableSpec, Field(discriminator="type")]


class Catalog(_StrictEntry):
    """What a folder holds."""

    assets: tuple[Spec, ...]
    datasets: Any = None

    @model_validator(mode="after")
    def _unique(self) -> "Catalog":
        ids = [asset.id for asset in self.assets]
        twice = sorted({i for i in ids if ids.count(i) > 1})
        if twice:
            raise ValueError(f"asset ids must be unique; given more than once: {', '.join(twice)}")
        return self


def read(folder: Path) -> Catalog:
    """The catalogue of a folder. Raises CatalogError if it is missing, malformed, or names missing files."""
    path = folder / NAME
    if not path.is_file():
        raise CatalogError(path, "", "no such file", "Describe the folder's files in a catalog.json there")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise CatalogError(path, "", f"not JSON ({error})", "Fix the syntax there") from error
    try:
        catalog = Catalog.model_validate(content)
    except ValidationError as error:
        raise _first(path, error) from error
    for key, name in _paths(catalog):
        if not locate(folder, name).exists():
            raise CatalogError(path, key, f"file {name} does not exist", "Correct the path or restore the file")
    return catalog


def fingerprint(folder: Path) -> str:
    """Digest of a folder that changes when its catalogue does, or a file named there (by its size and time of change).

    Raises CatalogError as `read`.
    """
    described = read(folder)
    named = sorted({locate(folder, name) for _, name in _paths(described)})
    files = [file for path in named for file in (sorted(path.rglob("*")) if path.is_dir() else [path, *beside(path)])]
    states = [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files if file.is_file()]
    return sha256(json.dumps([described.model_dump(mode="json"), states]).encode()).hexdigest()


def beside(path: Path) -> list[Path]:
    """The files in which GDAL keeps more about a raster: its mask and its metadata, no-data values among them."""
    return [path.with_name(path.name + ending) for ending in (".msk", ".aux.xml")]


def locate(folder: Path, name: str) -> Path:
    """A path of the catalogue on this machine."""
    path = Path(name)
    return path if path.is_absolute() else folder / path


def _paths(catalog: Catalog) -> list[tuple[str, str]]:
    """(key, path) of every file named."""
    named_paths: list[tuple[str, str]] = []
    for n, asset in enumerate(catalog.assets):
        here = f"assets[{n}]"
        if isinstance(asset, TableSpec):
            named_paths.append((f"{here}.path", asset.path))
        elif isinstance(asset, StillSpec):
            named_paths += [(f"{here}.files[{k}].path", f.path) for k, f in enumerate(asset.files)]
        elif asset.stack is not None:
            named_paths += [(f"{here}.stack.path", p) for p in (asset.stack.path, *asset.stack.paths) if p]
        else:
            for m, image in enumerate(asset.images):
                named_paths += [(f"{here}.images[{m}].files[{k}].path", f.path) for k, f in enumerate(image.files)]
    return named_paths


_FIXES = {
    "extra_forbidden": "Remove the key, or correct its spelling",
    "missing": "Add the key",
    "union_tag_invalid": 'Use one of "IMAGE_COLLECTION", "IMAGE", "TABLE"',
    "union_tag_not_found": 'Add "type": "IMAGE_COLLECTION", "IMAGE" or "TABLE"',
    "value_error": "Change the entry so that this holds",
}


def _first(path: Path, error: ValidationError) -> CatalogError:
    """The first problem of a validation, in the words of the catalogue."""
    problem = error.errors()[0]
    tags = {"IMAGE_COLLECTION", "IMAGE", "TABLE"}
    key = ""
    for part in problem["loc"]:
        if isinstance(part, int):
            key += f"[{part}]"
        elif part not in tags:
            key += f".{part}" if key else str(part)
    message = problem["msg"].removeprefix("Value error, ")
    others = len(error.errors()) - 1
    more = f" (and {others} more)" if others else ""
    fix = _FIXES.get(problem["type"], "Give a value of the required type")
    return CatalogError(path, key, message + more, fix)
