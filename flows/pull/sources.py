"""The three sources of pixels with one interface: simulated, a folder of files, Google Earth Engine."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import astuple, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shapely.geometry import mapping

from flows.defaults import DEFAULT_SEED, DEFAULT_WORLD
from flows.errors import UnknownSource
from flows.pull.ages import DatasetAge
from flows.pull.delivered import require_exports
from flows.pull.neighbours import Neighbours
from flows.pull.own_files import require_usable
from flows.run.source_digest import engine_digest
from offline.errors import EngineError
from offline.process import EngineProcess, RemoteEngine
from offline.protocol.server import serve
from offline.sources.own_files.catalog import fingerprint
from offline.sources.own_files.files import FileSource
from offline.sources.simulated.clock import SETTLED
from offline.sources.simulated.source import SimulatedSource
from offline.sources.simulated.tables import COUNTRIES, TableOutline
from regions.catalogue import load
from series import datasets as catalogue
from series.areas import AREAS
from series.datasets import products_for
from series.errors import QuotaUsedUp, RequestFailed, Unavailable
from series.memory import RunMemory
from series.pressures import PRESSURES
from series.service.earth_engine import Connection, absence, connect, described
from series.service.many import at_the_same_time

if TYPE_CHECKING:
    from offline.protocol.server import Server
    from offline.sources.own_files.files import FileSource
    from offline.sources.simulated.tables import TableOutline
    from series.datasets import Dataset

CATALOGUE = "catalog.json"
#: Cells of this size can be read from every product of a series, degrees.
COARSEST = 1.0
_log = logging.getLogger("drylands")
#: Seconds in which an engine on a busy machine starts.
STARTING = 120.0
#: Regions of a run from which on the offline engine is a process of its own.
MANY = 8


@dataclass(frozen=True)
class Landscape:
    """Which simulated landscape a source is; `today` is the day on its clock, None for the usual one."""

    world: str = DEFAULT_WORLD
    seed: int = DEFAULT_SEED
    today: date | None = None

    @property
    def tags(self) -> dict[str, str]:
        """World and seed, for what is computed from it."""
        return {"landscape_world": self.world, "landscape_seed": str(self.seed)}

    @property
    def fingerprint(self) -> str:
        """What distinguishes its pixels from those of other landscapes and of other versions of the engine's code."""
        clock = " with a clock" if self.today else ""  # then the images are missing that Terra could not take
        return f"{engine_digest()} world {self.world} seed {self.seed}{clock}"

    @property
    def day(self) -> date:
        """The day on its clock."""
        return self.today or SETTLED

    @property
    def order(self) -> dict[str, Any]:
        """The same for an engine in a process of its own."""
        return {"world": self.world, "seed": self.seed, "today": self.today and self.today.isoformat()}

    def served(self) -> SimulatedSource:
        """Its assets, with the regions of the catalogue as administrative areas."""
        return SimulatedSource(self.seed, outlines(), world=self.world, today=self.today)


#: The landscape that a run takes without `world` and `seed`.
USUAL = Landscape()


