"""Which assets does the simulated landscape offer?"""
