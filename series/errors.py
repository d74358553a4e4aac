"""What can go wrong between here and Earth Engine, and what to do about it."""

from __future__ import annotations


class SeriesError(Exception):
    """Base of the errors below."""


class BadCatalogue(SeriesError):
    """A data-set description is wrong."""


class OutsideDataset(SeriesError):
    """Years that a data set does not have."""


class MissingCredentials(SeriesError):
    """No way to sign in to Google Earth Engine was found."""


class EngineUnreachable(SeriesError):
    """The server does not answer."""


class RequestFailed(SeriesError):
    """The server refused a request, or failed at it again and again."""


class TooBig(RequestFailed):
    """The server ran out of memory or time: a smaller request may succeed."""


class CorruptCube(SeriesError):
    """A stored cube is incomplete or damaged."""
