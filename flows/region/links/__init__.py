"""What else changed with the land of a region: soil carbon, natural land, protected areas, habitats? As statistics."""
