"""Every error that efdviewer raises on purpose; the first thing to read.

Each carries two sentences for a person: what happened and to what (`str(error)`), and what to try
(`error.hint`, empty where nothing helps). `exit_code` is what the command line ends with.
"""

from typing import ClassVar


class EfdViewerError(Exception):
    """Base of all errors with a message for a person."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class BadInputError(EfdViewerError):
    """What was typed, chosen or opened cannot be used."""

    exit_code = 2


class TimeExpressionError(BadInputError):
    """A time expression that cannot be read.

    `position` and `length` mark the offending characters in the typed text.
    """

    def __init__(self, message: str, *, position: int = 0, length: int = 0, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.position = position
        self.length = length


class TimescaleError(BadInputError):
    """A stamp that lies outside what UTC and TAI are known for."""


class AddressError(BadInputError):
    """A source address, profile name or label that cannot be read."""


class UnwritableNameError(BadInputError):
    """A topic, field or value whose characters InfluxQL cannot carry."""


class SessionFormatError(BadInputError):
    """A session file that is damaged, foreign or newer than this program."""


class ArchiveError(BadInputError):
    """A folder that is missing, is no archive, or whose files are damaged."""


class UnknownTopicError(BadInputError):
    """A topic or field that the source does not have."""


class SourceError(EfdViewerError):
    """A source that did not give a complete answer."""


class QueryError(SourceError):
    """The database refused or aborted a statement."""


class LimitError(QueryError):
    """The statement asked for more than the server grants at once; a shorter range may do."""


class BucketLimitError(LimitError):
    """The statement asked for more buckets than the server grants at once, however short they are."""


class ReplyError(SourceError):
    """The answer is not one of an InfluxDB: a redirect, a page of a proxy, an unexpected status."""


class LinkError(SourceError):
    """The way to the source failed."""


class StreamCutError(LinkError):
    """The answer ended before it was complete."""


class SilenceError(LinkError):
    """The source sent nothing for too long."""


class UnreachableError(LinkError):
    """No connection: unknown host, refused, timed out, or TLS that cannot be trusted."""

    exit_code = 3


class CredentialsError(SourceError):
    """User name or password were refused, or are missing."""

    exit_code = 3


def explain(error: EfdViewerError) -> str:
    """Join what happened and what to try into one line for a person."""
    return f"{error} {error.hint}".strip()
