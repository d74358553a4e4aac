"""How are a user's own files read as assets?"""
