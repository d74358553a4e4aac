"""How are the drivers of a region shown: their table, and what the loss of degraded patches goes with?"""
