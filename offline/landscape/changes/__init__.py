"""Which courses do planted changes take, and where do they lie?"""
