"""Draws intervals as bands behind the curves, however many there are."""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from efdviewer.domain.timerange import TimeRange
from efdviewer.ui.graphics.frame import Frame
from efdviewer.ui.palette import shown_color

_ALPHA, _SELECTED_ALPHA, _EDGE_ALPHA = 0.13, 0.3, 0.5
_MOST_EDGES = 150
"""More intervals than this in view are a shading, as strong as they cover each pixel column."""
_SHADES, _FAINTEST = 8, 0.03


class Bands(NamedTuple):
    """The intervals of one pair of topics; arrays of int64 ns UTC, ascending in the starts."""

    title: str
    color: str
    starts_utc_ns: NDArray[np.int64]
    ends_utc_ns: NDArray[np.int64]
    keys: Sequence[str]


class BandHit(NamedTuple):
    """The shortest interval at a place."""

    title: str
    start_utc_ns: int
    end_utc_ns: int
    key: str

    @property
    def place(self) -> tuple[object, ...]:
        """The same for the same interval."""
        return self.title, self.start_utc_ns, self.end_utc_ns


class IntervalBands:
    """The bands of all pairs, shared by the rows of a plot area: they show the same time."""

    def __init__(self) -> None:
        self._bands: tuple[Bands, ...] = ()
        self._selected: tuple[int, int] | None = None

    def set_bands(self, bands: Sequence[Bands], selected: tuple[int, int] | None) -> None:
        """Draw these; one interval, (start, end) ns UTC, is emphasised."""
        self._bands, self._selected = tuple(bands), selected

    def paint(self, painter: QPainter, frame: Frame) -> None:
        """Draw the parts in view; the painter is clipped to the frame."""
        for bands in self._bands:
            starts, ends = _in_view(bands, frame.time_range)
            if not len(starts):
                continue
            color = shown_color(bands.color)
            color.setAlphaF(_ALPHA)
            left, right = _places(frame, starts), _places(frame, ends)
            if len(starts) <= _MOST_EDGES:
                self._paint_each(painter, frame, left, right, color)
            else:
                self._paint_covered(painter, frame, left, right, color)
            self._paint_selected(painter, frame, starts, ends, color)

    def at(self, frame: Frame, x: int) -> BandHit | None:
        """Give the shortest interval that touches a pixel column."""
        start, end = frame.ns_at(x), frame.ns_at(x + 1)
        best: BandHit | None = None
        for bands in self._bands:
            last = int(np.searchsorted(bands.starts_utc_ns, max(end, start + 1)))
            touching = np.flatnonzero(bands.ends_utc_ns[:last] >= start)
            if len(touching):
                lengths = bands.ends_utc_ns[touching] - bands.starts_utc_ns[touching]
                place = int(touching[np.argmin(lengths)])
                found = BandHit(
                    bands.title,
                    int(bands.starts_utc_ns[place]),
                    int(bands.ends_utc_ns[place]),
                    bands.keys[place],
                )
                best = min((each for each in (best, found) if each is not None), key=_length_of)
        return best

    def _paint_each(
        self,
        painter: QPainter,
        frame: Frame,
        left: NDArray[np.float64],
        right: NDArray[np.float64],
        color: QColor,
    ) -> None:
        edge = QColor(color)
        edge.setAlphaF(_EDGE_ALPHA)
        pen = QPen(edge, 1)
        pen.setCosmetic(True)
        for x0, x1 in zip(left.tolist(), right.tolist(), strict=True):
            painter.fillRect(QRectF(x0, frame.top, max(1.0, x1 - x0), frame.height), color)
        painter.setPen(pen)
        for x in np.concatenate([left, right]).tolist():
            painter.drawLine(round(x), frame.top, round(x), frame.bottom)

    def _paint_covered(
        self,
        painter: QPainter,
        frame: Frame,
        left: NDArray[np.float64],
        right: NDArray[np.float64],
        color: QColor,
    ) -> None:
        """Paint each pixel column as strongly as intervals cover it: bands of a pixel would hide the gaps."""
        covered = coverage(left - frame.left, right - frame.left, frame.width)
        steps = np.ceil(covered * _SHADES).astype(np.int64)
        edges = np.flatnonzero(np.diff(steps, prepend=-1, append=-1))
        for first, last in itertools.pairwise(edges.tolist()):
            if steps[first]:
                color.setAlphaF(_FAINTEST + (_ALPHA - _FAINTEST) * float(steps[first]) / _SHADES)
                painter.fillRect(QRectF(frame.left + first, frame.top, last - first, frame.height), color)

    def _paint_selected(
        self,
        painter: QPainter,
        frame: Frame,
        starts: NDArray[np.int64],
        ends: NDArray[np.int64],
        color: QColor,
    ) -> None:
        if self._selected is None:
            return
        start, end = self._selected
        if not ((starts == start) & (ends == end)).any():
            return
        color.setAlphaF(_SELECTED_ALPHA)
        x0, x1 = frame.x_at(start), frame.x_at(end)
        painter.fillRect(QRectF(x0, frame.top, max(2.0, x1 - x0), frame.height), color)


def _length_of(hit: BandHit) -> int:
    return hit.end_utc_ns - hit.start_utc_ns


def _in_view(bands: Bands, view: TimeRange) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    last = int(np.searchsorted(bands.starts_utc_ns, view.end_utc_ns))
    reaching = bands.ends_utc_ns[:last] >= view.start_utc_ns
    return bands.starts_utc_ns[:last][reaching], bands.ends_utc_ns[:last][reaching]


def _places(frame: Frame, times_utc_ns: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give horizontal places, at most a little outside of the frame."""
    return np.clip(frame.x_of(times_utc_ns), frame.left - 2.0, frame.right + 2.0)


def coverage(left: NDArray[np.float64], right: NDArray[np.float64], columns: int) -> NDArray[np.float64]:
    """Give the share of each pixel column that intervals cover, (columns,) float64, at most 1.

    Parameters
    ----------
    left, right : (n,) float64
        Where the intervals begin and end, pixels from the first column.
    """
    if not len(left):
        return np.zeros(columns)
    places = np.concatenate([left, right])
    order = np.argsort(places, kind="stable")
    places = places[order]
    active = np.cumsum(np.repeat([1, -1], len(left))[order])
    passed = np.concatenate([[0.0], np.cumsum(active[:-1] * np.diff(places))])
    shares = np.diff(np.interp(np.arange(columns + 1), places, passed))
    return np.asarray(np.minimum(shares, 1.0), np.float64)
