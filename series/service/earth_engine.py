"""Connecting to Earth Engine, and the one layer that decides what to do when a request fails."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import TypeVar

import ee
from google.auth.credentials import AnonymousCredentials
from requests import Session
from requests.adapters import HTTPAdapter
from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_random_exponential

from series.datasets import DATASETS
from series.errors import EngineUnreachable, MissingCredentials, RequestFailed, SeriesError, TooBig, Unavailable
from series.memory import RunMemory
from series.service.failures import Garbled, Passing, TooMany, classify, sign_in_step
from series.service.sign_in import credentials_of
from series.service.tally import Tally, counted, eecu_seconds, profile_tables
from series.service.turns import MOST, Turns

T = TypeVar("T")
#: Waits between tries, in units of `Connection.pace`: the longest, and their sum before giving up (15 minutes).
LONGEST_WAIT, ALL_WAITS = 60.0, 900.0
#: Tries where answers cannot be read; deadlines that may pass without an answer before a request is given up.
GARBLED, SILENCES = 6, 4
#: Seconds that one step of signing in may take.
PATIENCE = 20.0
#: Seconds without an answer after which a connection counts as broken: the service ends a request after 300.
DEADLINE = 360.0


@dataclass(frozen=True)
class Connection:
    """Where to connect: `url` for an offline engine, else Google with `project` and maybe a service account's key.

    `deadline`: seconds without an answer after which a request counts as failed; `pace`: seconds of the first wait
    between two tries; `most`: requests under way at the same time, at most; `patience`: seconds to wait for the first
    answers.
    """

    url: str | None = None
    project: str | None = None
    service_account: Path | None = None
    deadline: float = DEADLINE
    pace: float = 1.0
    most: int = MOST
    patience: float | None = None


@dataclass(frozen=True)
class AssetFacts:
    """When an asset was last changed, and the day of its last image; empty where the service does not say."""

    updated: str = ""
    last_image: str = ""


class _Session:
    """The connection that `connect` made last, as the client has one for the whole process, and its concurrency."""

    connection = Connection()
    turns = Turns()
    answers = RunMemory()


def connected() -> Connection:
    """The connection that `connect` made last."""
    return _Session.connection


def connect(connection: Connection) -> None:
    """Initialise the client, with a time limit for every request.

    Raises MissingCredentials where Google asks for some, EngineUnreachable where nothing answers.
    """
    ee.Reset()
    try:
        with patience(connection.patience or PATIENCE):
            _initialise(connection)
    except SeriesError:
        raise
    except Exception as error:
        raise _connection_error(connection, error) from error
    ee.data.setDeadline(1000 * connection.deadline)
    _Session.connection, _Session.turns, _Session.answers = connection, Turns(most=connection.most), RunMemory()


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Wait no longer than `seconds` for any answer while the client is initialised.

    The client fetches a list of assets without a time limit of its own (a socket's default), and its first requests
    take the limit of its state, which `setDeadline` cannot set yet.
    """
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    ee.data._get_state().deadline_ms = round(1000 * seconds)
    try:
        with no_own_retries():
            yield
    finally:
        socket.setdefaulttimeout(before)


def wide_session() -> Session:
    """A session that keeps a connection open for each of the requests that may be under way at the same time."""
    session = Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(pool_maxsize=MOST))
    return session


def _initialise(connection: Connection) -> None:
    ee.data._get_state().requests_session = wide_session()
    project = connection.project
    if connection.url is None:
        ee.Initialize(credentials_of(connection.service_account), project=project)
        return

    key = connection.service_account
    credentials = AnonymousCredentials() if key is None else credentials_of(key)
    ee.Initialize(credentials, url=connection.url, project=project or "offline")


def _connection_error(connection: Connection, error: Exception) -> SeriesError:
    place = connection.url or "Google Earth Engine"
    text = str(error)
    step = sign_in_step(text, connection.project)
    if step is not None:
        return step
    unreachable = re.search(r"refused|Max retries|resolve|unreachable|timed out|not known", text, re.I)
    asked = re.search(r"authenticat|credential|authoriz|permission|token", text, re.I)
    if connection.url is None and asked and not unreachable:
        first = text.strip().splitlines()[0].removesuffix("by running").strip(" .:")
        return MissingCredentials(
            f"Google Earth Engine asks for credentials: {first}. Run `earthengine authenticate`, or give a service "
            f"account's key with --service-account or GOOGLE_APPLICATION_CREDENTIALS."
        )
    return EngineUnreachable(f"{place} does not answer ({text.strip()[:200]}); check the network and the address")


class _Turns:
    """How many of our requests are under way, and the client's number of retries before the first of them."""

    lock = Lock()
    running = 0
    before = 0


@contextmanager
def no_own_retries() -> Iterator[None]:
    """Switch the client's own retries off while our requests run: `call` decides. They are restored afterwards."""
    with _Turns.lock:
        if _Turns.running == 0:
            _Turns.before = ee.data._get_state().max_retries
            ee.data.setMaxRetries(0)
        _Turns.running += 1
    try:
        yield
    finally:
        with _Turns.lock:
            _Turns.running -= 1
            if _Turns.running == 0:
                ee.data.setMaxRetries(_Turns.before)


