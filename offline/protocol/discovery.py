"""The document that tells the client which methods the protocol has: its own copy, completed by what it calls."""

from __future__ import annotations

import json
from typing import Any

from offline.graph.signatures import client_file

TEXT = {"location": "query", "type": "string"}
#: The method behind the client's `getProjectConfig`, which its copy of the document does not have either.
CONFIG = {
    "id": "earthengine.projects.getConfig",
    "path": "v1/{+name}",
    "flatPath": "v1/projects/{projectsId}/config",
    "httpMethod": "GET",
    "parameters": {
        "name": {"location": "path", "required": True, "type": "string", "pattern": "^projects/[^/]+/config$"}
    },
    "parameterOrder": ["name"],
    "response": {"$ref": "ProjectConfig"},
}
CONFIG_FIELDS = {
    "id": "ProjectConfig",
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "registrationState": {"type": "string"},
        "maxConcurrentExports": {"type": "integer", "format": "int32"},
    },
}


def discovery(base: str) -> dict[str, Any]:
    """The document for a server at `base`."""
    document: dict[str, Any] = json.loads(client_file("cloud_api_discovery_document.json"))
    projects = document["resources"]["projects"]
    resources = projects["resources"]
    # The client's copy of the document has no tables, which it calls nevertheless; they are like thumbnails.
    like = json.dumps({"methods": {"create": resources["thumbnails"]["methods"]["create"]}})
    resources.setdefault("tables", json.loads(like.replace("thumbnails", "tables")))
    # Nor has it these arguments, without which the client's own listImages, getList and listFeatures fail.
    assets = resources["assets"]["methods"]
    for listing in (projects["methods"]["listAssets"], assets["listAssets"]):
        listing["parameters"] |= {"filter": TEXT, "view": TEXT}
    projects["methods"].setdefault("getConfig", CONFIG)
    document["schemas"].setdefault("ProjectConfig", CONFIG_FIELDS)
    features = json.dumps(assets["listFeatures"]).replace('"parent"', '"asset"').replace("{+parent}", "{+asset}")
    assets["listFeatures"] = json.loads(features)
    return document | {"rootUrl": f"{base}/", "baseUrl": f"{base}/", "mtlsRootUrl": f"{base}/"}
