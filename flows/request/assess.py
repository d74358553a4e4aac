"""The request for an assessment: one frozen object; all names and digests of a run are computed from it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema, model_validator

from flows.defaults import DEFAULT_DATA, DEFAULT_SEED, DEFAULT_WORLD
from flows.errors import UnsettledYears
from flows.request.region_file import RegionFile, refuse_without_file
from flows.request.schema import ALL, CELL, LATEST, SEASON, names_schema, restrict, years_schema
from indicators.profiles import DEFAULT_PROFILE, PROFILES
from indicators.sdg15.periods import own
from offline.landscape.world import WorldName
from regions.model import Month
from series.cubes.targets import ExportTarget, Via

#: Three regions in three countries that `make run` assesses.
DEMONSTRATION = ("eastern-gobi", "otindag", "daurian-steppe")


#: Regions that the name of a run lists; more of them are counted.
MOST_NAMED = 3
#: First and last month of growth of own polygons, unless the request names others.
DEFAULT_SEASON = (5, 9)

#: Cell size of the regional overview, degrees (about 0.9 km): the default where the data are finer.
OVERVIEW_DEGREES = 1 / 120

Resolution = Literal["overview", "native"] | Annotated[float, WithJsonSchema(CELL)]


def parse_years(text: Any) -> Any:
    """`"2001-2024"` as `(2001, 2024)`; anything but text goes to the validation."""
    if not isinstance(text, str):
        return text
    match = re.fullmatch(rf"\s*(\d{{4}})\s*[-–:]\s*(\d{{4}}|{LATEST})\s*", text)
    if match is None:
        raise ValueError(f"years {text!r} are not a range of two years; write them as 2001-2024, or 2001-latest")
    return int(match[1]), LATEST if match[2] == LATEST else int(match[2])


def parse_season(text: Any) -> Any:
    """`"5-9"` as `(5, 9)`; anything but text goes to the validation."""
    if not isinstance(text, str):
        return text
    match = re.fullmatch(r"\s*(\d{1,2})\s*[-–]\s*(\d{1,2})\s*", text)
    if match is None or not all(1 <= int(month) <= 12 for month in match.groups()):
        raise ValueError(f"season {text!r} is not two months; write May to September as 5-9")
    return int(match[1]), int(match[2])


def write_years(years: tuple[int, int | str]) -> str:
    """`(2001, 2024)` as `"2001-2024"`."""
    return f"{years[0]}-{years[1]}"


# Prefect's server checks the parameters of a run against the schema of these types. Years are text there: of two
# numbers in a list no schema can say which must be the larger one.
Season = Annotated[tuple[Month, Month], BeforeValidator(parse_season), WithJsonSchema(SEASON)]
#: The sensor of vegetation: `auto` is MODIS while it lives, continued by VIIRS afterwards.
Sensor = Literal["auto", "modis", "viirs", "landsat", "hls", "joined"]

LastYear = int | Literal["latest"]
AS_TEXT = PlainSerializer(write_years, when_used="json")
Span = Annotated[
    tuple[int, int],
    BeforeValidator(parse_years),
    AS_TEXT,
    WithJsonSchema(years_schema("2003-2012", latest=False)),
]
Years = Annotated[
    tuple[int, LastYear],
    BeforeValidator(parse_years),
    AS_TEXT,
    WithJsonSchema(years_schema("2001-2024", "2001-latest", latest=True)),
]


#: Profiles that a run can take; `all` means these, in this order.
ALL_PROFILES = tuple(PROFILES)


def parse_profiles(names: Any) -> Any:
    """`"ne-asia,fao-wocat"` or `"all"` as names; anything but text goes to the validation."""
    if not isinstance(names, str):
        return names
    return ALL_PROFILES if names.strip() == ALL else tuple(name.strip() for name in names.split(","))


Profiles = Annotated[tuple[str, ...], BeforeValidator(parse_profiles), WithJsonSchema(names_schema(ALL_PROFILES))]


def places(regions: tuple[str, ...], regions_file: Path | None) -> str:
    """Regions in the name of a run: up to three ids, or how many there are; the file's name where all are of a file."""
    if not regions and regions_file is not None:
        return regions_file.name
    return ", ".join(regions) if len(regions) <= MOST_NAMED else f"{len(regions)} regions"


