"""What can go wrong between here and Earth Engine, and what to do about it."""

from __future__ import annotations


class SeriesError(Exception):
    """Base of the errors below."""


class BadCatalogue(SeriesError):
    """A data-set description is wrong."""


class OutsideDataset(SeriesError):
    """Years that a data set does not have."""


class MissingCredentials(SeriesError):
    """Signing in to Google Earth Engine failed; the message names the step that is missing."""


class EngineUnreachable(SeriesError):
    """The server does not answer."""


class QuotaUsedUp(SeriesError):
    """The project's compute time (EECU) of the day or month is used up: stop, and continue when it is renewed."""


class RequestFailed(SeriesError):
    """The server refused a request."""


class TooBig(RequestFailed):
    """The server ran out of memory or time: a smaller request may succeed."""


class Unavailable(RequestFailed):
    """The server failed at a request again and again: the same request may succeed later."""


class BucketRefused(SeriesError):
    """The bucket of exports cannot be used, or does not have what an export wrote."""


class CorruptCube(SeriesError):
    """A stored cube is incomplete or damaged."""
