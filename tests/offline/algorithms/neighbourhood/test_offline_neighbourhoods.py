"""Kernels, neighbourhoods and terrain through the real client, against values worked out by hand or by scipy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ee
import numpy as np
import pytest
from scipy import ndimage

from offline.protocol.server import Server

Values = Callable[..., list[list[float]]]


def weights(kernel: ee.Kernel) -> np.ndarray:
    rows = kernel.getInfo()["weights"].splitlines()
    return np.array([[float(part) for part in row.strip("[]").split(",")] for row in rows])


@pytest.fixture
def ramp(few: Server) -> ee.Image:
    """Column + 10 row of the stored cells, everywhere: x from 100 E and y from 45 N in halves of a degree."""
    place = ee.Image.pixelLonLat()
    x = place.select("longitude").subtract(100.25).divide(0.5)
    y = ee.Image(44.75).subtract(place.select("latitude")).divide(0.5)
    return x.add(y.multiply(10)).rename("v")


@pytest.mark.parametrize(
    ("kernel", "count"),
    [
        (lambda: ee.Kernel.circle(3), 29),
        (lambda: ee.Kernel.square(3), 49),
        (lambda: ee.Kernel.diamond(3), 25),
        (lambda: ee.Kernel.octagon(3), 37),
        (lambda: ee.Kernel.cross(3), 13),
        (lambda: ee.Kernel.plus(3), 13),
        (lambda: ee.Kernel.rectangle(3, 1), 21),
    ],
    ids=["circle", "square", "diamond", "octagon", "cross", "plus", "rectangle"],
)
def test_shapes_have_the_weights_that_the_documentation_prints(
    few: Server, kernel: Callable[[], ee.Kernel], count: int
) -> None:
    """The reference prints radius 3 with every weight 1 / count: 0.034 for a circle, 0.027 for an octagon, …"""
    found = weights(kernel())
    assert found.sum() == pytest.approx(1)
    assert sorted(set(found.ravel().round(6))) in ([round(1 / count, 6)], [0, round(1 / count, 6)])


def test_distances_and_edges(few: Server) -> None:
    assert weights(ee.Kernel.euclidean(3))[0].round(3).tolist() == [4.243, 3.606, 3.162, 3.0, 3.162, 3.606, 4.243]
    assert weights(ee.Kernel.manhattan(1)).tolist() == [[2, 1, 2], [1, 0, 1], [2, 1, 2]]
    assert weights(ee.Kernel.chebyshev(1)).tolist() == [[1, 1, 1], [1, 0, 1], [1, 1, 1]]
    assert weights(ee.Kernel.laplacian8()).tolist() == [[1, 1, 1], [1, -8, 1], [1, 1, 1]]
    assert weights(ee.Kernel.sobel(2)).tolist() == [[-2, 0, 2], [-4, 0, 4], [-2, 0, 2]]
    gauss = weights(ee.Kernel.gaussian(2, 1))
    assert gauss[2, 1] / gauss[2, 2] == pytest.approx(np.exp(-0.5))
    inverse = weights(ee.Kernel.euclidean(1).inverse())
    assert inverse.round(4).tolist() == [[0.7071, 1, 0.7071], [1, 0, 1], [0.7071, 1, 0.7071]]


def test_kernels_turn_and_add(few: Server) -> None:
    given = ee.Kernel.fixed(weights=[[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    assert weights(given.rotate(1)).tolist() == [[7, 4, 1], [8, 5, 2], [9, 6, 3]]
    assert weights(given.rotate(-1)).tolist() == [[3, 6, 9], [2, 5, 8], [1, 4, 7]]
    assert weights(given.add(ee.Kernel.square(0))).tolist() == [[1, 2, 3], [4, 6, 6], [7, 8, 9]]
    with pytest.raises(ee.EEException, match="same length"):
        ee.Kernel.fixed(weights=[[1, 2], [1]]).getInfo()
    with pytest.raises(ee.EEException, match="too large"):
        ee.Kernel.circle(10_000).getInfo()


def test_a_convolution_is_scipys(ramp: ee.Image, values: Values) -> None:
    kernel = [[1, 2, 3], [4, 5, 6], [7, 8, 10]]
    found = np.array(values(ramp.convolve(ee.Kernel.fixed(weights=kernel))))
    rows, columns = np.mgrid[-3:5, -3:7]
    expected = ndimage.convolve((columns + 10.0 * rows), np.array(kernel))[3:5, 3:7]
    np.testing.assert_allclose(found, expected)


def test_a_flat_kernel_in_metres_grows_with_the_grid(ramp: ee.Image, values: Values) -> None:
    """60 km are one cell of half a degree (55.7 km): the mean of plane is the plane itself, and so with any radius."""
    plane = np.array(values(ramp))
    np.testing.assert_allclose(values(ramp.convolve(ee.Kernel.circle(60_000, "meters"))), plane)
    edges = ramp.convolve(ee.Kernel.laplacian4())
    np.testing.assert_allclose(values(edges), np.zeros((2, 4)), atol=1e-9)


def test_focal_filters_leave_masked_neighbours_out(first: ee.Image, years: ee.ImageCollection, values: Values) -> None:
    """`a` of 2001 is [[10 … 13], [14 … 17]] and nothing around it."""
    a = first.select("a")
    assert values(a.focalMax(1, "square")) == [[15, 16, 17, 17], [15, 16, 17, 17]]
    assert values(a.focal_min(1, "plus")) == [[10, 10, 11, 12], [10, 11, 12, 13]]
    assert values(a.focalMean(1, "plus"))[0][0] == pytest.approx((10 + 11 + 14) / 3)
    assert values(a.focalMedian(1, "square"))[1][0] == 12.5
    assert values(a.focalMax(1, "square", iterations=2))[0] == [16, 17, 17, 17]
    holed = ee.Image(years.toList(3).get(1)).select("a")
    assert values(holed.focalMax(1, "square").unmask(-1))[1] == [25, 26, 26, 26]
    with pytest.raises(ee.EEException, match="kernelType"):
        values(a.focalMax(1, "star"))


def test_a_reducer_over_a_neighbourhood(first: ee.Image, years: ee.ImageCollection, values: Values) -> None:
    a = first.select("a")
    counted = a.reduceNeighborhood(ee.Reducer.count(), ee.Kernel.square(1))
    assert counted.bandNames().getInfo() == ["a_count"]
    assert values(counted) == [[4, 6, 6, 4]] * 2
    spread = a.reduceNeighborhood(ee.Reducer.stdDev(), ee.Kernel.square(1))
    assert values(spread)[0][0] == pytest.approx(np.std([10, 11, 14, 15]))
    weighed = a.reduceNeighborhood(ee.Reducer.mean(), ee.Kernel.fixed(weights=[[0, 0, 0], [0, 1, 3], [0, 0, 0]]))
    assert values(weighed)[0][0] == pytest.approx((10 + 3 * 11) / 4)
    holed = ee.Image(years.toList(3).get(1)).select("a")
    for skip, last in ((True, -1), (False, 3)):
        found = holed.reduceNeighborhood(ee.Reducer.count(), ee.Kernel.square(1), skipMasked=skip)
        assert values(found.unmask(-1))[1][3] == last
    with pytest.raises(ee.EEException, match="takes 2 inputs"):
        values(a.reduceNeighborhood(ee.Reducer.linearFit(), ee.Kernel.square(1)))


def test_neighbours_as_bands(first: ee.Image, values: Values) -> None:
    bands = first.select("a").neighborhoodToBands(ee.Kernel.plus(1))
    assert bands.bandNames().getInfo() == ["a_0_-1", "a_-1_0", "a_0_0", "a_1_0", "a_0_1"]
    assert values(bands.select("a_1_0").unmask(-1))[0] == [11, 12, 13, -1]
    assert values(bands.select("a_0_1").unmask(-1))[0] == [14, 15, 16, 17]


def test_connected_pixels_and_distances(few: Server, values: Values) -> None:
    """Classes are [[1, 1, 2, 2], [3, 3, 3, masked]]."""
    classes = ee.Image("TEST/CLASSES")
    assert values(classes.connectedPixelCount(10).unmask(-1)) == [[2, 2, 2, 2], [3, 3, 3, -1]]
    assert values(classes.connectedPixelCount(2).unmask(-1))[1] == [2, 2, 2, -1]
    two = classes.eq(2).unmask(0)
    assert values(two.fastDistanceTransform(8))[0] == [4, 1, 0, 0]
    assert values(two.fastDistanceTransform(8, metric="manhattan"))[1] == [3, 2, 1, 1]


def test_slope_and_aspect_of_a_plane(few: Server) -> None:
    """One metre up for each metre east is 45°, and faces west; half of that to the north faces south."""
    grid: dict[str, Any] = {
        "dimensions": {"width": 3, "height": 3},
        "affineTransform": {"scaleX": 100, "shearX": 0, "translateX": 500_000, "shearY": 0, "scaleY": -100,
                            "translateY": 5_000_000},
        "crsCode": "EPSG:32650",
    }  # fmt: skip
    place = ee.Image.pixelCoordinates(ee.Projection("EPSG:32650"))

    def shown(image: ee.Image) -> np.ndarray:
        found = ee.data.computePixels({"expression": image, "fileFormat": "NUMPY_NDARRAY", "grid": grid})
        return found[found.dtype.names[0]]

    east, north = place.select("x"), place.select("y").multiply(0.5)
    # UTM stretches by 0.9996 in its middle
    np.testing.assert_allclose(shown(ee.Terrain.slope(east)), 45, atol=0.02)
    np.testing.assert_allclose(shown(ee.Terrain.aspect(east)), 270, atol=0.01)
    np.testing.assert_allclose(shown(ee.Terrain.slope(north)), np.degrees(np.arctan(0.5)), atol=0.02)
    np.testing.assert_allclose(shown(ee.Terrain.aspect(north)), 180, atol=0.01)
    # a sun in the west at 45° shines straight onto a slope of 45° that faces west
    np.testing.assert_allclose(shown(ee.Terrain.hillshade(east, 270, 45)), 255, atol=0.1)
    names = ee.Terrain.products(east.rename("elevation")).bandNames().getInfo()
    assert names == ["elevation", "slope", "aspect", "hillshade"]
    with pytest.raises(ee.EEException, match="elevation"):
        shown(ee.Terrain.slope(ee.Image([1, 2])))
