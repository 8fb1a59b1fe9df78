import msgpack
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efdviewer.domain.errors import QueryError, ReplyError, StreamCutError
from efdviewer.sources.decode_packed import PackedReplyDecoder

NUMBERS = pa.schema([("time", pa.int64()), ("v", pa.float64())])
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
# Times of this century are written in eight bytes, as all but the first seconds of 1970 are.
USUAL_TIMES = st.integers(10**18, 2 * 10**18)


def chunk(rows: list, *, partial: bool, columns: int | None = None) -> bytes:
    """Write rows as influxd does: name, columns, values, and the flags behind them."""
    names = ["time", *(f"values{index}" for index in range((columns or len(rows[0])) - 1))]
    series = {"name": "values", "columns": names, "values": rows}
    if partial:
        series["partial"] = True
    result = {"statement_id": 0, "series": [series]}
    if partial:
        result["partial"] = True
    return msgpack.packb({"results": [result]})


@st.composite
def replies(draw: st.DrawFn):
    fields = draw(st.integers(1, 20))
    times = draw(st.sampled_from([USUAL_TIMES, st.integers(-(2**63) + 2, 2**63 - 2)]))
    values = draw(st.sampled_from([FLOATS, st.none() | FLOATS]))
    row = st.tuples(times, *[values] * fields).map(list)
    chunks = draw(st.lists(st.lists(row, min_size=1, max_size=4), min_size=1, max_size=4))
    data = b"".join(chunk(rows, partial=rows is not chunks[-1]) for rows in chunks)
    schema = pa.schema([("time", pa.int64()), *((f"f{index}", pa.float64()) for index in range(fields))])
    cuts = draw(st.lists(st.integers(0, len(data)), max_size=8).map(sorted))
    pieces = [data[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    return schema, [row for rows in chunks for row in rows], pieces


@given(replies())
def test_that_every_value_arrives_wherever_the_network_cut(reply):
    schema, rows, pieces = reply
    decoder = PackedReplyDecoder(schema)
    batches = [batch for piece in pieces for batch in decoder.feed([piece])] + decoder.finish()
    table = pa.Table.from_batches(batches, schema)
    assert [list(row.values()) for row in table.to_pylist()] == rows


@given(replies())
def test_that_pieces_may_wait_for_what_completes_their_chunk(reply):
    schema, rows, pieces = reply
    decoder, waiting, batches = PackedReplyDecoder(schema), [], []
    for piece in pieces:
        waiting.append(piece)
        if decoder.completes(piece):
            batches += decoder.feed(waiting)
            waiting = []
    table = pa.Table.from_batches([*batches, *decoder.finish(waiting)], schema)
    assert [list(row.values()) for row in table.to_pylist()] == rows


def test_that_only_pieces_that_complete_a_chunk_are_worth_decoding():
    rows = [[10**18 + number, float(number)] for number in range(500)]
    data = chunk(rows, partial=False)
    decoder = PackedReplyDecoder(NUMBERS)
    assert decoder.completes(data[:1000])
    assert decoder.feed([data[:1000]]) == []
    assert not decoder.completes(data[1000:2000])
    assert decoder.completes(data[2000:])
    assert sum(batch.num_rows for batch in decoder.feed([data[1000:2000], data[2000:]])) == 500


@given(replies(), st.data())
def test_that_a_reply_that_lacks_its_end_is_never_taken_for_whole(reply, data):
    schema, _, pieces = reply
    whole = b"".join(pieces)
    kept = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(StreamCutError):
        PackedReplyDecoder(schema).finish([whole[:kept]])


def test_that_rows_without_nulls_come_with_their_chunk():
    decoder = PackedReplyDecoder(NUMBERS)
    (batch,) = decoder.feed([chunk([[10**18, 0.5], [10**18 + 1, -0.0]], partial=True)])
    assert batch.to_pylist() == [{"time": 10**18, "v": 0.5}, {"time": 10**18 + 1, "v": 0.0}]


@pytest.mark.parametrize(
    "error",
    [
        {"results": [{"statement_id": 0, "error": "query-timeout limit exceeded"}]},
        {"results": [{"error": "query-timeout limit exceeded"}]},
        {"error": "query-timeout limit exceeded"},
    ],
)
def test_that_an_error_after_hundreds_of_good_chunks_is_raised(error):
    decoder = PackedReplyDecoder(NUMBERS)
    for index in range(300):
        assert decoder.feed([chunk([[10**18 + index, 0.5]], partial=True)])[0].num_rows == 1
    with pytest.raises(QueryError, match="query-timeout limit exceeded") as raised:
        decoder.feed([msgpack.packb(error)])
    assert "shorter range" in raised.value.hint


@pytest.mark.parametrize(
    "reply", [b"\xc1", b"surprise", msgpack.packb([]), msgpack.packb({}), b"<html></html>"]
)
def test_that_what_is_no_reply_of_influxdb_is_refused(reply):
    with pytest.raises(ReplyError):
        PackedReplyDecoder(NUMBERS).finish([reply])


def test_that_an_answer_without_rows_is_complete():
    decoder = PackedReplyDecoder(NUMBERS)
    assert decoder.feed([msgpack.packb({"results": [{"statement_id": 0, "series": []}]})]) == []
    assert decoder.finish() == []


def test_that_values_of_another_type_are_refused():
    with pytest.raises(ReplyError, match="type"):
        PackedReplyDecoder(NUMBERS).finish([chunk([[10**18, "text"]], partial=False)])


@pytest.mark.parametrize("cells", [1, 3])
def test_that_columns_nobody_asked_for_are_refused(cells):
    with pytest.raises(ReplyError, match="columns"):
        PackedReplyDecoder(NUMBERS).finish(
            [chunk([[10**18] + [0.5] * cells][:1], partial=False, columns=cells + 2)]
        )
