"""What is the result of one region? From its cubes to results on disk, and back: `open_result("otindag")`."""

from flows.region.opening import open_result

__all__ = ["open_result"]
