"""Connecting to Earth Engine, and the one layer that decides what to do when a request fails."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import ee
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from series.errors import EngineUnreachable, MissingCredentials, RequestFailed, SeriesError, TooBig

T = TypeVar("T")
ATTEMPTS = 6
#: Longest wait between two tries, seconds.
LONGEST_WAIT = 60.0
#: Seconds that one step of signing in may take.
PATIENCE = 20.0
TOO_BIG = re.compile(
    r"memory limit|timed out|too many pixels|Total request size|response size|Output of .* too large", re.I
)


@dataclass(frozen=True)
class Connection:
    """Where to connect: `url` for an offline engine, else Google with `project` and maybe a service account's key."""

    url: str | None = None
    project: str | None = None
    service_account: Path | None = None


class _Transient(SeriesError):
    """A failure that may pass: quota, server fault, broken connection."""


def connect(connection: Connection) -> None:
    """Initialise the client. Its own retries are switched off in favour of `call`.

    Raises MissingCredentials where Google asks for some, EngineUnreachable where nothing answers.
    """
    ee.Reset()
    try:
        with patience(PATIENCE):
            _initialise(connection)
    except SeriesError:
        raise
    except Exception as error:
        raise _connection_error(connection, error) from error
    ee.data.setMaxRetries(0)


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Let no socket opened inside wait longer: initialising also fetches a list over the network without a time-out,
    which behind a firewall that drops packets would hang for minutes."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _initialise(connection: Connection) -> None:
    if connection.url is None:
        ee.Initialize(_credentials(connection), project=connection.project)
        return
    from google.auth.credentials import AnonymousCredentials

    ee.Initialize(AnonymousCredentials(), url=connection.url, project=connection.project or "offline")


def _credentials(connection: Connection) -> object:
    """A service account's, else those that `earthengine authenticate` or `gcloud` left on this machine."""
    if connection.service_account is not None:
        if not connection.service_account.is_file():
            raise MissingCredentials(
                f"{connection.service_account}: no such key file; give the service account's JSON key"
            )
        return ee.ServiceAccountCredentials("", str(connection.service_account))
    return "persistent"


def _connection_error(connection: Connection, error: Exception) -> SeriesError:
    place = connection.url or "Google Earth Engine"
    text = str(error)
    unreachable = re.search(r"refused|Max retries|resolve|unreachable|timed out|not known", text, re.I)
    asked = re.search(r"authenticat|credential|authoriz|permission|token", text, re.I)
    if connection.url is None and asked and not unreachable:
        first = text.strip().splitlines()[0].removesuffix("by running").strip(" .:")
        return MissingCredentials(
            f"Google Earth Engine asks for credentials: {first}. "
            f"Run `earthengine authenticate`, or set GOOGLE_APPLICATION_CREDENTIALS to a service account's key."
        )
    return EngineUnreachable(f"{place} does not answer ({text.strip()[:200]}); check the network and the address")


def status_of(error: BaseException) -> int | None:
    """The HTTP status of a failure; the client keeps it behind the exception's context."""
    cause: BaseException | None = error
    while cause is not None:
        status = getattr(getattr(cause, "resp", None), "status", None)
        if status is not None:
            return int(status)
        cause = cause.__cause__ or cause.__context__
    return None


def classify(error: BaseException) -> SeriesError:
    """What a failure means: try again, split, or stop."""
    text, status = str(error), status_of(error)
    if TOO_BIG.search(text):
        return TooBig(text)
    if status == 429 or (status is not None and status >= 500) or re.search(r"quota|too many|concurrent", text, re.I):
        return _Transient(text)
    if status is None and not isinstance(error, ee.EEException):
        return _Transient(f"{type(error).__name__}: {text}")
    return RequestFailed(f"Earth Engine refused the request: {text}")


def call(request: Callable[[], T], *, wait: float = 1.0) -> T:
    """The answer to a request; what may pass is tried again, with growing random waits from `wait` seconds.

    Raises TooBig where a smaller request may succeed, RequestFailed where the caller is at fault or after the last
    try.
    """

    def attempt() -> T:
        try:
            return request()
        except (AttributeError, NameError, TypeError):  # a fault of the program: trying again would only hide it
            raise
        except Exception as error:
            raise classify(error) from error

    tries = Retrying(
        retry=retry_if_exception_type(_Transient),
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_random_exponential(multiplier=wait, max=LONGEST_WAIT),
        reraise=True,
    )
    try:
        return tries(attempt)
    except _Transient as error:
        raise RequestFailed(f"Earth Engine failed {ATTEMPTS} times, last with: {error}; try again later") from error


def exists(asset: str) -> bool:
    """Whether the server has an asset. Raises RequestFailed where it does not say."""
    try:
        call(lambda: ee.data.getAsset(asset))
    except RequestFailed as error:
        if re.search(r"does not exist|not found", str(error)):
            return False
        raise
    return True
