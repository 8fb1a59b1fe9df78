"""How much ink the events of an overlay leave in each pixel column, and the images that this makes."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from efdviewer.domain.events import EventDensity, thin_to_columns
from efdviewer.domain.timerange import TimeRange
from efdviewer.ui.palette import shown_color
from efdviewer.viewmodels.curve_state import OverlayState

_PERIOD = 24
_PATTERNS = (
    (True,) * _PERIOD,
    tuple(row % 12 < 8 for row in range(_PERIOD)),
    tuple(row % 4 < 2 for row in range(_PERIOD)),
    tuple(row % 12 < 6 or row % 12 in (8, 9) for row in range(_PERIOD)),
)
"""Line styles by an overlay's place, so that no meaning rests on colour alone."""
_NEAR = 16
"""Over so many pixel columns to either side the density of lines is taken."""
LANE, TICK = 5, 4
"""Height of an overlay's lane of ticks at the top, and of the ticks in it, in pixels."""
_OPEN, _FAINTEST = 0.2, 0.2
"""Up to this share of columns with a line, lines are drawn in full; the faintest have this part of it."""
_LIGHTEST, _DARKEST = _FAINTEST, 0.8
"""Parts of its opacity that an overlay keeps where its shading is lightest and darkest, if it is alone.

The lightest is the wash that lines make where they crowd: nothing flashes where one becomes the other.
"""
_LIGHTEST_TICK = 0.5
"""The same of its ticks, which are opaque where it is darkest."""
_MANY = 1000
"""So many events in a column are many in any view."""
_STANDS_OUT = 16
"""So many times the mean of the view stand out as much as anything does; where there is more, that does."""
_OF_ITSELF = 0.25
"""The share of a shading's depth that the number of events gives, whatever the rest of the view has."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ink:
    """The ink of one overlay.

    `place` : its place among all overlays, which chooses its dashes.
    `columns` : (m,) int64; the pixel columns that have any, ascending.
    `strength` : (m,) float32, 0 to 1; the part of the overlay's opacity.
    `ticks` : (m,) float32, 0 to 1; the opacity of the ticks.
    `apart` : (m,) bool; whether it is a line that stands apart, which is drawn wider and in dashes.
    """

    place: int
    overlay: OverlayState
    columns: NDArray[np.int64]
    strength: NDArray[np.float32]
    ticks: NDArray[np.float32]
    apart: NDArray[np.bool_]


def inks_of(overlays: Sequence[OverlayState], time_range: TimeRange, columns: int) -> list[Ink]:
    """Spread the events of the visible overlays over so many pixel columns, as lines or as shadings."""
    shown = [(place, overlay) for place, overlay in enumerate(overlays) if overlay.visible]
    # Washes over one another are as dark as one, or the curves would be lost in them.
    lightness = max(1, sum(overlay.density is not None for _, overlay in shown)) ** 0.5
    return [
        _lines(place, overlay, time_range, columns)
        if overlay.density is None
        else _shading(place, overlay, overlay.density, lightness, time_range=time_range, columns=columns)
        for place, overlay in shown
    ]


def _lines(place: int, overlay: OverlayState, time_range: TimeRange, columns: int) -> Ink:
    lines = thin_to_columns(overlay.times_utc_ns, time_range, columns)
    lines = lines[lines < columns]
    shares = _share_of_ink(lines, columns)[lines]
    return Ink(
        place=place,
        overlay=overlay,
        columns=lines,
        strength=shares,
        ticks=np.ones(len(lines), np.float32),
        apart=shares == 1,
    )


def _shading(
    place: int,
    overlay: OverlayState,
    density: EventDensity,
    lightness: float,
    *,
    time_range: TimeRange,
    columns: int,
) -> Ink:
    """Shade each column by its events, from the least that can be seen to the densest column."""
    counts = density.by_column(time_range, columns)
    # A share of an event, of a bucket that ends in the column, is none; rounding leaves some where none is.
    shaded = np.flatnonzero(counts > counts.max(initial=0) * 1e-9)
    depth = _depth(counts, _known_columns(density, time_range, columns))[shaded]
    return Ink(
        place=place,
        overlay=overlay,
        columns=shaded,
        strength=np.float32(1 / lightness) * (_LIGHTEST + (_DARKEST - _LIGHTEST) * depth),
        ticks=_LIGHTEST_TICK + (1 - _LIGHTEST_TICK) * depth,
        apart=np.zeros(len(shaded), np.bool_),
    )


def _known_columns(density: EventDensity, time_range: TimeRange, columns: int) -> slice:
    """Give the columns in which no event is missing."""
    covered = density.covered or time_range
    first = time_range.share_at(covered.start_utc_ns) * columns
    return slice(int(first), ceil(time_range.share_at(covered.end_utc_ns) * columns))


def _depth(counts: NDArray[np.float64], known: slice) -> NDArray[np.float32]:
    """Say how much each column stands out, 0 to 1: by logarithms, for crowds differ by powers of ten.

    Measured against the densest column alone a steady event would be darkest everywhere, and hide the rest.
    Columns of which nothing is known yet do not count, or all others would blink until it is.
    """
    most, mean = max(1.0, counts.max(initial=0)), max(1.0, counts.sum() / max(1, len(counts[known])))
    held = np.maximum(counts, 1)
    of_itself = np.log(held) / np.log(max(_MANY, most))
    beside_others = np.log(np.maximum(held / mean, 1)) / np.log(max(_STANDS_OUT, most / mean))
    depth: NDArray[np.float32] = (_OF_ITSELF * of_itself + (1 - _OF_ITSELF) * beside_others).astype(
        np.float32
    )
    return depth


def blended(inks: Sequence[Ink], columns: int) -> QImage:
    """Mix the overlays, each over those before it, into premultiplied ARGB."""
    # Dashes side by side would make stripes across the plot: lines that crowd are drawn through.
    patterns = tuple(_PATTERNS[ink.place % len(_PATTERNS) if ink.apart.any() else 0] for ink in inks)
    kinds, kind_of_row = _kinds_of_rows(patterns)
    mixed = np.zeros((len(kinds), columns, 4), np.float32)
    for place, ink in enumerate(inks):
        where = _widened(ink, (0, 1), columns)
        # A column beside a line that stands apart is like the line.
        strength, apart = np.ones(columns, np.float32), np.ones(columns, np.bool_)
        strength[ink.columns], apart[ink.columns] = ink.strength, ink.apart
        drawn = kinds[:, place, None] | ~apart[where]
        alpha = (drawn * (strength[where] * np.float32(ink.overlay.alpha)))[..., None]
        mixed[:, where] += alpha * (_color(ink.overlay) - mixed[:, where])
    return _image(np.ascontiguousarray(np.rint(mixed).astype(np.uint8)[kind_of_row]))


@lru_cache(maxsize=64)
def _kinds_of_rows(patterns: tuple[tuple[bool, ...], ...]) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
    """Tell which pixel rows look alike: (k, overlays) kinds, what draws in them, and the kind of each row."""
    kinds, kind_of_row = np.unique(np.array(patterns).T, axis=0, return_inverse=True)
    return kinds, kind_of_row.ravel()


def tick_lanes(inks: Sequence[Ink], columns: int) -> QImage:
    """Draw each overlay's ticks into a lane of its own, in full colour or as its shading is."""
    pixels = np.zeros((LANE * max(1, len(inks)), columns, 4), np.uint8)
    for lane, ink in enumerate(inks):
        where = _widened(ink, (-1, 0, 1, 2), columns)
        ticks = np.ones(columns, np.float32)
        ticks[ink.columns] = ink.ticks
        colors = np.rint(ticks[where, None] * _color(ink.overlay)).astype(np.uint8)
        pixels[lane * LANE : lane * LANE + TICK, where] = colors
    return _image(pixels)


