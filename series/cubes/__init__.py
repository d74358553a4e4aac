"""Where are pixels kept: how are they pulled, named, stored and read?"""
