"""The OpenAPI 3.0 document of the OGC API, made from its routes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
#: Largest number of features in one answer, and the number if the request does not give one.
MOST, USUAL = 1000, 100
#: Parameters as the standard defines them; routes read them as text to answer with a message of their own.
AS_DEFINED: dict[str, dict[str, Any]] = {
    "limit": {"schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}},
    "bbox": {
        "schema": {
            "type": "array",
            "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
            "items": {"type": "number"},
        }
    },
    "datetime": {"schema": {"type": "string"}},
}


def definition(routes: Sequence[BaseRoute], server: str) -> dict[str, Any]:
    """The OpenAPI 3.0 document of some routes below the address of a server."""
    made = get_openapi(
        title="drylands: OGC API - Features",
        version="1",
        openapi_version="3.0.3",
        description="Land degradation of North-East Asian drylands, and practices against it",
        routes=routes,
        servers=[{"url": server}],
    )
    for operations in made["paths"].values():
        for each in operations["get"].get("parameters", []):
            if each["name"] in AS_DEFINED:
                each.update(AS_DEFINED[each["name"]], style="form", explode=False)
    found: dict[str, Any] = as_30(made)
    return found


def as_30(node: Any) -> Any:
    """A part of an OpenAPI 3.1 document in the words of 3.0: `nullable` for a null, an `enum` of one for `const`."""
    if isinstance(node, list):
        return [as_30(each) for each in node]
    if not isinstance(node, dict):
        return node
    if "const" in node:
        node = {**{key: value for key, value in node.items() if key != "const"}, "enum": [node["const"]]}
    options = node.get("anyOf", [])
    plain = [each for each in options if each != {"type": "null"}]
    if len(plain) == len(options):
        return {key: as_30(value) for key, value in node.items()}
    rest = {key: value for key, value in node.items() if key != "anyOf"}
    merged = {**rest, **plain[0]} if len(plain) == 1 else {**rest, "anyOf": plain}
    return {**as_30(merged), "nullable": True}


def parameters(document: dict[str, Any], path: str) -> set[str]:
    """Names of the query parameters that a path of a document has."""
    operation = document["paths"].get(path, {}).get("get", {})
    return {each["name"] for each in operation.get("parameters", []) if each["in"] == "query"}
