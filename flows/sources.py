"""The three places pixels come from, behind one door: simulated, a folder of files, Google Earth Engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flows.errors import UnknownSource

if TYPE_CHECKING:
    from offline.server import Server
    from offline.sources.simulated_tables import Outline
    from series.datasets import Dataset

CATALOGUE = "catalog.json"


@dataclass(frozen=True)
class OpenSource:
    """A connected source: its origin, the data set of each variable, and the engine when it is ours.

    `fingerprint` tells folders of files apart, and one folder before and after a change.
    """

    origin: str
    datasets: Mapping[str, Dataset]
    server: Server | None
    fingerprint: str = ""

    def has(self, asset: str) -> bool:
        """Whether the source serves `asset`."""
        from series.earth_engine import exists

        return exists(asset)


def folder_of(source: str) -> Path | None:
    """The folder that `source` names, or None for `simulated` and `earthengine`.

    Raises UnknownSource where it is no known name and no folder with a catalogue.
    """
    if source in ("simulated", "earthengine"):
        return None
    folder = Path(source)
    if not (folder / CATALOGUE).is_file():
        raise UnknownSource(
            f"source {source!r}: there is no {CATALOGUE} in it. Give simulated, earthengine, or a folder that "
            f"holds {CATALOGUE} (offline/README.md shows one)"
        )
    return folder


def choose_datasets(folder: Path | None, chosen: Mapping[str, str]) -> dict[str, Dataset]:
    """The data set of each variable: the catalogue's default, replaced by the folder's own, then by choice.

    Raises UnknownSource for a key that no catalogue holds.
    """
    from series import datasets as catalogue

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
            raise UnknownSource(f"data set {variable}={key}: no variable {variable!r}; the variables are {variables}")
        if key not in known:
            raise UnknownSource(f"{variable}: no data set {key!r}; known are {held_by(known, variable)}")
        if known[key].variable != variable:
            raise UnknownSource(f"data set {key!r} holds {known[key].variable}, not {variable}")
    return {variable: known[key] for variable, key in keys.items()}


def held_by(known: Mapping[str, Dataset], variable: str) -> str:
    """The keys of the data sets that hold a variable, as text."""
    return ", ".join(sorted(key for key, each in known.items() if each.variable == variable))


@contextmanager
def opened(source: str, project: str | None, chosen: Mapping[str, str]) -> Iterator[OpenSource]:
    """Connect the Earth Engine client to `source`, starting the offline engine in this process if needed."""
    from offline.sources.catalog import fingerprint
    from series.earth_engine import Connection, connect

    folder = folder_of(source)
    datasets = choose_datasets(folder, chosen)
    with ExitStack() as stack:
        if source == "earthengine":
            connect(Connection(project=project))
            yield OpenSource("earth-engine", datasets, None)
            return
        server = stack.enter_context(offline_engine(folder))
        connect(Connection(url=server.url))
        if folder is None:
            yield OpenSource("simulated", datasets, server)
        else:
            yield OpenSource("offline-files", datasets, server, fingerprint(folder))


def outlines() -> list[Outline]:
    """The regions of the catalogue, for the simulated landscape's tables of administrative areas."""
    from shapely.geometry import mapping

    from offline.sources.simulated_tables import COUNTRIES, Outline
    from regions.catalogue import load

    names = {iso: name for name, iso, *_ in COUNTRIES}
    return [
        Outline(region.name, names.get(region.countries[0], "") if region.countries else "", mapping(region.geometry))
        for region in load().values()
    ]


@contextmanager
def offline_engine(folder: Path | None, port: int = 0, exports: Path | None = None) -> Iterator[Server]:
    """The offline engine over a folder, or over the simulated landscape when `folder` is None."""
    from offline.server import serve

    if folder is None:
        from offline.sources.simulated import SimulatedSource

        with serve(SimulatedSource(outlines=outlines()), port=port, exports=exports) as server:
            yield server
        return
    from offline.sources.files import FileSource

    with serve(FileSource(folder), port=port, exports=exports) as server:
        yield server
