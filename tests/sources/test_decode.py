import json
import math

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efdviewer.domain.errors import QueryError, ReplyError, StreamCutError
from efdviewer.sources.decode import ReplyDecoder

TIMES = st.integers(-(2**63) + 2, 2**63 - 2)
CELLS = {
    pa.float64(): st.none() | st.floats(allow_nan=False, allow_infinity=False),
    pa.int64(): st.none() | st.integers(-(2**63), 2**63 - 1),
    pa.bool_(): st.none() | st.booleans(),
    pa.string(): st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
}


def line(rows: list, *, partial: bool, columns: int | None = None) -> bytes:
    names = ["time", *(f"c{index}" for index in range((columns or len(rows[0])) - 1))]
    series = {"name": 'a,"values":[[', "columns": names, "values": rows}
    result = {"statement_id": 0, "series": [series]}
    if partial:
        series["partial"] = result["partial"] = True
    return json.dumps({"results": [result]}, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


@st.composite
def replies(draw: st.DrawFn):
    kinds = draw(st.lists(st.sampled_from(list(CELLS)), min_size=1, max_size=3))
    row = st.tuples(TIMES, *(CELLS[kind] for kind in kinds)).map(list)
    chunks = draw(st.lists(st.lists(row, min_size=1, max_size=4), min_size=1, max_size=4))
    data = b"".join(line(rows, partial=rows is not chunks[-1]) for rows in chunks)
    schema = pa.schema([("time", pa.int64()), *((f"f{index}", kind) for index, kind in enumerate(kinds))])
    cuts = draw(st.lists(st.integers(0, len(data)), max_size=8).map(sorted))
    pieces = [data[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    return schema, [row for rows in chunks for row in rows], pieces


@given(replies())
def test_that_every_value_arrives_wherever_the_network_cut(reply):
    schema, rows, pieces = reply
    decoder = ReplyDecoder(schema)
    batches = [batch for piece in pieces for batch in decoder.feed([piece])] + decoder.finish()
    table = pa.Table.from_batches(batches, schema)
    assert [list(row.values()) for row in table.to_pylist()] == rows


@given(replies(), st.data())
def test_that_a_reply_that_lacks_its_end_is_never_taken_for_whole(reply, data):
    schema, _, pieces = reply
    whole = b"".join(pieces)
    kept = data.draw(st.integers(0, len(whole) - 2))
    decoder = ReplyDecoder(schema)
    with pytest.raises(StreamCutError):
        decoder.finish([whole[:kept]])


def test_that_floats_keep_every_bit():
    values = [0.1, 1e-320, 1.7976931348623157e308, 5e-324, 9007199254740993.0, -0.0, 1e22]
    decoder = ReplyDecoder(pa.schema([("time", pa.int64()), ("v", pa.float64())]))
    (batch,) = decoder.feed([line([[index, value] for index, value in enumerate(values)], partial=False)])
    found = batch["v"].to_pylist()
    assert [value.hex() for value in found] == [value.hex() for value in values]
    assert math.copysign(1, found[5]) == -1


NUMBERS = pa.schema([("time", pa.int64()), ("v", pa.float64())])


@pytest.mark.parametrize(
    "error",
    [
        b'{"results":[{"statement_id":0,"error":"query-timeout limit exceeded"}]}\n',
        b'{"error":"query-timeout limit exceeded"}\n',
        b'{"code":"internal error","message":"query-timeout limit exceeded"}\n',
    ],
)
def test_that_an_error_after_hundreds_of_good_chunks_is_raised(error):
    decoder = ReplyDecoder(NUMBERS)
    for index in range(300):
        assert decoder.feed([line([[index, 0.5]], partial=True)])[0].num_rows == 1
    with pytest.raises(QueryError, match="query-timeout limit exceeded") as raised:
        decoder.feed([error])
    assert "shorter range" in raised.value.hint


@pytest.mark.parametrize("reply", [b"surprise\n", b"[]\n", b"{}\n", b"<html></html>"])
def test_that_what_is_no_reply_of_influxdb_is_refused(reply):
    decoder = ReplyDecoder(NUMBERS)
    with pytest.raises(ReplyError):
        decoder.finish([reply])


def test_that_an_answer_without_rows_is_complete():
    decoder = ReplyDecoder(NUMBERS)
    assert decoder.feed([b'{"results":[{"statement_id":0}]}\n']) == []
    assert decoder.finish() == []


def test_that_values_of_another_type_are_refused():
    decoder = ReplyDecoder(pa.schema([("time", pa.int64()), ("v", pa.int64())]))
    with pytest.raises(ReplyError, match="type"):
        decoder.feed([line([[1, 0.5]], partial=False)])


def test_that_columns_nobody_asked_for_are_refused():
    decoder = ReplyDecoder(NUMBERS)
    with pytest.raises(ReplyError, match="columns"):
        decoder.feed([line([[1, 0.5, 0.5]], partial=False)])
