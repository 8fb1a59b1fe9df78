"""How much detail a view needs: the width of buckets, and what to ask for."""

from dataclasses import dataclass

from efdviewer.domain.timerange import TimeRange, clamped

SAMPLES_PER_COLUMN = 4
"""So many points a pixel column are the most that is drawn."""
_SECOND_NS = 1_000_000_000
FINEST_NS = _SECOND_NS >> 9
"""About 2 ms; below this, samples are cheaper than buckets."""
_HOUR_NS, _DAY_NS = 3600 * _SECOND_NS, 86_400 * _SECOND_NS
_UNITS_NS = (("d", _DAY_NS), ("h", _HOUR_NS), ("min", 60 * _SECOND_NS), ("s", _SECOND_NS))
COARSEST_NS = _SECOND_NS << 23
"""97 days: the widest of which each bucket that touches the years 1678 to 2261 lies within int64 ns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewPlan:
    """What to ask for: a summary unless `bucket_ns` is 0, samples unless `sample_limit` is 0, or both."""

    bucket_ns: int
    sample_limit: int


def bucket_for(span_ns: int, columns: int) -> int:
    """Give the width of a bucket, ns, with one to two of them a pixel column; 0 where samples are better.

    Widths are one second times a power of two, so that a person can read them; they are whole
    nanoseconds down to the finest. Centuries have more buckets than a narrow plot has columns: there is a
    coarsest.
    """
    columns = max(1, columns)
    width_ns = FINEST_NS
    if span_ns < width_ns * columns:
        return 0
    while width_ns < COARSEST_NS and width_ns * 2 * columns <= span_ns:
        width_ns *= 2
    return width_ns


def readable(time_range: TimeRange) -> TimeRange:
    """Round a range to a power of ten of about a hundred-thousandth of it, ns.

    That is less than a pixel on any screen, and its ends are written with few digits.
    """
    step_ns = _readable_step(time_range.span_ns)
    span_ns = -(-time_range.span_ns // step_ns) * step_ns
    # Rounded up to a power of ten the span has a wider step, of which it is a multiple as well.
    step_ns = _readable_step(span_ns)
    start_utc_ns = (time_range.start_utc_ns + step_ns // 2) // step_ns * step_ns
    return clamped(start_utc_ns, start_utc_ns + span_ns)


def _readable_step(span_ns: int) -> int:
    return int(10 ** max(0, len(str(span_ns // 100_000)) - 1))


def describe_bucket(bucket_ns: int, *, has_means: bool = False) -> str:
    """Say what the points of a view are."""
    if bucket_ns == 0:
        return "samples"
    return f"{'min, mean and max' if has_means else 'min and max'} of {_length(bucket_ns)}"


def _length(bucket_ns: int) -> str:
    """Write a width in the units that people count in: to the second, or in days to the hour."""
    if bucket_ns < _SECOND_NS:
        return f"{bucket_ns / 1e6:.4g} ms"
    step_ns = _HOUR_NS if bucket_ns >= _DAY_NS else _SECOND_NS
    rest_ns = (bucket_ns + step_ns // 2) // step_ns * step_ns
    parts = []
    for name, width_ns in _UNITS_NS:
        count, rest_ns = divmod(rest_ns, width_ns)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts)


def plan(span_ns: int, columns: int, rate_hz: float | None) -> ViewPlan:
    """Choose between samples and a summary for a span where the rate of samples is known, else both."""
    limit = SAMPLES_PER_COLUMN * columns
    bucket_ns = bucket_for(span_ns, columns)
    expected = None if rate_hz is None else rate_hz * span_ns / _SECOND_NS
    if not bucket_ns or (expected is not None and expected <= limit / 2):
        return ViewPlan(bucket_ns=0, sample_limit=limit)
    if expected is not None and expected > 2 * limit:
        return ViewPlan(bucket_ns=bucket_ns, sample_limit=0)
    return ViewPlan(bucket_ns=bucket_ns, sample_limit=limit)
