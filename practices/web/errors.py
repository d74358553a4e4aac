"""What a reader is told when something cannot be shown, as a page or as JSON."""

from __future__ import annotations


class NotFound(Exception):
    """There is nothing at this address, or nothing that answers what was asked for."""


class Refused(Exception):
    """A request that is not carried out; `status` is that of HTTP."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class Busy(Exception):
    """Others are being served and no turn got free in time; `retry_s` is when it is worth trying again."""

    def __init__(self, message: str, retry_s: int = 10) -> None:
        super().__init__(message)
        self.retry_s = retry_s
