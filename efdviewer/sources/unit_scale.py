"""Units into other units, as SAL writes them."""

import re
import threading
from functools import cache
from typing import Any

from efdviewer.domain.errors import BadInputError
from efdviewer.domain.formulas import Scale

_NAMES = {"deg_C": "degC", "deg_F": "degF", "%": "percent", "Celsius": "degC", "unitless": "dimensionless"}
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
            offset = float(registry.Quantity(0.0, old_unit).to(new_unit).magnitude)
            one = float(registry.Quantity(1.0, old_unit).to(new_unit).magnitude)
        except Exception as error:
            raise BadInputError(
                f"'{old}' cannot be converted into '{new}'.",
                hint="Examples: deg, arcsec, deg_C, K, m/s2, hPa.",
            ) from error
    return Scale(one - offset, offset)


def _rewritten(unit: str) -> str:
    """Write a unit such as `m/s2` or `N m` as the library reads it."""
    words = _NAMES.get(unit.strip(), unit.strip())
    return _PRODUCT.sub(" * ", _EXPONENT.sub(r"**\1", words))


@cache
def _registry() -> Any:
    import pint

    return pint.UnitRegistry(autoconvert_offset_to_baseunit=True)
