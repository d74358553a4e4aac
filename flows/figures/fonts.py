"""Names in any script on figures: in fonts that have their characters, or in Latin letters where none has them."""

from __future__ import annotations

import logging
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from regions.naming import evident

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: matplotlib's own font, then those of Linux, Windows and macOS for the scripts of North-East Asia.
FAMILIES = (
    "DejaVu Sans", "Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans CJK KR", "Noto Sans SC", "Noto Sans JP",
    "Noto Sans KR", "Source Han Sans SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback",
    "Microsoft YaHei", "SimHei", "SimSun", "Malgun Gothic", "Yu Gothic", "Meiryo", "MS Gothic", "PingFang SC",
    "Hiragino Sans", "Hiragino Sans GB", "Apple SD Gothic Neo", "NanumGothic", "UnDotum", "IPAGothic", "VL Gothic",
    "Arial Unicode MS", "Noto Sans Mongolian", "Mongolian Baiti",
)  # fmt: skip
#: A few characters of each script, for `drylands doctor`.
SCRIPTS = {"Cyrillic": "ӨөҮүЖ", "Han": "草原沙地", "Hangul": "사막화", "Kana": "さばくカ", "Mongolian script": "ᠮᠣᠩ"}
#: Fonts to install, for messages.
CJK = "a font such as Noto Sans CJK (Debian and Ubuntu: apt install fonts-noto-cjk)"
MONGOLIAN = "Noto Sans Mongolian (Debian and Ubuntu: apt install fonts-noto-core)"
#: Longest name on a figure; the rest is cut.
LONGEST = 40

_log = logging.getLogger("drylands.figures")


@cache
def families() -> tuple[str, ...]:
    """The font families of this machine that figures use, in the order in which they are tried."""
    from matplotlib.font_manager import fontManager

    add_new_fonts()
    there = {each.name for each in fontManager.ttflist}
    return tuple(name for name in FAMILIES if name in there)


def add_new_fonts() -> None:
    """Add the fonts that were installed after matplotlib stored its list of fonts.

    matplotlib does not repeat its search by itself.
    """
    from matplotlib.font_manager import findSystemFonts, fontManager

    listed = {each.fname for each in fontManager.ttflist}
    for path in sorted(set(findSystemFonts()) - listed):
        try:
            fontManager.addfont(path)
        except (OSError, RuntimeError, ValueError):  # not a font that can be drawn
            _log.debug("font file %s cannot be read", path)


@cache
def drawable(family: str) -> frozenset[int]:
    """The code points that a font family has."""
    from matplotlib.font_manager import findfont
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(findfont(family)).get_charmap())


def missing(text: str, fonts: tuple[str, ...] | None = None) -> str:
    """The characters of a text that are in none of the given fonts (default: the fonts of this machine)."""
    known = [drawable(each) for each in (families() if fonts is None else fonts)]
    return "".join(each for each in dict.fromkeys(text) if not any(ord(each) in has for has in known))


def plain(name: str, fonts: tuple[str, ...] | None = None) -> str:
    """A name as figures can draw it: as it is, or in Latin letters where a character has no font; never a formula."""
    from anyascii import anyascii

    lacking = missing(name, fonts)
    if lacking:
        _warn(lacking)
        name = anyascii(name)
    cut = name if len(name) <= LONGEST else f"{name[: LONGEST - 1].rstrip()}…"
    return cut.replace("$", r"\$")


@cache
def _warn(lacking: str) -> None:
    _log.warning(
        "No font of this machine has the characters %s: the name is drawn in Latin letters. Install %s and draw the "
        "figure again.",
        lacking,
        advised(lacking),
    )


def advised(text: str) -> str:
    """The fonts that have the characters of a text, and how to install them."""
    mongolian = any(unicodedata.name(each, "").startswith("MONGOLIAN") for each in text)
    others = any(not unicodedata.name(each, "").startswith("MONGOLIAN") for each in text if not each.isspace())
    return " and ".join([*([CJK] if others else []), *([MONGOLIAN] if mongolian else [])])


def title_of(region: str, name: str) -> str:
    """A region on a figure: its name and id, or the id alone where that says the name."""
    return region if evident(region, name) else f"{plain(name)} ({region})"


def label_of(region: str, name: str) -> str:
    """A short label of a region: its name, or the id if it shows the name."""
    return region if evident(region, name) else plain(name)


def use_fonts(drawn: Figure) -> None:
    """Let every text of a figure that is not plain Latin take its characters from the fonts that have them."""
    from matplotlib.text import Text

    for text in drawn.findobj(Text):
        assert isinstance(text, Text)
        if not text.get_text().isascii():
            text.set_fontfamily(list(families()))


def check_fonts() -> str:
    """Which scripts figures can draw on this machine, and what happens to the others."""
    lacking = [script for script, sample in SCRIPTS.items() if missing(sample)]
    drawn = [script for script in SCRIPTS if script not in lacking]
    if not lacking:
        return f"figures draw {', '.join(drawn)}"
    return (
        f"figures draw {', '.join(('Latin', *drawn))}; no font for {', '.join(lacking)}: such names are drawn in Latin "
        f"letters. To draw them as they are, install {advised(''.join(SCRIPTS[script] for script in lacking))}"
    )
