"""One request from its arrival to its answer: limits, faults, metering, latency, and its record in the log."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

from offline.errors import EngineError
from offline.metering.latency import Latency
from offline.metering.meter import Meter, metered
from offline.metering.profiles import Profiles
from offline.metering.records import RequestRecord
from offline.protocol.answers import Answer, error_answer, misshapen
from offline.protocol.control import CONTROL, controlled
from offline.protocol.faults import FAULTS, HEADER, BadFault, Fault, fault_of_header
from offline.protocol.routes import COMPUTING, Engine, project_of
from offline.protocol.running import Server

#: Headers of the client's profiler, and of the client's warning that a project is slowed down.
PROFILING, PROFILE = "X-Earth-Engine-Computation-Profiling", "X-Earth-Engine-Computation-Profile"
QUOTA_STATUS = "X-Earth-Engine-Quota-Status"
#: Faults after which the engine computes no answer.
CLOSING = ("reset", "silent")


@dataclass(frozen=True)
class Question:
    """One HTTP request; `path` is decoded, `local` whether it comes from this machine."""

    method: str
    path: str
    query: str
    body: dict[str, Any] | None
    headers: Mapping[str, str]
    base: str
    local: bool = True


@dataclass(frozen=True)
class Reply:
    """What to send: half of the answer if it is `cut`, the second half after `pause` seconds.

    Without an answer the connection is closed, or kept open without one until the client leaves if `hold` is set.
    """

    answer: Answer | None
    cut: bool = False
    pause: float = 0.0
    hold: bool = False


class Responder:
    """Answers requests with an engine, within the limits of a server and as slowly as the service."""

    def __init__(self, engine: Engine, server: Server, latency: Latency | None = None) -> None:
        self.engine = engine
        self.server = server
        self._latency = latency
        self._profiles = Profiles()

    def reply(self, question: Question) -> Reply:
        """Answer one request and record it."""
        if question.path.startswith(CONTROL):
            return Reply(self._control(question))
        kind = self.engine.kind(question.path)
        meter = Meter(profile_text=self._profiles.written)
        started, began = time.time(), time.monotonic()
        reply = self._reply(question, kind, meter, began)
        answer = reply.answer
        whole = answer is not None and answer.code < 400
        cost = meter.eecu_seconds if whole and kind in COMPUTING else 0.0
        restricted = self.server.limits.is_restricted
        self.server.limits.charge(cost)
        status, size = (0, 0) if answer is None else (answer.code, len(answer.body))
        pixels = meter.input_pixels, meter.computed_pixels
        seconds = time.monotonic() - began
        self.server.record(
            RequestRecord(question.method, question.path, kind, status, size, started, seconds, *pixels, cost)
        )
        if answer is None:
            return reply
        more = {"X-Offline-Input-Pixels": str(meter.input_pixels), "X-Offline-EECU-Seconds": f"{cost:.6f}"}
        if question.headers.get(PROFILING) == "1":
            more[PROFILE] = self._profiles.add(meter)
        if restricted:
            more[QUOTA_STATUS] = "parallelism_restricted=true"
        return replace(reply, answer=replace(answer, headers={**answer.headers, **more}))

    def _control(self, question: Question) -> Answer:
        if not question.local:
            return error_answer(EngineError(f"{question.path}: only this machine may control the engine.", 403))
        try:
            query = dict(parse_qsl(question.query))
            return controlled(self.server, question.method, question.path, query, question.body)
        except EngineError as error:
            return error_answer(error)

    def _reply(self, question: Question, kind: str, meter: Meter, began: float) -> Reply:
        try:
            if project := project_of(question.path):
                self.server.limits.arrive(project)
            fault = self._fault(question, kind)
            if fault is not None and (FAULTS[fault.name][0] != 200 or fault.name in CLOSING):
                return _failed(fault)
            with self._turn(kind, meter, began):
                if fault is not None and fault.name != "slow-body":
                    time.sleep(fault.delay)
                answer = self._computed(question, meter)
        except EngineError as error:
            return Reply(error_answer(error))
        if fault is None:
            return Reply(answer)
        answer = misshapen(answer) if fault.name == "wrong-shape" and answer.code == 200 else answer
        return Reply(answer, fault.name == "truncated", fault.delay if fault.name == "slow-body" else 0.0)

    def _computed(self, question: Question, meter: Meter) -> Answer:
        q = question
        with metered(meter):
            try:
                return self.engine.answer(q.method, q.path, q.query, q.body, q.base, q.headers.get("Range", ""))
            except EngineError as error:
                return error_answer(error)

    @contextmanager
    def _turn(self, kind: str, meter: Meter, began: float) -> Iterator[None]:
        """The time in which a request is computed, as long as on the service.

        Raises EngineError if it may not be computed now.
        """
        if kind not in COMPUTING:
            yield
            return
        limits = self.server.limits
        limits.check_budget()
        with limits.slot():
            yield
            if self._latency is not None:
                ready = began + self._latency.seconds(meter.input_pixels)
                time.sleep(max(0.0, ready - time.monotonic()))

    def _fault(self, question: Question, kind: str) -> Fault | None:
        """The fault that the header of the request names, or the next one of the plan."""
        named = question.headers.get(HEADER)
        if not named:
            return self.server.faults.next(kind, question.path)
        try:
            return fault_of_header(named)
        except BadFault as error:
            raise EngineError(str(error)) from error


def _failed(fault: Fault) -> Reply:
    """What a request gets that a fault ends, after its delay."""
    time.sleep(fault.delay)
    if fault.name in CLOSING:
        return Reply(None, hold=fault.name == "silent")
    code, message = FAULTS[fault.name]
    return Reply(error_answer(EngineError(message, code)))
