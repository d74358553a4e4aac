"""Many small regions: neighbours share requests, and a result is the same whether its region is alone or not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from shapely import box, segmentize

from flows.pull.neighbours import LARGEST_GROUP, MOST_VERTICES, Neighbours, grouped, in_turns
from flows.pull.pulled import Pulled
from flows.pull.region import pull_region
from flows.pull.sources import OpenSource, opened
from flows.pull.variables import cube_of
from flows.region.result import SUMMARY
from flows.region.results import compute_profiles
from flows.request.assess import AssessRequest
from offline.protocol.server import Server
from regions.catalogue import load
from regions.model import Region
from series.cubes.pull import pull
from series.cubes.shared_blocks import SIDE, blocks_of
from series.cubes.stored import open_cube
from series.errors import RequestFailed

QUICK: dict[str, Any] = {"years": (2001, 2007), "resolution": 0.1, "permutations": 19, "pixel_breaks": False}


def district(name: str, west: float, south: float, size: float = 0.45) -> Region:
    return Region(id=name, name=name.title(), geometry=box(west, south, west + size, south + size), source="test")


#: Neighbours within one cell of the lattice of groups; the last lies across edges of shared blocks.
DISTRICTS = [
    district("north", 109.03, 46.31),
    district("east", 109.51, 45.82),
    district("west", 108.57, 45.85, 0.4),
    district("middle", 108.55, 45.31),
]


@contextmanager
def connected(data: Path, regions: list[Region]) -> Iterator[tuple[OpenSource, AssessRequest, Server]]:
    """A source that knows the groups of `regions`, as the flow makes it."""
    request = AssessRequest(regions=tuple(region.id for region in regions), data=data, **QUICK)
    with opened("simulated", None, {}) as source:
        assert source.server is not None
        yield replace(source, neighbours=Neighbours(grouped(regions))), request, source.server


def contents(pulled: Pulled, folders: list[Path]) -> dict[str, str]:
    """Digests of all that a region has: cubes, tables, rasters."""
    found = {}
    for path in sorted([*pulled.cubes.values(), *pulled.annual.values(), *filter(None, pulled.months)]):
        found[path.name] = sha256(open_cube(path).values.tobytes()).hexdigest()
    tables = [path for path in (pulled.monthly, pulled.pressures) if path is not None]
    results = [path for folder in folders for path in folder.iterdir() if path.name != SUMMARY]
    found |= {path.name: sha256(path.read_bytes()).hexdigest() for path in (*tables, *results)}
    return found


@pytest.mark.slow
def test_a_region_has_the_same_results_alone_and_among_its_neighbours(tmp_path: Path) -> None:
    west = DISTRICTS[2]
    found = {}
    for name, regions in (("together", DISTRICTS), ("alone", [west])):
        with connected(tmp_path / name, regions) as (source, request, _):
            for region in regions:
                pulled = pull_region(region, request, source)
                if region is west:
                    done = compute_profiles(region, pulled, request, source.origin)
                    found[name] = contents(pulled, [each.folder for each in done])
    assert len(found["alone"]) >= 40
    assert found["alone"] == found["together"]


def requests_of(regions: list[Region], data: Path) -> dict[str, int]:
    """How many requests of each kind it takes to pull regions."""
    with connected(data, regions) as (source, request, server):
        request = request.model_copy(update={"years": (2001, 2003)})
        for region in regions:
            pull_region(region, request, source)
        return {kind: server.count(kind) for kind in ("features", "pixels", "value", "asset")}


@pytest.mark.slow
def test_requests_grow_with_groups_and_not_with_regions(tmp_path: Path) -> None:
    one, four = requests_of(DISTRICTS[:1], tmp_path / "one"), requests_of(DISTRICTS, tmp_path / "four")
    assert one["features"] > 5
    assert four["features"] == one["features"]
    assert four["asset"] == one["asset"]
    # population has finer cells, so that its blocks are smaller and four districts touch more of them
    assert four["pixels"] <= 2 * one["pixels"]
    assert four["value"] <= 2 * one["value"]


def test_a_group_request_that_fails_leaves_each_region_its_own(tmp_path: Path) -> None:
    from series.tables import monthly

    def tables(source: OpenSource, data: Path) -> list[pd.DataFrame]:
        rain = source.datasets["precipitation"]
        return [
            source.neighbours.table(region, ("monthly", rain.key), lambda them: monthly(them, rain, range(2001, 2003)))
            for region in DISTRICTS
        ]

    with connected(tmp_path, DISTRICTS) as (source, _, server):
        whole = tables(source, tmp_path)
        assert server.count("features") == 1
        source = replace(source, neighbours=Neighbours(grouped(DISTRICTS)))
        server.inject("denied", kind="features")
        after = tables(source, tmp_path)
        assert server.count("features") == 1 + 1 + len(DISTRICTS)
        source = replace(source, neighbours=Neighbours(grouped(DISTRICTS)))
        server.inject("denied", times=2, kind="features")
        with pytest.raises(RequestFailed):
            tables(source, tmp_path)
        # the first region failed; the others have their tables all the same
        again = [
            source.neighbours.table(
                region,
                ("monthly", "precipitation"),
                lambda them: monthly(them, source.datasets["precipitation"], range(2001, 2003)),
            )
            for region in DISTRICTS[1:]
        ]
    for left, right in zip(whole, after, strict=True):
        pd.testing.assert_frame_equal(left, right, check_exact=True)
    for left, right in zip(whole[1:], again, strict=True):
        pd.testing.assert_frame_equal(left, right, check_exact=True)
    assert [set(table["region"]) for table in whole] == [{region.id} for region in DISTRICTS]


def test_a_block_that_is_refused_leaves_the_region_its_own_grid(tmp_path: Path) -> None:
    region = DISTRICTS[0]
    values = {}
    for name, refused in (("whole", 0), ("refused", 1)):
        with connected(tmp_path / name, [region]) as (source, request, server):
            if refused:
                server.inject("denied", times=refused, kind="pixels")
            store = request.data / "cubes" / region.id
            path = pull(cube_of(region, request, source.datasets["precipitation"], store, source, cell=0.1))
            values[name] = open_cube(path).values
            assert server.count("pixels") == 1 + refused
    np.testing.assert_array_equal(values["whole"], values["refused"])


def test_groups_are_of_neighbours_and_not_too_large() -> None:
    many = [district(f"d{n}", 104.1 + 0.1 * (n % 30), 44.1 + 0.1 * (n // 30), 0.1) for n in range(90)]
    large, natural = district("large", 104.0, 44.0, 5.0), load()["otindag"]
    groups = grouped([*many, large, natural])
    assert sorted(region.id for group in groups for region in group) == sorted(
        region.id for region in (*many, large, natural)
    )
    assert max(map(len, groups)) == LARGEST_GROUP
    assert [large] in groups
    assert [natural] in groups
    detailed = [
        each.model_copy(update={"geometry": segmentize(each.geometry, 4e-6)}) for each in many[:4]
    ]  # 100,000 vertices each
    assert max(map(len, grouped(detailed))) == 1
    assert MOST_VERTICES == 100_000


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_workers_begin_in_different_groups(workers: int) -> None:
    groups = [[district(f"g{g}r{r}", 100 + 4 * g, 44) for r in range(size)] for g, size in enumerate((3, 5, 2, 4))]
    order = in_turns(groups, workers)
    assert sorted(region.id for region in order) == sorted(region.id for group in groups for region in group)
    assert len({region.id[:2] for region in order[:workers]}) == workers


def test_blocks_cover_a_grid_once() -> None:
    from regions.grid import geobox

    for region in (DISTRICTS[3], district("edge", 179.7, 49.9, 0.29), district("wide", 99.3, 44.2, 11.7)):
        grid = geobox(region, 0.1)
        seen = np.zeros(grid.shape, int)
        for block, inner, outer in blocks_of(grid):
            assert tuple(block.shape) == (SIDE, SIDE)
            seen[outer] += 1
            part, own = block[inner], grid[outer]
            assert tuple(part.shape) == tuple(own.shape)
            np.testing.assert_allclose(tuple(part.affine)[:6], tuple(own.affine)[:6], atol=1e-9)
        assert (seen == 1).all()
