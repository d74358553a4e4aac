"""How does compiled code work on a cube? Blocks that fit a cache, shared among threads."""

from indicators.kernel.blocks import shared
from indicators.kernel.compiling import compiled

__all__ = ["compiled", "shared"]
