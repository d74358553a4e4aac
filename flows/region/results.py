"""From the cubes of one region to its results on disk: rasters, tables, a summary. It contains no science.

Memory does not grow with the region: it is read, measured and written in blocks (`flows.region.blocks`), and the result
does not depend on their size or on who computes them.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from flows.pull.pulled import Pulled
from flows.region.blocks import added, agreed_block, find_block
from flows.region.break_words import FEWEST, REMOVED, annual_series, described, too_short
from flows.region.causes.writing import write_causes
from flows.region.drivers import driver_statistics, winter_series
from flows.region.drought import drought_tables, index_series
from flows.region.files import tables
from flows.region.files.period_results import period_results
from flows.region.files.provenance import code, raster_tags
from flows.region.files.rasters import Frame, rasters
from flows.region.files.tables import yearly
from flows.region.gaps import sentences
from flows.region.links.key_areas import key_area_tables
from flows.region.links.statistics import links_statistics
from flows.region.links.trends import link_trends
from flows.region.measuring import measured
from flows.region.pixel_breaks import write_breaks
from flows.region.result import SUMMARY, RegionResult
from flows.region.seams import seam_statistics, sensor_sentence
from flows.region.uncertainty import certainty_tables
from flows.region.whole.confusion import filter_summary
from flows.region.whole.long_record import LONG_COURSE, long_record_tables
from flows.region.whole.own_series import described as described_own
from flows.region.whole.own_series import read_own, with_own
from flows.region.whole.rain_products import rain_by_product, rain_statistics
from flows.region.whole.rain_sums import write_sums
from flows.request.assess import AssessRequest
from flows.request.choices import own_legend, profiles_of
from flows.request.options import options_of
from flows.run.progress import report
from flows.run.source_digest import source_digest
from flows.run.workers import in_order
from practices.report.headline import ACCORD
from practices.results.names import AGREEMENT, LAND
from series.exclusive import exclusive

if TYPE_CHECKING:
    from flows.region.blocks import FoundBlock
    from flows.region.corrections import BlockTables
    from flows.region.measuring import Work
    from indicators.area.tally import Sums
    from indicators.profiles import Profile
    from regions.model import Region
    from series.cubes.tiles import Tile

#: Side of a block in cells.
SIDE = 512


def result_digest(region: Region, pulled: Pulled, request: AssessRequest, origin: str, profiles: list[Profile]) -> str:
    """Digest of all inputs of a result: outline, cubes, method, years, and the code that computes."""
    kinds = sorted({each.annual for each in profiles})
    own = pulled.kinds(profiles)
    others = {variable: path.name for variable, path in pulled.cubes.items() if variable != "productivity"}
    identity = {
        "region": region.model_dump(mode="json"),
        "cubes": sorted([*others.values(), *(pulled.productivity[kind].name for kind in own)]),
        "reference": [
            [
                area.number,
                area.outline and area.outline.wkt,
                sorted([*(p.name for p in area.cubes.values()), *(area.annual[kind].name for kind in kinds)]),
            ]
            for area in pulled.reference
        ],
        "series": [
            path.name
            for path in (
                *pulled.tables,
                *pulled.months,
                pulled.long_record,
                pulled.own_drivers,
                *pulled.drivers.values(),
            )
            if path
        ],
        "areas": {key: path.name for key, path in pulled.areas.items()},
        "profiles": [asdict(each) for each in profiles],
        "legend": own_legend(request),
        "options": options_of(request).identity,
        "years": request.span,
        **({} if request.baseline is None else {"periods": [request.baseline, *request.reporting]}),
        "origin": origin,
        "source": source_digest(),
    }
    return hashlib.sha256(json.dumps(identity, sort_keys=True, default=str).encode()).hexdigest()


def compute_profiles(
    region: Region, pulled: Pulled, request: AssessRequest, origin: str, *, side: int = SIDE
) -> tuple[RegionResult, ...]:
    """Assess one region by every profile of `request`, and then their agreement if there are several.

    A complete result folder is read, not computed again; a folder gets its name in one step, when it is complete.
    `side` is that of a block in cells; it changes memory and time, never the result.
    """
    profiles = profiles_of(request)
    home = request.data / "results" / region.id
    wanted = {each.name: [each] for each in profiles} | ({AGREEMENT: profiles} if len(profiles) > 1 else {})
    digests = {name: result_digest(region, pulled, request, origin, chosen) for name, chosen in wanted.items()}
    folders = {name: home / f"{name}-{digest[:12]}" for name, digest in digests.items()}

    def todo() -> list[str]:
        missing = [name for name, folder in folders.items() if not (folder / SUMMARY).is_file()]
        # An agreement needs the blocks of all profiles, so all of them are computed again.
        return list(folders) if AGREEMENT in missing else missing

    if todo():
        with exclusive(home):
            names = todo()
            chosen = [each for each in profiles if each.name in names]
            if names:
                with measured(region, pulled, request, chosen, side) as work:
                    for name in names:
                        finish(work, name, pulled, origin, digests[name], folders[name])
    for folder in folders.values():  # figures show the result that was requested last
        now = time.time_ns()  # finer than the clock of `touch`
        os.utime(folder / SUMMARY, ns=(now, now))
    return tuple(RegionResult.read(folder) for folder in folders.values())


def finish(work: Work, name: str, pulled: Pulled, origin: str, digest: str, folder: Path) -> None:
    """Write the result of one profile, or of the agreement, into `folder`, which appears in one step."""
    unfinished = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    where = {"region": work.job.region.id, "name": work.job.region.name}
    common = {**where, "period": work.job.periods[0].name, "profile": name, "origin": origin}
    tags = raster_tags(pulled, work.job.region.id, name, [each.name for each in work.job.profiles], origin)
    try:
        if name == AGREEMENT:
            found = write_agreement(work, tags, unfinished)
        else:
            found = write_profile(work, name, pulled, tags, unfinished)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)  # a failure leaves no unfinished folder
        raise
    times = {"started": work.started.isoformat(), "finished": datetime.now(UTC).isoformat()}
    summary = {**common, "digest": digest, **times, **code(), "left_out": pulled.left_out, **found}
    (unfinished / SUMMARY).write_text(json.dumps(summary, indent=1), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)  # without its summary it is not a result
    unfinished.replace(folder)


def write_profile(work: Work, name: str, pulled: Pulled, tags: dict[str, str], folder: Path) -> dict[str, Any]:
    """Write rasters, with these tags, and tables of one profile. Returns their part of the summary."""
    job = work.job
    profile = next(each for each in job.profiles if each.name == name)
    areas, parts = write_blocks(work, partial(find_block, job, work.whole, profile), tags, folder)
    climate = job.climate.get(profile.annual) if profile.trajectory.rain == "best-sum" else None
    if climate is not None:
        write_sums(climate, job, tags, folder)
    annual = tables.annual_table(job, work.sums, profile)
    series = [pd.read_csv(path, parse_dates=["month"]) for path in pulled.tables]
    sure = certainty_tables(work, profile, parts, tables.area_table(job, areas))
    last_month = job.region.growing_season[1] if profile.annual == "season_mean" else 12
    vegetation = tables.yearly(annual, "productivity")
    if pulled.monthly:
        driven = driver_statistics(job.region, vegetation, series[0], job.periods[0].name)
        sure["statistics"] = _joined(sure["statistics"], driven)
    cube = job.annual[profile.annual]
    seams = seam_statistics(cube, vegetation, job.periods[0].name)
    sure["statistics"] = _joined(sure["statistics"], seams)
    if profile.trajectory.rain == "best-sum":
        rain = rain_by_product(job.region, pulled)
        compared = rain_statistics(vegetation, rain, job.periods[0].name, last_month=last_month)
        sure["statistics"] = _joined(sure["statistics"], compared)
    longer = long_record_tables(work, profile, pulled)
    sure["statistics"] = _joined(sure["statistics"], longer.statistics)
    broken = write_breaks(work, profile, tags, folder) if job.options.pixel_breaks else pd.DataFrame()
    sure["statistics"] = _joined(sure["statistics"], broken)
    sure["statistics"] = _joined(sure["statistics"], write_causes(work, profile, pulled, tags, folder))
    sure["statistics"] = _joined(sure["statistics"], links_statistics(work, profile, pulled, folder))
    kept = key_area_tables(job, pulled.areas)
    sure["statistics"] = _joined(sure["statistics"], kept.statistics)
    whole = job.periods[0]
    drought, course = drought_tables(job.region, *pulled.months, whole.trajectory, whole.name)
    sure["prais"] = _joined(sure["prais"], drought, kept.prais)
    dry = index_series(course, series[0] if pulled.monthly else None)
    units = str(job.annual[profile.annual].attrs.get("units", "1"))
    own = read_own(pulled.own_drivers)
    own_words = [each["note"] for each in described_own(own, series).values()]
    winters = [winter_series(job.region.id, series[0])] if pulled.monthly else []
    series = with_own([*series, *winters, course, longer.observed(job.region.id, units)], own)
    series_words = annual_series(pulled.datasets.get("productivity"), profile.annual)
    observations = pd.concat([annual, *(each for each in series if len(each))])
    sure["statistics"] = _joined(sure["statistics"], link_trends(observations, whole.name))
    written = {
        **sure,
        "transitions": tables.transition_table(job, work.sums, profile),
        "observations": observations,
        **({LONG_COURSE: longer.course} if len(longer.course) else {}),
        "breaks": tables.break_table(job.region.id, annual, climate, dry, last_month=last_month, series=series_words),
    }
    for table, content in written.items():
        content.to_csv(folder / f"{table}.csv", index=False)
    area, share = tables.shares(written["areas"], "sdg", job.periods[0].name, LAND)
    trend, p = tables.trend_of(annual)
    breaks = written["breaks"].query("variable == 'productivity'").to_dict("records")
    return {
        "area_km2": area,
        "share": share,
        "trend_percent_decade": trend,
        "trend_p": p,
        "breaks": [
            {**{part: int(row[part]) for part in ("year", "low", "high")}, "drought": row["drought"]} for row in breaks
        ],
        **broken_series(annual, series_words, REMOVED[tables.without_rain(annual, climate)[1]]),
        "sensors": sensor_sentence(cube),
        "quantity": job.quantity,
        "performance": tables.unit_report(job, work.whole, profile, areas),
        "certainty": certain(written["statistics"], job.periods[0].name),
        "climate": {} if climate is None else dict(climate.chosen),
        "confusion": filter_summary(job, profile),
        "own_series": own_words,
        "gaps": sentences(written["statistics"], job.periods[0].name),
        "periods": [asdict(each) for each in period_results(job.periods, written["areas"], written["statistics"])],
    }


def broken_series(annual: pd.DataFrame, series: str, removed: str) -> dict[str, Any]:
    """Which series was searched for breaks, for the summary: `searched` is empty if it has too few years."""
    years = len(yearly(annual, "productivity"))
    if years < FEWEST:
        return {"searched": "", "breaks_are": too_short(years)}
    return {"searched": f"{series}, {removed}", "breaks_are": described(f"{series}, {removed}")}


def _joined(*tables: pd.DataFrame) -> pd.DataFrame:
    """Tables one below the other; empty tables do not affect the types of columns."""
    return pd.concat([each for each in tables if len(each)], ignore_index=True)


def certain(statistics: pd.DataFrame, period: str) -> dict[str, float | None]:
    """The statistics of a period by name, the p-value of its degraded share, and the true shares that agree with it."""
    own = statistics[statistics["period"] == period].set_index("name")
    known = {str(name): float(value) for name, value in own["value"].items() if pd.notna(value)}
    p = own["p"].get("field_significance")
    ends = {f"accord_{end}": own[end].get(ACCORD) for end in ("low", "high")}
    named = {"field_p": p, **ends}
    return {
        **known,
        **{n: float(value) if value is not None and pd.notna(value) else None for n, value in named.items()},
    }


def write_agreement(work: Work, tags: dict[str, str], folder: Path) -> dict[str, Any]:
    """Write the map of how many profiles call a pixel degraded, and its table. Returns their part of the summary."""
    job = work.job
    areas, _ = write_blocks(work, partial(agreed_block, job), tags, folder)
    table = tables.agreement_table(job, areas)
    table.to_csv(folder / "areas.csv", index=False)
    classes = [f"degraded_by_{count}" for count in range(len(job.profiles) + 1)]
    area, share = tables.shares(table, AGREEMENT, job.periods[0].name, classes)
    return {"area_km2": area, "share": share, "trend_percent_decade": None, "trend_p": None, "breaks": []}


def write_blocks(
    work: Work, make: Callable[[Tile], FoundBlock], tags: dict[str, str], folder: Path
) -> tuple[dict[tuple[str, str], Sums], list[BlockTables]]:
    """Make every block of the region, write its layers as they come, and add up its areas; what else blocks give."""
    job = work.job
    frame = Frame.of(job.grid.y, job.grid.x, job.grid.cell_degrees)
    areas: dict[tuple[str, str], Sums] = {}
    parts: list[BlockTables] = []
    report(job.region.id, f"classes of {tags['profile']}", 0, len(work.inside))
    with rasters(folder, frame, tags, job.years) as files:
        blocks = in_order(work.workers, make, work.inside)
        for done, (tile, block) in enumerate(zip(work.inside, blocks, strict=True), start=1):
            files.put(tile, block.layers)
            areas = added([areas, block.areas])
            parts += [] if block.tables is None else [block.tables]
            report(job.region.id, f"classes of {tags['profile']}", done, len(work.inside))
    return areas, parts
