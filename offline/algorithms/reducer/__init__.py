"""Reducers, and what they reduce."""
