"""Which pixels and tables does a region need, and from where?"""
