"""`trends-earth`: the documented choices of Trends.Earth (plugin 2.3.2), which are those of PRAIS 4."""

from indicators.profiles.model import Performance, Profile, State, Trajectory

TRENDS_EARTH = Profile(
    name="trends-earth",
    annual="calendar_mean",
    trajectory=Trajectory(slope="least-squares", test="critical-s", minimum_years=4, slope_band=0.001),
    state=State(method="percentile-classes", band=0.01),
    performance=Performance(threshold=0.5, smallest_unit=100),
    table="trends-earth",
    matrix="prais",
    windows=("trends-earth",),
)
