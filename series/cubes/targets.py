"""Where exports go: a bucket of Cloud Storage."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

#: Ways: batch exports, requests, or exports for large cubes only.
Via = Literal["auto", "requests", "export"]
#: A bucket, and maybe a prefix of the names in it.
ADDRESS = re.compile(r"gs://(?P<bucket>[a-z0-9][a-z0-9._-]{1,220}[a-z0-9])(?:/(?P<prefix>[^\s\\?#]*))?")


@dataclass(frozen=True)
class ExportTarget:
    """Where exports go: a bucket, and the beginning of the names of files in it.

    `file_side`: the longest side of a file in cells, a multiple of 16; None leaves it to the service.
    """

    bucket: str
    prefix: str = ""
    file_side: int | None = None

    @classmethod
    def parse(cls, address: str) -> ExportTarget:
        """The target at `gs://BUCKET/PREFIX`. Raises ValueError for anything else, with the reason."""
        match = ADDRESS.fullmatch(address.strip())
        if match is not None:
            parts = [part for part in (match["prefix"] or "").split("/") if part]
            if ".." not in parts:
                return cls(match["bucket"], "/".join(parts))
        if re.match(r"(g|google)?drive\b", address.strip(), re.I):
            raise ValueError(
                f"export_to {address!r}: files of exports to Google Drive cannot be read back by drylands; give a "
                f"bucket of Cloud Storage: gs://BUCKET/PREFIX"
            )
        raise ValueError(f"export_to {address!r} is not a bucket of Cloud Storage; write gs://BUCKET/PREFIX")

    def name(self, *words: str) -> str:
        """The beginning of the names of the files of one export."""
        return "/".join([*([self.prefix] if self.prefix else []), "-".join(words)])
