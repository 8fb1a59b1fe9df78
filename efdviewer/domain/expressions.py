"""A small language of formulas over the fields of a row: read, checked, and never run as Python.

    actualPosition - demandPosition
    mean(derivative(actualPosition), 5)
    convert("odd name", 'deg', 'arcsec')

Names stand as they are or in double quotes, texts in single quotes. `^` and `**` raise to a power.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from efdviewer.domain.errors import BadInputError
from efdviewer.domain.functions import CONSTANTS, FUNCTIONS, Function

_LONGEST = 1000
_DEEPEST = 40
_HINT = "Example: actualPosition - demandPosition, or mean(derivative(actualPosition), 5)."
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | "(?P<quoted>(?:[^"\\]|\\["\\])*)"
      | '(?P<text>[^']*)'
      | (?P<mark>\*\*|[-+*/%^(),])
    )""",
    re.VERBOSE,
)
_ESCAPED = re.compile(r'\\(["\\])')


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written."""

    value: float


@dataclass(frozen=True, slots=True)
class Text:
    """A text in single quotes: a unit or a moment."""

    value: str


@dataclass(frozen=True, slots=True)
class Name:
    """A field of the row."""

    field: str


@dataclass(frozen=True, slots=True)
class Operation:
    """Two values and one of `+ - * / % ^`."""

    mark: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Call:
    """One of the `FUNCTIONS`, or `-` for the negative, with its arguments."""

    function: str
    arguments: tuple["Expression", ...]


Expression = Number | Text | Name | Operation | Call


def parse(text: str) -> Expression:
    """Read a formula.

    Raises
    ------
    BadInputError
        If it is none; the message says where.
    """
    return _Parser(text).whole()


def names_of(expression: Expression) -> tuple[str, ...]:
    """List the fields that a formula reads, each once, in the order of their first use."""
    return tuple(dict.fromkeys(part.field for part in parts_of(expression) if isinstance(part, Name)))


def parts_of(expression: Expression) -> Iterator[Expression]:
    """Go through a formula and all that it is made of."""
    yield expression
    match expression:
        case Operation(left=left, right=right):
            yield from parts_of(left)
            yield from parts_of(right)
        case Call(arguments=arguments):
            for argument in arguments:
                yield from parts_of(argument)


def write_name(field: str) -> str:
    """Write a field's name as a formula reads it."""
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", field) and field not in CONSTANTS:
        return field
    marked = field.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{marked}"'


class _Token(NamedTuple):
    kind: str
    text: str
    at: int


class _Parser:
    """Recursive descent; what it has not been told of, it refuses."""

    def __init__(self, text: str) -> None:
        if len(text) > _LONGEST:
            raise BadInputError(f"A formula has at most {_LONGEST:,} characters.", hint=_HINT)
        self._text = text
        self._tokens = list(_tokens(text))
        self._place = 0
        self._depth = 0

    def whole(self) -> Expression:
        found = self._sum()
        if self._next.kind != "end":
            raise self._error()
        if isinstance(found, Text):
            raise BadInputError(f"{self._text} is a text, no number.", hint=_HINT)
        return found

    @property
    def _next(self) -> _Token:
        return self._tokens[self._place]

    def _error(self) -> BadInputError:
        token = self._next
        what = "ends too early" if token.kind == "end" else f"has '{token.text}' at {token.at + 1}"
        return BadInputError(f"The formula '{self._text}' {what}.", hint=_HINT)

    def _take(self, *marks: str) -> str:
        token = self._next
        if token.kind == "mark" and token.text in marks:
            self._place += 1
            return token.text
        return ""

    def _need(self, mark: str) -> None:
        if not self._take(mark):
            raise self._error()

    def _sum(self) -> Expression:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise BadInputError(f"A formula has at most {_DEEPEST} brackets within each other.", hint=_HINT)
        found = self._product()
        while mark := self._take("+", "-"):
            found = self._operation(mark, found, self._product())
        self._depth -= 1
        return found

    def _product(self) -> Expression:
        found = self._signed()
        while mark := self._take("*", "/", "%"):
            found = self._operation(mark, found, self._signed())
        return found

    def _signed(self) -> Expression:
        signs = 0
        while mark := self._take("-", "+"):
            signs += mark == "-"
        found = self._power()
        if signs % 2 == 0:
            return found
        self._check_number(found)
        return Number(-found.value) if isinstance(found, Number) else Call("-", (found,))

    def _power(self) -> Expression:
        found = self._atom()
        if not self._take("^", "**"):
            return found
        self._depth += 1
        if self._depth > _DEEPEST:
            raise BadInputError(f"A formula has at most {_DEEPEST} powers of powers.", hint=_HINT)
        exponent = self._signed()
        self._depth -= 1
        return self._operation("^", found, exponent)

    def _atom(self) -> Expression:
        token = self._next
        if token.kind == "end" or (token.kind == "mark" and token.text != "("):
            raise self._error()
        self._place += 1
        match token.kind:
            case "number":
                return Number(float(token.text))
            case "text":
                return Text(token.text)
            case "quoted":
                return Name(_ESCAPED.sub(r"\1", token.text))
            case "name":
                return self._named(token.text)
        found = self._sum()
        self._need(")")
        return found

    def _named(self, name: str) -> Expression:
        if not self._take("("):
            return Number(CONSTANTS[name]) if name in CONSTANTS else Name(name)
        function = FUNCTIONS.get(name)
        if function is None:
            raise BadInputError(
                f"There is no function '{name}'.", hint=f"There are {', '.join(sorted(FUNCTIONS))}."
            )
        arguments: list[Expression] = []
        if not self._take(")"):
            arguments.append(self._sum())
            while self._take(","):
                arguments.append(self._sum())
            self._need(")")
        _check_arguments(name, function, arguments)
        return Call(name, tuple(arguments))

    def _operation(self, mark: str, left: Expression, right: Expression) -> Expression:
        self._check_number(left)
        self._check_number(right)
        return Operation(mark, left, right)

    def _check_number(self, found: Expression) -> None:
        if isinstance(found, Text):
            raise BadInputError(f"'{found.value}' is a text, no number.", hint=_HINT)


def _tokens(text: str) -> Iterator[_Token]:
    place = 0
    end = len(text.rstrip())
    while place < end:
        match = _TOKEN.match(text, place)
        if match is None:
            stripped = len(text) - len(text[place:].lstrip())
            raise BadInputError(
                f"The formula '{text}' has '{text[stripped]}' at {stripped + 1}, which it cannot read.",
                hint=_HINT,
            )
        kind = match.lastgroup
        assert kind is not None
        yield _Token(kind, match[kind], match.start(kind))
        place = match.end()
    yield _Token("end", "", end)


def _check_arguments(name: str, function: Function, arguments: list[Expression]) -> None:
    """Raise a BadInputError unless there are as many arguments as a function takes, each of its kind."""
    kinds = function.arguments
    enough = len(arguments) >= len(kinds) if function.is_open else len(arguments) == len(kinds)
    wanted = (*kinds, *kinds[-1:] * (len(arguments) - len(kinds)))
    fits = enough and all(
        {
            "series": not isinstance(argument, Text),
            "number": isinstance(argument, Number),
            "text": isinstance(argument, Text),
        }[kind]
        for kind, argument in zip(wanted, arguments, strict=False)
    )
    if not fits:
        raise BadInputError(f"{name} is written {function.usage}.")
    for kind, argument in zip(wanted, arguments, strict=True):
        if kind == "number" and isinstance(argument, Number):
            function.check_number(argument.value)
    function.check_texts(*(argument.value for argument in arguments if isinstance(argument, Text)))
