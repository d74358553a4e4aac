"""`fao-wocat`: land productivity dynamics of FAO and WOCAT, in the version of Trends.Earth (plugin 2.3.2)."""

from indicators.profiles.model import Biomass, Profile, State, Trajectory

FAO_WOCAT = Profile(
    name="fao-wocat",
    annual="calendar_mean",
    # A trend without significance still decides, by the sign of the recent years against all (MTID).
    trajectory=Trajectory(slope="least-squares", test="steadiness", minimum_years=4),
    state=State(method="first-last"),
    performance=None,
    table="fao-wocat",
    # Only two of the 36 codes depend on biomass, and both ask for a high one: low and medium give the same classes.
    biomass=Biomass(low=0.4, high=0.7, desert=0.25),
    matrix="prais",
    windows=("trends-earth",),
)
