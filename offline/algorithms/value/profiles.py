"""`Profile.getProfiles`: what earlier requests cost, for `ee.profilePrinting()`."""

from __future__ import annotations

from typing import Any

from offline.errors import EngineError
from offline.graph.registry import algorithm
from offline.metering.meter import current


@algorithm("Profile.getProfiles")
def get_profiles(ids: list[str], file_format: str, max_entries: int | None) -> Any:
    """The profiles of earlier requests as one, as text or as JSON. Raises EngineError for unknown ids."""
    meter = current()
    if meter is None or meter.profile_text is None:
        raise EngineError("Profile.getProfiles: there are no profiles outside of a request to the server.")
    return meter.profile_text([str(each) for each in ids], file_format, max_entries)
