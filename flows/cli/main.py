"""The `drylands` command. Each sub-command imports what it needs when it runs, so that `--help` is quick."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.figure import app as figures_app
from flows.cli.options import (
    Encoding,
    IdField,
    Layer,
    NameField,
    Prefix,
    chosen_datasets,
    refuse_before_subcommand,
    refuse_unused,
)
from flows.cli.practices import app as practices_app
from flows.defaults import DEFAULT_DATA
from flows.run.stopping import ended_by_signals, last_act
from practices.database.files import discard_unfinished

app = typer.Typer(
    name="drylands",
    help="Desertification and land degradation in North-East Asian drylands: from pixels to a published assessment.",
    epilog="Exit codes: 0 done; 1 failed (all regions, or any error); 2 mistyped; 3 some regions failed, the others "
    "are published, or rows of an import were left out; 128 + n stopped by signal n (130 Ctrl-C, 143 terminated).",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
regions_app = typer.Typer(help="List the dryland regions, or add your own.", invoke_without_command=True)
app.add_typer(regions_app, name="regions")
serve_app = typer.Typer(help="Serve the page of the database, or say who may edit.", invoke_without_command=True)
app.add_typer(serve_app, name="serve")
app.add_typer(practices_app, name="practices")
app.add_typer(figures_app, name="figure")

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


@regions_app.callback()
def list_regions(context: typer.Context, data: DataFolder = DEFAULT_DATA) -> None:
    """List the dryland regions, or add your own."""
    refuse_before_subcommand(context)
    if context.invoked_subcommand is None:
        from flows.cli.regions import print_regions

        print_regions(data)


@regions_app.command("add")
def add_region(
    file: Annotated[Path, typer.Argument(help="GeoJSON, GeoPackage, shapefile or KML with polygons.")],
    layer: Layer = None,
    encoding: Encoding = None,
    id_field: IdField = None,
    name_field: NameField = None,
    prefix: Prefix = "",
    replace: Annotated[bool, typer.Option("--replace", help="Replace regions that have the same id.")] = False,
    season: Annotated[str, typer.Option(help="First and last month of the growing season.")] = "5-9",
    data: DataFolder = DEFAULT_DATA,
) -> None:
    """Add the polygons of FILE as regions of your own."""
    from flows.cli.regions import add_regions

    add_regions(
        file,
        data,
        season=season,
        layer=layer,
        encoding=encoding,
        id_field=id_field,
        name_field=name_field,
        prefix=prefix,
        replace=replace,
    )


@app.command()
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
        typer.Option(help="Own reporting period against that baseline, such as 2013-2018; give it again for more."),
    ] = None,
    profiles: Annotated[
        str,
        typer.Option(
            help="Methods: ne-asia, trends-earth, sepal-gpg1, sepal-gpg2, fao-wocat; several with commas, or all."
        ),
    ] = "ne-asia",
    source: Annotated[str, typer.Option(help="simulated, earthengine, or a folder with catalog.json.")] = "simulated",
    project: Annotated[
        str | None,
        typer.Option(envvar="EARTHENGINE_PROJECT", help="Google Cloud project, for earthengine."),
    ] = None,
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
        str | None, typer.Option(help="First and last month of growth in the regions of the file; 5-9 without.")
    ] = None,
    resolution: Annotated[
        str, typer.Option(help="overview (about 0.9 km), native, or a cell size in degrees.")
    ] = "overview",
    dataset: Annotated[
        list[str] | None, typer.Option(help="variable=key: use another data set of the catalogue.")
    ] = None,
    legend: Annotated[Path | None, typer.Option(help="Own legend of the land-cover map: CSV of code,class.")] = None,
    matrix: Annotated[
        str | None, typer.Option(help="Land-cover transitions: prais, pastoral-dryland, or a CSV of 7 by 7.")
    ] = None,
    recode: Annotated[
        Path | None,
        typer.Option(help="Areas that experts know to be classed wrongly: GeoJSON or GeoPackage with justification."),
    ] = None,
    accuracy: Annotated[
        Path | None, typer.Option(help="Confusion matrix of reference sites (CSV): areas get intervals from it.")
    ] = None,
    permutations: Annotated[
        int, typer.Option(min=19, max=9999, help="Orders of years that field significance is judged by.")
    ] = 999,
    pixel_breaks: Annotated[
        bool,
        typer.Option(
            help="Date breaks in every pixel and say what its change goes with: over half of the time of large regions."
        ),
    ] = True,
    workers: Annotated[int, typer.Option(min=1, max=32, help="Regions worked on at the same time.")] = 2,
    dask: Annotated[str | None, typer.Option(help="Address of a Dask scheduler that computes.")] = None,
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
        legend=legend,
        matrix=matrix,
        recode=recode,
        accuracy=accuracy,
        permutations=permutations,
        pixel_breaks=pixel_breaks,
        workers=workers,
        dask=dask,
        data=data,
        database=database,
    )


@app.command()
def monitor(
    regions: Annotated[
        list[str] | None, typer.Argument(help="Region ids; none: three examples; [bold]all[/]: every one.")
    ] = None,
    start: Annotated[str | None, typer.Option(help="First month watched, such as 2024-01.")] = None,
    until: Annotated[str | None, typer.Option(help="Last month watched; by default the last there is.")] = None,
    history: Annotated[int, typer.Option(min=3, max=30, help="Years of history before the start.")] = 10,
    early: Annotated[
        bool, typer.Option("--early", help="Alarm sooner; about every second alarm is weather then.")
    ] = False,
    source: Annotated[str, typer.Option(help="simulated, earthengine, or a folder with catalog.json.")] = "simulated",
    project: Annotated[
        str | None, typer.Option(envvar="EARTHENGINE_PROJECT", help="Google Cloud project, for earthengine.")
    ] = None,
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
    """Watch regions month by month: pull what is new, raise alarms of change, log what becomes of them."""
    from flows.cli.monitor import run_monitor

    run_monitor(
        regions=tuple(regions or ()),
        start=start,
        until=until,
        history=history,
        early=early,
        source=source,
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


@app.command()
def export(
    regions: Annotated[list[str] | None, typer.Argument(help="Region ids; none: everything that is published.")] = None,
    to: Annotated[
        Path | None,
        typer.Option(
            help="Folder to write to; by default [bold]export[/] in the data folder, with regions and origin."
        ),
    ] = None,
    origin: Annotated[
        str | None, typer.Option(help="Only results of this origin: earth-engine, offline-files or simulated.")
    ] = None,
    formats: Annotated[
        str, typer.Option("--format", help="xlsx, csv, gpkg, package, brief (parted by commas), or all.")
    ] = "all",
    data: DataFolder = DEFAULT_DATA,
    database: DatabaseUrl = None,
) -> None:
    """Write what is published: workbook, CSV files, GeoPackage for QGIS, Frictionless data package, briefs to print."""
    from flows.cli.assess import run_export
    from flows.figures.file_names import export_folder

    folder = to or data / export_folder(regions or (), origin)
    run_export(tuple(regions or ()), folder, origin, data, database, formats=formats)


@app.command()
def score(
    regions: Annotated[
        list[str] | None, typer.Argument(help="Region ids; none: three examples; [bold]all[/]: every one.")
    ] = None,
    years: Annotated[str, typer.Option(help="First and last year, both included.")] = "2001-2024",
    data: DataFolder = DEFAULT_DATA,
) -> None:
    """Score the methods on the simulated landscape, whose truth is known."""
    from flows.scores.methods import run_score

    run_score(tuple(regions or ()), years, data)


@app.command()
def evidence(
    context: typer.Context,
    regions: Annotated[list[str] | None, typer.Argument(help="Region ids; none: all that are assessed.")] = None,
    profile: Annotated[str, typer.Option(help="Method of the assessments to take.")] = "ne-asia",
    demonstrate: Annotated[
        bool, typer.Option(help="Compute on circles around points, too: a demonstration, never evidence.")
    ] = False,
    score: Annotated[
        bool, typer.Option(help="Score on a simulated landscape with some 400 practices of known effect.")
    ] = False,
    data: DataFolder = DEFAULT_DATA,
    database: DatabaseUrl = None,
) -> None:
    """Judge documented practices in assessed regions: effect against matched controls, with its interval."""
    if score:
        from flows.scores.evidence import run_evidence_score

        refuse_unused(context, ("profile", "demonstrate", "database"), "evidence --score judges made practices")

        run_evidence_score(tuple(regions or ()), data)
        return
    from flows.cli.evidence import run_evidence

    run_evidence(tuple(regions or ()), data, database, profile=profile, demonstrate=demonstrate)


@app.command()
def offline(
    context: typer.Context,
    source: Annotated[
        Path | None,
        typer.Argument(
            help="Folder with catalog.json; none: the simulated landscape; [bold]algorithms[/]: list what it can do."
        ),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on this machine; 0: any that is free.")] = 8764,
    exports: Annotated[Path | None, typer.Option(help="Folder that stands for Drive and buckets in exports.")] = None,
    faults: Annotated[
        Path | None, typer.Option(help="JSON file of faults to strike with, to try clients (see offline/README.md).")
    ] = None,
) -> None:
    """Run the offline Earth Engine alone, for notebooks and other clients, until interrupted."""
    from flows.cli.assess import list_algorithms, run_offline

    if source == Path("algorithms"):
        refuse_unused(context, ("port", "exports", "faults"), "offline algorithms only lists")
        list_algorithms()
    else:
        run_offline(source, port, faults, exports)


@app.command()
def doctor(
    project: Annotated[
        str | None,
        typer.Option(envvar="EARTHENGINE_PROJECT", help="Also try Google Earth Engine with this project."),
    ] = None,
    service_account: ServiceAccount = None,
    data: DataFolder = DEFAULT_DATA,
    database: DatabaseUrl = None,
) -> None:
    """Check that everything the line needs is in order on this machine."""
    from flows.cli.doctor import run_doctor

    run_doctor(project, data, database, service_account)


@serve_app.callback()
def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to serve at; by default this machine alone.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port.")] = 8765,
    editing: Annotated[bool, typer.Option("--editing", help="Let people sign in and edit the practices.")] = False,
    https: Annotated[bool, typer.Option("--https", help="The page is reached through a server with https.")] = False,
    data: DataFolder = DEFAULT_DATA,
    database: DatabaseUrl = None,
) -> None:
    """Serve the page of the database until interrupted, read-only unless editing is asked for."""
    refuse_before_subcommand(context)
    if context.invoked_subcommand is None:
        from flows.cli.serve import run_serve

        run_serve(data, database, host=host, port=port, editing=editing, https=https)


@serve_app.command("add-user")
def add_user(
    name: Annotated[str, typer.Argument(help="Name that edits are signed with.")],
    password: Annotated[str, typer.Option(prompt=True, confirmation_prompt=True, hide_input=True)],
    again: Annotated[bool, typer.Option("--again", help="Give somebody who is there another password.")] = False,
    data: DataFolder = DEFAULT_DATA,
    database: DatabaseUrl = None,
) -> None:
    """Let NAME edit; the password is asked for."""
    from flows.cli.serve import run_add_user

    run_add_user(name, password, data, database, again=again)


@serve_app.command("remove-user")
def remove_user(
    name: Annotated[str, typer.Argument(help="Who may edit no longer.")],
    data: DataFolder = DEFAULT_DATA,
    database: DatabaseUrl = None,
) -> None:
    """Let NAME edit no longer; what they wrote stays under their name."""
    from flows.cli.serve import run_remove_user

    run_remove_user(name, data, database)


def main() -> None:
    """Entry point: run the command; a failure is one plain message on standard error and an exit code above 0."""
    from flows.run.failures import exit_code, plain_failure

    try:
        with ended_by_signals(), last_act(lambda _: discard_unfinished()):
            app()
    except Exception as error:  # the outermost edge: known failures become one message, the rest a traceback
        message = plain_failure(error)
        if message is None:
            raise
        typer.secho(f"Error: {message}", fg=typer.colors.RED, err=True)
        sys.exit(exit_code(error))


if __name__ == "__main__":
    main()
