"""Which failures a user can fix, and their messages."""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from flows.errors import ERROR, RegionsFailed, RowsLeftOut

if TYPE_CHECKING:
    from prefect.futures import PrefectFuture

T = TypeVar("T")

#: An exception class that one of our packages defines is a failure with a message meant for the user.
OWN_PACKAGES = {"regions", "series", "indicators", "practices", "offline", "flows"}


def plain_failure(error: BaseException) -> str | None:
    """The message to show for `error`, or None for a fault of the program (show the traceback)."""
    if type(error).__module__.split(".")[0] in OWN_PACKAGES:
        return str(error)
    if type(error).__module__.startswith("pydantic"):
        return _validation_message(error)
    if isinstance(error, OSError):
        return _os_message(error)
    return None


def exit_code(error: BaseException) -> int:
    """The exit code of the command that ends with `error`."""
    return error.exit_code if isinstance(error, (RegionsFailed, RowsLeftOut)) else ERROR


def unless_failed(run: Callable[[], Any]) -> tuple[Any, RegionsFailed | None]:
    """What a flow came to, and the error it ended with if regions failed."""
    try:
        return run(), None
    except RegionsFailed as error:
        return error.outcome, error


def outcomes(futures: Mapping[str, PrefectFuture[Any]], kind: type[T]) -> tuple[dict[str, T], dict[str, str]]:
    """What tasks of regions came to, once all have ended: results of `kind`, and the reasons of those that failed."""
    results: dict[str, T] = {}
    failures: dict[str, str] = {}
    for region, future in futures.items():
        outcome = future.result(raise_on_failure=False)
        if isinstance(outcome, kind):
            results[region] = outcome
        else:
            failures[region] = plain_failure(outcome) or repr(outcome)
    return results, failures


def _validation_message(error: BaseException) -> str:
    problems = error.errors() if hasattr(error, "errors") else []
    return "\n".join(map(_problem, problems)) or str(error)


def _problem(problem: dict[str, Any]) -> str:
    """One line of a validation: where, what, and the value unless it is the whole request."""
    message = problem["msg"].removeprefix("Value error, ")
    place = ".".join(map(str, problem["loc"]))
    return f"{place}: {message} (given: {problem['input']!r})" if place else f"request: {message}"


def _os_message(error: OSError) -> str | None:
    if error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
        return (
            f"the disk is full or the quota used up while writing {error.filename or 'a file'}. What was "
            f"finished is kept; free some space, or choose another folder with --data, and run the same command again"
        )
    if error.errno in (errno.EACCES, errno.EROFS):
        return f"{error.filename}: no permission to write there; choose another folder with --data"
    if isinstance(error, (FileExistsError, NotADirectoryError, IsADirectoryError)):
        wrong = (error.strerror or str(error)).lower()
        return f"{error.filename}: {wrong}; a folder is needed where a file is, or the reverse; name another path"
    if isinstance(error, FileNotFoundError):
        return f"{error.filename}: no such file or folder"
    return None
