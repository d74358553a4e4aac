"""Evaluate an expression graph as the client sends it: values by reference, functions, arguments."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from shapely.errors import ShapelyError

import offline.algorithms  # noqa: F401  the algorithms register themselves
from offline.errors import EngineError, UnsupportedAlgorithm
from offline.graph.argument_types import fits, type_name
from offline.graph.limits import bounded, bounded_text, walks
from offline.graph.registry import algorithms
from offline.graph.signatures import Argument, signatures
from offline.metering.meter import current
from offline.model.array_pixels import constant_array
from offline.model.arrays import array_of
from offline.model.assets import CollectionAsset, ImageAsset, Source, TableAsset
from offline.model.collection import Collection, images_of
from offline.model.geometry import Feature, shape_of
from offline.model.grids import known_crs
from offline.model.homogeneous import TOLERANT, tolerance
from offline.model.image import Image, constant, from_asset, in_time
from offline.model.stored import collection_of, table_of
from offline.model.values import Date, Projection

#: Algorithms that read the source itself, and what each loads.
LOADERS: dict[str, type] = {
    "Image.load": ImageAsset,
    "ImageCollection.load": CollectionAsset,
    "Collection.loadTable": TableAsset,
}
PUBLIC = "projects/earthengine-public/assets/"
LEGACY = "projects/earthengine-legacy/assets/"
COLLECTIONS = ("FeatureCollection", "ImageCollection")
UNCHANGED = nullcontext()


def asset_id(name: str) -> str:
    """An asset's id without the prefix of the public catalogue."""
    return name.removeprefix(PUBLIC).removeprefix(LEGACY)


