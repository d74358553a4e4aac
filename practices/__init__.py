"""The good-practice database: what was found, what helps, and the evidence for it."""