def call(request: Callable[[], T], *, wait: float | None = None, small: bool = False) -> T:
    """The answer to a request; what may pass is tried again, with growing random waits of about 15 minutes in all.

    What a `small` request asks for cannot be split: too big means then that the service is overloaded, which passes.
    How many requests of all threads are under way at the same time follows what the service bears.

    `wait` seconds is the first of them, that of the connection by default; all others grow with it. With the time of
    the requests themselves it is at most about half an hour, so that a silent server is given up. Raises TooBig
    where a smaller request may succeed, Unavailable after the last try, QuotaUsedUp, MissingCredentials, and
    RequestFailed where the caller is at fault.
    """
    connection, turns = _Session.connection, _Session.turns
    pace = connection.pace if wait is None else wait
    started = time.monotonic()

    def attempt() -> T:
        with turns.turn() as began:
            try:
                with no_own_retries(), counted(tries.statistics["attempt_number"]):
                    answer = request()
            except (AttributeError, NameError, TypeError):  # a fault of the program: trying again would only hide it
                raise
            except Exception as error:
                failure = classify(error, connection.project)
                if small and isinstance(failure, TooBig):
                    failure = Passing(str(failure))
                if isinstance(failure, TooMany):
                    turns.refused(began)
                raise failure from error
            turns.answered()
            return answer

    longest = max(2 * ALL_WAITS * pace, SILENCES * connection.deadline)

    def enough(state: RetryCallState) -> bool:
        if state.outcome is not None and isinstance(state.outcome.exception(), Garbled):
            return state.attempt_number >= GARBLED
        return state.idle_for >= ALL_WAITS * pace or (state.seconds_since_start or 0.0) >= longest

    tries = Retrying(
        retry=retry_if_exception_type(Passing),
        stop=enough,
        wait=wait_random_exponential(multiplier=pace, max=LONGEST_WAIT * pace),
        reraise=True,
    )
    try:
        return tries(attempt)
    except Passing as error:
        count = tries.statistics["attempt_number"]
        minutes = (time.monotonic() - started) / 60
        raise Unavailable(
            f"Earth Engine failed {count} times within {minutes:.0f} minutes, last with: {error}. Run the same "
            f"command again later: what is stored is not pulled again"
        ) from error


#: Collections of millions of scenes.
SCENES = frozenset(asset for each in DATASETS.values() if each.scenes for asset in each.assets)
#: What a refusal to describe an asset means, by its words; the first that matches counts.
ABSENCES = {
    r"doesn't allow|does not have access|may not exist": "{asset} does not exist, or this account may not read it",
    r"permission": "this account has no permission to read {asset} (the service says: {said})",
    r"does not exist|not found": "{asset} does not exist",
}


def absence(asset: str) -> str:
    """Why this account cannot read an asset; empty if it can. Raises RequestFailed if the server does not say."""
    try:
        _asset(asset)
    except Unavailable:
        raise
    except RequestFailed as error:
        said = str(error).removeprefix("Earth Engine refused the request: ")
        for words, reason in ABSENCES.items():
            if re.search(words, said, re.I):
                return reason.format(asset=asset, said=said.strip()[:300].rstrip("."))
        raise
    return ""


def eecu_of(tally: Tally) -> float | None:
    """The compute time (EECU-seconds) of counted requests, asked of the service; None where it does not say."""
    if not tally.profiles:
        return None
    try:
        tables: list[str] = [call(table.getInfo, small=True) for table in profile_tables(tally.profiles)]
    except Unavailable:
        raise
    except RequestFailed:
        return None
    return sum(map(eecu_seconds, tables))


def _asset(asset: str) -> dict[str, str]:
    """What the service says of an asset, asked once for each connection."""
    answer: dict[str, str] = _Session.answers.once(
        ("asset", asset), lambda: call(lambda: ee.data.getAsset(asset), small=True)
    )
    return answer


def described(asset: str) -> AssetFacts:
    """When an asset was changed, and its last image; asked once for each connection.

    Collections of scenes are too large to be asked for their last image: `series.sequences.last_day` finds its day.
    """
    try:
        answer = _asset(asset)
        updated = answer.get("updateTime", "")
        if answer.get("type") != "IMAGE_COLLECTION" or asset in SCENES:
            return AssetFacts(updated)
        stamp = _Session.answers.once(("last image", asset), lambda: call(_last_image(asset).getInfo, small=True))
    except Unavailable:
        raise
    except RequestFailed:
        return AssetFacts()
    return AssetFacts(updated, "" if stamp is None else f"{datetime.fromtimestamp(stamp / 1000, UTC):%Y-%m-%d}")


def _last_image(asset: str) -> ee.ComputedObject:
    return ee.ImageCollection(asset).aggregate_max("system:time_start")
