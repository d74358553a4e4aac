"""How a cube was made, as attributes of its store."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from series.cubes.naming import Cube
from series.origins import ORIGINS
from series.service.batch import BatchTask
from series.service.earth_engine import described, eecu_of
from series.service.tally import Tally


def parts_text(digests: Sequence[str], counts: Sequence[int]) -> str:
    """The parts of a cube as an attribute that every format can hold: digests and numbers of images, as JSON."""
    return json.dumps([[digest, count] for digest, count in zip(digests, counts, strict=True)])


def provenance(
    cube: Cube, counts: Sequence[int], taken_over: int, tally: Tally, exports: Sequence[BatchTask] = ()
) -> dict[str, Any]:
    """Attributes that state from what, when, and with how many requests a cube was made.

    `counts` is the number of images of each part, `taken_over` how many parts come from another cube; `exports` are
    the batch exports that its pixels came by.
    """
    tool, requests, repeated = version("drylands"), tally.requests, tally.retries
    eecu = eecu_of(tally)
    facts = described(cube.dataset.asset)
    return {
        "Conventions": "CF-1.11",
        "origin": cube.origin,
        **({"source_fingerprint": cube.fingerprint} if cube.fingerprint else {}),
        "dataset": cube.dataset.model_dump_json(),
        "graph": cube.stack.text,
        "base": cube.base,
        "digest": cube.digest,
        "parts": parts_text(cube.stack.digests, counts),
        "package_version": tool,
        "asset_updated": facts.updated,
        "last_image": facts.last_image,
        "pulled_by": "export" if exports else "requests",
        **exported(exports),
        "requests": requests,
        "repeated_requests": repeated,
        "eecu_seconds": "not known" if eecu is None else round(eecu, 3),
        "history": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} pulled by drylands {tool} from: {ORIGINS[cube.origin]}"
        + (f"; {taken_over} of {len(counts)} parts taken over from another cube" if taken_over else ""),
    }


def exported(exports: Sequence[BatchTask]) -> dict[str, Any]:
    """The names of operations (JSON), and the compute time that the service counts for them; nothing without any."""
    if not exports:
        return {}
    used = [each.eecu_seconds for each in exports]
    known = None if None in used else sum(each for each in used if each is not None)
    return {
        "export_operations": json.dumps([each.operation for each in exports]),
        "batch_eecu_seconds": "not known" if known is None else round(known, 3),
    }
