"""Results of two places must not have the same id: requested regions are compared with published ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flows.errors import FlowError
from practices.exports.content import geometry

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from regions.model import Region


def refuse_other_places(engine: Engine, regions: Sequence[Region]) -> None:
    """Refuse a region whose id has results of a place that it does not touch.

    A changed outline of the same place gives a new revision. Raises FlowError with ways to choose another id.
    """
    published = geometry(engine, regions=[region.id for region in regions]).regions
    for region in regions:
        other = published.get(region.id)
        if other is not None and not other.intersects(region.geometry):
            west, south, _, _ = other.bounds
            raise FlowError(
                f"region {region.id} ({region.name}): results of another place, near {west:.1f} E {south:.1f} N, are "
                f"published under this id; choose another id with --prefix or --id-field, or another "
                f"--database"
            )
