"""`sepal-gpg2`: SEPAL's sdg_15.3.1 module with its table for version 2 of the Good Practice Guidance."""

from indicators.profiles.model import Performance, Profile, State, Trajectory

SEPAL_GPG2 = Profile(
    name="sepal-gpg2",
    annual="calendar_mean",
    trajectory=Trajectory(slope="least-squares", test="kendall-z", minimum_years=4),
    state=State(method="z-score"),
    performance=Performance(threshold=0.5, smallest_unit=100, least=0.001),
    # Directly three classes, without the five of land productivity dynamics.
    table="sepal-gpg2",
    matrix="prais",
    windows=("prais",),
)