def refuse_way(via: str, export_to: str | None) -> None:
    """Refuse exports without a bucket, and a bucket without use. Raises ValueError."""
    if via == "export" and export_to is None:
        raise ValueError("via export needs a bucket that exports are written to; add --export-to gs://BUCKET/PREFIX")
    if via == "requests" and export_to is not None:
        raise ValueError(f"export_to {export_to} has no use with --via requests; leave it out, or use --via auto")
    if export_to is not None:
        ExportTarget.parse(export_to)


def refuse_landscape(source: str, world: str, seed: int) -> None:
    """Refuse a world or seed for a source that has none to choose. Raises ValueError."""
    if source != "simulated" and (world, seed) != (DEFAULT_WORLD, DEFAULT_SEED):
        raise ValueError(
            f"world {world} and seed {seed} belong to the simulated landscape, but the source is {source}; leave them "
            f"out, or use --source simulated"
        )


def refuse_sensor(sensor: str, source: str, datasets: dict[str, str]) -> None:
    """Refuse a sensor where the data set of productivity is given otherwise. Raises ValueError."""
    if sensor in ("auto", "joined"):
        return
    if "productivity" in datasets:
        raise ValueError(
            f"sensor {sensor} and the data set productivity={datasets['productivity']} both choose vegetation; leave "
            f"one of them out"
        )
    if source not in ("simulated", "earthengine") and not source.startswith(("http://", "https://")):
        raise ValueError(f"sensor {sensor}: the folder {source} has its own vegetation; leave the sensor out")


def named_source(source: str, world: str, seed: int) -> str:
    """The source in the name of a run, with world and seed of the landscape where they are not the usual ones."""
    usual = (world, seed) == (DEFAULT_WORLD, DEFAULT_SEED)
    return source if usual else f"{source} (world {world}, seed {seed})"


#: Seeds of the simulated landscape.
Seed = Annotated[int, Field(ge=0, le=2**31 - 1)]


