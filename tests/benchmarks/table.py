"""What a benchmark comes to: rows of one table, each beside its rivals, its limit and what must hold."""

import datetime as dt
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from PySide6.QtCore import qVersion

FRAME_MS = 16.7
_COLUMNS = ("measurement", "ours", "rivals", "limit", "must hold: measured", "holds", "remark")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What must hold of a measured figure, in words and as a bound."""

    words: str
    measured: float
    bound: float
    at_least: bool = False

    @classmethod
    def faster(cls, ours: float, rival: str, theirs: float, times: float) -> Self:
        """Take so many times less than a rival."""
        words = f"at least {times:g} times faster than {rival}"
        return cls(words=words, measured=theirs / ours, bound=times, at_least=True)

    @classmethod
    def within(cls, ours: float, limit: str, theirs: float, times: float) -> Self:
        """Take at most so many times the limit."""
        return cls(words=f"at most {times:g} times {limit}", measured=ours / theirs, bound=times)

    @classmethod
    def at_most(cls, measured: float, bound: float, unit: str) -> Self:
        return cls(words=f"at most {bound:g} {unit}", measured=measured, bound=bound)

    @property
    def holds(self) -> bool:
        return self.measured >= self.bound if self.at_least else self.measured <= self.bound

    def __str__(self) -> str:
        return f"{self.words}: {self.measured:.3g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measurement; `rivals` and `limits` are figures in the same unit, by what they are of."""

    name: str
    unit: str
    ours: float | None
    rivals: Mapping[str, float] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)
    marks: Sequence[Mark]
    remark: str = ""
    is_headline: bool = False

    @property
    def missed(self) -> list[Mark]:
        return [mark for mark in self.marks if not mark.holds]

    @property
    def holds(self) -> bool:
        return bool(self.marks) and not self.missed

    def cells(self) -> tuple[str, ...]:
        return (
            self.name,
            self._figure(self.ours),
            self._figures(self.rivals),
            self._figures(self.limits),
            "; ".join(map(str, self.marks)),
            "yes" if self.holds else "**no**",
            self.remark,
        )

    def _figures(self, figures: Mapping[str, float]) -> str:
        return "; ".join(f"{name} {self._figure(figure)}" for name, figure in figures.items())

    def _figure(self, figure: float | None) -> str:
        if figure is None:
            return "not measured"
        size = abs(figure)
        digits = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 3
        return f"{figure:.{digits}f} {self.unit}"


def failed(name: str, error: Exception) -> Row:
    """Tell of a benchmark that ended early; a row without marks does not hold."""
    return Row(name=name, unit="", ours=None, marks=(), remark=f"{type(error).__name__}: {error}")


def machine() -> dict[str, str]:
    """Describe what the figures are of."""
    models = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    influxd = subprocess.run(["influxd", "version"], capture_output=True, text=True, check=True).stdout
    return {
        "date": dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "CPU": f"{os.cpu_count()} x {models[0] if models else platform.machine()}",
        "load before": f"{os.getloadavg()[0]:.1f}",
        "Python": platform.python_version(),
        "Qt": qVersion(),
        "influxd": influxd.split()[1],
    }


def as_markdown(header: Mapping[str, str], rows: Sequence[Row]) -> str:
    """Write the table, below a line that says what it is of."""
    words = ", ".join(f"{name}: {value}" for name, value in header.items())
    return f"{words}\n\n{_table(_COLUMNS, [row.cells() for row in rows])}\n"


def headlines(header: Mapping[str, str], rows: Sequence[Row]) -> str:
    """Write the rows that say most, with fewer columns."""
    words = f"{header['date'][:10]}, {header['CPU']}, InfluxDB {header['influxd']} on the same machine:"
    chosen = [(*row.cells()[:4], row.cells()[5]) for row in rows if row.is_headline]
    return f"{words}\n\n{_table((*_COLUMNS[:4], 'holds its mark'), chosen)}\n"


def as_json(header: Mapping[str, str], rows: Sequence[Row]) -> dict[str, Any]:
    """Give the same as a document."""
    return {
        "header": dict(header),
        "rows": [
            asdict(row)
            | {"holds": row.holds, "marks": [asdict(mark) | {"holds": mark.holds} for mark in row.marks]}
            for row in rows
        ],
    }


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)
