"""Errors in regions; each message says where the error is and how to fix it."""

from __future__ import annotations


class RegionError(Exception):
    """Base of the errors below."""


class UnknownRegion(RegionError):
    """No region has that id."""


class BadRegionFile(RegionError):
    """A file of regions cannot be read, or contains something that is not a region."""


class TakenId(BadRegionFile):
    """The id of an own region is that of another region already."""


class BadGrid(RegionError):
    """A cell size that the lattice does not have."""
