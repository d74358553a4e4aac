"""Which files does a result consist of, and how are they published?"""
