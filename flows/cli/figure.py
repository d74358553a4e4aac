"""`drylands figure`: figures of results, as PNG, SVG or PDF."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.options import DatabaseUrl, DataFolder
from flows.defaults import DEFAULT_DATA
from indicators.profiles import DEFAULT_PROFILE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from flows.region.result import RegionResult

app = typer.Typer(help="Draw figures of results.", no_args_is_help=True)
Target = Annotated[
    Path | None,
    typer.Option("--to", help="File to write: .png, .svg or .pdf; by default a PNG named by what it shows."),
]
RegionId = Annotated[str, typer.Argument(help="Region that was assessed with several profiles.")]


@app.command()
def agreement(
    region: RegionId,
    period: Annotated[str | None, typer.Option(help="Period; by default the whole record.")] = None,
    to: Target = None,
    data: DataFolder = DEFAULT_DATA,
) -> None:
    """Map how many profiles call the land of REGION degraded."""
    from flows.figures.canvas import agreement_figure, check_target, save
    from flows.figures.file_names import figure_file
    from flows.region.opening import newest_result
    from practices.results.names import AGREEMENT

    if to is not None:
        check_target(to)
    result = newest_result(data, region, AGREEMENT, period)
    target = to or figure_file(result, [region], AGREEMENT, period=period or "")
    save(agreement_figure(result, period), target)
    typer.echo(f"wrote {target}")


@app.command()
def pixel(
    region: RegionId,
    at: Annotated[
        str | None, typer.Option(help="longitude,latitude; by default where the profiles are most divided.")
    ] = None,
    to: Target = None,
    data: DataFolder = DEFAULT_DATA,
) -> None:
    """Draw the series of one pixel with slope and significance, and its class in each profile."""
    from flows.figures.canvas import check_target, pixel_figure, save
    from flows.figures.file_names import figure_file
    from flows.figures.pixel import series_at

    if to is not None:
        check_target(to)
    vi, where, results, units = series_at(data, region, at)
    target = to or figure_file(results[0], [region], "pixel", *(f"{degree:.4f}" for degree in where))
    save(pixel_figure(vi, where, results, units), target)
    typer.echo(f"wrote {target}")


@app.command()
def course(
    region: Annotated[str, typer.Argument(help="Region that was assessed.")],
    to: Target = None,
    data: DataFolder = DEFAULT_DATA,
) -> None:
    """Draw the course of REGION: vegetation with its trend and breaks, rain, droughts."""
    from flows.figures.canvas import check_target
    from flows.figures.course import run_figure

    if to is not None:
        check_target(to)
    typer.echo(f"wrote {run_figure(region, to, data)}")


@app.command()
def breaks(
    region: Annotated[str, typer.Argument(help="Region that was assessed.")],
    profile: Annotated[str, typer.Option(help="Method whose classes are compared with the breaks.")] = DEFAULT_PROFILE,
    to: Target = None,
    data: DataFolder = DEFAULT_DATA,
) -> None:
    """Map when the land of REGION changed suddenly, and how that affects its trend classes."""
    from flows.figures.pixel_breaks_map import breaks_figure

    _draw("breaks", breaks_figure, region, profile, to, data)


@app.command()
def drivers(
    region: Annotated[str, typer.Argument(help="Region that was assessed.")],
    profile: Annotated[str, typer.Option(help="Method whose degraded patches are shown.")] = DEFAULT_PROFILE,
    to: Target = None,
    data: DataFolder = DEFAULT_DATA,
) -> None:
    """Map what the loss of the degraded patches of REGION goes with: herds, water, mines, fields, fire, weather."""
    from flows.figures.causes_map import causes_figure

    _draw("drivers", causes_figure, region, profile, to, data)


def _draw(
    name: str, make: Callable[[RegionResult], Figure], region: str, profile: str, to: Path | None, data: Path
) -> None:
    """Draw a figure of the newest result of a region by a profile, and say where it is."""
    from flows.figures.canvas import check_target, save
    from flows.figures.file_names import figure_file
    from flows.region.opening import newest_result

    if to is not None:
        check_target(to)
    result = newest_result(data, region, profile)
    target = to or figure_file(result, [region], name, profile)
    save(make(result), target)
    typer.echo(f"wrote {target}")


@app.command("map")
def class_map(
    regions: Annotated[list[str], typer.Argument(help="Regions that were assessed; several share one map.")],
    indicator: Annotated[
        str,
        typer.Option(
            help="sdg (assessment of the period alone), status (against the baseline), productivity, trajectory, "
            "state, performance, land_cover, soil_organic_carbon, or breaks."
        ),
    ] = "sdg",
    period: Annotated[
        str | None, typer.Option(help="Period; by default the whole record, for status the last reporting period.")
    ] = None,
    profile: Annotated[str, typer.Option(help="Profile whose classes are shown.")] = DEFAULT_PROFILE,
    to: Target = None,
    data: DataFolder = DEFAULT_DATA,
    database: DatabaseUrl = None,
) -> None:
    """Map where REGIONS are degraded, stable or improved; or the last break year of each."""
    from flows.figures.canvas import check_target, save
    from flows.figures.maps import draw_map

    if to is not None:
        check_target(to)
    drawn, file = draw_map(regions, data, indicator=indicator, period=period, profile=profile, url=database)
    save(drawn, to or file)
    typer.echo(f"wrote {to or file}")
