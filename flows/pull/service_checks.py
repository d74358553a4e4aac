"""Whether Earth Engine serves what a run needs: sign-in, project, computing, quota, and every asset and band."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Literal

import ee

from flows.pull.ages import age_of, replaced
from series.areas import AREAS
from series.datasets import COARSER, DATASETS, DEFAULTS, Dataset
from series.errors import RequestFailed, SeriesError, Unavailable
from series.pressures import PRESSURES
from series.service.earth_engine import Connection, absence, call, connect
from series.service.many import at_the_same_time

#: Seconds of the first wait between two tries: a check gives up after about 20 seconds, a run after 15 minutes.
PACE = 0.02
#: Words of the client's warning about a project that has used up its compute time.
RESTRICTED = "restricted mode"
REPORT = "report it at the project's issues: an entry of the catalogue of data sets is wrong"

State = Literal["ok", "warning", "fail"]


@dataclass(frozen=True)
class CheckFinding:
    """What one check found; `warning` where a run works without it."""

    check: str
    state: State
    message: str


@dataclass(frozen=True)
class Wanted:
    """Bands of an asset that something needs; without a `required` one there is no assessment.

    `dataset` is that of the catalogue, None for a pressure.
    """

    name: str
    asset: str
    bands: tuple[str, ...]
    required: bool = False
    dataset: Dataset | None = None


def wanted() -> list[Wanted]:
    """Every asset and band of the default data sets, their coarser products and successors, pressures, and outlines."""
    found = []
    for variable, key in DEFAULTS.items():
        required = variable == "productivity"
        found.append(_of_dataset(variable, DATASETS[key], required=required))
        found += [_of_dataset(f"{variable}, coarser", DATASETS[other]) for other in COARSER.get(key, ())]
        if DATASETS[key].successor:
            found.append(_of_dataset(f"{variable}, next", DATASETS[DATASETS[key].successor]))
    for pressure in PRESSURES:
        found += [Wanted(f"pressure {pressure.name}", asset, bands) for asset, bands in pressure.reads]
    return found + [Wanted(each.name, each.asset, ()) for each in AREAS]


def _of_dataset(name: str, dataset: Dataset, *, required: bool = False) -> Wanted:
    return Wanted(name, dataset.asset, dataset.bands, required, dataset)


def service_findings(connection: Connection, today: date | None = None) -> Iterator[CheckFinding]:
    """Check everything, in order; assets are not asked for where computing does not work.

    How old data sets are is said of `today`, the present day by default.
    """
    steps: list[tuple[str, Callable[[], CheckFinding]]] = [
        ("sign-in", lambda: _signed_in(connection)),
        ("project", _project),
        ("computation", _computation),
    ]
    for name, step in steps:
        found = _tried(name, step)
        yield found
        if found.state == "fail":
            yield CheckFinding("assets", "fail", f"not checked, because {name} failed")
            return
    yield CheckFinding("quota", "ok", QUOTA)
    yield from _asset_findings(today or datetime.now(UTC).date())


def _asset_findings(today: date) -> list[CheckFinding]:
    """What is found about every asset and band; each asset is looked up once."""
    needs = wanted()
    assets = dict.fromkeys(need.asset for need in needs)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=f".*{RESTRICTED}")
        found = dict(at_the_same_time(seen, assets))
    return [asset_finding(need, found[need.asset], today) for need in needs]


#: What the service does not tell a client.
QUOTA = (
    "requests at the same time (40 by default), requests a minute (6,000) and the compute time that is left "
    "(EECU-hours a month) cannot be asked; they are shown at https://console.cloud.google.com/iam-admin/quotas "
    "(service earthengine.googleapis.com)"
)


def _tried(name: str, step: Callable[[], CheckFinding]) -> CheckFinding:
    """What a step finds, with the client's warning where the project is slowed down."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            found = step()
        except SeriesError as error:
            return CheckFinding(name, "fail", str(error))
    slowed = [str(each.message) for each in caught if RESTRICTED in str(each.message)]
    return replace(found, state="warning", message=f"{found.message}. {slowed[0]}") if slowed else found


def _signed_in(connection: Connection) -> CheckFinding:
    connect(connection)
    where = connection.url or "Google Earth Engine"
    return CheckFinding("sign-in", "ok", f"{where} accepts the credentials")


