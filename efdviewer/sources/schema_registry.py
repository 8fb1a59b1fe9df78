"""Asks a schema registry what it says of a topic."""

from typing import Any
from urllib.parse import quote

import orjson

from efdviewer.domain.errors import EfdViewerError
from efdviewer.domain.sal_notes import FieldNote, TopicNote, tidy_units, tidy_words

_PATIENCE_S = 10.0
_MOST_BYTES = 20_000_000


async def ask_registry(address: str, topic: str) -> TopicNote | None:
    """Ask for the newest schema of a topic; None where the registry has none.

    Raises
    ------
    EfdViewerError
        If it does not answer, or not with a schema.
    """
    import aiohttp

    url = f"{address.rstrip('/')}/subjects/{quote(f'{topic}-value', safe='')}/versions/latest"
    try:
        timeout = aiohttp.ClientTimeout(total=_PATIENCE_S)
        async with aiohttp.ClientSession(timeout=timeout) as client, client.get(url) as response:
            if response.status == 404:
                return None
            if response.status != 200:
                raise EfdViewerError(f"The schema registry answered {response.status} {response.reason}.")
            body = bytearray()
            async for part in response.content.iter_any():
                body += part
                if len(body) > _MOST_BYTES:
                    raise EfdViewerError("The schema registry answered with more than a schema.")
    except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
        raise EfdViewerError(
            f"The schema registry does not answer: {error or 'it takes too long'}.",
            hint="Check its address; units stay as they were.",
        ) from error
    try:
        return _note_of(orjson.loads(orjson.loads(body)["schema"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise EfdViewerError("The schema registry answered with something that is no schema.") from error


def _note_of(schema: Any) -> TopicNote:
    fields = {
        str(part["name"]): FieldNote(tidy_units(part.get("units")), tidy_words(part.get("description")))
        for part in schema["fields"]
    }
    return TopicNote(tidy_words(schema.get("description")), fields)
