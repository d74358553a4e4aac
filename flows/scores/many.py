"""Scores of many landscapes, by as many processes as there are processors."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait

import numba

from flows.region.landscape.cubes import Place
from flows.region.landscape.scored import ScoredLandscape, score_landscape
from flows.run.quiet import quiet
from flows.scores.kept import file_of, keep, kept


def score_landscapes(
    places: Sequence[Place], profiles: Sequence[str], done: Callable[[int], object] = lambda _count: None
) -> list[ScoredLandscape]:
    """The scores of all places, in their order; those that are on disk already are read.

    `done` is called with the number of those that are finished, as it grows. A single one is computed in this process.
    """
    files = {place: file_of(place, profiles, place.folder) for place in places}
    for place in places:
        place.folder.mkdir(parents=True, exist_ok=True)
    known = {place: kept(files[place]) for place in places}
    todo = [place for place in places if known[place] is None]
    done(len(places) - len(todo))
    for number, (place, new) in enumerate(_computed(todo, profiles), start=len(places) - len(todo) + 1):
        keep(files[place], new)
        known[place] = new
        done(number)
    return [scored for place in places if (scored := known[place]) is not None]


def _computed(places: Sequence[Place], profiles: Sequence[str]) -> Iterator[tuple[Place, ScoredLandscape]]:
    """The scores of places as they come."""
    workers = min(os.cpu_count() or 1, len(places))
    if workers <= 1:
        yield from ((place, score_landscape(place, profiles)) for place in places)
        return
    # the largest first: the last ones are then short, and no process waits long for the others
    largest = sorted(places, key=lambda place: -place.region.geometry.area)
    with ProcessPoolExecutor(workers, get_context("spawn"), _begin) as pool:
        try:
            waiting = {pool.submit(score_landscape, place, profiles): place for place in largest}
            for future in as_completed(waiting):
                yield waiting[future], future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _begin() -> None:
    """Prepare a process: one thread for compiled code, no word on Ctrl-C, and an end with its parent."""
    quiet()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    numba.config.NUMBA_NUM_THREADS = 1
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
