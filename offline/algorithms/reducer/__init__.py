"""How are many values reduced to few? Statistics, histograms, correlations, regressions, and their combinations."""
