"""Which way the pixels of a request come: by requests or by batch exports; and whether its source can export."""

from __future__ import annotations

from pathlib import Path

import requests

from flows.errors import FlowError
from flows.request.assess import AssessRequest
from series.cubes.delivery import Delivery
from series.cubes.targets import ExportTarget

#: Folder in the data folder that takes the place of buckets when the run has an engine of its own.
BUCKETS = "buckets"
#: Seconds that an engine on this machine may take to say whether it exports.
PATIENCE = 60.0


def delivery_of(request: AssessRequest) -> Delivery:
    """The way that a request asks for."""
    target = None if request.export_to is None else ExportTarget.parse(request.export_to)
    return Delivery(request.via, target)


def buckets_of(request: AssessRequest) -> Path | None:
    """The folder that takes the place of buckets, if the request may export and its source is not Google's."""
    return None if request.export_to is None else request.data / BUCKETS


def require_exports(url: str) -> None:
    """Refuse an offline engine that was started without a folder for exports. Raises FlowError with the fix."""
    # an export without a destination: the engine refuses it with the first reason that it has
    answer = requests.post(f"{url}/v1/projects/offline/image:export", json={}, timeout=PATIENCE)
    if "Exports are off" in answer.text:
        raise FlowError(
            f"source {url}: this offline engine cannot export, as it has no folder for it; start it with "
            f"drylands offline --exports FOLDER, or use --via requests"
        )