@dataclass(frozen=True)
class OpenSource:
    """A connected source: its origin, the data set of each variable, and the server if it is the offline engine.

    `fingerprint` distinguishes folders of files, one folder before and after a change, landscapes, and versions of the
    offline engine's code. `landscape` names the world and seed of a simulated one; `files` are those of a folder.
    `neighbours`: the groups of regions whose tables come in one request; `memory`: answers that do not depend on a
    region. `continued`: the data set of another sensor that continues the record of productivity, None if none does;
    `ages`: how old the data sets are, where that was asked, on the day `today`: that on the clock of a landscape, none
    for a folder of files, which is never late.
    """

    origin: str
    datasets: Mapping[str, Dataset]
    server: Server | RemoteEngine | None
    fingerprint: str = ""
    files: FileSource | None = None
    landscape: Landscape | None = None
    neighbours: Neighbours = field(default_factory=Neighbours, compare=False, repr=False)
    memory: RunMemory = field(default_factory=RunMemory, compare=False, repr=False)
    continued: Dataset | None = None
    ages: Mapping[str, DatasetAge] = field(default_factory=dict)
    today: date | None = None

    @property
    def grows(self) -> bool:
        """Whether its data sets may have later years than the catalogue says."""
        return self.origin == "earth-engine" or (self.landscape is not None and self.landscape.today is not None)

    @contextmanager
    def until_quota(self) -> Iterator[None]:
        """Once the quota of the project is used up in one region, raise the same for those that were not begun.

        The next run continues there. Raises QuotaUsedUp.
        """
        used_up: list[QuotaUsedUp] = self.memory.once("quota used up", list)
        if used_up:
            raise used_up[0]
        try:
            yield
        except QuotaUsedUp as error:
            used_up.append(error)
            raise

    def has(self, asset: str) -> bool:
        """Whether the source serves `asset`."""
        return not self.absence(asset)

    def absence(self, asset: str) -> str:
        """Why the source does not serve `asset`, empty if it does; asked once for each run."""
        return str(self.memory.once(("absence", asset), lambda: absence(asset)))

    def assume_served(self) -> None:
        """Take for granted that every asset is served: for a plan, which asks nothing."""
        for asset in self._assets():
            self.memory.put(("absence", asset), "")

    def look_up(self) -> None:
        """Ask for all assets at the same time, once for each run: whether they are served, and their last image."""
        self.memory.once("assets", lambda: [*at_the_same_time(self._known, sorted(self._assets()))])

    def _assets(self) -> set[str]:
        own = [*self.datasets.values(), *([self.continued] if self.continued else [])]
        if self.origin != "offline-files":
            own += [*catalogue.RAIN_PRODUCTS, catalogue.LONG_RECORD]
        coarser = [each for dataset in own for each in products_for(dataset, COARSEST)]
        tables = {each.asset for each in AREAS}
        pressures = {asset for each in PRESSURES if not each.on_request for asset in each.assets}
        return {asset for each in coarser for asset in each.assets} | pressures | tables

    def _known(self, asset: str) -> None:
        """Ask for an asset. What the service does not say of it is asked again by who needs it."""
        try:
            if self.has(asset):
                described(asset)
        except Unavailable:
            raise
        except RequestFailed:
            _log.info("%s: the source does not say whether it serves this asset", asset)

    def product(self, dataset: Dataset, cell: float) -> Dataset:
        """The product of a data set's series to read at cells of `cell` degrees: the best that the source serves."""
        candidates = products_for(dataset, cell)
        return next((each for each in candidates[:-1] if self.has(each.asset)), dataset)


def is_address(source: str) -> bool:
    """Whether `source` is the address of an offline engine that runs already."""
    return source.startswith(("http://", "https://"))


def folder_of(source: str) -> Path | None:
    """The folder that `source` names, or None for `simulated` and `earthengine`.

    Raises UnknownSource if it is neither a known name nor a folder with a catalogue.
    """
    if source in ("simulated", "earthengine") or is_address(source):
        return None
    folder = Path(source)
    if not (folder / CATALOGUE).is_file():
        raise UnknownSource(
            f"source {source!r}: there is no {CATALOGUE} in it. Give simulated, earthengine, a folder with "
            f"{CATALOGUE} (offline/README.md shows one), or the address of a running offline engine"
        )
    return folder


def choose_datasets(folder: Path | None, chosen: Mapping[str, str]) -> dict[str, Dataset]:
    """The data set of each variable: the catalogue's default, replaced by the folder's own, then by choice.

    Raises UnknownSource for a key that no catalogue has.
    """
    own: dict[str, Dataset] = catalogue.load(folder / CATALOGUE) if folder else {}
    known = {**catalogue.DATASETS, **own}
    keys: dict[str, str] = {
        **catalogue.DEFAULTS,
        **{dataset.variable: key for key, dataset in own.items()},
        **chosen,
    }
    for variable, key in keys.items():
        if not key:
            raise UnknownSource(f"data set {variable!r}: give it as variable=key, such as productivity=mod17a3hgf-npp")
        if variable not in catalogue.DEFAULTS and variable in chosen:
            variables = ", ".join(catalogue.DEFAULTS)
            raise UnknownSource(f"data set {variable}={key}: variable {variable!r} is unknown; use {variables}")
        if key not in known:
            raise UnknownSource(f"{variable}: data set {key!r} is unknown; use {keys_of(known, variable)}")
        if known[key].variable != variable:
            raise UnknownSource(
                f"data set {key!r} measures {known[key].variable}, not {variable}; use {keys_of(known, variable)}"
            )
    return {variable: known[key] for variable, key in keys.items()}


def keys_of(known: Mapping[str, Dataset], variable: str) -> str:
    """The keys of the data sets of a variable, as text."""
    return ", ".join(sorted(key for key, each in known.items() if each.variable == variable))


