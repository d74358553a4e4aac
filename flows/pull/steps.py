"""What is pulled for a region, as steps that run at the same time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from flows.pull.left_out import optional
from flows.run.progress import report
from series.cost import Costs, costs_of
from series.cubes.delivery import Delivery
from series.cubes.naming import Cube
from series.cubes.pull import pull
from series.service.many import at_the_same_time

#: Called with the numbers of finished and of all requests of a step.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Step:
    """A cube or a table: the key of its result, what makes it, and the name under which it may be left out.

    An empty name means that the region fails without it. `costs` gives the requests that it needs, without any; `way`
    says whether they are requests or batch exports.
    """

    key: tuple[str, ...]
    make: Callable[[Progress], Any]
    name: str = ""
    costs: Callable[[], Costs] = lambda: iter(())
    way: Callable[[], str] = lambda: "requests"


def cube_step(key: tuple[str, ...], wanted: Callable[[], Cube], name: str, delivery: Delivery) -> Step:
    """The step that pulls a cube, which way the delivery says."""

    def costs() -> Costs:
        cube = wanted()
        return costs_of(cube, delivery.target_for(cube))

    return Step(key, lambda progress: pull(wanted(), progress, delivery), name, costs, lambda: delivery.way(wanted()))


@dataclass
class _Progress:
    """Finished and all requests of the steps of a region, reported as one."""

    region: str
    _parts: dict[tuple[str, ...], tuple[int, int]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def of(self, key: tuple[str, ...]) -> Progress:
        """The progress of a step."""

        def counted(done: int, total: int) -> None:
            with self._lock:
                self._parts[key] = done, total
                sums = [sum(numbers) for numbers in zip(*self._parts.values(), strict=True)]
                report(self.region, "pulling", *sums)

        return counted


def made(region: str, steps: Sequence[Step], left_out: dict[str, str]) -> dict[tuple[str, ...], Any]:
    """The results of the steps by key, all steps at the same time; what the server refuses is added to `left_out`.

    Raises the error of a step that the region needs.
    """
    report(region, "pulling")
    progress = _Progress(region)

    def run(step: Step) -> tuple[Any, dict[str, str]]:
        refused: dict[str, str] = {}
        if not step.name:
            return step.make(progress.of(step.key)), refused
        result = None
        with optional(refused, region, step.name):
            result = step.make(progress.of(step.key))
        return result, refused

    results = dict(at_the_same_time(run, steps))
    for step in steps:  # in the order of the steps, not in that of the answers
        left_out |= results[step][1]
    return {step.key: result for step in steps if (result := results[step][0]) is not None}
