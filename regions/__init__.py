"""The drylands: their names, outlines, countries, seasons and grids. Outlines are rough and claim no border."""
