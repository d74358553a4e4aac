"""Many processes that publish to one database: `together URL WORKERS EACH` or `killed URL N SEED`.

One import of the packages serves all, as each process is a fork. `together` prints a line a process; `killed` kills a
publisher N times, each time at another moment, looks whether the database is whole, and prints how often a publish
was under way.
"""

from __future__ import annotations

import mmap
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import replace

import pandas as pd
from published import BREAKS, OBSERVATIONS, REGION, RUN, assessment
from sqlalchemy import Engine, text

from practices.database.open import open_database
from practices.database.transactions import reading
from practices.results.publish import publish

PERIODS = (("2001-2015", (2001, 2015)), ("2001-2024", (2001, 2024)))
REGIONS = tuple(replace(REGION, id=f"region-{number}") for number in range(3))
#: Rows that every run has, by table.
WHOLE = {"assessment": 6, "area": 18, "transition": 6, "observation": 30, "break_point": 3}
COUNTS = {
    "assessment": "SELECT run_id, count(*) FROM assessment GROUP BY run_id",
    "area": "SELECT run_id, count(*) FROM area JOIN assessment ON id = assessment_id GROUP BY run_id",
    "transition": "SELECT run_id, count(*) FROM transition JOIN assessment ON id = assessment_id GROUP BY run_id",
    "observation": "SELECT run_id, count(*) FROM observation GROUP BY run_id",
    "break_point": "SELECT run_id, count(*) FROM break_point GROUP BY run_id",
}


def publish_one(engine: Engine, digest: str) -> None:
    """A run of three regions over two periods, with a series of ten months each, all told by the digest."""
    number = sum(map(ord, digest)) % 100
    months = pd.concat(
        OBSERVATIONS.assign(region=region.id, month=pd.Timestamp(2001, month, 1), value=float(number))
        for region in REGIONS
        for month in range(1, 11)
    )
    breaks = pd.concat(BREAKS.assign(region=region.id) for region in REGIONS)
    assessments = [
        replace(assessment(float(number), region), period=period, years=years)
        for region in REGIONS
        for period, years in PERIODS
    ]
    publish(engine, replace(RUN, digest=digest), assessments, months, breaks)


def whole(engine: Engine) -> int:
    """How many runs a reader sees at one moment, each with all its rows. Raises AssertionError for half a run."""
    with reading(engine) as connection:
        runs = set(connection.scalars(text("SELECT id FROM run")))
        for table, query in COUNTS.items():
            counts = {row[0]: row[1] for row in connection.execute(text(query))}
            assert counts == dict.fromkeys(runs, WHOLE[table]), f"{table}: {counts}"
    return len(runs)


def forked(work: Callable[[], None]) -> int:
    """Run something in a process of its own; its id."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    return child


def together(url: str, workers: int, each: int) -> None:
    """Publish from several processes at once, every tenth run from two of them, while another reads throughout."""
    stop = mmap.mmap(-1, 16)

    def work(worker: int) -> None:
        engine = open_database(url, patience_s=300)
        for step in range(each):
            publish_one(engine, f"w{worker}-{step}")
            if step % 10 == 0:
                publish_one(engine, f"w{(worker + 1) % workers}-{step}")
        engine.dispose()

    def watch() -> None:
        engine = open_database(url, patience_s=300)
        seen = [0]
        while not stop[0]:
            seen.append(whole(engine))
            time.sleep(0.02)
        assert seen == sorted(seen)
        stop[1:9] = len(seen).to_bytes(8, "little")
        stop[9] = len(set(seen)) > 3
        engine.dispose()

    watcher = forked(watch)
    children = [forked(lambda worker=number: work(worker)) for number in range(workers)]  # type: ignore[misc]
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    stop[0] = 1
    codes.append(os.waitstatus_to_exitcode(os.waitpid(watcher, 0)[1]))
    assert not any(codes), codes
    assert stop[9], "the reader saw too few states to tell anything"
    print("read", int.from_bytes(stop[1:9], "little"), flush=True)


def killed(url: str, times: int, seed: int) -> None:
    """Kill a publisher at random moments and look at what it leaves."""
    chance = random.Random(seed)
    shared = mmap.mmap(-1, 4)
    under_way = 0
    before = 0
    for number in range(times):
        shared[0] = shared[1] = 0

        def work(number: int = number) -> None:
            engine = open_database(url)
            for step in range(100_000):
                shared[0] = 1
                publish_one(engine, f"k{number}-{step}")
                shared[0] = 0
                shared[1] = 1  # the first is slow; from here on a kill may strike anywhere

        child = forked(work)
        while not shared[1]:
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.15))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        under_way += shared[0]
        engine = open_database(url)
        after = whole(engine)
        engine.dispose()
        assert after >= before
        before = after
    engine = open_database(url)
    with reading(engine) as connection:
        last = connection.scalar(text("SELECT digest FROM run ORDER BY id DESC LIMIT 1"))
    publish_one(engine, str(last))
    assert whole(engine) == before, "what was there already was published again"
    engine.dispose()
    print("under way", under_way, "runs", before, flush=True)


if __name__ == "__main__":
    {"together": together, "killed": killed}[sys.argv[1]](sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
