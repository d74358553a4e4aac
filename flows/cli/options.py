"""Options that several commands share, and how their texts are read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from flows.defaults import DEFAULT_SEED, DEFAULT_WORLD
from flows.errors import FlowError

DataFolder = Annotated[
    Path,
    typer.Option("--data", envvar="DRYLANDS_DATA", help="Folder for cubes, results and database."),
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        envvar="DRYLANDS_DATABASE",
        help="Database URL; by default a SQLite file in the data folder.",
    ),
]
ServiceAccount = Annotated[
    Path | None,
    typer.Option(
        exists=True, dir_okay=False, help="Key file (JSON) of a service account to sign in to Google Earth Engine with."
    ),
]
Source = Annotated[
    str,
    typer.Option(
        help="simulated, earthengine, a folder with catalog.json, or the address of a running offline engine."
    ),
]
World = Annotated[
    str | None,
    typer.Option(help=f"World of the simulated landscape: easy, real or hard; by default {DEFAULT_WORLD}."),
]
Seed = Annotated[
    int | None,
    typer.Option(min=0, help=f"Seed of the simulated landscape: each is another one; by default {DEFAULT_SEED}."),
]
Sensor = Annotated[
    str,
    typer.Option(
        help="Sensor of vegetation: modis, viirs, landsat, hls (Landsat and Sentinel-2, 30 m: for small areas), or "
        "joined (MODIS, then VIIRS in its units); auto is modis while it lives, and joined afterwards."
    ),
]
Restricted = Annotated[
    bool,
    typer.Option(
        help="Use data whose licence forbids commercial use of the results: protected and key biodiversity areas."
    ),
]
Patches = Annotated[bool, typer.Option(help="Find what the loss of each degraded patch goes with.")]
WindErosion = Annotated[
    bool,
    typer.Option(
        "--wind-erosion", help="Read soil loss by wind (RWEQ), too: it takes longer than all other drivers together."
    ),
]
Project = Annotated[
    str | None, typer.Option(envvar="EARTHENGINE_PROJECT", help="Google Cloud project, for earthengine.")
]
Via = Annotated[
    str,
    typer.Option(
        help="How pixels come: requests, export (batch exports of the service), or auto: exports of large cubes, if "
        "[bold]--export-to[/] is given."
    ),
]
ExportTo = Annotated[str | None, typer.Option(help="Bucket of Cloud Storage for exports, such as gs://BUCKET/PREFIX.")]
Layer = Annotated[str | None, typer.Option(help="Layer to read, if the file has several.")]
Encoding = Annotated[
    str | None, typer.Option(help="Text encoding of a shapefile without .cpg, such as cp1251, gbk or cp949.")
]
IdField = Annotated[str | None, typer.Option(help="Attribute of the file to take region ids from.")]
NameField = Annotated[str | None, typer.Option(help="Attribute of the file to take region names from.")]
Prefix = Annotated[str, typer.Option(help="Word to put before every id, if other regions have the same ids.")]


def chosen_datasets(pairs: Sequence[str] | None) -> dict[str, str]:
    """`variable=key` of each `--dataset` as a mapping. Raises FlowError for a variable that is given twice."""
    chosen: dict[str, str] = {}
    for pair in pairs or ():
        variable, _, key = (part.strip() for part in pair.partition("="))
        if variable in chosen:
            raise FlowError(
                f"--dataset {variable}={key}: {variable} is already {chosen[variable]}; give one data set for each "
                f"variable"
            )
        chosen[variable] = key
    return chosen


def chosen_landscape(source: str, world: str | None, seed: int | None) -> dict[str, str | int]:
    """The world and the seed that were typed. Raises FlowError for a source that is not the simulated landscape."""
    typed_ones = {name: value for name, value in (("world", world), ("seed", seed)) if value is not None}
    if typed_ones and source != "simulated":
        words = " ".join(f"--{name} {value}" for name, value in typed_ones.items())
        raise FlowError(
            f"{words}: the source is {source}, and only the simulated landscape has worlds and seeds; leave "
            f"{'it' if len(typed_ones) == 1 else 'them'} out, or use --source simulated"
        )
    return typed_ones


def refuse_before_subcommand(context: typer.Context) -> None:
    """Refuse options in front of a sub-command, which would ignore them. Raises FlowError naming them."""
    if context.invoked_subcommand is None:
        return
    lost = typed(context, tuple(context.params))
    if lost:
        raise FlowError(
            f"{context.info_name} {' '.join(lost)} {context.invoked_subcommand}: {lost[0]} in front of "
            f"{context.invoked_subcommand!r} has no effect; write it after {context.invoked_subcommand!r}"
        )


def refuse_unused(context: typer.Context, names: Sequence[str], why: str) -> None:
    """Raises FlowError that names options on the command line that have no effect; `why` begins the message."""
    unused = typed(context, names)
    if unused:
        listed = ", ".join(unused)
        raise FlowError(f"{why} and does not use {listed}; leave out {listed}")


def typed(context: typer.Context, names: Sequence[str]) -> list[str]:
    """The options of these parameters that were typed on the command line, not set by the environment."""
    given = (name for name in names if getattr(context.get_parameter_source(name), "name", "") == "COMMANDLINE")
    return [f"--{name.replace('_', '-')}" for name in given]