def _project() -> CheckFinding:
    try:
        config = call(ee.data.getProjectConfig)
    except RequestFailed as error:
        return CheckFinding("project", "warning", f"its registration cannot be read ({error}); computing decides")
    state = str(config.get("registrationState", "")).replace("_", " ").lower()
    tasks = config.get("maxConcurrentExports")
    said = [
        f"the Earth Engine API is enabled in {config.get('name', 'the project').removesuffix('/config')}",
        f"the project is {state}" if state else "",
        f"{tasks} batch tasks at the same time" if tasks else "",
    ]
    return CheckFinding("project", "fail" if state == "not registered" else "ok", "; ".join(filter(None, said)))


def _computation() -> CheckFinding:
    answer = call(lambda: ee.Number(20).add(22).getInfo())
    return CheckFinding("computation", "ok" if answer == 42 else "fail", f"20 + 22 is {answer}")


@dataclass(frozen=True)
class Seen:
    """What an asset has: the bands of its first and of its last image, and their times (milliseconds, 0: none)."""

    first: tuple[str, ...]
    last: tuple[str, ...]
    start: float
    end: float


#: What is seen of a table that can be read: it has no bands and no images.
TABLE = Seen((), (), 0.0, 0.0)


def seen(asset: str) -> Seen | str:
    """What an asset has, or why it cannot be read; two requests."""
    try:
        described = call(lambda: ee.data.getAsset(asset))
        if described["type"] == "TABLE":
            call(ee.FeatureCollection(asset).limit(1).size().getInfo)
            return TABLE
        found = call(_ends(asset, is_image=described["type"] == "IMAGE").getInfo)
        return Seen(tuple(found["first"]), tuple(found["last"]), found["start"], found["end"])
    except Unavailable as error:
        return str(error)
    except RequestFailed as error:
        try:
            return absence(asset) or str(error)
        except SeriesError:
            return str(error)
    except SeriesError as error:
        return str(error)


def _ends(asset: str, *, is_image: bool) -> Any:
    """The bands and times of the first and the last image, as an expression."""
    first = last = ee.Image(asset)
    if not is_image:
        images = ee.ImageCollection(asset)
        first = ee.Image(images.limit(1, "system:time_start").first())
        last = ee.Image(images.limit(1, "system:time_start", False).first())

    def time(image: Any) -> Any:
        return ee.Algorithms.If(image.propertyNames().contains("system:time_start"), image.get("system:time_start"), 0)

    bands = {"first": first.bandNames(), "last": last.bandNames()}
    return ee.Dictionary({**bands, "start": time(first), "end": time(last)})


def asset_finding(need: Wanted, found: Seen | str, today: date) -> CheckFinding:
    """Whether an asset that was looked up can be read, has the bands, which years it covers, and whether it goes on."""
    check = f"{need.name}: {need.asset} {', '.join(need.bands)}".rstrip()
    wrong: State = "fail" if need.required else "warning"
    if isinstance(found, str):
        return CheckFinding(check, wrong, f"{found.rstrip('.')}; {_remedy(need)}")
    lacking = [band for band in need.bands if band not in found.first or band not in found.last]
    if lacking:
        return CheckFinding(
            check,
            wrong,
            f"has no band {', '.join(lacking)}, but {', '.join(found.last[:12])}; {REPORT}; {_remedy(need)}",
        )
    span = "a table" if found is TABLE else _span(found.start, found.end)
    if need.dataset is None or need.dataset.cadence == "static" or not found.end:
        return CheckFinding(check, "ok", span)
    age = age_of(need.dataset, _day(found.end), today)
    if age.state != "current":
        return CheckFinding(check, "warning", f"{span}; {age.sentence}")
    after = f"; {replaced(need.dataset)} when it ends" if need.dataset.successor else ""
    return CheckFinding(check, "ok", f"{span}, {age.days} days old{after}")


def _day(millis: float) -> date:
    return datetime.fromtimestamp(millis / 1000, UTC).date()


def _span(start: float, end: float) -> str:
    """The times of the first and the last image as text."""
    if not start:
        return "one image, without a date"
    first, last = (_day(start), _day(end))
    return f"one image of {first}" if first == last else f"images from {first} to {last}"


def _remedy(need: Wanted) -> str:
    if need.required:
        return "an assessment needs it: ask the owner of the asset for access, or choose another with --dataset"
    return "a run leaves it out and says so; ask the owner of the asset for access to have it"
