"""The request for monitoring: one frozen object; all names of a run are computed from it."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from flows.defaults import DEFAULT_DATA, DEFAULT_SEED, DEFAULT_WORLD
from flows.request.assess import DEMONSTRATION, Season, Seed, named_source, places, refuse_landscape
from flows.request.region_file import RegionFile, refuse_without_file
from flows.request.schema import restrict, text
from offline.landscape.world import WorldName

#: Cells that are watched, degrees (about 5 km): a herd's range, not a paddock.
WATCHED_DEGREES = 0.05


def parse_month(text: Any) -> Any:
    """`"2024-06"` as the first of that month; anything but text goes to the validation."""
    if not isinstance(text, str):
        return text
    match = re.fullmatch(r"\s*(\d{4})-(\d{2})(?:-01)?\s*", text)
    if match is None or not 1 <= int(match[2]) <= 12:
        raise ValueError(f"month {text!r} is not a month; write June 2024 as 2024-06")
    return date(int(match[1]), int(match[2]), 1)


Month = Annotated[
    date,
    BeforeValidator(parse_month),
    WithJsonSchema(text(r"^\s*\d{4}-(?:0[1-9]|1[0-2])(?:-01)?\s*$", "2024-06")),
]


class MonitorRequest(RegionFile):
    """Parameters of one monitoring run: regions watched from `start` to the end of the month `until`.

    `until` is the last month that the source has by default, `start` January of its year; `history` is the number of
    years before `start` that the expected course is fitted to. The rest is as in `AssessRequest`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=restrict)

    regions: tuple[str, ...] = Field(default=DEMONSTRATION, description="Region ids; empty: all of `regions_file`")
    regions_file: Path | None = Field(default=None, description="Own polygons (GeoJSON, GPKG, shapefile, KML)")
    season: Season | None = Field(
        default=None, description="First and last month of growth in the regions of a file; 5-9 by default"
    )
    start: Month | None = Field(default=None, description="First month that is watched, such as 2024-01")
    until: Month | None = Field(default=None, description="Last month that is watched, such as 2024-09")
    history: int = Field(default=10, ge=3, le=30, description="Years of history before `start`")
    early: bool = Field(
        default=False, description="Alarm sooner, with more false alarms: the effect of weather is not removed"
    )
    source: str = "simulated"
    world: WorldName = Field(default=DEFAULT_WORLD, description="World of the simulated landscape")
    seed: Seed = Field(default=DEFAULT_SEED, description="Seed of the simulated landscape")
    project: str | None = Field(default=None, description="Google Cloud project, for `earthengine`")
    service_account: Path | None = Field(default=None, description="Key file of a service account, for `earthengine`")
    cell: float = Field(default=WATCHED_DEGREES, gt=0, le=1, description="Cell size, degrees")
    datasets: dict[str, str] = Field(default_factory=dict, description="Variable → data-set key")
    data: Path = Field(default=DEFAULT_DATA, description="Folder for cubes, results and database")
    database: str | None = Field(default=None, description="Database URL; SQLite file in `data` by default")
    workers: int = Field(default=2, ge=1, le=32, description="Number of regions computed at the same time")

    @model_validator(mode="after")
    def _check(self) -> MonitorRequest:
        refuse_without_file(dict(self))
        if not self.regions and self.regions_file is None:
            raise ValueError("no region is named; give at least one id, or a regions file")
        if self.start and self.until and self.until < self.start:
            raise ValueError(
                f"start {self.start:%Y-%m} is after until {self.until:%Y-%m}; write the earlier month first"
            )
        refuse_landscape(self.source, self.world, self.seed)
        if self.source == "earthengine" and not (self.project or self.service_account):
            raise ValueError("source earthengine needs a Google Cloud project; add --project ID")
        return self

    @property
    def label(self) -> str:
        """Regions, months as far as they are given, and source: the name of a run."""
        months = "".join(
            f" {word} {month:%Y-%m}" for word, month in (("from", self.start), ("to", self.until)) if month
        )
        return f"{places(self.regions, self.regions_file)}{months}, {named_source(self.source, self.world, self.seed)}"

    @property
    def database_url(self) -> str:
        """Where alarms are logged: the given URL, or the SQLite file in the data folder."""
        return self.database or f"sqlite:///{self.data / 'practices.sqlite'}"
