"""What a failed request means, by the words and the HTTP status that Earth Engine gives."""

from __future__ import annotations

import re
from http.client import HTTPException

import ee
from google.auth.exceptions import GoogleAuthError, TransportError
from requests import HTTPError

from series.errors import MissingCredentials, QuotaUsedUp, RequestFailed, SeriesError, TooBig

#: Steps of signing in: what the message says → what is missing, and what to do. `{project}` is the project's id.
SIGN_IN = {
    r"not registered to use Earth Engine|not signed up for Earth Engine": (
        "the project {project} is not registered to use Earth Engine. Register it at "
        "https://console.cloud.google.com/earthengine"
    ),
    r"API has not been used in project|API .*is disabled": (
        "the Earth Engine API is not enabled in the project {project}. Enable it at "
        "https://console.cloud.google.com/apis/library/earthengine.googleapis.com"
    ),
    r"serviceusage\.services\.use|Service ?Usage ?Consumer": (
        "this account may not use the project {project}. Ask its owner for the role Service Usage Consumer "
        "(roles/serviceusage.serviceUsageConsumer)"
    ),
    r"invalid_grant|token has been expired or revoked": (
        "the credentials are expired, revoked, or the clock of this machine is wrong. Sign in again with "
        "`earthengine authenticate --force`, or make a new key for the service account"
    ),
    r"invalid_scope|insufficient authentication scopes": (
        "the credentials do not include Earth Engine's scopes. Sign in again with `earthengine authenticate --force`, "
        "or give a service account's key with --service-account"
    ),
}
COMPUTE_QUOTA = re.compile(r"EECU|quota.*(per|for the) (day|month)|(daily|monthly)\b.*quota", re.I)
TOO_BIG = re.compile(
    r"User memory limit exceeded|Computation timed out|Deadline Exceeded|Total request size|payload size exceeds|"
    r"response size|Output of .* too large|out of memory|Reprojection output too large|Too many pixels in the region",
    re.I,
)
BUSY = re.compile(r"too many concurrent|too many requests|quota exceeded", re.I)
PASSING = re.compile(
    r"capacity exceeded|timed out|reset by peer|broken pipe|\b50[023]\b|currently unavailable|internal error", re.I
)
TOO_MANY, GATEWAY_TIMEOUT = 429, 504


class Passing(SeriesError):
    """A failure that may pass: overload, a fault of the server, a broken or silent connection."""


class TooMany(Passing):
    """Too many requests at the same time, or in a minute: fewer may pass."""


class Garbled(Passing):
    """An answer that cannot be read: it may come whole the next time, but hardly after many tries."""


def status_of(error: BaseException) -> int | None:
    """The HTTP status of a failure; the client keeps it behind the exception's context."""
    cause: BaseException | None = error
    while cause is not None:
        status = getattr(getattr(cause, "resp", None), "status", None)
        if isinstance(cause, HTTPError) and cause.response is not None:
            status = cause.response.status_code
        if status is not None:
            return int(status)
        cause = cause.__cause__ or cause.__context__
    return None


def sign_in_step(text: str, project: str | None) -> MissingCredentials | None:
    """The step of signing in that a message says is missing; None for any other message."""
    for pattern, step in SIGN_IN.items():
        if re.search(pattern, text, re.I | re.S):
            return MissingCredentials(
                f"Google Earth Engine refuses to sign in: {step.format(project=project or '(none given)')}. "
                f"(The service says: {text.strip()[:300]})"
            )
    return None


def classify(error: BaseException, project: str | None = None) -> SeriesError:
    """The kind of a failure: sign in, stop until the quota is renewed, split, try again, or refused."""
    text, status = str(error), status_of(error)
    asked = sign_in_step(text, project)
    if asked is not None:
        return asked
    if COMPUTE_QUOTA.search(text):
        return QuotaUsedUp(
            f"Earth Engine compute quota of the project {project or '(none given)'} is used up: {text.strip()[:300]} "
            f"The quota is shown and raised at https://console.cloud.google.com/iam-admin/quotas (service "
            f"earthengine.googleapis.com, quotas of EECU time). Run the same command again when it is renewed: what "
            f"is stored is not pulled again"
        )
    if TOO_BIG.search(text) or status == GATEWAY_TIMEOUT:
        return TooBig(f"Earth Engine: {text}")
    if isinstance(error, GoogleAuthError) and not isinstance(error, TransportError):
        return MissingCredentials(f"Google Earth Engine refuses to sign in: {text}")
    if status == TOO_MANY or BUSY.search(text):
        return TooMany(text)
    if (status is not None and status >= 500) or PASSING.search(text):
        return Passing(text)
    if status is None and not isinstance(error, ee.EEException):
        broken = isinstance(error, (OSError, HTTPException, TransportError))
        return (Passing if broken else Garbled)(f"{type(error).__name__}: {text}")
    return RequestFailed(f"Earth Engine refused the request: {text}")
