"""What a drag out of the topic tree carries."""

import json
from collections.abc import Iterable

from PySide6.QtCore import QMimeData

from efdviewer.domain.topics import FieldRef, TopicName

FIELDS_MIME = "application/x-efdviewer-fields"
"""JSON list of fields, each as `str(FieldRef)`."""
TOPICS_MIME = "application/x-efdviewer-topics"
"""JSON list of the names of measurements."""


def mime_data(fields: Iterable[FieldRef], topics: Iterable[TopicName]) -> QMimeData:
    """Pack fields and topics for this program, and the names of both, one a line, for any other."""
    field_texts = [str(ref) for ref in fields]
    topic_texts = [str(topic) for topic in topics]
    mime = QMimeData()
    if field_texts:
        mime.setData(FIELDS_MIME, json.dumps(field_texts).encode())
    if topic_texts:
        mime.setData(TOPICS_MIME, json.dumps(topic_texts).encode())
    mime.setText("\n".join([*field_texts, *topic_texts]))
    return mime
