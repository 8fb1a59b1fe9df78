"""Packed series: arrays of samples that a component sends in one message, and when each was taken."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from efdviewer.domain.topics import FieldSchema, FieldType, group_fields

_STAMPS = ("cRIO_timestamp", "cRioTimestamp", "timestamp")
_INTERVAL = "interval"
_KNOWN = (
    "lsst.sal.ATMCS.",
    "lsst.sal.ATPtg.mountPositions",
    "lsst.sal.MTVMS.data",
    "lsst.sal.ESS.earthquake",
)
"""Topics whose arrays are samples in time though no field says how far apart. Most arrays elsewhere are
actuators or channels of one moment."""
_NO_TIME = ("psd", "spectrum", "frequenc")
"""Arrays with one of these in their names are spectra, wherever they are."""
NEIGHBOUR_NS = 10 * 10**9
"""Messages further apart tell nothing of how far apart their samples are."""
_ALONE_NS = 10**9
"""A message without neighbours holds a second."""
_LEAST = 20
"""Arrays that are shorter hold axes or channels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """How a topic packs samples: `stamp` is the time of the first, in TAI seconds, of each message.

    `interval` is the field with the seconds between samples, None where the time to the next message is
    divided among them. `arrays` are the names of the flattened elements, in order, by the name of the array;
    all arrays of a topic are equally long.
    """

    stamp: str
    interval: str | None
    arrays: Mapping[str, tuple[str, ...]]

    @property
    def length(self) -> int:
        """Samples in a message."""
        return len(next(iter(self.arrays.values())))

    def series(self, element: str) -> str | None:
        """Name the array whose first element a field is."""
        return next((name for name, elements in self.arrays.items() if elements[0] == element), None)

    def fields(self, arrays: Collection[str]) -> tuple[str, ...]:
        """Name what has to be read for some arrays: the stamp, the interval, all elements."""
        timing = (self.stamp,) if self.interval is None else (self.stamp, self.interval)
        return (*timing, *(element for name in arrays for element in self.arrays[name]))


def packing_of(topic: str, schemas: Sequence[FieldSchema]) -> Packing | None:
    """Tell how a topic packs samples; None where it does not."""
    names = {schema.name for schema in schemas}
    stamp = next((name for name in _STAMPS if name in names), None)
    interval = _INTERVAL if _INTERVAL in names else None
    if stamp is None or (interval is None and not topic.startswith(_KNOWN)):
        return None
    arrays = {}
    for group in group_fields(schemas):
        stem = group.label.partition("[")[0]
        is_numeric = group.members[0].type in (FieldType.FLOAT, FieldType.INTEGER)
        is_spectrum = any(word in f"{topic}.{stem}".lower() for word in _NO_TIME)
        if len(group.members) >= _LEAST and is_numeric and not is_spectrum:
            arrays[stem] = tuple(member.name for member in group.members)
    if not arrays:
        return None
    longest = max(map(len, arrays.values()))
    return Packing(
        stamp=stamp,
        interval=interval,
        arrays={stem: members for stem, members in arrays.items() if len(members) == longest},
    )


def spacings_ns(first_utc_ns: NDArray[np.int64], length: int) -> NDArray[np.float64]:
    """Tell how far apart the samples of messages are that do not say so, (n,) float64 ns.

    Parameters
    ----------
    first_utc_ns : (n,) int64
        Times of the first sample of each message, ns UTC, ascending.
    length : int
        Samples in a message.

    Notes
    -----
    The samples of a message fill the time to the nearer of its neighbours, so that those of two messages
    never overlap and a gap is not filled. One without a neighbour within ten seconds holds a second.
    """
    steps = np.diff(first_utc_ns).astype(np.float64)
    steps[steps > NEIGHBOUR_NS] = np.inf
    nearer = np.full(len(first_utc_ns), np.inf)
    nearer[1:] = steps
    nearer[:-1] = np.minimum(nearer[:-1], steps)
    return np.where(np.isinf(nearer), _ALONE_NS, nearer) / length


def unpacked_times(
    first_utc_ns: NDArray[np.int64], apart_ns: NDArray[np.float64], length: int
) -> NDArray[np.int64]:
    """Give the time of each sample, (n, length) int64 ns UTC."""
    offsets = np.rint(apart_ns[:, None] * np.arange(length)[None, :]).astype(np.int64)
    return first_utc_ns[:, None] + offsets
