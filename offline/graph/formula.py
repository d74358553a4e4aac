"""The grammar of formulas: operators as in Java, `b(…)` and `image.band` for bands, `? :` for choices.

Parsed by precedence climbing (Richards 1979) into nested tuples, the first item of which says what they are.
"""

from __future__ import annotations

import re
from typing import Any

from offline.errors import EngineError

TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<text>'[^']*'|\"[^\"]*\")|(?P<sign>\*\*|&&|\|\||[=!<>]=|<<|>>|[-+*/%&|^!~<>=?:()\[\],.]))"
)
#: Binary operators from the loosest to the tightest, and the algorithm of images that each one means.
LEVELS: tuple[dict[str, str], ...] = (
    {"||": "or"},
    {"&&": "and"},
    {"|": "bitwiseOr"},
    {"^": "bitwiseXor"},
    {"&": "bitwiseAnd"},
    {"==": "eq", "!=": "neq"},
    {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"},
    {"<<": "leftShift", ">>": "rightShift"},
    {"+": "add", "-": "subtract"},
    {"*": "multiply", "/": "divide", "%": "mod"},
)
PREFIXES = {"-": "negate", "+": "plus", "!": "not", "~": "bitwiseNot"}
Node = tuple[Any, ...]


def parse(text: str, name: str = "Image.parseExpression") -> Node:
    """The tree of a formula. Raises EngineError that says which algorithm cannot read it, and where."""
    try:
        return _Parser(text).whole()
    except _Unreadable as error:
        raise EngineError(f"{name}: cannot read '{text}' at character {error.position + 1}.") from error


class _Unreadable(Exception):
    """A position at which no token or another one is."""

    def __init__(self, position: int) -> None:
        super().__init__(position)
        self.position = position


def _tokens(text: str) -> list[tuple[str, str, int]]:
    tokens, position = [], 0
    while text[position:].strip():
        match = TOKEN.match(text, position)
        if match is None:
            raise _Unreadable(position)
        kind = str(match.lastgroup)
        tokens.append((kind, match[kind], match.start(kind)))
        position = match.end()
    return [*tokens, ("end", "", len(text))]


class _Parser:
    """Reads tokens from left to right."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._next = 0

    def whole(self) -> Node:
        if self._tokens[0][0] == "name" and self._tokens[1][1] == "=":
            self._next = 2
            tree: Node = ("named", self._tokens[0][1], self._choice())
        else:
            tree = self._choice()
        if self._tokens[self._next][0] != "end":
            raise self._unexpected()
        return tree

    def _unexpected(self) -> _Unreadable:
        return _Unreadable(self._tokens[self._next][2])

    def _take(self, sign: str) -> bool:
        kind, value, _ = self._tokens[self._next]
        taken = kind == "sign" and value == sign
        self._next += taken
        return taken

    def _need(self, sign: str) -> None:
        if not self._take(sign):
            raise self._unexpected()

    def _choice(self) -> Node:
        test = self._binary(0)
        if not self._take("?"):
            return test
        yes = self._choice()
        self._need(":")
        return ("choice", test, yes, self._choice())

    def _binary(self, level: int) -> Node:
        if level == len(LEVELS):
            return self._prefixed()
        left = self._binary(level + 1)
        while (sign := self._sign_of(LEVELS[level])) is not None:
            left = ("binary", LEVELS[level][sign], left, self._binary(level + 1))
        return left

    def _sign_of(self, signs: dict[str, str]) -> str | None:
        kind, value, _ = self._tokens[self._next]
        if kind != "sign" or value not in signs:
            return None
        self._next += 1
        return value

    def _prefixed(self) -> Node:
        sign = self._sign_of(PREFIXES)
        if sign is not None:
            return ("unary", PREFIXES[sign], self._prefixed())
        base = self._postfixed()
        return ("binary", "pow", base, self._prefixed()) if self._take("**") else base

    def _postfixed(self) -> Node:
        node = self._primary()
        while True:
            if self._take("."):
                kind, value, _ = self._tokens[self._next]
                if kind != "name":
                    raise self._unexpected()
                self._next += 1
                node = ("bands", node, [value])
            elif self._take("["):
                node = ("bands", node, self._selectors("]"))
            else:
                return node

    def _selectors(self, end: str) -> list[Any]:
        """Names in quotes and numbers of bands, up to the closing sign."""
        chosen: list[Any] = []
        while not self._take(end):
            kind, value, _ = self._tokens[self._next]
            if kind not in ("number", "text"):
                raise self._unexpected()
            chosen.append(_number(value) if kind == "number" else value[1:-1])
            self._next += 1
            if not self._take(","):
                self._need(end)
                break
        return chosen

    def _primary(self) -> Node:
        kind, value, _ = self._tokens[self._next]
        if kind == "number":
            self._next += 1
            return ("number", _number(value))
        if kind == "text":
            self._next += 1
            return ("text", value[1:-1])
        if kind == "name":
            self._next += 1
            if not self._take("("):
                return ("name", value)
            return ("default", self._selectors(")")) if value == "b" else ("call", value, self._arguments())
        self._need("(")
        inner = self._choice()
        self._need(")")
        return inner

    def _arguments(self) -> list[Node]:
        given: list[Node] = []
        while not self._take(")"):
            given.append(self._choice())
            if not self._take(","):
                self._need(")")
                break
        return given


def _number(text: str) -> int | float:
    return int(text) if text.isdigit() else float(text)
