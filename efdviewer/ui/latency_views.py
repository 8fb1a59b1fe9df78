"""Delays in other ways than a histogram: their shares, how they went over time, and who is slowest."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale, format_ns
from efdviewer.ui.delay_text import NO_DELAY, delay_text
from efdviewer.ui.graphics.figure import ClockAxis, Figure
from efdviewer.ui.latency_table import line_pen
from efdviewer.ui.rows_view import RowsView
from efdviewer.viewmodels.columns_model import Column
from efdviewer.viewmodels.latency import LatencyRow
from efdviewer.viewmodels.latency_bin import LatencyBin
from efdviewer.viewmodels.pair_delays import PairDelays


class SharesPlot(Figure):
    """How large a share of the messages is under way for no longer than a delay."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("latencyShares", "Shares of delays", "The wheel zooms the delays", parent=parent)
        self.setMouseEnabled(x=True, y=False)
        self.setLabel("left", "messages, %")
        self.getAxis("left").enableAutoSIPrefix(False)

    def show_delays(self, found: Sequence[PairDelays | None], *, log: bool) -> None:
        """Draw a line for each pair, None where there is none yet."""
        self.clear()
        self.setLogMode(x=log, y=False)
        self.getAxis("bottom").enableAutoSIPrefix(not log)
        self.setLabel("bottom", "delay", units=None if log else "s")
        ends = []
        for place, delays in enumerate(found):
            if delays is not None and len(delays.shares_s):
                shown = delays.shares_s > 0 if log else np.ones(len(delays.shares_s), np.bool_)
                self.plot(delays.shares_s[shown], 100 * delays.shares[shown], pen=line_pen(place))
                ends.append(np.interp([0.005, 0.995], delays.shares, delays.shares_s))
        self.setYRange(0, 100, padding=0.02)
        if ends and not log:
            self.setXRange(min(low for low, _ in ends), max(high for _, high in ends), padding=0.05)
        else:
            self.enableAutoRange(x=True)


class DelaysOverTimePlot(Figure):
    """Median, 99th percentile and the worst of each stretch of the view."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._clock = ClockAxis("bottom")
        super().__init__(
            "latencyOverTime",
            "Delays over time",
            "A line is the median, dashes are the 99th percentile, points the worst of each stretch",
            axes={"bottom": self._clock},
            parent=parent,
        )
        self.setLabel("left", "delay", units="s")

    def show_delays(
        self,
        found: Sequence[PairDelays | None],
        time_range: TimeRange,
        timescale: Timescale,
        *,
        log: bool,
    ) -> None:
        """Draw those of all pairs over the range in view."""
        self.clear()
        self.setLogMode(x=False, y=log)
        self._clock.set_origin(time_range.start_utc_ns, timescale)
        self.setLabel("bottom", f"median ─, p99 ╌, worst ·; {timescale.value.upper()}")
        for place, delays in enumerate(found):
            if delays is None:
                continue
            line = delays.timeline
            middles = (line.starts_utc_ns - time_range.start_utc_ns + line.width_ns // 2) / 1e9
            connect = np.append(np.diff(line.starts_utc_ns) <= 2 * line.width_ns, False).astype(np.int32)
            pen = line_pen(place)
            for style, values in (
                (Qt.PenStyle.SolidLine, line.medians_s),
                (Qt.PenStyle.DashLine, line.p99s_s),
            ):
                drawn = pg.mkPen(pen.color(), width=1.5, style=style)
                shown = np.where(values > 0, values, np.nan) if log else values
                self.plot(middles, shown, pen=drawn, connect=connect)
            worst = np.where(line.worsts_s > 0, line.worsts_s, np.nan) if log else line.worsts_s
            self.plot(
                middles, worst, pen=None, symbol="o", symbolSize=3, symbolPen=None, symbolBrush=pen.color()
            )
        self.setXRange(0, time_range.span_ns / 1e9, padding=0.01)
        self.enableAutoRange(y=True)


class LatencyRanking(RowsView):
    """The pairs, the slowest first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "latencyRanking", "Pairs by delay", "Return or a double-click chooses the pair", parent
        )
        self.setSortingEnabled(True)
        self.sortByColumn(1, Qt.SortOrder.DescendingOrder)

    def show_rows(self, rows: Sequence[LatencyRow]) -> None:
        """List these pairs."""
        figures = [row.figures for row in rows]

        def column(title: str, name: str) -> Column:
            values = [getattr(each, name) if each is not None else None for each in figures]
            keys = np.array([np.nan if value is None else abs(value) for value in values])
            return Column(
                title=title,
                text=lambda place: delay_text(values[place]),
                keys=np.where(np.isnan(keys), -1.0, keys),
                is_right=True,
            )

        columns = [
            Column(title="Pair", text=lambda place: rows[place].name, tip=lambda place: rows[place].title),
            column("p99", "p99_s"),
            column("Median", "median_s"),
            column("Worst", "worst_s"),
            Column(
                title="Count",
                text=lambda place: NO_DELAY if figures[place] is None else f"{figures[place].count:,}",  # type: ignore[union-attr]
                keys=np.array([0 if each is None else each.count for each in figures], np.int64),
                is_right=True,
            ),
        ]
        self.columns.show(columns, np.arange(len(rows)))
        self.set_widths(["ATCamera.startRead", *["999.9 ms"] * 3])


class BinEventsView(RowsView):
    """The messages of the bin that is selected in the histogram."""

    def __init__(self, model: LatencyBin, parent: QWidget | None = None) -> None:
        super().__init__(
            "latencyEvents",
            "Messages of the selected bin",
            "Return or a double-click goes to the message",
            parent,
        )
        self._model = model
        self.setSortingEnabled(True)
        self.sortByColumn(0, Qt.SortOrder.AscendingOrder)

    def show_events(self, timescale: Timescale) -> None:
        """List what is known of the bin."""
        found = self._model.events
        if found is None:
            self.columns.show([], np.empty(0, np.int64))
            return
        index, delays = found.index_utc_ns, found.delays_s
        columns = [
            Column(
                title=f"Time, {timescale.value.upper()}",
                text=lambda place: format_ns(int(index[place]), timescale, digits=6).replace("T", " "),
                keys=index,
            ),
            Column(
                title="Delay", text=lambda place: delay_text(float(delays[place])), keys=delays, is_right=True
            ),
        ]
        self.columns.show(columns, np.arange(len(index)))
        self.set_widths(["2024-01-31 23:15:00.123456"])