def _widened(ink: Ink, offsets: tuple[int, ...], columns: int) -> NDArray[np.int64]:
    """Add the columns beside lines that stand apart; where they crowd they stay as they are."""
    inked = np.zeros(columns, np.bool_)
    inked[ink.columns] = True
    apart = ink.columns[ink.apart]
    for offset in offsets:
        beside = apart + offset
        inked[beside[(beside >= 0) & (beside < columns)]] = True
    return np.flatnonzero(inked)


def _color(overlay: OverlayState) -> NDArray[np.float32]:
    color = shown_color(overlay.color)
    return np.array([color.blue(), color.green(), color.red(), 255], np.float32)


def _image(pixels: NDArray[np.uint8]) -> QImage:
    """Copy (rows, columns, 4) premultiplied BGRA."""
    rows, columns, _ = pixels.shape
    format_ = QImage.Format.Format_ARGB32_Premultiplied
    return QImage(pixels.data, columns, rows, 4 * columns, format_).copy()


def _share_of_ink(lines: NDArray[np.int64], columns: int) -> NDArray[np.float32]:
    """Give the part of its opacity, 0 to 1, that a line keeps in each column: less where lines crowd.

    Where every column has its line they make a wash through which the curves can be read.
    """
    has_line = np.zeros(columns + 2 * _NEAR, np.float32)
    has_line[lines + _NEAR] = 1
    sums = np.concatenate([[0], np.cumsum(has_line)]).astype(np.float32)
    # To the denser side, so that the wash has no darker rim.
    after = sums[2 * _NEAR : -1] - sums[_NEAR : -_NEAR - 1]
    before = sums[_NEAR + 1 : -_NEAR] - sums[1 : -2 * _NEAR]
    density = np.maximum(before, after) / _NEAR
    shares: NDArray[np.float32] = np.maximum(_OPEN / np.maximum(density, _OPEN), _FAINTEST).astype(np.float32)
    return shares
