"""What a window shows, apart from data: one frozen tree."""

from dataclasses import dataclass, field

from efdviewer.domain.topics import FieldRef

OVERLAY_ALPHA = 0.3
"""Opacity of event lines: that of the 2019 notebook, so that dense events do not hide the curve."""

TOPIC_SWITCHES = ("telemetry", "events", "commands")
"""What the topic browser can leave out; acknowledgements go with the commands."""

EVENT_SORTS = ("time", "event", "text")
"""The columns by which the table of events can be sorted."""

JOIN_DIRECTIONS = ("backward", "forward", "nearest")
"""Which sample of another series counts beside one: the last before, the first after, or the nearest."""

LATENCY_VIEWS = ("histogram", "cumulative", "time", "ranking", "events", "sequence")
"""What the latency panel can show of its pairs."""

STATISTICS_OF = ("cursors", "view")
"""The spans of which figures can be listed: from A to B, or all that is in view."""

MOST_SURROUNDING_S = 600.0
"""No more seconds than this are looked at on a side of a moment."""

DAY_OBS = "dayObs"
"""In place of an event's topic: observing days are compared."""

LIVE_INTERVALS_S = (1, 5, 10, 30, 60)
"""Seconds between two refreshes that can be chosen while the view follows the clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One field in a plot row. `color` and `axis` are None where the program chooses."""

    field: FieldRef
    visible: bool = True
    color: str | None = None
    axis: str | None = None
    """`left`, `right`, or None: by units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueAxis:
    """A value axis: fixed limits, or None where it follows the data in view."""

    low: float | None = None
    high: float | None = None
    log: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotRow:
    """One plot in the stack; `stretch` is its share of the height.

    A row of states has `lanes` in place of curves: fields whose values are drawn as bands, one lane each.
    """

    curves: tuple[Curve, ...] = ()
    lanes: tuple[FieldRef, ...] = ()
    left: ValueAxis = ValueAxis()
    right: ValueAxis = ValueAxis()
    stretch: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """Lines at a stamp of every event of a topic. `stamp` is the field's name, or `time`.

    `labels` are fields whose values are written beside the lines, where there is room.
    """

    topic: str
    stamp: str
    visible: bool = True
    color: str | None = None
    alpha: float = OVERLAY_ALPHA
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyPair:
    """A difference of two stamps of one topic, drawn as a histogram; `raw` leaves clocks as they are."""

    topic: str
    minuend: str = "private_rcvStamp"
    subtrahend: str = "private_sndStamp"
    raw: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StampScale:
    """A time scale set by hand for one stamp of one topic: `utc` or `tai`."""

    topic: str
    stamp: str
    scale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """The latency panel. `bins` is what was typed: `auto`, a count, `32.5:41.5:1` or a list of edges.

    `view` is one of `LATENCY_VIEWS`.
    """

    pairs: tuple[LatencyPair, ...] = ()
    bins: str = "auto"
    log_count: bool = False
    log_delay: bool = False
    view: str = "histogram"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTable:
    """How the table of all overlays' events is narrowed and sorted; `sort` is a column's name."""

    filter: str = ""
    sort: str = "time"
    descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalPair:
    """The times between the events of a start topic and those of an end topic.

    `by` are the fields that have the same values in both events of an interval. Empty pairs them in the
    order of time; None lets the program choose.
    """

    start: str
    end: str
    by: tuple[str, ...] | None = None
    visible: bool = True
    color: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Epochs:
    """Samples of a field around each event of a topic, laid over each other.

    `before_ns` and `after_ns` say how far before and after each event; both may be negative. In place of a
    topic `event` may be `DAY_OBS`: then the hours in view of several nights lie over each other, and
    `nights` is what was typed: how many up to the one in view, or their dayObs.
    """

    field: FieldRef
    event: str
    before_ns: int = 2_000_000_000
    after_ns: int = 30_000_000_000
    nights: str = "7"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scatter:
    """Samples of two fields against each other, joined at the times of `x`.

    `direction` says which sample of `y` counts, one of `JOIN_DIRECTIONS`; none that is further than the
    tolerance.
    """

    x: FieldRef
    y: FieldRef
    direction: str = "nearest"
    tolerance_s: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursors:
    """The two moments that are compared, ns UTC; None where one is not set."""

    a_utc_ns: int | None = None
    b_utc_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """A moment around which the messages of all topics are listed, ns UTC; None for nowhere.

    `cscs` are the components to ask, all where empty.
    """

    at_utc_ns: int | None = None
    before_s: float = 5.0
    after_s: float = 5.0
    cscs: tuple[str, ...] = ()
    heartbeats: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Geometry and docks of the window, as Qt writes them, in base64; empty for the default.

    `size` of the window and `screen`, the room it had on its screen, are (width, height) in pixels. To move
    or resize the window is no act on the session, so only the docks tell one layout from another.
    """

    geometry: str = field(default="", compare=False)
    docks: str = ""
    size: tuple[int, ...] = field(default=(), compare=False)
    screen: tuple[int, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How the window is used. `pans`: left drag moves the plots, else it zooms into a box.

    `means`: the mean of each bucket is drawn over its minimum and maximum.
    `hidden_kinds` are those that the topic browser leaves out, of `TOPIC_SWITCHES`.
    `statistics_of`, one of `STATISTICS_OF`, is the span whose figures are listed.
    """

    crosshair: bool = True
    pans: bool = False
    means: bool = False
    hidden_kinds: tuple[str, ...] = ()
    statistics_of: str = "cursors"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Everything that a window shows, apart from data.

    `start` and `end` are time expressions as typed, read in `timescale` (`utc` or `tai`) where they are
    unmarked. `source` is an address or a profile's name, never with a password; empty for none. `tai_index`
    is the day before which its index was written in TAI, `always`, or empty for never.
    `live_s`, one of `LIVE_INTERVALS_S`, is how often a range that ends at `now` is refreshed; 0 is never.
    """

    source: str = ""
    tai_index: str = ""
    start: str = "now-20h"
    end: str = "now"
    timescale: str = "utc"
    live_s: int = 0
    rows: tuple[PlotRow, ...] = ()
    overlays: tuple[Overlay, ...] = ()
    latency: Latency = Latency()
    event_table: EventTable = EventTable()
    intervals: tuple[IntervalPair, ...] = ()
    epochs: tuple[Epochs, ...] = ()
    scatters: tuple[Scatter, ...] = ()
    cursors: Cursors = Cursors()
    surroundings: Surroundings = Surroundings()
    stamp_scales: tuple[StampScale, ...] = ()
    view: View = View()
    layout: Layout = Layout()

    @property
    def topics(self) -> frozenset[str]:
        """Topics that rows and panels refer to."""
        return frozenset(
            [curve.field.topic for row in self.rows for curve in row.curves]
            + [field.topic for row in self.rows for field in row.lanes]
            + [overlay.topic for overlay in self.overlays]
            + [pair.topic for pair in self.latency.pairs]
            + [topic for pair in self.intervals for topic in (pair.start, pair.end)]
            + [field.topic for scatter in self.scatters for field in (scatter.x, scatter.y)]
            + [
                topic
                for epochs in self.epochs
                for topic in (epochs.field.topic, epochs.event)
                if topic != DAY_OBS
            ]
        )
