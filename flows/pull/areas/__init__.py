"""Which outlines does a run read (protected areas, key biodiversity areas, mines), and what if one is refused?"""
