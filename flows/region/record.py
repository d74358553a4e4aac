"""One record of vegetation from the cubes of two sensors: the values of the second in units of the first.

The relation of the two is found on a sample of pixels of their common years, by class of land cover. The joined cube
names the sensor of each year, and has the error of the join, for what is computed from it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
import zarr
from odc.geo.geobox import GeoBox

from flows.errors import FlowError
from flows.region.blocks import to_classes
from flows.request.choices import own_legend
from flows.run.source_digest import source_digest
from indicators.codes import UNCCD
from indicators.joined import JoinRules, Relations, join, mean_covariance, relate
from indicators.joined.blocks import with_footprints
from indicators.joined.error import in_logarithms
from series.cubes.layout import CubeAxis, begin_cube
from series.cubes.stored import CubeFile, look
from series.cubes.tiles import tiles
from series.exclusive import exclusive

if TYPE_CHECKING:
    from flows.pull.pulled import Pulled
    from flows.request.assess import AssessRequest
    from series.datasets import Dataset

#: Number of the format of joined cubes. Raise it by hand when this module writes other values or attributes.
FORMAT = 1
#: Pixels of the sample, at most.
MOST_PIXELS = 150_000
#: Pixels of a class below which it shares the relation of the most common class.
FEWEST_OF_CLASS = 100
#: Stratum of land without a class.
OTHER = 0
#: Share of the pixels that must be joined, so that the record goes on.
LEAST_JOINED = 0.5


@dataclass(frozen=True)
class Sensors:
    """The data sets of two sensors, and the map of land cover with its legend, by which they are joined."""

    kept: Dataset
    converted: Dataset
    cover: Path | None
    legend: str | dict[int, int]

    @property
    def rules(self) -> JoinRules:
        """What is known of them: from when on the orbit of the older one drifts."""
        return JoinRules(onset=self.kept.drifts_from)

    @property
    def names(self) -> tuple[str, str]:
        """Names of the sensors."""
        return self.kept.sensor or self.kept.key, self.converted.sensor or self.converted.key


def joined_record(pulled: Pulled, request: AssessRequest) -> Pulled:
    """The pulled data with one record of vegetation in place of those of two sensors; as they are for one sensor.

    Raises FlowError where the two cannot be joined on most of the land, with the reason and what to do.
    """
    if pulled.continued is None:
        return pulled
    named = pulled.datasets["land_cover"].legend if "land_cover" in pulled.datasets else None
    sensors = Sensors(
        pulled.datasets["productivity"], pulled.continued, pulled.cubes.get("land_cover"),
        own_legend(request) or named or "unccd",
    )  # fmt: skip
    made = {kind: joined_cube(path, pulled.converted[kind], sensors) for kind, path in pulled.annual.items()}
    reference = tuple(
        replace(
            area,
            annual={
                kind: joined_cube(path, area.converted[kind], replace(sensors, cover=area.cubes.get("land_cover")))
                for kind, path in area.annual.items()
            },
        )
        for area in pulled.reference
    )
    cubes = {**pulled.cubes, "productivity": next(iter(made.values()))}
    return replace(pulled, cubes=cubes, annual=made, reference=reference)


def joined_cube(kept: Path, converted: Path, sensors: Sensors) -> Path:
    """The cube of one kind of annual value from those of both sensors, beside the kept one; made once."""
    cover = "" if sensors.cover is None else sensors.cover.name
    parts = [kept.name, converted.name, cover, sensors.names, str(sensors.legend), asdict(sensors.rules)]
    identity = [*parts, FORMAT, source_digest()]
    name = kept.name.rpartition("-")[0]
    target = kept.with_name(f"{name}-{hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:12]}.zarr")
    with exclusive(target.parent, target.stem):
        if not target.exists():
            write_joined(target, name, look(kept), look(converted), sensors)
    return target


def write_joined(target: Path, name: str, old: CubeFile, new: CubeFile, sensors: Sensors) -> None:
    """Find the relation of both sensors, and write the joined cube block by block."""
    sample = max(1, int(np.ceil(np.sqrt(old.shape[0] * old.shape[1] / MOST_PIXELS))))
    y, x = old.y[sample // 2 :: sample], old.x[sample // 2 :: sample]
    pair = old.near(y, x), new.near(y, x)
    first = int(max(each["year"].values[0] for each in pair))  # of the years of both
    classes = class_map(sensors, y, x, first)
    numbers, counts = np.unique(classes.values, return_counts=True)
    common = [int(numbers[at]) for at in np.argsort(-counts) if counts[at] >= FEWEST_OF_CLASS]
    strata = in_strata(classes, common)
    relations = relate(*pair, strata, sensors.names, sensors.rules)
    shares = shares_of(relations, pair[0], strata)
    refuse_unjoined(relations, shares, sensors)
    record = join(*pair, strata, relations)
    years = [int(year) for year in record["year"].values]
    attrs = {**old.attrs, **described(relations, record, shares)}
    provenance = {"origin": attrs.pop("origin"), "graph": ""}
    del attrs["cell_degrees"]
    draft = begin_cube(target, name, CubeAxis.of("year", years), grid_of(old), attrs, provenance)
    values = zarr.open_array(draft / name, mode="r+")
    for tile in tiles(old.shape):
        block = old.window(tile)
        there = block["y"].values, block["x"].values
        other = new.near(*there)
        part = in_strata(class_map(sensors, *there, first), common)
        whole = join(block, other, part, with_footprints(relations, block, other, part))
        values[(slice(None), *tile.window)] = whole.reindex(year=years).values.astype(np.float32)
    draft.replace(target)


def grid_of(cube: CubeFile) -> GeoBox:
    """The grid of a stored cube, to the last bit."""
    import rioxarray  # noqa: F401

    stored = xr.open_zarr(cube.path, consolidated=False, chunks=None)
    return GeoBox(cube.shape, stored.rio.transform(), stored.rio.crs.to_wkt())


def class_map(sensors: Sensors, y: np.ndarray, x: np.ndarray, year: int) -> xr.DataArray:
    """Classes of land cover (y, x) in a year of the overlap, 1 to 7; `OTHER` where unknown."""
    blank = xr.DataArray(np.full((len(y), len(x)), OTHER), {"y": y, "x": x}, ("y", "x"))
    if sensors.cover is None:
        return blank
    cover = look(sensors.cover).near(y, x).sel(year=year, method="nearest", drop=True)
    classes = to_classes(cover, sensors.legend)
    return blank.copy(data=np.where(classes.isin(list(UNCCD)), classes, OTHER).astype(int))


def in_strata(classes: xr.DataArray, common: list[int]) -> xr.DataArray:
    """Strata (y, x): the class where it is common, else the most common class, whose relation it shares."""
    return classes.where(classes.isin(common), common[0] if common else OTHER)


def shares_of(relations: Relations, kept: xr.DataArray, strata: xr.DataArray) -> dict[int, float]:
    """Share of each stratum in the pixels that have values."""
    seen = strata.values[np.isfinite(kept.values).any(axis=0)]
    return {each.stratum: float(np.mean(seen == each.stratum)) if seen.size else 0.0 for each in relations.strata}


def refuse_unjoined(relations: Relations, shares: dict[int, float], sensors: Sensors) -> None:
    """Refuse a record most of whose land is not joined. Raises FlowError with the reasons and what to do."""
    lost = [each for each in relations.strata if not each.joined]
    if 1 - sum(shares[each.stratum] for each in lost) >= LEAST_JOINED:
        return
    reasons = "; ".join(f"{class_name(each.stratum)}: {each.reason}" for each in lost)
    kept = sensors.kept
    raise FlowError(
        f"{relations.kept} and {relations.converted} cannot be joined on most of the land ({reasons}). Use "
        f"--sensor modis with --years to {kept.last_year}, or --sensor viirs"
    )


def class_name(stratum: int) -> str:
    """The class of a stratum in words."""
    return UNCCD.get(stratum, "other land")


def described(relations: Relations, record: xr.DataArray, shares: dict[int, float]) -> dict[str, Any]:
    """Attributes of the joined cube: the sensor of each year, the relations, and the error of the region's mean.

    `join_covariance` (year, year) is in squared logarithms, for `indicators.change`.
    """
    years = [int(year) for year in record["year"].values]
    sensors = [str(each) for each in record["sensor"].values]
    weights = {each.stratum: shares[each.stratum] for each in relations.strata if each.joined}
    mean = np.nanmean(record.values, axis=(1, 2))
    covariance = in_logarithms(mean_covariance(years, sensors, [relations], weights, mean), mean)
    strata = [
        {
            "class": class_name(each.stratum),
            "share": round(shares[each.stratum], 4),
            "years": list(each.years),
            "gain": each.gain,
            "offset": each.offset,
            "error": each.error,
            "drift": each.drift.slope,
            "drift_p": each.drift.p,
            "reason": each.reason,
        }
        for each in relations.strata
    ]
    return {
        "sensors": json.dumps(dict(zip(years, sensors, strict=True))),
        "join_strata": json.dumps(strata),
        "join_error": float(np.sqrt(max(covariance.max(), 0.0)) * np.nanmean(mean)),
        "join_covariance": json.dumps(covariance.tolist()),
    }
