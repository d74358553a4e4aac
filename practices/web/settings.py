"""How the page is served."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WebSettings:
    """`editing` adds the login and the forms; `secure` says that the page is reached by https.

    `upload_bytes` bounds a file of practices, `body_bytes` any other request. A name may fail `tries` times from
    one address, and an address 4 × `tries` times, within `tries_s` seconds. A session ends after `session_s` seconds. A
    request for slow work (a workbook, a login) waits `patience_s` seconds at most.
    """

    editing: bool = False
    secure: bool = False
    upload_bytes: int = 2_000_000
    body_bytes: int = 200_000
    tries: int = 5
    tries_s: float = 300.0
    session_s: int = 8 * 3600
    patience_s: float = 5.0
