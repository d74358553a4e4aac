"""`Image.parseExpression`: a formula as a function of images."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from offline.algorithms.image.bands import rename, select
from offline.algorithms.image.pixelwise import cast
from offline.errors import EngineError
from offline.graph.formula import Node, parse
from offline.graph.registry import algorithm, algorithms
from offline.model.image import Image, constant
from offline.model.operators import ARITHMETIC, BITWISE, LOGICAL, UNARY

#: What may be called by name in a formula.
CALLABLE = {*ARITHMETIC, *LOGICAL, *BITWISE, *UNARY}


@algorithm("Image.parseExpression")
def parse_expression(text: str, default: str, names: list[str], free: bool) -> Callable[..., Image]:
    """The function that a formula means; `b(…)` are bands of the argument named `default`.

    Raises EngineError if the formula cannot be read.
    """
    tree = parse(text)

    def evaluate(*values: Any, **named: Any) -> Image:
        given = {**dict(zip(names, values, strict=False)), **named}
        return _Formula(text, given, default, free).value(tree)

    return evaluate


class _Formula:
    """One call of a formula with its variables."""

    def __init__(self, text: str, variables: dict[str, Any], default: str, free: bool) -> None:
        self._text = text
        self._variables = {name: _as_image(value) for name, value in variables.items()}
        self._default = default
        self._free = free

    def value(self, node: Node) -> Image:
        """The image that a node of the tree means."""
        kind = node[0]
        if kind == "number":
            return constant([node[1]])
        if kind == "name":
            return self._variable(node[1])
        if kind == "named":
            return rename(self.value(node[2]), [node[1]])
        if kind == "default":
            image = self._variable(self._default)
            return select(image, node[1], None) if node[1] else image
        if kind == "bands":
            return select(self.value(node[1]), node[2], None)
        if kind == "choice":
            test, yes, no = (self.value(each) for each in node[1:])
            return self._call("where", no, test, yes)
        if kind == "unary":
            return self._unary(node[1], self.value(node[2]))
        if kind == "binary":
            return self._binary(node[1], self.value(node[2]), self.value(node[3]))
        if kind == "text" or node[1] not in CALLABLE:
            raise EngineError(f"Image.parseExpression: '{node[1]}' in '{self._text}' is no function of images here.")
        return self._call(node[1], *(self.value(each) for each in node[2]))

    def _variable(self, name: str) -> Image:
        if name in self._variables:
            return self._variables[name]
        if self._free and self._default in self._variables:
            return select(self._variables[self._default], [name], None)
        raise EngineError(f"Image.parseExpression: '{name}' in '{self._text}' is not given.")

    def _unary(self, name: str, operand: Image) -> Image:
        if name == "plus":
            return operand
        if name == "negate":
            return replace(self._call("subtract", constant([0]), operand), properties=operand.properties)
        return self._call(name, operand)

    def _binary(self, name: str, left: Image, right: Image) -> Image:
        whole = all(band.type.precision == "int" for band in (*left.bands, *right.bands))
        result = self._call(name, left, right)
        # In a formula, unlike in Image.divide, whole numbers divide to whole numbers.
        return cast(result, "int32") if name == "divide" and whole else result

    @staticmethod
    def _call(name: str, *images: Image) -> Image:
        result = algorithms()[f"Image.{name}"](*images)
        assert isinstance(result, Image)
        return result


def _as_image(value: Any) -> Image:
    return value if isinstance(value, Image) else constant([value])
