"""Credentials for Google Earth Engine: a service account's key, else what `earthengine authenticate` left."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import ee

from series.errors import MissingCredentials

#: Google's variable that names a file with credentials.
VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS"


def credentials_of(key: Path | None) -> Any:
    """The credentials of a service account's `key`, else of the key that the environment names, else "persistent".

    The client's default credentials ask for a token without scopes, and Google refuses that for a key: so a key of a
    service account is always read here, and the token is asked with Earth Engine's scopes. Raises MissingCredentials
    where the key cannot be used.
    """
    if key is not None:
        return _from_key(key, "--service-account")
    named = os.environ.get(VARIABLE)
    if named and _kind(Path(named)) == "service_account":
        return _from_key(Path(named), VARIABLE)
    return "persistent"


def _kind(path: Path) -> str | None:
    """The kind of credentials in a file; None where it cannot be read (the client reports that)."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content.get("type") if isinstance(content, dict) else None


def _from_key(path: Path, given_by: str) -> Any:
    if not path.is_file():
        raise MissingCredentials(f"{given_by} {path}: no such key file; give the service account's JSON key")
    try:
        return ee.ServiceAccountCredentials("", str(path))
    except (ValueError, KeyError) as error:
        raise MissingCredentials(
            f"{given_by} {path}: not a service account's JSON key ({error}); create one in the Cloud console under "
            f"IAM & Admin > Service accounts > Keys"
        ) from error
