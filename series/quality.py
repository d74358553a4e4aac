"""Which pixels of a product are good, as Earth Engine expressions, by the product's own flags."""

from __future__ import annotations

from typing import Any

from series.datasets import QUALITY_BANDS, Quality

#: Words of the public catalogue: 3 is marginal, from 4 on pass, questionable, poor, shadow, snow, cloud, estimated.
LEAST_RELIABLE = 3
#: Bits of Fmask: cloud, beside a cloud or shadow, cloud shadow, snow or ice; and its highest level of aerosol.
UNCLEAR, HIGH_AEROSOL = 0b11110, 3


def good(image: Any, rule: Quality) -> Any:
    """1 where a pixel is good or marginal by a rule of quality, 0 where it is not.

    `modis-summaryqa`: SummaryQA 0 (good) and 1 (marginal); snow is 2, clouds are 3. `viirs-vnp13`: an index was
    produced and is not probably cloudy (VI_Quality, bits 0-1, up to 1), and the pixel is excellent, good, acceptable
    or marginal (pixel_reliability up to 3), so that clouds, their shadows, snow and values from a climatology are out:
    the same classes as of MODIS. `gimms-qc`: the digits of AVHRR (tens) and of MODIS (units) are 0 (good) or 9 (no
    value of that sensor was used). `hls-fmask`: no bit of Fmask says cloud (1), beside a cloud or shadow (2), shadow
    (3) or snow (4), and the aerosol level (bits 6-7) is not high. The producer's list of known issues (HLS L30 v2.0,
    April 2026) says that reflectance under high aerosol should be discarded: next to bright targets it is often an
    error of the retrieval, which makes reflectance too low. The composites of Landsat in Earth Engine leave it out,
    too. Water (5) is kept, as in the composites of MODIS; the value of pixels without data, 255, has all bits.
    """
    bands = [image.select([name]) for name in QUALITY_BANDS[rule]]
    if rule == "modis-summaryqa":
        return image.select(*QUALITY_BANDS[rule]).lte(1)
    if rule == "viirs-vnp13":
        quality, reliability = bands
        return quality.bitwiseAnd(3).lte(1).And(reliability.lte(LEAST_RELIABLE))
    if rule == "hls-fmask":
        return bands[0].bitwiseAnd(UNCLEAR).eq(0).And(bands[0].rightShift(6).lt(HIGH_AEROSOL))
    avhrr, modis = bands[0].divide(10).floor().mod(10), bands[0].mod(10)
    return avhrr.eq(0).Or(avhrr.eq(9)).And(modis.eq(0).Or(modis.eq(9)))
