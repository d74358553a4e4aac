"""Effective mesh size: known values, a reference that floods patches cell by cell, and independence of tiles."""

from __future__ import annotations

import numpy as np
import pytest

from indicators.errors import IndicatorError
from indicators.links import effective_mesh_size, natural_lost, patches_of_tile, patches_of_tiles


def flooded(natural: np.ndarray, area: np.ndarray) -> tuple[float, int]:
    """Sum of squared patch areas, and their number: every patch flooded from one of its cells."""
    left, squares, count = natural.copy(), 0.0, 0
    for start in zip(*np.nonzero(natural), strict=True):
        if not left[start]:
            continue
        count, size, todo = count + 1, 0.0, [start]
        left[start] = False
        while todo:
            y, x = todo.pop()
            size += area[y, x]
            for cell in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
                if 0 <= cell[0] < left.shape[0] and 0 <= cell[1] < left.shape[1] and left[cell]:
                    left[cell] = False
                    todo.append(cell)
        squares += size**2
    return squares, count


def cut(natural: np.ndarray, area: np.ndarray, side: int) -> tuple[float, int, float]:
    tiles = [
        patches_of_tile(
            natural[top : top + side, left : left + side], area[top : top + side, left : left + side],
            total=float(area[top : top + side, left : left + side].sum()), top=top, left=left,
        )
        for top in range(0, natural.shape[0], side)
        for left in range(0, natural.shape[1], side)
    ]  # fmt: skip
    return patches_of_tiles(tiles[::-1])


@pytest.mark.parametrize("parts", [1, 2, 4, 10])
def test_equal_patches_divide_the_mesh_by_their_number(parts: int) -> None:
    """Jaeger 2000: n equal patches that fill a landscape have a mesh of its area over n."""
    natural = np.ones((1, 11 * parts), bool)
    natural[0, 10::11] = False
    area = np.where(natural, 1.0, 0.0)
    squares, count, total = cut(natural, area, 7)
    assert count == parts
    assert effective_mesh_size(squares, total) == pytest.approx(10.0)
    assert total / effective_mesh_size(squares, total) == pytest.approx(parts)


@pytest.mark.parametrize("side", [1, 5, 13, 64])
@pytest.mark.parametrize("share", [0.35, 0.6, 0.9])
def test_tiles_change_nothing_and_flooding_finds_the_same(side: int, share: float) -> None:
    rng = np.random.default_rng(3)
    natural = rng.random((30, 41)) < share
    area = rng.uniform(0.5, 1.5, natural.shape)
    squares, count, total = cut(natural, area, side)
    expected, number = flooded(natural, area)
    assert (count, total) == (number, pytest.approx(area.sum()))
    assert squares == pytest.approx(expected, rel=1e-12)


def test_corners_do_not_join_and_a_spiral_is_one_patch_across_tiles() -> None:
    assert cut(np.eye(6, dtype=bool), np.ones((6, 6)), 3)[1] == 6
    spiral = np.zeros((11, 11), bool)
    spiral[0], spiral[:, 10], spiral[10, :], spiral[2:, 0], spiral[2, :9], spiral[2:9, 8] = (True,) * 6
    assert cut(spiral, np.ones((11, 11)), 4)[1] == flooded(spiral, np.ones((11, 11)))[1] == 1


def test_no_natural_land_has_no_mesh_and_no_land_is_refused() -> None:
    squares, count, total = cut(np.zeros((4, 4), bool), np.ones((4, 4)), 2)
    assert (effective_mesh_size(squares, total), count) == (0.0, 0)
    assert patches_of_tiles([]) == (0.0, 0, 0)
    with pytest.raises(IndicatorError, match="the landscape has 0 km²"):
        effective_mesh_size(0.0, 0.0)


def test_a_table_of_another_size_is_refused() -> None:
    with pytest.raises(IndicatorError, match=r"a table of \(7, 7\)"):
        natural_lost(np.zeros((7, 7)))
