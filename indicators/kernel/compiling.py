"""How kernels are compiled: without Python's lock, kept on disk, and dividing by zero as numpy does."""

from numba import njit

compiled = njit(nogil=True, cache=True, error_model="numpy")
