"""`ne-asia`: the metrics of the guidance, for dry steppe with snow, short seasons and few pixels in some units."""

from indicators.profiles.model import Performance, Profile, State, Trajectory

NE_ASIA = Profile(
    name="ne-asia",
    # Growing season only: a trend of snow must not read as a trend of growth.
    annual="season_mean",
    trajectory=Trajectory(
        slope="theil-sen",
        test="mann-kendall",
        minimum_years=8,
        # At 5 % alone, one stable pixel in twenty would be called a trend.
        fdr=0.10,
        # Relative to the place: 0.01 NDVI is much in the desert and nothing in a forest.
        change_band=0.05,
        noise_floor=0.01,
        detectability=0.10,
        # Steppe lives on the rain of other months than its season's, too: snow, and the autumn before.
        rain="best-sum",
    ),
    state=State(method="percentile-classes", band=0.005, share=0.05),
    performance=Performance(threshold=0.5, smallest_unit=100),
    table="trends-earth",
    matrix="prais",
    windows=("prais", "trends-earth"),
)