@contextmanager
def opened(
    source: str,
    project: str | None,
    chosen: Mapping[str, str],
    service_account: Path | None = None,
    *,
    regions: int = 1,
    buckets: Path | None = None,
    landscape: Landscape = USUAL,
) -> Iterator[OpenSource]:
    """Connect the Earth Engine client to `source`, starting the offline engine if needed.

    `service_account` is the key file to sign in to Google with. The files of a folder are checked first. From `MANY`
    `regions` on the engine is a process of its own, else threads of this one. `buckets` is the folder of its exports,
    given where the run may export; `landscape` is the simulated one to serve. Raises UnusableFiles where bands, units
    or values do not fit, FlowError for an engine that cannot export.
    """
    folder = folder_of(source)
    datasets = choose_datasets(folder, chosen)
    if source == "earthengine":
        connect(Connection(project=project, service_account=service_account))
        yield OpenSource("earth-engine", datasets, None, today=datetime.now(UTC).date())
        return
    if is_address(source):
        engine = running_engine(source)
        if buckets is not None:
            require_exports(engine.url)
        connect(Connection(url=engine.url))
        found = landscape_of(engine)
        yield OpenSource("simulated", datasets, engine, found.fingerprint, landscape=found, today=found.day)
        return
    with ExitStack() as stack:
        # the process first: it starts while the files are checked
        process = stack.enter_context(engine_process(source, regions, buckets, landscape))
        files = None if folder is None else FileSource(folder)
        if files is not None:
            require_usable(files, datasets)
        server = process or stack.enter_context(serve(files or landscape.served(), exports=buckets))
        connect(local(server.url))
        origin, prints = identity(source, landscape)
        here = None if files else landscape
        yield OpenSource(origin, datasets, server, prints, files, here, today=None if here is None else here.day)


def identity(source: str, landscape: Landscape = USUAL) -> tuple[str, str]:
    """The origin of a source, and its fingerprint: nothing is asked of it, but which landscape a running engine has."""
    if source == "earthengine":
        return "earth-engine", ""
    if is_address(source):
        return "simulated", landscape_of(running_engine(source)).fingerprint
    folder = folder_of(source)
    if folder is None:
        return "simulated", landscape.fingerprint
    return "offline-files", f"{fingerprint(folder)} {engine_digest()}"


def landscape_of(engine: RemoteEngine) -> Landscape:
    """The simulated landscape that a running engine serves."""
    found = engine.described
    today = found.get("today")
    return Landscape(str(found["world"]), int(found["seed"]), None if today is None else date.fromisoformat(today))


def running_engine(address: str) -> RemoteEngine:
    """The offline engine at an address, with the simulated landscape.

    Raises UnknownSource if none answers there, or one with other data: their catalogue is not known here.
    """
    engine = RemoteEngine(address)
    try:
        origin = engine.origin
    except (EngineError, ValueError) as error:
        raise UnknownSource(f"source {address}: no offline engine answers ({error}); start drylands offline") from error
    if origin != "simulated":
        raise UnknownSource(f"source {address}: it serves files; give their folder as the source instead")
    return RemoteEngine(address, engine.usage().requests)


class _Early:
    """The process of the engine that was started for the run to come, before its imports."""

    process: EngineProcess | None = None


@contextmanager
def engine_process(
    source: str, regions: int, buckets: Path | None = None, landscape: Landscape = USUAL
) -> Iterator[EngineProcess | None]:
    """The engine in a process of its own where that pays, else None; a block inside such a block shares its process.

    An engine that answers as threads of the run makes the run wait in Python's lock, and the run the engine. The
    process takes some seconds to start: enter this before slow imports.
    """
    if _Early.process is not None or regions < MANY or source == "earthengine" or is_address(source):
        yield _Early.process
        return
    folder = folder_of(source)
    simulated = {"outlines": [list(astuple(o)) for o in outlines()], **landscape.order}
    served = {"folder": str(folder.absolute())} if folder else simulated
    with EngineProcess(served, exports=None if buckets is None else str(buckets.absolute())) as process:
        _Early.process = process
        try:
            yield process
        finally:
            _Early.process = None


def local(url: str) -> Connection:
    """The connection to an engine on this machine, which cannot do more at the same time than it has processors."""
    return Connection(url=url, most=2 * (os.cpu_count() or 1), patience=STARTING)


def outlines() -> list[TableOutline]:
    """The regions of the catalogue, for the simulated landscape's tables of administrative areas."""
    names = {iso: name for name, iso, *_ in COUNTRIES}
    return [
        TableOutline(
            region.name, names.get(region.countries[0], "") if region.countries else "", mapping(region.geometry)
        )
        for region in load().values()
    ]


@contextmanager
def offline_engine(folder: Path | None, landscape: Landscape = USUAL, **options: Any) -> Iterator[Server]:
    """The offline engine over a folder, or over a simulated landscape when `folder` is None.

    `options` are those of `serve`.
    """
    source = landscape.served() if folder is None else FileSource(folder)
    with serve(source, **options) as server:
        yield server
