"""What was found in each region? Results of runs, published once, never replaced."""
