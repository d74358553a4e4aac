"""Failures as Earth Engine words them: an HTTP code, a status name and a message."""

from __future__ import annotations

STATUS = {
    400: "INVALID_ARGUMENT",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "UNIMPLEMENTED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


class EngineError(Exception):
    """A request that cannot be answered; `code` is the HTTP status that the client will see."""

    def __init__(self, message: str, code: int = 400) -> None:
        super().__init__(message)
        self.code = code

    def body(self) -> dict[str, object]:
        """The error in the JSON shape of Google's APIs."""
        return {
            "error": {
                "code": self.code,
                "message": str(self),
                "status": STATUS.get(self.code, "UNKNOWN"),
            }
        }


class UnsupportedAlgorithm(EngineError):
    """The client knows the algorithm, this engine does not have it."""