@dataclass(eq=False)
class Scope:
    """The arguments of one call of a function, and the nodes evaluated with them."""

    arguments: Mapping[str, Any] = field(default_factory=dict)
    outer: Scope | None = None
    known: dict[str, Any] = field(default_factory=dict)

    def holding(self, names: frozenset[str]) -> Scope:
        """The outermost scope in which nodes that depend on these arguments can be evaluated."""
        scope = self
        while scope.outer is not None and names.isdisjoint(scope.arguments):
            scope = scope.outer
        return scope

    def argument(self, name: str) -> Any:
        """The value of an argument. Raises EngineError if no function around the node has it."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.arguments:
                return scope.arguments[name]
            scope = scope.outer
        raise EngineError(f"Expression: there is no argument named '{name}' here.")


class Evaluator:
    """One request: a graph, the source of its assets, and what has been computed so far.

    Nodes that depend on no function argument are evaluated once; those in the body of a function once for each
    call, however often the body refers to them.
    """

    def __init__(self, expression: dict[str, Any], source: Source) -> None:
        if not isinstance(expression.get("values"), dict) or "result" not in expression:
            raise EngineError("Expression: needs 'values' and 'result'.")
        self._values: dict[str, Any] = expression["values"]
        self._result: str = expression["result"]
        self._source = source
        self._free: dict[str, frozenset[str]] = {}

    def result(self) -> Any:
        """The value of the whole expression. Raises EngineError if it cannot be computed."""
        return self._reference(self._result, Scope())

    def _reference(self, key: str, scope: Scope) -> Any:
        holder = scope.holding(self._free_of(key))
        if key not in holder.known:
            holder.known[key] = self._node(self._values[key], holder)
        return holder.known[key]

    def _free_of(self, key: str) -> frozenset[str]:
        """Names of the function arguments that a node depends on from outside itself."""
        if key not in self._free:
            if key not in self._values:
                raise EngineError(f"Expression: value reference '{key}' is not in 'values'.")
            self._free[key] = self._free_in(self._values[key])
        return self._free[key]

    def _free_in(self, node: dict[str, Any]) -> frozenset[str]:
        if "argumentReference" in node:
            return frozenset([node["argumentReference"]])
        if "valueReference" in node:
            return self._free_of(node["valueReference"])
        if "functionDefinitionValue" in node:
            definition = node["functionDefinitionValue"]
            return self._free_of(definition["body"]) - frozenset(definition.get("argumentNames", []))
        if "arrayValue" in node:
            parts = node["arrayValue"].get("values", [])
        elif "dictionaryValue" in node:
            parts = list(node["dictionaryValue"].get("values", {}).values())
        elif "functionInvocationValue" in node:
            call = node["functionInvocationValue"]
            parts = list(call.get("arguments", {}).values())
            if "functionReference" in call:
                parts.append({"valueReference": call["functionReference"]})
        else:
            parts = []
        return frozenset().union(*(self._free_in(part) for part in parts))

    def _node(self, node: dict[str, Any], scope: Scope) -> Any:
        if "constantValue" in node:
            return node["constantValue"]
        if "integerValue" in node:
            return int(node["integerValue"])
        if "argumentReference" in node:
            return scope.argument(node["argumentReference"])
        if "valueReference" in node:
            return self._reference(node["valueReference"], scope)
        if "arrayValue" in node:
            return [self._node(each, scope) for each in node["arrayValue"].get("values", [])]
        if "dictionaryValue" in node:
            entries = node["dictionaryValue"].get("values", {})
            return {key: self._node(each, scope) for key, each in entries.items()}
        if "functionDefinitionValue" in node:
            return self._function(node["functionDefinitionValue"], scope)
        if "functionInvocationValue" in node:
            return self._call(node["functionInvocationValue"], scope)
        raise EngineError(f"Expression: a node of kind {', '.join(node) or 'nothing'} is not understood.")

    def _function(self, definition: dict[str, Any], outer: Scope) -> Callable[..., Any]:
        names = definition.get("argumentNames", [])

        def call(*values: Any, **named: Any) -> Any:
            bound = {**dict(zip(names, values, strict=False)), **named}
            return self._reference(definition["body"], Scope(bound, outer))

        return call

    def _call(self, call: dict[str, Any], scope: Scope) -> Any:
        given = call.get("arguments", {})
        if "functionReference" in call:
            function = self._reference(call["functionReference"], scope)
            return function(**{key: self._node(each, scope) for key, each in given.items()})
        name = call["functionName"]
        if name == "If":
            # Only the branch that is taken is evaluated: the other may fail.
            condition = given.get("condition")
            chosen = condition is not None and self._node(condition, scope)
            branch = "trueCase" if chosen else "falseCase"
            return self._node(given[branch], scope) if branch in given else None
        # most of a request is such calls, and entering a context takes as long as most of them
        with tolerance() if name in TOLERANT else UNCHANGED:
            values = {key: self._node(each, scope) for key, each in given.items()}
        return self._apply(name, values)

    def _apply(self, name: str, given: dict[str, Any]) -> Any:
        signature = signatures().get(name)
        if signature is None:
            raise EngineError(f"'{name}' is not an Earth Engine algorithm.")
        if not given.keys() <= signature.names:
            unknown = given.keys() - signature.names
            raise EngineError(f"{name}: Unrecognized arguments: {', '.join(sorted(unknown))}.")
        values = []
        for argument in signature.arguments:
            if given.get(argument.name) is None and not argument.optional:
                if argument.name not in given:
                    raise EngineError(f"{name}: Parameter '{argument.name}' is required.")
                if argument.type != "Object":
                    raise EngineError(f"{name}: Parameter '{argument.name}' is required and may not be null.")
            value = given.get(argument.name, argument.default)
            if isinstance(value, (list, dict)) and walks(name):
                bounded(value, name)
            try:
                values.append(self._coerce(value, argument, name))
            except (TypeError, ValueError, KeyError, AttributeError) as error:
                raise EngineError(f"{name}, argument '{argument.name}': {error}") from error
        if name in LOADERS:
            return self._load(str(values[0]), name)
        function = algorithms().get(name)
        if function is None:
            raise unsupported(name)
        in_time()
        meter = current()
        if meter is not None:
            meter.calls[name] += 1
        try:
            result = function(*values)
        except EngineError:
            raise
        except (TypeError, ValueError, AttributeError, KeyError, IndexError, ShapelyError) as error:
            raise EngineError(f"{name}: {error}") from error
        if isinstance(result, str):
            bounded_text(len(result), name)
        return result

    def _coerce(self, value: Any, argument: Argument, name: str) -> Any:
        """A value as the declared type of its argument wants it."""
        if value is None:
            return None
        kind = argument.type
        if kind.startswith("Image<") and not isinstance(value, Image):
            return self._as_image(value, argument, name)
        if kind == "List<Image<unknown bands>>":
            return [each if isinstance(each, Image) else self._as_image(each, argument, name) for each in value]
        if (kind in COLLECTIONS or argument.name == "collection") and not isinstance(value, Collection):
            return self._as_collection(value, argument, name)
        if kind.startswith("Array"):
            return array_of(value)
        if kind == "Date":
            return Date.parse(value)
        if argument.name == "filter" and isinstance(value, str):
            return algorithms()["Filter.expression"](value)
        if kind == "Geometry":
            return shape_of(value)
        if kind == "Projection":
            if isinstance(value, dict):
                return Projection(known_crs(value["crs"]), tuple(value["transform"]))
            return value if isinstance(value, Projection) else Projection(known_crs(value))
        if kind in ("Integer", "Long") and isinstance(value, float) and value.is_integer():
            return int(value)
        if kind == "List<String>" and isinstance(value, str):
            return [value]
        if not fits(value, kind):
            raise EngineError(
                f"{name}, argument '{argument.name}': Invalid type.\nExpected type: {kind}.\n"
                f"Actual type: {type_name(value)}."
            )
        return value

    def _as_image(self, value: Any, argument: Argument, name: str) -> Image:
        if isinstance(value, (int, float)):
            return constant([value])
        if isinstance(value, list) and all(isinstance(each, (int, float)) for each in value):
            return constant(value)
        if isinstance(value, str):
            return self._load(value, "Image.load")
        if isinstance(value, np.ndarray):
            return constant_array(value)
        raise EngineError(
            f"{name}: Parameter '{argument.name}' is required to be an Image, found {type(value).__name__}."
        )

    def _as_collection(self, value: Any, argument: Argument, name: str) -> Collection:
        elements = value if isinstance(value, list) else [value]
        if all(isinstance(each, Image) for each in elements) and elements:
            return images_of(elements)
        if all(isinstance(each, Feature) for each in elements):
            return Collection("FeatureCollection", lambda: elements)
        raise EngineError(f"{name}: Parameter '{argument.name}' is required to be a collection.")

    def _load(self, name: str, loader: str) -> Any:
        asset = self._source.get(asset_id(name))
        wanted = LOADERS[loader]
        if asset is None or not isinstance(asset, wanted):
            kind = {
                ImageAsset: "Image",
                CollectionAsset: "ImageCollection",
                TableAsset: "Collection",
            }[wanted]
            found = (
                "not found (does not exist or caller does not have access)." if asset is None else f"is not an {kind}."
            )
            raise EngineError(f"{loader}: {kind} asset '{name}' {found}")
        if isinstance(asset, ImageAsset):
            return from_asset(asset)
        if isinstance(asset, CollectionAsset):
            return collection_of(asset)
        return table_of(asset)


def unsupported(name: str) -> UnsupportedAlgorithm:
    """The failure of an algorithm that this engine lacks, with the nearest ones that it has."""
    near = difflib.get_close_matches(name, algorithms(), n=3)
    hint = f" Nearest supported: {', '.join(near)}." if near else ""
    return UnsupportedAlgorithm(f"{name}: this algorithm is not supported by the offline engine.{hint}")
