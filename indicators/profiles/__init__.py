"""Which methods can be chosen? Profiles: named, frozen sets of choices, one file each. A result records its profile."""

from __future__ import annotations

from indicators.errors import IndicatorError
from indicators.profiles.fao_wocat import FAO_WOCAT
from indicators.profiles.model import Biomass, Performance, Profile, State, Trajectory
from indicators.profiles.ne_asia import NE_ASIA
from indicators.profiles.ne_asia_2 import NE_ASIA_2
from indicators.profiles.sepal_gpg1 import SEPAL_GPG1
from indicators.profiles.sepal_gpg2 import SEPAL_GPG2
from indicators.profiles.trends_earth import TRENDS_EARTH

__all__ = ["DEFAULT_PROFILE", "PROFILES", "Biomass", "Performance", "Profile", "State", "Trajectory", "get"]

PROFILES: dict[str, Profile] = {
    each.name: each for each in (NE_ASIA_2, NE_ASIA, TRENDS_EARTH, SEPAL_GPG1, SEPAL_GPG2, FAO_WOCAT)
}

#: The method of results unless another one is named.
DEFAULT_PROFILE = NE_ASIA_2.name


def get(profile: str | Profile) -> Profile:
    """The profile of a name. Raises IndicatorError that lists the existing profiles."""
    if isinstance(profile, Profile):
        return profile
    if profile not in PROFILES:
        raise IndicatorError(f"profile {profile!r} is unknown; use one of {', '.join(PROFILES)}")
    return PROFILES[profile]
