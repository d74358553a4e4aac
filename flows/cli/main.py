"""The `drylands` command. Each sub-command imports what it needs when it runs, so that `--help` is quick."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from flows.cli import drivers, figure, line, practices, regions, serve
from flows.cli.options import (
    DatabaseUrl,
    DataFolder,
    Seed,
    ServiceAccount,
    World,
    chosen_landscape,
    refuse_unused,
)
from flows.defaults import DEFAULT_DATA
from flows.run.stopping import ended_by_signals, last_act
from indicators.profiles import DEFAULT_PROFILE
from offline.process.garbage import collected_seldom
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
for group in (regions, serve, practices, drivers, figure):
    app.add_typer(group.app, name=group.__name__.rpartition(".")[2])
for command in (line.assess, line.plan, line.monitor):
    app.command()(command)


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
        str, typer.Option("--format", help="xlsx, csv, gpkg, package, brief, maps (separated by commas), or all.")
    ] = "all",
    data: DataFolder = DEFAULT_DATA,
    database: DatabaseUrl = None,
) -> None:
    """Write published results: workbook, CSV files, GeoPackage, data package, briefs to print, and maps with a page."""
    from flows.cli.assess import run_export
    from flows.figures.file_names import export_folder

    folder = to or data / export_folder(regions or (), origin)
    run_export(tuple(regions or ()), folder, origin, data, database, formats=formats)


@app.command()
def score(
    context: typer.Context,
    regions: Annotated[list[str] | None, typer.Argument(help="Region ids; none: all of the catalogue.")] = None,
    seeds: Annotated[
        str, typer.Option(help="How many simulated landscapes, or which: 20, 0-4, or 0-4,100-119.")
    ] = "20",
    world: Annotated[str, typer.Option(help="World of the simulated landscape: easy, real or hard.")] = "real",
    cell: Annotated[float, typer.Option(min=1 / 480, max=1.0, help="Distance of the cells in degrees.")] = 0.03,
    profiles: Annotated[str, typer.Option(help="Methods, separated by commas, or all.")] = "all",
    years: Annotated[str, typer.Option(help="First and last year, both included.")] = "2001-2024",
    data: DataFolder = DEFAULT_DATA,
    html: Annotated[Path | None, typer.Option(help="File to write a page with charts and maps to.")] = None,
    json: Annotated[Path | None, typer.Option(help="File to write all scores to.")] = None,
    patches: Annotated[
        bool, typer.Option("--patches", help="Score what the loss of degraded patches goes with, in four squares.")
    ] = False,
) -> None:
    """Score the methods on the simulated landscape, whose truth is known."""
    if patches:
        from flows.scores.patches import run_patch_score
        from flows.scores.scoring import parse_seeds, world_named

        refuse_unused(context, ("regions", "cell", "profiles", "years", "html", "json"), "score --patches has squares")
        run_patch_score(parse_seeds(seeds), world_named(world), data)
        return
    from flows.scores.methods import run_score
    from flows.scores.scoring import score_request

    request = score_request(
        tuple(regions or ()), seeds=seeds, world=world, cell=cell, profiles=profiles, years=years, data=data
    )
    run_score(request, html, json)


@app.command()
def evidence(
    context: typer.Context,
    regions: Annotated[list[str] | None, typer.Argument(help="Region ids; none: all that are assessed.")] = None,
    profile: Annotated[str, typer.Option(help="Method of the assessments to take.")] = DEFAULT_PROFILE,
    demonstrate: Annotated[
        bool, typer.Option(help="Compute on circles around points, too: a demonstration, not evidence.")
    ] = False,
    score: Annotated[
        bool, typer.Option(help="Score on a simulated landscape with about 400 practices of known effect.")
    ] = False,
    data: DataFolder = DEFAULT_DATA,
    database: DatabaseUrl = None,
) -> None:
    """Judge documented practices in assessed regions: effect against matched controls, with its interval."""
    if score:
        from flows.scores.evidence import run_evidence_score

        refuse_unused(context, ("profile", "demonstrate", "database"), "evidence --score judges simulated practices")

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
    exports: Annotated[
        Path | None, typer.Option(help="Folder that takes the place of Drive and buckets in exports.")
    ] = None,
    faults: Annotated[
        Path | None,
        typer.Option(help="JSON file of faults that the server produces, to test clients (see offline/README.md)."),
    ] = None,
    latency: Annotated[
        str | None,
        typer.Option(
            help="Answer as slowly as the service: seconds, seconds per input pixel, and maybe noise, such as 2,1e-6."
        ),
    ] = None,
    concurrent: Annotated[int, typer.Option(min=1, help="Requests computed at the same time.")] = 40,
    per_minute: Annotated[int, typer.Option(min=1, help="Requests of a project in a minute.")] = 6000,
    eecu_hours: Annotated[
        float | None, typer.Option(min=0, help="Budget of compute time (EECU-hours); used up, computing is refused.")
    ] = None,
    world: World = None,
    seed: Seed = None,
    today: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="Day on the clock of the simulated landscape, up to 2030: images exist up to it; by default 2024 is "
            "its last year.",
        ),
    ] = None,
    restricted: Annotated[
        bool, typer.Option("--restricted", help="Slow down instead of refusing when the budget is used up.")
    ] = False,
    log: Annotated[
        Path | None, typer.Option(help="File to write a line of JSON for each request to, and sums at the end.")
    ] = None,
) -> None:
    """Run the offline Earth Engine alone, for notebooks and other clients, until interrupted."""
    from flows.cli.engine import list_algorithms, run_offline

    if source == Path("algorithms"):
        unused = (
            "port", "exports", "faults", "latency", "concurrent", "per_minute", "eecu_hours", "restricted", "log",
            "world", "seed", "today",
        )  # fmt: skip
        refuse_unused(context, unused, "offline algorithms only lists")
        list_algorithms()
        return
    run_offline(
        source,
        chosen_landscape("simulated" if source is None else str(source), world, seed),
        today=today.date() if today else None,
        port=port,
        exports=exports,
        faults=faults,
        latency=latency,
        log=log,
        concurrent=concurrent,
        per_minute=per_minute,
        eecu_hours=eecu_hours,
        restricted=restricted,
    )


@app.command()
def doctor(
    project: Annotated[
        str | None,
        typer.Option(envvar="EARTHENGINE_PROJECT", help="Also try Google Earth Engine with this project."),
    ] = None,
    service_account: ServiceAccount = None,
    url: Annotated[
        str | None, typer.Option(help="Check an offline engine at this address in place of Google Earth Engine.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a list in JSON.")] = False,
    data: DataFolder = DEFAULT_DATA,
    database: DatabaseUrl = None,
) -> None:
    """Check that everything that a run needs is in order on this machine and, with --project, on Earth Engine."""
    from flows.cli.doctor import run_doctor

    run_doctor(project, data, database, service_account, engine_url=url, as_json=as_json)


def main() -> None:
    """Entry point: run the command; a failure is one plain message on standard error and an exit code above 0."""
    from flows.run.failures import exit_code, plain_failure

    collected_seldom()
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
