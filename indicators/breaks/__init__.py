from indicators.breaks.partitions import Breakpoints, breakpoints

__all__ = ["Breakpoints", "breakpoints"]
