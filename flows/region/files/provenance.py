"""Origin of a result: tags for its rasters."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from flows.run.source_digest import source_digest
from series.origins import ORIGINS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flows.pull.pulled import Pulled


def code() -> dict[str, str]:
    """The code that computes: version of the package and digest of its source."""
    return {"package_version": version("drylands"), "source_digest": source_digest()}


def raster_tags(pulled: Pulled, region: str, profile: str, profiles: Sequence[str], origin: str) -> dict[str, str]:
    """Region, methods, data sets with their licences, origin and code; nothing that differs between two equal runs."""
    datasets = [*pulled.datasets.values(), *([pulled.continued] if pulled.continued else [])]
    licences = {each.key: each.licence for each in datasets if each.licence}
    return {
        "region": region,
        "profile": profile,
        "profiles": " ".join(profiles),
        "origin": origin,
        "source": "; ".join(f"{each.variable}: {each.asset}" for each in datasets),
        "licence": "; ".join(f"{key}: {licence}" for key, licence in licences.items()),
        "history": f"computed by drylands {version('drylands')} from: {ORIGINS[origin]}",
        "TIFFTAG_SOFTWARE": f"drylands {version('drylands')}",
        **pulled.landscape,
        **code(),
    }
