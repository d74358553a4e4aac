"""How are files of one's own read as assets?"""
