"""Control of the engine from another process of this machine: its log, its faults, its budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from offline.errors import EngineError
from offline.protocol.answers import Answer, json_answer
from offline.protocol.faults import BadFault, Fault
from offline.protocol.running import Server

CONTROL = "/offline/"


def controlled(server: Server, method: str, path: str, query: Mapping[str, str], body: dict[str, Any] | None) -> Answer:
    """Answer a control request. Raises EngineError for an unknown one and for faults that cannot be ordered.

    `GET origin`, `GET requests` (those after the first `since`), `GET usage`, `GET faults`, `POST faults` (the fields
    of a fault), `DELETE faults`, `POST month` (renews the budget).
    """
    name = path.removeprefix(CONTROL)
    if (method, name) == ("GET", "requests"):
        since = query.get("since", "0")
        if not (since.isascii() and since.isdigit()):
            raise EngineError(f"since {since[:20]!r} is not a number of requests.")
        return json_answer({"requests": [asdict(record) for record in server.requests[int(since) :]]})
    if (method, name) == ("GET", "origin"):
        return json_answer(dict(server.source) | {"origin": server.origin})
    if (method, name) == ("GET", "usage"):
        return json_answer(asdict(server.usage()) | {"charged": server.limits.used})
    if (method, name) == ("GET", "faults"):
        return json_answer({"faults": server.faults.json()})
    if (method, name) == ("POST", "faults"):
        server.faults.add(_fault(body or {}))
    elif (method, name) == ("DELETE", "faults"):
        server.faults.clear()
    elif (method, name) == ("POST", "month"):
        server.limits.new_month()
    else:
        raise EngineError(f"{method} {path}: the engine has no such control.", 404)
    return json_answer({})


def _fault(body: dict[str, Any]) -> Fault:
    unknown = sorted(set(body) - {each.name for each in fields(Fault)})
    if unknown:
        raise EngineError(f"fault: {unknown[0]!r} is unknown.")
    try:
        return Fault(**body)
    except (TypeError, BadFault) as error:
        raise EngineError(str(error)) from error
