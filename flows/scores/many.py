"""Scores of many landscapes, by as many processes as there are processors.

Each process has a pipe to this one and nothing else of it: when the pipe closes, or this process ends, it ends too.
"""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.connection import Connection, wait
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, cast

import numba

from flows.errors import FlowError
from flows.region.landscape.cubes import Place
from flows.region.landscape.scored import ScoredLandscape, score_landscape
from flows.region.processes import sendable
from flows.run.quiet import quiet
from flows.run.stopping import last_act
from flows.scores.kept import file_of, keep, kept


def score_landscapes(
    places: Sequence[Place], profiles: Sequence[str], done: Callable[[int], object] = lambda _count: None
) -> list[ScoredLandscape]:
    """The scores of all places, in their order; those in the folder of a place already are read.

    `done` is called with the number of those that are finished, as it grows. A single one is computed in this process.
    """
    files = {place: file_of(place, profiles, place.folder) for place in places}
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
    if not places:
        return
    # the largest first: the last ones are then short, and no process waits long for the others
    waiting = sorted(places, key=lambda place: place.region.geometry.area)
    workers = min(os.cpu_count() or 1, len(places))
    with _work_folder(places[0].folder) as folder:
        if workers == 1:
            yield from (
                (place, score_landscape(replace(place, folder=folder), profiles)) for place in reversed(waiting)
            )
            return
        with _processes(workers) as idle:
            busy: dict[Connection, Place] = {}
            while waiting or busy:
                while waiting and idle:
                    connection, place = idle.pop(), waiting.pop()
                    connection.send((replace(place, folder=folder), tuple(profiles)))
                    busy[connection] = place
                for ready in wait(list(busy)):
                    connection = cast("Connection", ready)
                    answer = _answer(connection, busy[connection])
                    if isinstance(answer, Exception):
                        raise answer
                    yield busy.pop(connection), answer
                    idle.append(connection)


def _answer(connection: Connection, place: Place) -> Any:
    """What a process sends. Raises FlowError where it ended."""
    try:
        return connection.recv()
    except (EOFError, ConnectionError) as error:
        raise FlowError(
            f"the process that scores {place.region.id}, seed {place.seed}, ended; this is mostly a lack of memory: "
            f"free some, or give a larger --cell; the same command continues"
        ) from error


@contextmanager
def _work_folder(home: Path) -> Iterator[Path]:
    """A folder for cubes and measures, which goes with the run, however it ends."""
    home.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(prefix=".work-", dir=home))

    def remove(_why: str = "") -> None:
        for process in active_children():
            process.kill()
            process.join(1)
        shutil.rmtree(folder, ignore_errors=True)

    try:
        with last_act(remove):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _processes(count: int) -> Iterator[list[Connection]]:
    """Pipes to as many new processes; they end with the `with` block."""
    context = get_context("spawn")
    started = []
    for _ in range(count):
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs,), daemon=True)
        process.start()
        theirs.close()
        started.append((ours, process))
    try:
        yield [ours for ours, _ in started]
    finally:
        for ours, process in started:
            ours.close()
            process.kill()
            process.join()


def _serve(connection: Connection) -> None:
    """Score the landscapes that arrive: one thread for compiled code, no word on Ctrl-C, an end with the parent."""
    quiet()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    numba.config.NUMBA_NUM_THREADS = 1
    threading.Thread(target=_end_with_parent, daemon=True).start()
    while True:
        try:
            place, profiles = connection.recv()
        except EOFError:
            return
        try:
            connection.send(score_landscape(place, profiles))
        except Exception as error:
            connection.send(sendable(error))


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
