"""What comes of one region? From its cubes to results on disk."""
