"""Random expression graphs, most of them nonsense: for tests, and by the thousand for `make fuzz`.

`python random_graphs.py COUNT [SEED]` sends them through the engine's own entrance (`Engine.answer`, what the HTTP
server calls) and fails on anything but a JSON answer or an error in Earth Engine's shape, and on a slow or greedy one.
"""

from __future__ import annotations

import json
import random
import resource
import signal
import sys
import time
import warnings
from collections import Counter
from typing import Any

from conftest import FewPixels

from offline.errors import EngineError
from offline.graph.registry import algorithms
from offline.graph.signatures import signatures
from offline.protocol.routes import Engine

#: Seconds of computing that one graph may take, seconds in all (on a busy machine), and bytes the process may grow to.
SLOWEST, LONGEST, LARGEST = 20, 600, 6 * 2**30
#: Seconds after which the engine gives up by itself, between two steps.
PATIENCE = 1.0
NAMES = sorted(algorithms())
CONSTANTS: list[Any] = [
    0, 1, -1, 2, 3.5, -0.25, 1e9, 1e308, -1e308, 255, 2001, True, False, None, "", "a", "b", "class", "v", "EPSG:0",
    "system:index", "EPSG:4326", "EPSG:3857", "pixels", "meters", "2001-01-01", "2002", "TEST/YEARLY", "TEST/CLASSES",
    "red", [], [1, 2, 3], [0, 1], ["a", "b"], [[1, 2], [3, 4]], [100, 44], [1, 0, 100, 0, -1, 45], {}, {"a": 1},
    {"type": "Point", "coordinates": [100.5, 44.5]},
]  # fmt: skip
#: How values of a type are made, by the first word of its name in a signature.
MAKERS = {
    "Image": [
        "Image.constant",
        "Image.load",
        "Image.pixelLonLat",
        "ImageCollection.mosaic",
        "Image.add",
        "Image.random",
    ],
    "ImageCollection": ["ImageCollection.load", "ImageCollection.fromImages"],
    "FeatureCollection": ["Collection.loadTable", "Image.sample", "FeatureCollection.randomPoints"],
    "Geometry": ["GeometryConstructors.Point", "GeometryConstructors.Rectangle"],
    "Reducer": [name for name in NAMES if name.startswith("Reducer.")],
    "Filter": [name for name in NAMES if name.startswith("Filter.")],
    "Kernel": [name for name in NAMES if name.startswith("Kernel.")],
    "Join": [name for name in NAMES if name.startswith("Join.") and name != "Join.apply"],
    "Projection": ["Projection"],
    "Date": ["Date"],
    "DateRange": ["DateRange"],
    "Feature": ["Feature"],
    "Element": ["Feature", "Image.constant"],
}
ASSETS = {"Image": ["TEST/YEARLY/2001_01_01", "TEST/CLASSES"], "ImageCollection": ["TEST/YEARLY"],
          "FeatureCollection": ["TEST/DISTRICTS"]}  # fmt: skip


class Slow(BaseException):
    """A graph took too long; no algorithm may catch it."""


def stop(*_signal: object) -> None:
    """Called by the alarm."""
    raise Slow(f"more than {SLOWEST} s of computing, or {LONGEST} s")


