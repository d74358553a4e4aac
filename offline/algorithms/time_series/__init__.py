"""Series of pixels: LandTrendr, regression, statistics."""
