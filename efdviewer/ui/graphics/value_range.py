"""Limits and ticks of a value axis."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from efdviewer.domain.session import ValueAxis
from efdviewer.ui.graphics.frame import ValueScale

_EMPTY = (0.0, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueTick:
    """A labelled place on a value axis; `position` is in the units of its scale's limits."""

    position: float
    label: str


def scale_for(axis: ValueAxis, visible: Iterable[NDArray[np.float64]]) -> ValueScale:
    """Choose the limits of an axis: those that are fixed, and for the others the values in view.

    Free limits lie on round numbers, so they rest while data moves through the view.
    """
    scale = ValueScale(low=0.0, high=1.0, log=axis.log)
    low, high = _rounded(_extent(scale.transformed(values) for values in visible))
    fixed_low, fixed_high = _fixed(axis.low, axis.log), _fixed(axis.high, axis.log)
    low = low if fixed_low is None else fixed_low
    high = high if fixed_high is None else fixed_high
    if not high > low:
        room = max(1.0, abs(low) * 0.1)
        low, high = (low, low + room) if fixed_low is not None else (high - room, high)
    return ValueScale(low=low, high=high, log=axis.log)


def round_step(least: float) -> float:
    """Give the smallest 1, 2 or 5 times a power of ten that is at least so large."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))


@lru_cache(maxsize=64)
def value_ticks(scale: ValueScale, most: int) -> tuple[ValueTick, ...]:
    """List round values within the limits, at most about so many, with as many digits as they need."""
    span = scale.high - scale.low
    if scale.log and span >= 1:
        return tuple(_decades(scale, most))
    low, high = scale.limits()
    step = round_step((high - low) / max(1, most))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    values = [index * step for index in range(first, min(last, first + 100) + 1)]
    if scale.log:
        values = [value for value in values if value > 0]
    positions = [math.log10(value) if scale.log else value for value in values]
    labels = [format_value(value, step) for value in values]
    return tuple(
        ValueTick(position=position, label=label) for position, label in zip(positions, labels, strict=True)
    )


def format_value(value: float, step: float) -> str:
    """Write a tick's value with the digits that tell it from its neighbours."""
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    if abs(value) < step * 1e-6:
        return "0"
    if abs(value) >= 1e7 or digits > 6:
        significant = max(0, math.floor(math.log10(abs(value))) + digits)
        if step >= 1:
            significant = max(0, math.floor(math.log10(abs(value))) - math.floor(math.log10(step) + 1e-9))
        return f"{value:.{min(significant, 16)}e}".replace("-", "\u2212")
    return f"{value:.{digits}f}".replace("-", "\u2212")


def _decades(scale: ValueScale, most: int) -> list[ValueTick]:
    first, last = math.ceil(scale.low - 1e-9), math.floor(scale.high + 1e-9)
    stride = max(1, math.ceil((last - first + 1) / max(1, most)))
    ticks = []
    for power in range(first, last + 1, stride):
        label = f"{10.0**power:g}" if -4 <= power <= 5 else f"1e{power}".replace("-", "\u2212")
        ticks.append(ValueTick(position=float(power), label=label))
    return ticks


def _extent(arrays: Iterable[NDArray[np.float64]]) -> tuple[float, float] | None:
    lows, highs = [], []
    for array in arrays:
        finite = array[np.isfinite(array)]
        if len(finite):
            lows.append(float(finite.min()))
            highs.append(float(finite.max()))
    return (min(lows), max(highs)) if lows else None


def _rounded(extent: tuple[float, float] | None) -> tuple[float, float]:
    """Widen to round numbers with some air; flat data gets room around it."""
    if extent is None:
        return _EMPTY
    low, high = extent
    span = high - low
    if span <= abs(high) * 1e-12:
        room = abs(high) * 0.1 or 1.0
        return low - room, high + room
    step = round_step(span / 20)
    return math.floor((low - 0.3 * step) / step) * step, math.ceil((high + 0.3 * step) / step) * step


def _fixed(limit: float | None, log: bool) -> float | None:
    if limit is None or not log:
        return limit
    return math.log10(limit) if limit > 0 else None
