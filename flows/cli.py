"""The `drylands` command. Each sub-command imports what it needs when it runs, so that `--help` is quick."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from flows.cli_figures import app as figures_app

app = typer.Typer(
    name="drylands",
    help="Desertification and land degradation in North-East Asian drylands: from pixels to a published assessment.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
regions_app = typer.Typer(help="List the dryland regions, or add your own.", invoke_without_command=True)
app.add_typer(regions_app, name="regions")
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
DEFAULT_DATA = Path("drylands-data")


@regions_app.callback()
def list_regions(context: typer.Context, data: DataFolder = DEFAULT_DATA) -> None:
    """List the dryland regions, or add your own."""
    if context.invoked_subcommand is None:
        from flows.tables import print_regions

        print_regions(data)


@regions_app.command("add")
def add_region(
    file: Annotated[Path, typer.Argument(help="GeoJSON, GeoPackage or shapefile with polygons.")],
    id_field: Annotated[str | None, typer.Option(help="Attribute that becomes the region's id.")] = None,
    name_field: Annotated[str | None, typer.Option(help="Attribute that becomes the region's name.")] = None,
    season: Annotated[str, typer.Option(help="First and last month of the growing season.")] = "5-9",
    data: DataFolder = DEFAULT_DATA,
) -> None:
    """Add the polygons of FILE as regions of your own."""
    from flows.tables import add_regions

    add_regions(file, data, id_field=id_field, name_field=name_field, season=season)


@app.command()
def assess(
    regions: Annotated[
        list[str] | None,
        typer.Argument(
            help="Region ids (see [bold]drylands regions[/]); none: three examples; [bold]all[/]: every one."
        ),
    ] = None,
    years: Annotated[str, typer.Option(help="First and last year, both included.")] = "2001-2024",
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
    regions_file: Annotated[
        Path | None,
        typer.Option(help="Assess the polygons of this file instead of catalogued regions."),
    ] = None,
    season: Annotated[str, typer.Option(help="First and last month of growth in the regions of a file.")] = "5-9",
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
    ] = 199,
    workers: Annotated[int, typer.Option(min=1, max=32, help="Regions worked on at the same time.")] = 2,
    dask: Annotated[str | None, typer.Option(help="Address of a Dask scheduler that computes.")] = None,
    data: DataFolder = DEFAULT_DATA,
    database: DatabaseUrl = None,
) -> None:
    """Assess regions over a period: pull, compute SDG 15.3.1 and break dates, publish."""
    from flows.command import run_assess

    chosen = {variable: key for variable, _, key in (pair.partition("=") for pair in dataset or [])}
    run_assess(
        regions=tuple(regions or ()),
        years=years,
        profiles=profiles,
        source=source,
        project=project,
        regions_file=regions_file,
        season=season,
        resolution=resolution,
        datasets=chosen,
        legend=legend,
        matrix=matrix,
        recode=recode,
        accuracy=accuracy,
        permutations=permutations,
        workers=workers,
        dask=dask,
        data=data,
        database=database,
    )


@app.command()
def practices(
    country: Annotated[str | None, typer.Option(help="Only those of a country, such as MNG.")] = None,
    show: Annotated[str | None, typer.Option(help="Everything that is known of the practice with this id.")] = None,
    data: DataFolder = DEFAULT_DATA,
    database: DatabaseUrl = None,
) -> None:
    """List the documented practices, or show one with its sources and caveats."""
    from flows.tables import print_practices

    print_practices(country, show, data, database)


@app.command()
def export(
    regions: Annotated[list[str] | None, typer.Argument(help="Region ids; none: everything that is published.")] = None,
    to: Annotated[
        Path | None, typer.Option(help="Folder to write to; by default [bold]export[/] in the data folder.")
    ] = None,
    origin: Annotated[
        str | None, typer.Option(help="Only results of this origin: earth-engine, offline-files or simulated.")
    ] = None,
    data: DataFolder = DEFAULT_DATA,
    database: DatabaseUrl = None,
) -> None:
    """Write a workbook and tidy CSV files of what is published."""
    from flows.command import run_export

    run_export(tuple(regions or ()), to or data / "export", origin, data, database)


@app.command()
def score(
    regions: Annotated[
        list[str] | None, typer.Argument(help="Region ids; none: three examples; [bold]all[/]: every one.")
    ] = None,
    years: Annotated[str, typer.Option(help="First and last year, both included.")] = "2001-2024",
    data: DataFolder = DEFAULT_DATA,
) -> None:
    """Score the methods on the simulated landscape, whose truth is known."""
    from flows.score import run_score

    run_score(tuple(regions or ()), years, data)


@app.command()
def offline(
    source: Annotated[
        Path | None,
        typer.Argument(
            help="Folder with catalog.json; none: the simulated landscape; [bold]algorithms[/]: list what it can do."
        ),
    ] = None,
    port: Annotated[int, typer.Option(help="Port on this machine.")] = 8764,
    exports: Annotated[Path | None, typer.Option(help="Folder that stands for Drive and buckets in exports.")] = None,
    faults: Annotated[
        Path | None, typer.Option(help="JSON file of faults to strike with, to try clients (see offline/README.md).")
    ] = None,
) -> None:
    """Run the offline Earth Engine alone, for notebooks and other clients, until interrupted."""
    from flows.command import list_algorithms, run_offline

    if source == Path("algorithms"):
        list_algorithms()
    else:
        run_offline(source, port, faults, exports)


@app.command()
def doctor(
    project: Annotated[
        str | None,
        typer.Option(envvar="EARTHENGINE_PROJECT", help="Also try Google Earth Engine with this project."),
    ] = None,
    data: DataFolder = DEFAULT_DATA,
    database: DatabaseUrl = None,
) -> None:
    """Check that everything the line needs is in order on this machine."""
    from flows.doctor import run_doctor

    run_doctor(project, data, database)


def main() -> None:
    """Entry point: run the command; a failure is one plain message on standard error and exit code 1."""
    from flows.failures import plain_failure

    try:
        app()
    except Exception as error:  # the outermost edge: known failures become one message, the rest a traceback
        message = plain_failure(error)
        if message is None:
            raise
        typer.secho(f"Error: {message}", fg=typer.colors.RED, err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
