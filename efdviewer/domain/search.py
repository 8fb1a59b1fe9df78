"""Finding topics and fields by pieces of their names."""

import fnmatch
import re
from collections.abc import Callable, Sequence

from rapidfuzz import fuzz, process

_FUZZY_SCORE = 72.0
_FUZZY_AT_MOST = 60

Matcher = Callable[[str], bool]


def words_of(text: str) -> list[str]:
    """Split what was typed into the words that all have to match; case does not matter."""
    return text.casefold().split()


def word_matcher(word: str) -> Matcher:
    """Match one word in a casefolded name: as a piece of it, or as a glob where it holds `*` or `?`."""
    if "*" in word or "?" in word:
        pattern = re.compile(fnmatch.translate(f"*{word}*"))
        return lambda name: pattern.match(name) is not None
    return lambda name: word in name


def fuzzy(text: str, names: Sequence[str]) -> list[int]:
    """Give the places of the names that resemble what was typed, best first."""
    found = process.extract(
        text.casefold().replace(" ", ""),
        names,
        scorer=fuzz.partial_ratio,
        score_cutoff=_FUZZY_SCORE,
        limit=_FUZZY_AT_MOST,
    )
    return [place for _, _, place in found]
