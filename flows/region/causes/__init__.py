"""What does the loss of each degraded patch go with? Patches of a map, matched land, drivers, and a verdict."""
