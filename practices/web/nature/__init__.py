"""What links land, climate and nature in all regions together? A page, its table, and the same for programs."""
