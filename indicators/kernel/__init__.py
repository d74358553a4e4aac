"""How is a cube computed in compiled code? In blocks that fit a cache, shared among threads."""

from indicators.kernel.blocks import shared
from indicators.kernel.compiling import compiled

__all__ = ["compiled", "shared"]