class AssessRequest(RegionFile):
    """Parameters of one assessment: regions × years by one profile or several, from one source.

    `source` is `simulated` (the virtual landscape), `earthengine` (needs `project`), or a folder with a
    `catalog.json`; `world` and `seed` choose the simulated landscape. `resolution` is `overview`, `native` (that of the
    productivity data) or a cell size in degrees. Periods are those of PRAIS 4, unless `baseline` and `reporting` name
    others. `recode` names polygons whose classes experts correct, `accuracy` a confusion matrix of reference sites,
    `drivers` a table of own yearly series, `habitats` ranges of species; without `restricted`, no data are used whose
    licence binds results; `wind_erosion` adds soil loss by wind. `datasets` replaces the data set of a variable by
    another key of the catalogue; `sensor` chooses that of vegetation, `joined` one record of two sensors. Several
    `profiles` use the same pixels, and their agreement is a separate result. `via` changes how pixels come, not
    which: `export` is batch, into `export_to`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=restrict)

    regions: tuple[str, ...] = Field(default=DEMONSTRATION, description="Region ids; empty: all of `regions_file`")
    regions_file: Path | None = Field(default=None, description="Own polygons (GeoJSON, GPKG, shapefile, KML)")
    season: Season | None = Field(
        default=None, description="First and last month of growth in the regions of a file; 5-9 by default"
    )
    years: Years = Field(
        default=(2001, 2024),
        description="First and last year, both included; `latest` for the last",
        json_schema_extra={"default": "2001-2024"},
    )
    baseline: Span | None = Field(default=None, description="Own baseline, such as 2003-2012; PRAIS 4 by default")
    reporting: tuple[Span, ...] = Field(default=(), description="Own reporting periods, compared with the baseline")
    profiles: Profiles = Field(default=(DEFAULT_PROFILE,), min_length=1, description="Methods, or `all` of them")
    legend: Path | None = Field(default=None, description="Own legend of the land-cover map (CSV: code,class)")
    matrix: str | None = Field(
        default=None, description="Transition matrix: prais, pastoral-dryland, or a CSV of 7 × 7"
    )
    source: str = "simulated"
    world: WorldName = Field(default=DEFAULT_WORLD, description="World of the simulated landscape")
    seed: Seed = Field(default=DEFAULT_SEED, description="Seed of the simulated landscape")
    project: str | None = Field(default=None, description="Google Cloud project, for `earthengine`")
    service_account: Path | None = Field(default=None, description="Key file of a service account, for `earthengine`")
    resolution: Resolution = "overview"
    datasets: dict[str, str] = Field(default_factory=dict, description="Variable → data-set key")
    sensor: Sensor = Field(
        default="auto", description="Sensor of vegetation: auto, modis, viirs, landsat, hls or joined"
    )
    data: Path = Field(default=DEFAULT_DATA, description="Folder for cubes, results and database")
    database: str | None = Field(default=None, description="Database URL; SQLite file in `data` by default")
    permutations: int = Field(default=999, ge=19, le=9999, description="Orders of years for field significance")
    recode: Path | None = Field(default=None, description="Polygons of land whose class is corrected (GeoJSON, GPKG)")
    accuracy: Path | None = Field(default=None, description="Confusion matrix of reference sites (CSV), for intervals")
    drivers: Path | None = Field(
        default=None, description="Own yearly series of drivers by region (CSV, XLSX); see `drylands drivers template`"
    )
    habitats: Path | None = Field(
        default=None, description="Ranges of species: polygons with the attribute `species` (GeoJSON, GPKG)"
    )
    pixel_breaks: bool = Field(default=True, description="Date breaks in every pixel and divide its change by driver")
    patches: bool = Field(default=True, description="Find what the loss of each degraded patch goes with")
    restricted: bool = Field(
        default=True, description="Use data whose licence forbids commercial use of results: protected and key areas"
    )
    wind_erosion: bool = Field(
        default=False, description="Read soil loss by wind (RWEQ), too: longer than all other drivers together"
    )
    workers: int = Field(default=2, ge=1, le=32, description="Number of regions computed at the same time")
    max_eecu: float | None = Field(
        default=None, gt=0, description="EECU-hours above which a run stops before its first request"
    )
    via: Via = Field(default="auto", description="Way of pixels: requests, export (batch), or auto by size")
    export_to: str | None = Field(
        default=None, description="Bucket of batch exports: gs://BUCKET/PREFIX", json_schema_extra={"pattern": "^gs://"}
    )
    dask: str | None = Field(default=None, description="Address of a Dask scheduler to compute on; threads by default")

    @model_validator(mode="after")
    def _check(self) -> AssessRequest:
        first, last = self.years
        if last != LATEST and last < first:
            raise ValueError(f"years {first}-{last} are in the wrong order; write the earlier year first")
        if self.reporting and self.baseline is None:
            raise ValueError("reporting periods need a baseline to compare with; add --baseline, such as 2003-2012")
        if self.baseline is not None and last != LATEST:
            own((first, last), self.baseline, self.reporting)
        if self.baseline is not None and not self.reporting:
            raise ValueError(
                f"baseline {self.baseline[0]}-{self.baseline[1]} has no reporting period to compare with; add "
                f"--reporting, such as {self.baseline[1] + 1}-{self.baseline[1] + 8}, or leave --baseline out"
            )
        refuse_without_file(dict(self))
        if not self.regions and self.regions_file is None:
            raise ValueError("no region is named; give at least one id, or a regions file")
        if isinstance(self.resolution, float) and not 0 < self.resolution <= 1:
            raise ValueError(f"resolution {self.resolution} is not between 0 and 1 degree")
        unknown = [name for name in self.profiles if name not in ALL_PROFILES]
        if unknown:
            raise ValueError(f"profile {unknown[0]!r} is unknown; use {', '.join(ALL_PROFILES)}, or all")
        if len(set(self.profiles)) < len(self.profiles):
            raise ValueError(f"a profile is given twice in {', '.join(self.profiles)}; name each once")
        refuse_way(self.via, self.export_to)
        refuse_landscape(self.source, self.world, self.seed)
        refuse_sensor(self.sensor, self.source, self.datasets)
        if self.source == "earthengine" and not (self.project or self.service_account):
            raise ValueError("source earthengine needs a Google Cloud project; add --project ID")
        return self

    @property
    def label(self) -> str:
        """Regions, years and source: the name of a run."""
        source = named_source(self.source, self.world, self.seed)
        return f"{places(self.regions, self.regions_file)} {write_years(self.years)}, {source}"

    @property
    def profile(self) -> str:
        """The first profile: the one that summaries describe."""
        return self.profiles[0]

    @property
    def span(self) -> tuple[int, int]:
        """First and last year. Raises UnsettledYears while the last year is `latest`."""
        first, last = self.years
        if last == LATEST:
            raise UnsettledYears(
                f"years {first}-{last}: the last year is not determined yet; call flows.pull.latest.settled, or "
                f"write the year"
            )
        return first, last

    @property
    def database_url(self) -> str:
        """Where results are published: the given URL, or the SQLite file in the data folder."""
        return self.database or f"sqlite:///{self.data / 'practices.sqlite'}"
