"""Names and values on the command line and in sessions: quoted where they hold a separator."""

import re

from efdviewer.domain.errors import BadInputError

_INTEGER = re.compile(r"[+-]?[0-9]{1,19}\Z")
_FLOAT = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\Z")
_ESCAPED = re.compile(r'\\(["\\])')
_TRUTHS = {"true": True, "false": False}


def quote(name: str) -> str:
    """Write a name for the command line: as it is, or in double quotes where it holds a separator."""
    if any(mark in name for mark in ':,@;"') or ".." in name or not name:
        return _in_quotes(name)
    return name


def quote_value(name: str) -> str:
    """Write a name or a text of a condition, where `=` separates too."""
    return _in_quotes(name) if "=" in name else quote(name)


def write_value(value: int | float | bool | str) -> str:
    """Write the value of a condition; a text that would be read as another kind of value is quoted."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quote_value(value) if read_value(value) == value else _in_quotes(value)
    return repr(value)


def _in_quotes(name: str) -> str:
    # The backslash too: the one that ends a name would hide the quote after it.
    marked = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{marked}"'


def unquote(text: str) -> str:
    """Undo `quote`."""
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return _ESCAPED.sub(r"\1", text[1:-1])
    return text


def read_value(text: str) -> int | float | bool | str:
    """Read the value of a condition: a whole number, a number, `true` or `false`, else a text."""
    if _INTEGER.match(text):
        return int(text)
    if _FLOAT.match(text):
        return float(text)
    return _TRUTHS[text] if text in _TRUTHS else unquote(text)


def split_quoted(text: str, separator: str) -> list[str]:
    """Split at a separator outside double quotes; the parts keep their quotes.

    Raises
    ------
    BadInputError
        If a quote is left open.
    """
    parts: list[str] = []
    start = position = 0
    quoted = False
    while position < len(text):
        if quoted and _ESCAPED.match(text, position):
            position += 2
            continue
        if text[position] == '"':
            quoted = not quoted
        elif not quoted and text.startswith(separator, position):
            parts.append(text[start:position])
            position += len(separator)
            start = position
            continue
        position += 1
    if quoted:
        raise BadInputError(f"A double quote is left open in '{text}'.")
    parts.append(text[start:])
    return parts
