"""How far each load of series has come, counted from the statements that a source tells of."""

from contextvars import ContextVar

from efdviewer.domain.query import Statement
from efdviewer.domain.topics import Subset

_under_way: ContextVar[Subset | None] = ContextVar("_under_way", default=None)


class LoadProgress:
    """Counts, by topic and conditions, the statements of the load under way."""

    def __init__(self) -> None:
        self._statements: dict[Subset, dict[int, Statement]] = {}
        self._shares: dict[Subset, float] = {}

    def begin(self, subset: Subset) -> None:
        """Start to count anew: what was asked before belongs to a load that was replaced."""
        self._statements[subset] = {}
        self._shares.pop(subset, None)

    def enter(self, subset: Subset | None) -> None:
        """Count what the running task, and those that it starts, ask from now on for a load, or for none."""
        # The text of a statement would tell its topic, but not which of several loads of it sent it.
        _under_way.set(subset)

    def observe(self, statement: Statement) -> Subset | None:
        """Count a statement; gives the load that it belongs to, None for one of none."""
        subset = _under_way.get()
        if subset is None:
            return None
        counted = self._statements.get(subset, {})
        if statement.outcome == "running" or statement.number in counted:
            counted[statement.number] = statement
        return subset

    def tell(self, subset: Subset, share: float) -> None:
        """Take note of how much of its view is known, 0 to 1."""
        self._shares[subset] = share

    def words(self, subset: Subset) -> str:
        """Write how much has come of what was asked for; empty before anything was.

        While no query is unanswered, more may still be asked for, and nobody knows how much.
        """
        counted = self._statements.get(subset, {})
        answered = sum(statement.outcome == "done" for statement in counted.values())
        rows = sum(statement.rows for statement in counted.values())
        if answered == len(counted):
            return f"{rows:,} rows" if rows else ""
        asked = f"{len(counted)} quer{'y' if len(counted) == 1 else 'ies'}"
        asked_share = sum(statement.share for statement in counted.values()) / len(counted)
        share = max(asked_share, self._shares.get(subset, 0.0))
        come = f", {rows:,} rows, {share:.0%}" if rows else ""
        return f"{answered} of {asked} answered{come}"
