"""The functions that a formula can call."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from efdviewer.domain.errors import BadInputError, EfdViewerError
from efdviewer.domain.leap_seconds import SECOND_NS
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.timescale import Timescale, parse_iso_ns

CONSTANTS: Mapping[str, float] = {"pi": float(np.pi)}
"""Names that stand for a number."""

_LONGEST_WINDOW_S = 86_400.0

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far back from a row a formula looks: so many ns, and so many rows before that.

    None looks ahead: what is drawn at the end of a live view would change when more comes.
    """

    before_ns: int = 0
    rows_before: int = 0

    def __add__(self, other: "Reach") -> "Reach":
        return Reach(
            before_ns=self.before_ns + other.before_ns,
            rows_before=self.rows_before + other.rows_before,
        )

    def __or__(self, other: "Reach") -> "Reach":
        return Reach(
            before_ns=max(self.before_ns, other.before_ns),
            rows_before=max(self.rows_before, other.rows_before),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """What a formula can call.

    `arguments` : the kind of each: `series`, `number` or `text`; with `is_open` the last may come again.
    `work_out` : takes times, (n,) int64 ns UTC, ascending, and the arguments; gives (n,) float64.
    `units` : takes the units of the first argument and the texts.
    """

    usage: str
    work_out: Callable[..., Values]
    arguments: tuple[str, ...] = ("series",)
    is_open: bool = False
    units: Callable[..., str] = lambda *_: ""
    reach: Callable[[float], Reach] = lambda _seconds: Reach()
    check_number: Callable[[float], None] = lambda _number: None
    check_texts: Callable[..., None] = lambda *_texts: None


def window_ns(seconds: float) -> int:
    """Length of the window that ends at a row, ns."""
    return round(seconds * SECOND_NS)


def fit_range(start: str, end: str) -> TimeRange:
    """Read the range through which a line is fitted; UTC, half-open.

    Raises
    ------
    BadInputError
        If it is none.
    """
    try:
        return TimeRange(
            start_utc_ns=parse_iso_ns(start, Timescale.UTC), end_utc_ns=parse_iso_ns(end, Timescale.UTC)
        )
    except EfdViewerError as error:
        raise BadInputError(
            f"detrend fits a line from '{start}' to '{end}', which is no range of time in UTC.",
            hint="Example: detrend(x, '2024-01-31T22:00:00', '2024-01-31T23:00:00').",
        ) from error


def derivative(moments: NDArray[np.int64], values: Values) -> Values:
    """Give the rise since the row before, per second; not a number for the first, and where time stands."""
    rise = np.full(len(values), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        rise[1:] = np.diff(values) / (np.diff(moments) / 1e9)
    rise[1:][np.diff(moments) == 0] = np.nan
    return rise


def moving_mean(moments: NDArray[np.int64], values: Values, seconds: float) -> Values:
    """Give the mean of the finite values in the window that ends with each row, its start left out."""
    first = np.searchsorted(moments, moments - window_ns(seconds), side="right")
    last = np.searchsorted(moments, moments, side="right")
    finite = np.isfinite(values)
    # Sums of what is far from zero lose digits that the mean needs.
    origin = values[finite][0] if finite.any() else 0.0
    sums = np.concatenate([[0], np.cumsum(np.where(finite, values - origin, 0.0), dtype=np.longdouble)])
    counts = np.concatenate([[0], np.cumsum(finite)])
    with np.errstate(invalid="ignore", divide="ignore"):
        means = origin + (sums[last] - sums[first]) / (counts[last] - counts[first])
    return np.asarray(means, np.float64)


def moving_median(moments: NDArray[np.int64], values: Values, seconds: float) -> Values:
    """Give the median of the finite values in the window that ends with each row, its start left out."""
    # Costs half a second and 50 MB, so only whoever wants a median pays.
    import pandas as pd

    finite = np.where(np.isfinite(values), values, np.nan)
    series = pd.Series(finite, index=pd.DatetimeIndex(moments))
    window = pd.Timedelta(window_ns(seconds), unit="ns")
    median = series.rolling(window, min_periods=1).median()
    return np.asarray(median, np.float64)


def _check_window(seconds: float) -> None:
    if not seconds <= _LONGEST_WINDOW_S or window_ns(seconds) < 1:
        raise BadInputError(f"A window is at least 1 ns and at most {_LONGEST_WINDOW_S:,.0f} s long.")


def _check_range(start: str, end: str) -> None:
    fit_range(start, end)


def _window_reach(seconds: float) -> Reach:
    return Reach(before_ns=window_ns(seconds))


def _same(units: str, *_: Any) -> str:
    return units


def _per_second(units: str, *_: Any) -> str:
    return f"{units}/s" if units else "1/s"


def _elementwise(usage: str, function: Callable[..., Any], units: Callable[..., str] = _same) -> Function:
    def work_out(_moments: NDArray[np.int64], *values: Values) -> Values:
        with np.errstate(all="ignore"):
            return np.asarray(function(*values), np.float64)

    count = usage.count(",") + 1
    return Function(usage=usage, work_out=work_out, arguments=("series",) * count, units=units)


def _extreme(usage: str, function: np.ufunc) -> Function:
    def work_out(_moments: NDArray[np.int64], *values: Values) -> Values:
        found = values[0]
        for each in values[1:]:
            found = function(found, each)
        return np.asarray(found, np.float64)

    return Function(usage=usage, work_out=work_out, arguments=("series", "series"), is_open=True, units=_same)


def _no_units(*_: Any) -> str:
    return ""


def _left_to_the_source(_moments: NDArray[np.int64], *_arguments: Any) -> Values:
    raise AssertionError("Needs to know more than rows.")


FUNCTIONS: Mapping[str, Function] = {
    "abs": _elementwise("abs(x)", np.abs),
    "sqrt": _elementwise("sqrt(x)", np.sqrt, _no_units),
    "exp": _elementwise("exp(x)", np.exp, _no_units),
    "log": _elementwise("log(x)", np.log, _no_units),
    "log10": _elementwise("log10(x)", np.log10, _no_units),
    "sin": _elementwise("sin(x)", np.sin, _no_units),
    "cos": _elementwise("cos(x)", np.cos, _no_units),
    "tan": _elementwise("tan(x)", np.tan, _no_units),
    "asin": _elementwise("asin(x)", np.arcsin, lambda *_: "rad"),
    "acos": _elementwise("acos(x)", np.arccos, lambda *_: "rad"),
    "atan": _elementwise("atan(x)", np.arctan, lambda *_: "rad"),
    "atan2": _elementwise("atan2(y, x)", np.arctan2, lambda *_: "rad"),
    "hypot": _elementwise("hypot(x, y)", np.hypot),
    "sign": _elementwise("sign(x)", np.sign, _no_units),
    "floor": _elementwise("floor(x)", np.floor),
    "ceil": _elementwise("ceil(x)", np.ceil),
    "round": _elementwise("round(x)", np.round),
    "degrees": _elementwise("degrees(x)", np.degrees, lambda *_: "deg"),
    "radians": _elementwise("radians(x)", np.radians, lambda *_: "rad"),
    "min": _extreme("min(x, y, …)", np.minimum),
    "max": _extreme("max(x, y, …)", np.maximum),
    "derivative": Function(
        usage="derivative(x)",
        work_out=derivative,
        units=_per_second,
        reach=lambda _seconds: Reach(rows_before=1),
    ),
    "mean": Function(
        usage="mean(x, seconds)",
        work_out=moving_mean,
        arguments=("series", "number"),
        units=_same,
        reach=_window_reach,
        check_number=_check_window,
    ),
    "median": Function(
        usage="median(x, seconds)",
        work_out=moving_median,
        arguments=("series", "number"),
        units=_same,
        reach=_window_reach,
        check_number=_check_window,
    ),
    "detrend": Function(
        usage="detrend(x, 'from', 'to')",
        work_out=_left_to_the_source,
        arguments=("series", "text", "text"),
        units=_same,
        check_texts=_check_range,
    ),
    "convert": Function(
        usage="convert(x, 'from', 'to')",
        work_out=_left_to_the_source,
        arguments=("series", "text", "text"),
        units=lambda _units, _old, new: new,
    ),
}
"""By name."""
