"""`drylands assess`, `monitor` and `plan`: the lines from pixels to the database, with all their options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import (
    DatabaseUrl,
    DataFolder,
    Encoding,
    ExportTo,
    IdField,
    Layer,
    NameField,
    Patches,
    Prefix,
    Project,
    Restricted,
    Seed,
    Sensor,
    ServiceAccount,
    Source,
    Via,
    WindErosion,
    World,
    chosen_datasets,
    chosen_landscape,
)  # fmt: skip
from flows.defaults import DEFAULT_DATA
from indicators.profiles import DEFAULT_PROFILE, PROFILES


def assess(
    regions: Annotated[
        list[str] | None,
        typer.Argument(
            help="Region ids (see [bold]drylands regions[/]); none: three examples; [bold]all[/]: every one."
        ),
    ] = None,
    years: Annotated[
        str, typer.Option(help="First and last year, both included; 2001-latest ends with the last complete year.")
    ] = "2001-2024",
    baseline: Annotated[
        str | None, typer.Option(help="Own baseline, such as 2003-2012, in place of the periods of PRAIS 4.")
    ] = None,
    reporting: Annotated[
        list[str] | None,
        typer.Option(help="Own reporting period against that baseline, such as 2013-2018; may be repeated."),
    ] = None,
    profiles: Annotated[
        str,
        typer.Option(help=f"Methods: {', '.join(PROFILES)}; several with commas, or all."),
    ] = DEFAULT_PROFILE,
    source: Source = "simulated",
    world: World = None,
    seed: Seed = None,
    project: Project = None,
    service_account: ServiceAccount = None,
    regions_file: Annotated[
        Path | None,
        typer.Option(help="Assess the polygons of this file instead of catalogued regions."),
    ] = None,
    layer: Layer = None,
    encoding: Encoding = None,
    id_field: IdField = None,
    name_field: NameField = None,
    prefix: Prefix = "",
    season: Annotated[
        str | None, typer.Option(help="First and last month of growth in the regions of the file; by default 5-9.")
    ] = None,
    resolution: Annotated[
        str, typer.Option(help="overview (about 0.9 km), native, or a cell size in degrees.")
    ] = "overview",
    dataset: Annotated[
        list[str] | None, typer.Option(help="variable=key: use another data set of the catalogue.")
    ] = None,
    sensor: Sensor = "auto",
    legend: Annotated[Path | None, typer.Option(help="Own legend of the land-cover map: CSV of code,class.")] = None,
    matrix: Annotated[
        str | None, typer.Option(help="Land-cover transitions: prais, pastoral-dryland, or a CSV of 7 by 7.")
    ] = None,
    recode: Annotated[
        Path | None,
        typer.Option(help="Areas that experts correct because the map classes them wrongly: GeoJSON or GeoPackage."),
    ] = None,
    accuracy: Annotated[
        Path | None, typer.Option(help="Confusion matrix of reference sites (CSV), for intervals of the areas.")
    ] = None,
    drivers: Annotated[
        Path | None,
        typer.Option(
            help="Own yearly series of herds, water, mining and others (CSV, XLSX); see [bold]drylands drivers[/]."
        ),
    ] = None,
    habitats: Annotated[
        Path | None,
        typer.Option(help="Ranges of species: GeoJSON or GeoPackage with the attribute [bold]species[/]."),
    ] = None,
    restricted: Restricted = True,
    wind_erosion: WindErosion = False,
    permutations: Annotated[
        int, typer.Option(min=19, max=9999, help="Number of orders of years for the test of field significance.")
    ] = 999,
    pixel_breaks: Annotated[
        bool,
        typer.Option(
            help="Date breaks in every pixel and divide its change by driver: over half of the time of large regions."
        ),
    ] = True,
    patches: Patches = True,
    workers: Annotated[int, typer.Option(min=1, max=32, help="Number of regions computed at the same time.")] = 2,
    max_eecu: Annotated[
        float | None,
        typer.Option(help="Stop before the first request if more EECU-hours are expected; see [bold]drylands plan[/]."),
    ] = None,
    via: Via = "auto",
    export_to: ExportTo = None,
    dask: Annotated[str | None, typer.Option(help="Address of a Dask scheduler to compute on.")] = None,
    data: DataFolder = DEFAULT_DATA,
    database: DatabaseUrl = None,
) -> None:
    """Assess regions over a period: pull, compute SDG 15.3.1 and break dates, publish."""
    from flows.cli.assess import run_assess

    run_assess(
        regions=tuple(regions or ()),
        years=years,
        baseline=baseline,
        reporting=tuple(reporting or ()),
        profiles=profiles,
        source=source,
        **chosen_landscape(source, world, seed),
        project=project,
        service_account=service_account,
        regions_file=regions_file,
        layer=layer,
        encoding=encoding,
        id_field=id_field,
        name_field=name_field,
        prefix=prefix,
        season=season,
        resolution=resolution,
        datasets=chosen_datasets(dataset),
        sensor=sensor,
        legend=legend,
        matrix=matrix,
        recode=recode,
        accuracy=accuracy,
        drivers=drivers,
        habitats=habitats,
        restricted=restricted,
        wind_erosion=wind_erosion,
        permutations=permutations,
        pixel_breaks=pixel_breaks,
        patches=patches,
        workers=workers,
        max_eecu=max_eecu,
        via=via,
        export_to=export_to,
        dask=dask,
        data=data,
        database=database,
    )


def plan(
    regions: Annotated[
        list[str] | None, typer.Argument(help="Region ids; none: three examples; [bold]all[/]: every one.")
    ] = None,
    years: Annotated[str, typer.Option(help="First and last year, both included.")] = "2001-2024",
    profiles: Annotated[str, typer.Option(help="Methods, separated by commas, or all.")] = DEFAULT_PROFILE,
    source: Source = "earthengine",
    world: World = None,
    seed: Seed = None,
    project: Project = "planned",
    regions_file: Annotated[Path | None, typer.Option(help="Plan for the polygons of this file instead.")] = None,
    layer: Layer = None,
    encoding: Encoding = None,
    id_field: IdField = None,
    name_field: NameField = None,
    prefix: Prefix = "",
    season: Annotated[str | None, typer.Option(help="First and last month of growth in the file's regions.")] = None,
    resolution: Annotated[str, typer.Option(help="overview, native, or a cell size in degrees.")] = "overview",
    dataset: Annotated[list[str] | None, typer.Option(help="variable=key: use another data set.")] = None,
    sensor: Sensor = "auto",
    restricted: Restricted = True,
    patches: Patches = True,
    wind_erosion: WindErosion = False,
    via: Via = "auto",
    export_to: ExportTo = None,
    data: DataFolder = DEFAULT_DATA,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, an object for each variable of each region.")
    ] = False,
) -> None:
    """Show what an assessment will request: number, megabytes, minutes, EECU-hours. Nothing is requested for it."""
    from flows.cli.plan import run_plan

    run_plan(
        regions=tuple(regions or ()),
        years=years,
        profiles=profiles,
        source=source,
        **chosen_landscape(source, world, seed),
        project=project,
        regions_file=regions_file,
        layer=layer,
        encoding=encoding,
        id_field=id_field,
        name_field=name_field,
        prefix=prefix,
        season=season,
        resolution=resolution,
        datasets=chosen_datasets(dataset),
        sensor=sensor,
        restricted=restricted,
        patches=patches,
        wind_erosion=wind_erosion,
        via=via,
        export_to=export_to,
        data=data,
        as_json=as_json,
    )


def monitor(
    regions: Annotated[
        list[str] | None, typer.Argument(help="Region ids; none: three examples; [bold]all[/]: every one.")
    ] = None,
    start: Annotated[str | None, typer.Option(help="First month watched, such as 2024-01.")] = None,
    until: Annotated[str | None, typer.Option(help="Last month watched; by default the last one with data.")] = None,
    history: Annotated[int, typer.Option(min=3, max=30, help="Years of history before the start.")] = 10,
    early: Annotated[
        bool, typer.Option("--early", help="Alarm sooner; about every second alarm is then caused by weather.")
    ] = False,
    source: Source = "simulated",
    world: World = None,
    seed: Seed = None,
    project: Project = None,
    service_account: ServiceAccount = None,
    regions_file: Annotated[Path | None, typer.Option(help="Watch the polygons of this file instead.")] = None,
    layer: Layer = None,
    encoding: Encoding = None,
    id_field: IdField = None,
    name_field: NameField = None,
    prefix: Prefix = "",
    cell: Annotated[float, typer.Option(help="Cell size, degrees.")] = 0.05,
    dataset: Annotated[list[str] | None, typer.Option(help="variable=key: use another data set.")] = None,
    data: DataFolder = DEFAULT_DATA,
    database: DatabaseUrl = None,
) -> None:
    """Watch regions month by month: pull new images, raise alarms of change, log the outcome of each alarm."""
    from flows.cli.monitor import run_monitor

    run_monitor(
        regions=tuple(regions or ()),
        start=start,
        until=until,
        history=history,
        early=early,
        source=source,
        **chosen_landscape(source, world, seed),
        project=project,
        service_account=service_account,
        regions_file=regions_file,
        layer=layer,
        encoding=encoding,
        id_field=id_field,
        name_field=name_field,
        prefix=prefix,
        cell=cell,
        datasets=chosen_datasets(dataset),
        data=data,
        database=database,
    )
