"""Units as SAL's tables write them, into others."""

import csv
import gzip
import math

import pytest

from efdviewer.domain.errors import BadInputError
from efdviewer.sources.unit_scale import scale_of

ODD = {
    "0.2s/count", "100/s^3", "Torr.hour", "Torr.l/s", "adu", "arcsec/pix", "electron", "g0", "m(1/3)", "m(2/3)",
    "mag", "psig",
}  # fmt: skip
"""Units of SAL that measure nothing that could be converted, or that nobody could read with certainty."""


@pytest.mark.parametrize(
    ("old", "new", "factor", "offset"),
    [
        ("rpm", "Hz", 1 / 60, 0),
        ("rpm", "deg/s", 6, 0),
        ("Hz", "rad/s", 2 * math.pi, 0),
        ("deg", "arcsec", 3600, 0),
        ("hourangle", "deg", 15, 0),
        ("Volt", "mV", 1000, 0),
        ("Watt", "kW", 1e-3, 0),
        ("0.1 Volt", "Volt", 0.1, 0),
        ("Torr", "Pascal", 101_325 / 760, 0),
        ("psia", "kPa", 6.894757293168, 0),
        ("in. H₂O", "Pa", 249.08891, 0),
        ("Joule/kilogram", "kJ/kg", 1e-3, 0),
        ("deg C", "K", 1, 273.15),
        ("C", "deg_F", 1.8, 32),
        ("pct", "dimensionless", 0.01, 0),
    ],
)
def test_units_that_sal_writes_are_converted(old, new, factor, offset):
    found = scale_of(old, new)
    assert (found.factor, found.offset) == (pytest.approx(factor, rel=1e-7), pytest.approx(offset, abs=1e-9))


@pytest.mark.parametrize(
    ("old", "new"), [("dBm", "mW"), ("dB", "dimensionless"), ("rad/s", "1/s"), ("deg", "m")]
)
def test_what_no_straight_line_converts_is_refused(old, new):
    with pytest.raises(BadInputError, match="cannot be converted"):
        scale_of(old, new)


def test_that_units_of_sal_are_known_but_for_those_listed_here(recordings):
    with gzip.open(recordings / "sal" / "fields.csv.gz", "rt") as lines:
        units = {row["units"] for row in csv.DictReader(lines)}
    unknown = set()
    for unit in units:
        try:
            scale_of(unit, unit)
        except BadInputError:
            unknown.add(unit)
    assert len(units) > 100
    assert unknown <= ODD
