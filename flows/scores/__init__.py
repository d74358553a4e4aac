"""How well do the methods find what was planted?"""
