"""What a plot has to say of curves that are not drawn, once for all those of which the same is to be said."""

from collections.abc import Iterable
from dataclasses import dataclass

from efdviewer.domain.topics import FieldRef
from efdviewer.viewmodels.curve_state import CurveState, CurveStatus

_MOST_TOLD = 12
_WORDS = {
    CurveStatus.LOADING: "Loading …",
    CurveStatus.NO_DATA: "No samples in this range",
    CurveStatus.UNKNOWN: "Not in this source",
    CurveStatus.TEXT: "Text, which is not drawn",
    CurveStatus.FAILED: "Could not be loaded",
    CurveStatus.CANCELLED: "Cancelled",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Curves of one status: what they are called in short and what is said of them; `told` is it in full."""

    status: CurveStatus
    fields: tuple[FieldRef, ...]
    names: str
    words: str
    told: str

    @property
    def sentence(self) -> str:
        """Names and words in one."""
        return f"{self.names}: {self.words}" if self.names else self.words


def cards_of(states: Iterable[CurveState]) -> list[Card]:
    """Say each thing once for all the curves that it befell, and of loads how far each is for one alone."""
    alike: dict[tuple[CurveStatus, str], list[CurveState]] = {}
    for state in states:
        words = _words(state)
        if state.status is CurveStatus.LOADING:
            words = words.partition("…")[0]
        alike.setdefault((state.status, words), []).append(state)
    return [_card(found) for found in alike.values()]


def _card(states: list[CurveState]) -> Card:
    status, words = states[0].status, _words(states[0])
    names = states[0].title
    if len(states) > 1:
        names = f"{len(states)} curves"
        if status is CurveStatus.LOADING:
            head, _, progress = words.partition("…")
            is_same = all(_words(state) == words for state in states)
            names = "" if head == "Loading " else names
            words = f"{head}{'' if names else f'{len(states)} curves '}…{progress if is_same else ''}"
    told = [f"{state.title}: {_words(state)}" for state in states[:_MOST_TOLD]]
    if len(states) > _MOST_TOLD:
        told.append(f"and {len(states) - _MOST_TOLD} more")
    fields = tuple(state.field for state in states)
    return Card(status=status, fields=fields, names=names, words=words, told="\n".join(told))


def _words(state: CurveState) -> str:
    return state.message or _WORDS[state.status]
