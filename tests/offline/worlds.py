"""Worlds of one's own for experiments: a named world with one thing changed."""

from __future__ import annotations

from dataclasses import replace

from offline.landscape import WORLDS, World


def with_orbit_drift(name: str, drift: float) -> World:
    """A world whose Terra changes its NDVI by a fraction for each hour that it crosses the equator earlier."""
    named = WORLDS[name]
    return replace(named, sensor=replace(named.sensor, orbit_drift=drift))
