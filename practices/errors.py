"""What can go wrong with the database, and how to mend it."""

from __future__ import annotations


class PracticeError(Exception):
    """Base of the errors below."""


class DatabaseUnusable(PracticeError):
    """The database cannot be opened, or its schema is newer than this program."""


class BadRecord(PracticeError):
    """A record that the database does not take."""
