"""Short names of topics for narrow lists."""

from collections.abc import Sequence

from efdviewer.domain.topics import TopicName


def row_names(topics: Sequence[str]) -> list[str]:
    """Name each topic by its own name alone, or with its CSC where two topics share that name."""
    titles = [TopicName.parse(topic).title for topic in topics]
    names = {title: title.rpartition(".")[2] for title in titles}
    shared = list(names.values())
    return [names[title] if shared.count(names[title]) == 1 else title for title in titles]
