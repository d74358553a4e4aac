"""Ids of own regions: small Latin letters, digits and hyphens, made from a name in any script."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from itertools import count

from anyascii import anyascii

#: Longest id.
LONGEST = 60
#: Attributes that hold names, in the languages of the six countries.
NAME_FIELD = re.compile(r"name|_en$|_nm$|^nm_|нэр|назван|наимен|^имя|名|이름|명칭", re.IGNORECASE)


def clean(text: str) -> str:
    """A name as one line of text: no control characters, lone surrogates or repeated spaces."""
    kept = "".join(" " if unicodedata.category(each) in ("Cc", "Cs", "Zl", "Zp") else each for each in text)
    return " ".join(kept.split())


def slug(text: str) -> str:
    """Text as an id; other scripts are transliterated, Han characters by their Mandarin reading."""
    plain = anyascii(unicodedata.normalize("NFKC", text)).lower().replace("'", "")
    return re.sub(r"[^a-z0-9]+", "-", plain)[:LONGEST].strip("-")


def has_han(text: str) -> bool:
    """Whether a text has Han characters, whose reading depends on the language."""
    return any(unicodedata.name(each, "").startswith("CJK ") for each in unicodedata.normalize("NFKC", text))


def distinct(wanted: str, taken: Collection[str]) -> str:
    """The id `wanted`, or with the first number from 2 up that makes it different from all that are `taken`."""
    if wanted not in taken:
        return wanted
    return next(each for n in count(2) if (each := f"{wanted[: LONGEST - 10]}-{n}") not in taken)


def evident(region_id: str, name: str) -> bool:
    """Whether an id already says the name, so that nothing is gained by showing both."""
    return not name or (name.isascii() and slug(name).startswith(region_id))


def titled(region_id: str, name: str) -> str:
    """How text for people names a region: by its name and its id, or by the id alone where that says the name."""
    return region_id if evident(region_id, name) else f"{name} ({region_id})"
