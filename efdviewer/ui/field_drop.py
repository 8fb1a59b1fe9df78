"""What can be dragged from the topic tree onto plots."""

import orjson
from PySide6.QtCore import QMimeData

from efdviewer.domain.errors import BadInputError
from efdviewer.domain.topics import FieldRef
from efdviewer.viewmodels.topic_drag import FIELDS_MIME, TOPICS_MIME


def is_droppable(data: QMimeData) -> bool:
    """Tell whether plots take this."""
    return data.hasFormat(FIELDS_MIME) or data.hasFormat(TOPICS_MIME)


def dropped_fields(data: QMimeData) -> list[FieldRef]:
    """Read the fields; empty where there are none or they cannot be read."""
    try:
        return [FieldRef.parse(text) for text in _texts(data, FIELDS_MIME)]
    except BadInputError:
        return []


def dropped_topics(data: QMimeData) -> list[str]:
    """Read the topics; empty where there are none or they cannot be read."""
    return _texts(data, TOPICS_MIME)


def _texts(data: QMimeData, mime: str) -> list[str]:
    if not data.hasFormat(mime):
        return []
    try:
        texts = orjson.loads(bytes(data.data(mime).data()))
    except orjson.JSONDecodeError:
        return []
    return [text for text in texts if isinstance(text, str)] if isinstance(texts, list) else []
