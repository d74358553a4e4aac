"""The palette: classes of a set are distinguished with every kind of colour vision."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from practices.report import palette

#: Linear RGB as seen with a colour-vision deficiency of full severity (Machado, Oliveira & Fernandes 2009, table 1).
VISION = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
#: Linear RGB to XYZ (IEC 61966-2-1), and the white D65.
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = TO_XYZ.sum(axis=1)
SETS = {
    "classes": [*palette.CLASSES.values(), palette.NO_DATA],
    "classes, dark theme": [*palette.DARK.values(), palette.DARK_NO_DATA],
    "land productivity dynamics": [*palette.DYNAMICS.values(), palette.NO_DATA],
    "status": [*palette.STATUS.values(), palette.NO_DATA],
    "break flags": [*palette.FLAGS.values(), palette.NO_DATA],
    "causes": [*palette.CAUSES.values(), palette.NO_DATA],
}
#: CIEDE2000 that two classes differ by at least.
LEAST = 20.0


def cielab(colour: str, vision: str = "normal") -> np.ndarray:
    """L*, a* and b* of `#rrggbb` as seen with a kind of vision."""
    part = np.array(palette.rgb(colour)) / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    ratio = TO_XYZ @ np.clip(VISION[vision] @ linear, 0, 1) / WHITE
    x, y, z = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def ciede2000(one: np.ndarray, other: np.ndarray) -> float:
    """Difference of two colours in CIELAB (Sharma, Wu & Dalal 2005, equations 2 to 22)."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean7 = ((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2) ** 7
    stretch = 1.5 - 0.5 * np.sqrt(mean7 / (mean7 + 25**7))
    a1, a2 = a1 * stretch, a2 * stretch
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    turn, mean_h = h2 - h1, (h1 + h2) / 2
    if abs(turn) > 180:
        turn -= np.copysign(360, turn)
        mean_h += 180 if mean_h < 180 else -180
    if c1 * c2 == 0:
        turn, mean_h = 0.0, h1 + h2
    lightness, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    t = (
        1
        - 0.17 * np.cos(np.radians(mean_h - 30))
        + 0.24 * np.cos(np.radians(2 * mean_h))
        + 0.32 * np.cos(np.radians(3 * mean_h + 6))
        - 0.20 * np.cos(np.radians(4 * mean_h - 63))
    )
    dl = (l2 - l1) / (1 + 0.015 * (lightness - 50) ** 2 / np.sqrt(20 + (lightness - 50) ** 2))
    dc = (c2 - c1) / (1 + 0.045 * chroma)
    dh = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2)) / (1 + 0.015 * chroma * t)
    blue = 60 * np.exp(-(((mean_h - 275) / 25) ** 2))
    rotation = -2 * np.sqrt(chroma**7 / (chroma**7 + 25**7)) * np.sin(np.radians(blue))
    return float(np.sqrt(dl**2 + dc**2 + dh**2 + rotation * dc * dh))


@pytest.mark.parametrize(
    ("one", "other", "difference"),
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 3.1571, -77.2803), (50, 0, -82.7485), 2.8615),
        ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0000),
        ((50, 0, 0), (50, -1, 2), 2.3669),
        ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
        ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
        ((50, -0.001, 2.49), (50, 0.0011, -2.49), 4.7461),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((50, 2.5, 0), (61, -5, 29), 22.8977),
        ((50, 2.5, 0), (56, -27, -3), 31.9030),
        ((50, 2.5, 0), (58, 24, 15), 19.4535),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
        ((90.8027, -2.0831, 1.4410), (91.1528, -1.6435, 0.0447), 1.4441),
        ((6.7747, -0.2908, -2.4247), (5.8714, -0.0985, -2.2286), 0.6377),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_difference_is_that_of_sharma_wu_and_dalal(
    one: tuple[float, ...], other: tuple[float, ...], difference: float
) -> None:
    assert ciede2000(np.array(one), np.array(other)) == pytest.approx(difference, abs=5e-5)
    assert ciede2000(np.array(other), np.array(one)) == pytest.approx(difference, abs=5e-5)


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("name", SETS)
def test_classes_of_a_set_are_distinguished(name: str, vision: str) -> None:
    pairs = combinations(SETS[name], 2)
    near = {(a, b): ciede2000(cielab(a, vision), cielab(b, vision)) for a, b in pairs}
    assert {pair: round(value, 1) for pair, value in near.items() if value < LEAST} == {}


def test_colours_have_their_meaning() -> None:
    """Stable is pale and quiet; the status grows lighter up to stability and darker after it; decline is warm."""
    light, a, b = cielab(palette.CLASSES["stable"])
    assert light > 88
    assert np.hypot(a, b) < 15
    lightness = [cielab(colour)[0] for colour in palette.STATUS.values()]
    assert lightness[:4] == sorted(lightness[:4])
    assert lightness[3:] == sorted(lightness[3:], reverse=True)
    for name in ("persistent_degradation", "recent_degradation", "baseline_degradation"):
        assert (cielab(palette.STATUS[name])[1:] > 0).all()
    for name in ("persistent_improvement", "recent_improvement", "baseline_improvement"):
        assert cielab(palette.STATUS[name])[2] < 0


def test_a_text_has_the_contrast_of_wcag() -> None:
    assert [palette.text_on(colour) for colour in ("#ffffff", "#000000", palette.CLASSES["stable"])] == [
        "black", "white", "black",
    ]  # fmt: skip


def test_the_style_sheet_takes_its_classes_from_the_palette() -> None:
    text = palette.css_variables()
    for name, colour in {**palette.CLASSES, "no-data": palette.NO_DATA}.items():
        assert f"--{name.replace('_', '-')}: {colour};" in text
    assert text.count("--degraded:") == 2