class Graph:
    """One random graph: nodes are made until the budget is spent, then constants are used."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.budget = self.dice.choice((3, 8, 20, 60))
        self.values: dict[str, Any] = {}

    def expression(self) -> dict[str, Any]:
        """The graph as the client sends it."""
        result = self.call(self.dice.choice(NAMES), 0)
        if self.dice.random() < 0.01 and self.values:
            # a cycle, or a reference to nothing
            self.values[self.dice.choice(list(self.values))] = {"valueReference": self.dice.choice([result, "nowhere"])}
        return {"values": self.values, "result": result}

    def call(self, name: str, depth: int) -> str:
        """A node that calls an algorithm, its arguments mostly of the right type; the key of it."""
        arguments = {}
        for argument in signatures()[name].arguments:
            if argument.optional and self.dice.random() < 0.6:
                continue
            arguments[argument.name] = self.argument(argument.type, depth + 1)
        return self.kept({"functionInvocationValue": {"functionName": name, "arguments": arguments}})

    def kept(self, node: dict[str, Any]) -> str:
        key = str(len(self.values))
        self.values[key] = node
        return key

    def argument(self, kind: str, depth: int) -> dict[str, Any]:
        kind = kind.split("<")[0]
        self.budget -= 1
        if self.values and self.dice.random() < 0.15:
            return {"valueReference": self.dice.choice(list(self.values))}
        if self.budget <= 0 or depth > 30 or self.dice.random() < 0.05:
            return {"constantValue": self.dice.choice(CONSTANTS)}
        if kind in ASSETS and self.dice.random() < 0.5:
            loader = {"Image": "Image.load", "ImageCollection": "ImageCollection.load",
                      "FeatureCollection": "Collection.loadTable"}[kind]  # fmt: skip
            key = "tableId" if kind == "FeatureCollection" else "id"
            load = {"functionName": loader, "arguments": {key: {"constantValue": self.dice.choice(ASSETS[kind])}}}
            return {"functionInvocationValue": load}
        if kind in MAKERS:
            maker = self.dice.choice([name for name in MAKERS[kind] if name in signatures()])
            return {"valueReference": self.call(maker, depth)}
        if kind == "Algorithm":
            body = self.kept({"argumentReference": "_MAPPING_VAR_0_0"})
            return {"functionDefinitionValue": {"argumentNames": ["_MAPPING_VAR_0_0"], "body": body}}
        if kind in ("Float", "Integer", "Number", "Long"):
            return {"constantValue": self.dice.choice([0, 1, 2, -3, 0.5, 10, 100, 1e6])}
        if kind in ("String", "Boolean"):
            return {"constantValue": self.dice.choice(CONSTANTS[11:29])}
        if kind in ("List", "Dictionary"):
            return {"constantValue": self.dice.choice(CONSTANTS[30:])}
        return {"valueReference": self.call(self.dice.choice(NAMES), depth)}


#: Whether to print refusals that do not say what is wrong.
VERBOSE = False


def traceback_of(error: BaseException) -> str:
    """Where an error was raised first."""
    import traceback

    cause = error.__cause__ or error
    frames = [each for each in traceback.extract_tb(cause.__traceback__) if "random_graphs" not in each.filename]
    return " < ".join(f"{each.filename.rsplit('/', 1)[-1]}:{each.lineno} {each.name}" for each in frames[:-4:-1])


GRID = {
    "dimensions": {"width": 8, "height": 6},
    "affineTransform": {"scaleX": 0.25, "shearX": 0, "translateX": 100, "shearY": 0, "scaleY": -0.25, "translateY": 45},
    "crsCode": "EPSG:4326",
}


def tried(engine: Engine, seed: int) -> str:
    """What came of one graph: `value`, `pixels`, or how both were refused. Raises for anything else."""
    expression = Graph(seed).expression()
    outcome = ""
    for path, body in (
        ("/v1/projects/x/value:compute", {"expression": expression}),
        ("/v1/projects/x/image:computePixels", {"expression": expression, "fileFormat": "NPY", "grid": GRID}),
    ):
        try:
            answer = engine.answer("POST", path, "", body, "http://x")
        except EngineError as error:
            if set(error.body()["error"]) != {"code", "message", "status"}:  # type: ignore[call-overload]
                raise AssertionError("not Earth Engine's error shape") from error
            wordless = str(error).startswith("Offline engine")
            outcome = outcome or ("refused without a word" if wordless else "refused")
            if VERBOSE and wordless:
                print(seed, str(error)[:150], traceback_of(error))
            continue
        if path.endswith("Pixels"):
            return "pixels"
        json.loads(answer.body)
        outcome = "value"
    return outcome


def soak(count: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Try `count` graphs: how they ended, and those that failed, were slow or greedy, at most twenty."""
    engine = Engine(FewPixels(), seconds=PATIENCE)
    for each in (signal.SIGALRM, signal.SIGPROF):
        signal.signal(each, stop)
    outcomes: Counter[str] = Counter()
    failed: list[str] = []
    for number in range(seed, seed + count):
        signal.alarm(LONGEST)
        signal.setitimer(signal.ITIMER_PROF, SLOWEST)
        try:
            outcomes[tried(engine, number)] += 1
        except (Exception, Slow) as error:
            failed.append(f"graph {number}: {type(error).__name__}: {error} at {traceback_of(error)}")
            print(failed[-1], flush=True)
        finally:
            signal.alarm(0)
            signal.setitimer(signal.ITIMER_PROF, 0)
        done = number + 1 - seed
        if done % 10_000 == 0:
            print(f"{done} of {count}: {dict(outcomes)}, {len(failed)} failed", flush=True)
        used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        if used > LARGEST:
            failed.append(f"graph {number}: the process grew to {used / 2**30:.1f} GiB")
        if len(failed) > 20 or used > LARGEST:
            break
    return outcomes, failed


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    sys.setrecursionlimit(5000)
    began = time.monotonic()
    VERBOSE = "-v" in sys.argv
    found, problems = soak(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    print(f"{sum(found.values())} graphs in {time.monotonic() - began:.0f} s: {dict(found)}")
    print("\n".join(problems))
    sys.exit(1 if problems else 0)
