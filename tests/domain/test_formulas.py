"""Formulas: what they come to, what they refuse, and that they run nothing else."""

import os
import sys
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efdviewer.domain.errors import BadInputError
from efdviewer.domain.expressions import Call, Name, Number, Operation, Text, parse, parts_of, write_name
from efdviewer.domain.formulas import Formula
from efdviewer.domain.functions import FUNCTIONS

MOMENTS = np.arange(6, dtype=np.int64) * 10**9
A, B = np.array([1.0, -2.0, 3.5, 0.0, np.nan, 9.0]), np.array([2.0, 2.0, 0.0, -1.0, 5.0, 3.0])
ROWS = {"a": A, "b": B, "odd name": A, 'q"\\': B}


def value(text: str) -> np.ndarray:
    return Formula.parse(text).work_out(MOMENTS, ROWS, {})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + b * 2", A + B * 2),
        ("(a + b) * 2", (A + B) * 2),
        ("a - b - 1", A - B - 1),
        ("a / b", np.divide(A, B, where=B != 0, out=np.full(6, np.inf))),
        ("-a ^ 2", -(A**2)),
        ("2 ^ 3 ^ 2 + 0 * a", 512 + 0 * A),
        ("2 ** -1 + 0 * a", 0.5 + 0 * A),
        ("a % 2", A % 2),
        ("--a", A),
        ("+a - -b", A + B),
        ('"odd name" + "q\\"\\\\"', A + B),
        ("max(a, b, 0)", np.maximum(np.maximum(A, B), 0)),
        ("hypot(a, b)", np.hypot(A, B)),
        ("1e-3*a + .5", 1e-3 * A + 0.5),
        ("degrees(pi) + 0 * a", 180 + 0 * A),
        ("atan2(a, b)", np.arctan2(A, B)),
    ],
)
def test_values_equal_numpy(text, expected):
    np.testing.assert_allclose(value(text), expected, rtol=1e-15)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "a +", "a b", "(a", "a)", "a..b", "a.b", "a[0]", "a = 1", "a; b", "a if b else a", "lambda: a",
        "a and b", "a < b", "'text'", "'text' + a", "__import__('os')", "open('x')", "mean(a)", "mean(a, b)",
        "mean(a, 0)", "mean(a, -1)", "mean(a, 1e9)", "mean('a', 5)", "max(a)", "abs(a, b)", "abs()", "convert(a, deg, K)",
        "detrend(a, 'x', 'y')", "detrend(a, '2024-01-02', '2024-01-01')", "a\\b", "$a", "a\x00b", "é", '"open',
        "(" * 60 + "a" + ")" * 60, "a" + "+a" * 600, "2^" * 60 + "a", "-" * 2000 + "a", "@a", "{a}", "a!",
    ],
)  # fmt: skip
def test_anything_else_is_refused_in_words(text):
    with pytest.raises(BadInputError) as refused:
        parse(text)
    assert len(str(refused.value)) > 10


WORDS = st.sampled_from(
    [*FUNCTIONS, "a", "b", "pi", "(", ")", ",", "+", "-", "*", "/", "%", "^", "**", "1", "2.5", "1e3", "'deg'",
     '"odd name"', " ", "__class__", "import", ".", "[", "]", ":", "lambda", "eval", "exec", "os", "\n", "\t"]
)  # fmt: skip


_RUNS = {"compile", "exec", "open", "import", "os.system", "subprocess.Popen", "ctypes.dlopen"}


@pytest.fixture(scope="module")
def heard():
    """What the interpreter itself reports while `listening` is set: no way round it, whichever name is called."""
    told, listening = [], threading.Event()

    def hook(event, _):
        if listening.is_set() and threading.current_thread() is threading.main_thread():
            told.append(event)

    sys.addaudithook(hook)
    yield told, listening
    listening.clear()


def test_that_what_a_text_runs_would_be_heard(heard):
    told, listening = heard
    listening.set()
    eval("1")
    with open(os.devnull):
        pass
    listening.clear()
    assert {"compile", "exec", "open"} <= set(told)
    told.clear()


@given(st.one_of(st.text(max_size=80), st.lists(WORDS, max_size=30).map("".join)))
def test_no_text_does_more_than_read_fields_and_call_known_functions(heard, text):
    told, listening = heard
    listening.set()
    try:
        found = parse(text)
    except BadInputError:
        found = None
    finally:
        listening.clear()
    ran = _RUNS.intersection(told)
    told.clear()
    assert not ran
    for part in parts_of(found) if found else ():
        assert type(part) in (Number, Text, Name, Operation, Call)
        if isinstance(part, Call):
            assert part.function in FUNCTIONS or part.function == "-"


@given(st.recursive(
    st.sampled_from(["a", "b", "2", "0.5", '"odd name"']),
    lambda parts: st.one_of(
        st.tuples(parts, st.sampled_from(["+", "-", "*"]), parts).map(lambda found: f"({''.join(found)})"),
        parts.map(lambda part: f"abs({part})"),
        parts.map(lambda part: f"(-{part})"),
    ),
    max_leaves=8,
))  # fmt: skip
def test_arithmetic_means_what_python_means(text):
    meant = eval(text.replace('"odd name"', "a"), {"a": A, "b": B, "abs": np.abs})
    np.testing.assert_allclose(value(text), np.broadcast_to(meant, 6), rtol=1e-12, atol=1e-12)


@given(st.text(min_size=1, max_size=20).filter(lambda name: "\n" not in name))
def test_any_name_can_be_written(name):
    assert parse(write_name(name)) == Name(name)


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("a", "deg"),
        ("a - b", "deg"),
        ("a - c", ""),
        ("a + 1", "deg"),
        ("2 * a", "deg"),
        ("a / b", ""),
        ("a / c", "deg/s"),
        ("a / 2", "deg"),
        ("1 / a", ""),
        ("a * b", ""),
        ("a ^ 2", ""),
        ("-a", "deg"),
        ("derivative(a)", "deg/s"),
        ("mean(derivative(a), 5)", "deg/s"),
        ("convert(a, 'deg', 'arcsec')", "arcsec"),
        ("sin(a)", ""),
        ("degrees(asin(a))", "deg"),
        ("max(a, 5)", "deg"),
    ],
)
def test_units_are_told_where_they_are_certain(text, units):
    assert Formula.parse(text).units({"a": "deg", "b": "deg", "c": "s"}) == units


def test_time_that_stands_still_has_no_derivative():
    moments = np.array([0, 10, 10, 20], np.int64)
    rise = FUNCTIONS["derivative"].work_out(moments, np.array([0.0, 1.0, 2.0, 3.0]))
    assert np.isnan(rise[[0, 2]]).all()
    np.testing.assert_allclose(rise[[1, 3]], 1e8)


def test_infinities_and_gaps_do_not_spread_beyond_their_window():
    values = np.array([1.0, np.inf, 3.0, np.nan, 5.0, 7.0])
    for name, expected in (
        ("mean", [1, 1, 3, 3, 5, 6]),
        ("median", [1, 1, 3, 3, 5, 6]),
    ):
        found = FUNCTIONS[name].work_out(MOMENTS, values, 2.0)
        np.testing.assert_allclose(found, expected)
