"""What changed since the last month?"""
