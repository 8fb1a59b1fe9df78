"""Rows of the simulated night as tables, with all the stamps that SAL and the EFD add."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from efdviewer.domain.timescale import tai_ns_from_utc_ns
from efdviewer.sources.simulate_delays import delay_of

REVISION = "5d1a3c7e"


class Stamper:
    """Adds stamps to topics: send at the moment, receive after the topic's own delay, Kafka after that.

    With `mixed_clocks` the send stamps are in UTC and the receive stamps in TAI, as some were in 2019.
    """

    def __init__(self, random: np.random.Generator, start_utc_ns: int, *, mixed_clocks: bool) -> None:
        self._random = random
        self._start_utc_ns = start_utc_ns
        self._mixed = mixed_clocks

    def tai_s(self, moments_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give moments of the night as TAI seconds, (n,) float64."""
        return tai_ns_from_utc_ns(self._utc_ns(moments_s)) / 1e9

    def table(
        self,
        topic: str,
        moments_s: NDArray[np.float64],
        columns: Mapping[str, Any],
    ) -> pa.Table:
        """Give a topic's rows: `time`, its own columns, then the private ones.

        Parameters
        ----------
        moments_s : (n,) float64
            When each message was sent, seconds from the start of the night, ascending.
        columns : mapping of str to (n,) array
            The topic's own fields.
        """
        order = np.argsort(moments_s, kind="stable")
        # The index has microseconds, and so has the stamp that it is made of.
        utc_ns = self._utc_ns(moments_s[order]) // 1000 * 1000
        count = len(utc_ns)
        send_s = tai_ns_from_utc_ns(utc_ns) / 1e9
        receive_s = send_s + delay_of(topic).draw(self._random, count)
        csc = topic.split(".")[2]
        arrays: dict[str, Any] = {"time": pa.array(utc_ns, pa.int64())}
        for name, values in columns.items():
            array = values if isinstance(values, pa.Array) else pa.array(values)
            arrays[name] = array.take(pa.array(order))
        arrays |= {
            "private_sndStamp": utc_ns / 1e9 if self._mixed else send_s,
            "private_rcvStamp": receive_s,
            "private_kafkaStamp": receive_s + self._random.uniform(0.0003, 0.0012, count),
            "private_efdStamp": utc_ns / 1e9,
            "private_seqNum": np.arange(1, count + 1),
            "private_origin": np.full(count, 40_000 + sum(csc.encode()) % 9_000),
            "private_identity": pa.array([csc] * count),
            "private_revCode": pa.array([REVISION] * count),
        }
        return pa.table(arrays)

    def _utc_ns(self, moments_s: NDArray[np.float64]) -> NDArray[np.int64]:
        return self._start_utc_ns + np.rint(moments_s * 1e9).astype(np.int64)
