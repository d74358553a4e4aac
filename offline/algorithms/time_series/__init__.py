"""How are time series of pixels segmented and interpolated? LandTrendr and curves."""
