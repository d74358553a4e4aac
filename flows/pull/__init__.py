"""Which pixels and tables does a region need, and which source has them?"""
