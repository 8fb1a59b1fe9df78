"""How far the loading of each topic has come, counted from the statements that a source tells of."""

import re

from efdviewer.domain.query import Statement


class LoadProgress:
    """Counts, by topic, the statements of the load under way."""

    def __init__(self) -> None:
        self._statements: dict[str, dict[int, Statement]] = {}

    def begin(self, topic: str) -> None:
        """Start to count anew: what was asked before belongs to a load that was replaced."""
        self._statements[topic] = {}

    def observe(self, statement: Statement) -> str | None:
        """Count a statement; gives the topic that it belongs to, None for one that is not being loaded."""
        for topic, counted in self._statements.items():
            if _names(statement.text, topic):
                if statement.outcome == "running" or statement.number in counted:
                    counted[statement.number] = statement
                return topic
        return None

    def words(self, topic: str) -> str:
        """Write how much has come of what was asked for; empty before anything was."""
        counted = self._statements.get(topic, {})
        if not counted:
            return ""
        answered = sum(statement.outcome == "done" for statement in counted.values())
        asked = f"{len(counted)} quer{'y' if len(counted) == 1 else 'ies'}"
        rows = sum(statement.rows for statement in counted.values())
        share = sum(statement.share for statement in counted.values()) / len(counted)
        come = f", {rows:,} rows, {share:.0%}" if rows else ""
        return f"{answered} of {asked} answered{come}"


def _names(text: str, topic: str) -> bool:
    """Tell whether a statement reads a topic, and not one whose name only begins alike."""
    return re.search(rf"(?<![\w.]){re.escape(topic)}(?![\w.-])", text) is not None
