"""Options of a request for its file of own polygons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

#: Fields of a request that say something about the polygons of its file, and the options of the command for them.
OPTIONS = {
    "season": "--season", "layer": "--layer", "encoding": "--encoding", "id_field": "--id-field",
    "name_field": "--name-field", "prefix": "--prefix",
}  # fmt: skip


class RegionFile(BaseModel):
    """Which layer, encoding, names and ids of `regions_file` are used; see `regions.own.read`."""

    layer: str | None = Field(default=None, description="Layer of `regions_file`, if it has several")
    encoding: str | None = Field(default=None, description="Text encoding of a shapefile, such as cp1251 or gbk")
    id_field: str | None = Field(default=None, description="Attribute of `regions_file` to take ids from")
    name_field: str | None = Field(default=None, description="Attribute of `regions_file` to take names from")
    prefix: str = Field(default="", max_length=30, description="Word to put before every id of `regions_file`")


def refuse_without_file(values: Mapping[str, Any]) -> None:
    """Refuse options of a regions file if no file is given. Raises ValueError naming them."""
    given = [option for name, option in OPTIONS.items() if values.get(name)]
    if given and values.get("regions_file") is None:
        why = "catalogued and added regions have their own season" if "--season" in given else "no file is read"
        listed = ", ".join(given)
        needs = "needs" if len(given) == 1 else "need"
        raise ValueError(
            f"{listed} {needs} --regions-file, because {why}; add --regions-file FILE, or leave out {listed}"
        )
