"""Units into other units, as SAL writes them."""

import math
import re
import threading
from functools import cache
from typing import Any

from efdviewer.domain.errors import BadInputError
from efdviewer.domain.formulas import Scale

_NAMES = {
    "deg_C": "degC",
    "deg C": "degC",
    "deg_F": "degF",
    "deg F": "degF",
    "Celsius": "degC",
    "C": "degC",
    "%": "percent",
    "pct": "percent",
    "unitless": "dimensionless",
    "psia": "psi",
    "in. H₂O": "inH2O",
    "0.1 Volt": "decivolt",
}
"""What SAL writes and the library reads as something else, or not at all: a C is no coulomb in its tables."""
_WORD = re.compile(r"\b(Volt|Watt|Torr|Pascal|Joule|Newton)\b")
_HERTZ = re.compile(r"\b([mkMG]?)Hz\b")
"""Turns a second, where one counts turns; the library has it as a number a second."""
_EXPONENT = re.compile(r"(?<=[A-Za-z])(-?[0-9]+)\b")
_PRODUCT = re.compile(r"(?<=[\w)])\s+(?=[A-Za-z(])")
_lock = threading.Lock()


def scale_of(old: str, new: str) -> Scale:
    """Find the factor and the offset that turn one unit into another. Takes half a second the first time.

    Raises
    ------
    BadInputError
        If one of them is no unit, or they measure different things.
    """
    with _lock:
        registry = _registry()
        try:
            old_unit, new_unit = (registry.parse_units(_rewritten(unit)) for unit in (old, new))
            if _angles(registry, old_unit) != _angles(registry, new_unit):
                raise ValueError("an angle is no mere number: 60 rpm are 1 Hz, and not 6.28 Hz")
            offset = float(registry.Quantity(0.0, old_unit).to(new_unit).magnitude)
            one, ten = (float(registry.Quantity(n, old_unit).to(new_unit).magnitude) for n in (1.0, 10.0))
            if not math.isclose(ten - offset, 10 * (one - offset), rel_tol=1e-9):
                raise ValueError("no straight line leads from one to the other")
        except Exception as error:
            raise BadInputError(
                f"'{old}' cannot be converted into '{new}'.",
                hint="Examples: deg, arcsec, deg_C, K, m/s2, hPa.",
            ) from error
    return Scale(one - offset, offset)


def _rewritten(unit: str) -> str:
    """Write a unit such as `m/s2` or `N m` as the library reads it."""
    words = _NAMES.get(unit.strip(), unit.strip())
    words = _HERTZ.sub(r"\1Hz_of_turns", _WORD.sub(lambda found: found[0].lower(), words))
    return _PRODUCT.sub(" * ", _EXPONENT.sub(r"**\1", words))


def _angles(registry: Any, unit: Any) -> float:
    """Give the power of the angle in a unit, which the library takes for a number."""
    return float(dict(registry.Quantity(1.0, unit).to_root_units().unit_items()).get("radian", 0))


@cache
def _registry() -> Any:
    import pint

    registry: Any = pint.UnitRegistry(autoconvert_offset_to_baseunit=True)
    registry.define("turns_per_second = turn / second = Hz_of_turns")
    registry.define("hourangle = 15 degree")
    return registry
