"""Errors of a request that are shown to the reader, as a page or as JSON."""

from __future__ import annotations


class NotFound(Exception):
    """Nothing exists at this address, or nothing matches the request."""


class Refused(Exception):
    """A request that is refused; `status` is the HTTP status."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class Busy(Exception):
    """The limit on slow work is reached; `retry_s`: seconds until another try makes sense."""

    def __init__(self, message: str, retry_s: int = 10) -> None:
        super().__init__(message)
        self.retry_s = retry_s
