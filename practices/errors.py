"""Errors of the database and its exports, and how to fix them."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


class PracticeError(Exception):
    """Base of the errors below."""


class DatabaseUnusable(PracticeError):
    """The database cannot be opened or used."""


class BadDatabaseUrl(DatabaseUnusable):
    """What was given is neither a path nor the URL of a database that can be used."""


class DatabaseLocked(DatabaseUnusable):
    """Another program kept the database to itself for longer than a writer waits."""


class SchemaTooNew(DatabaseUnusable):
    """The database was made by a newer version of this program."""


class DiskFull(PracticeError):
    """No space was left; nothing was written."""


class BadRecord(PracticeError):
    """A record that the database does not take."""


class StaleEdit(PracticeError):
    """An edit of a revision that is no longer the newest; nothing was written."""


class UnknownPractice(PracticeError):
    """A practice with that name does not exist."""


class BadPerson(PracticeError):
    """A user that cannot be added or changed with that name or password."""


class BadPracticeCatalogue(PracticeError):
    """The file of practices cannot be read."""


class NoEffect(PracticeError):
    """No effect can be computed for a site; the message says why."""


class NothingToExport(PracticeError):
    """No published result matches the request."""


class BadExport(PracticeError):
    """What was asked of an export is not known."""


class ExportFailed(PracticeError):
    """The files of an export cannot be written; what was there before is as it was."""


def unwritable(path: Path, error: OSError) -> PracticeError:
    """The error to raise where a file of an export cannot be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return DiskFull(f"{path}: no space left ({error.strerror}); free some, or export to another folder")
    return ExportFailed(f"{path}: cannot be written ({error.strerror or error}); close it elsewhere or name another")
