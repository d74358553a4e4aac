"""Entry point of the program `drylands`: it handles signals before it imports the rest, until the process ends."""

from __future__ import annotations

import atexit
import os
import sys
from contextlib import suppress

from flows.run.stopping import ended_by_signals

#: Never left, and kept here: it would end with its last reference.
_handling = ended_by_signals()


def main() -> None:
    """Run the command; a signal ends it with exit code 128 + n also during its imports and after its last line.

    The process ends without taking its modules apart, which takes Python more than a second after a run.
    """
    code = 1  # that of an unexpected error, whose traceback Python prints

    def end() -> None:
        with suppress(OSError, ValueError):  # nobody reads any more
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)

    atexit.register(end)  # the first one that is registered runs last
    _handling.__enter__()
    from flows.cli.main import main as command

    try:
        command()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        raise
    code = 0


if __name__ == "__main__":
    main()
