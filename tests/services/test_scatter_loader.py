"""Joined fields against pandas, from real archives and a real server."""

import asyncio

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from efdviewer.domain.errors import LimitError
from efdviewer.domain.session import JOIN_DIRECTIONS, Scatter
from efdviewer.domain.timerange import TimeRange
from efdviewer.domain.topics import FieldRef
from efdviewer.services import scatter_loader
from efdviewer.services.catalog import Catalog
from efdviewer.services.scatter_loader import JoinedFields, load_scatter
from efdviewer.sources import open_source
from efdviewer.sources.workers import run_in_worker
from tests.both import has_database, load_topics, write_topics

LEFT, RIGHT = "lsst.sal.Join.left", "lsst.sal.Join.right"
X, Y = FieldRef(LEFT, "x"), FieldRef(RIGHT, "y")
START = 1_706_745_600 * 10**9
STEP = 10**7
VIEW = TimeRange(start_utc_ns=START + 100 * STEP + 1, end_utc_ns=START + 900 * STEP + 1)


def series(seed: int, name: str, *, kept_by_influx: bool) -> pa.Table:
    """Make a series with nulls; unless InfluxDB keeps it, also NaN and several samples at one time."""
    rng = np.random.default_rng(seed)
    places = np.sort(rng.choice(1000, 300, replace=not kept_by_influx))
    values = rng.normal(0, 1, 300)
    if not kept_by_influx:
        values[rng.random(300) < 0.1] = np.nan
    nulls = rng.random(300) < 0.1
    return pa.table(
        {"time": START + places * STEP, name: pa.array(values, mask=nulls), "other": np.arange(300)}
    )


def topics(seed: int, *, kept_by_influx: bool) -> dict[str, pa.Table]:
    return {
        LEFT: series(2 * seed, "x", kept_by_influx=kept_by_influx),
        RIGHT: series(2 * seed + 1, "y", kept_by_influx=kept_by_influx),
    }


def load(address: str, scatter: Scatter) -> JoinedFields:
    async def work() -> JoinedFields:
        async with open_source(address) as source:
            return await load_scatter(source, Catalog(source), scatter, VIEW, run_in_worker)

    return asyncio.run(work())


def check(address: str, tables: dict[str, pa.Table]) -> None:
    """Join in all ways; what has no value is no sample, as `dropna` has it."""
    x = tables[LEFT].to_pandas()[["time", "x"]].dropna()
    x = x[(x["time"] >= VIEW.start_utc_ns) & (x["time"] < VIEW.end_utc_ns)]
    y = tables[RIGHT].to_pandas()[["time", "y"]].dropna()
    for direction in JOIN_DIRECTIONS:
        for tolerance in (0, STEP, 5 * STEP, 200 * STEP):
            joined = load(address, Scatter(x=X, y=Y, direction=direction, tolerance_s=tolerance / 1e9))
            wanted = pd.merge_asof(x, y, on="time", direction=direction, tolerance=tolerance)
            pairs = wanted.dropna()
            assert joined.times_utc_ns.tolist() == pairs["time"].tolist()
            assert joined.x.tolist() == pairs["x"].tolist()
            assert joined.y.tolist() == pairs["y"].tolist()
            assert joined.unpaired == len(wanted) - len(pairs)


@pytest.mark.parametrize("seed", range(6))
def test_that_joins_with_nulls_nan_and_equal_times_equal_merge_asof(tmp_path, seed):
    tables = topics(seed, kept_by_influx=False)
    assert tables[RIGHT]["y"].null_count > 0
    assert np.isnan(tables[RIGHT].to_pandas()["y"]).sum() > tables[RIGHT]["y"].null_count
    assert not tables[RIGHT].to_pandas()["time"].is_unique
    check(str(write_topics(tmp_path / "archive", tables)), tables)


def test_that_joins_with_nulls_equal_merge_asof_on_a_server(tmp_path, influxd, monkeypatch):
    monkeypatch.setenv("EFDVIEWER_PASSWORD", influxd.reader.password)
    tables = topics(7, kept_by_influx=True)
    assert not has_database(influxd, "joins")
    check(load_topics(write_topics(tmp_path / "archive", tables), influxd, "joins"), tables)


def test_that_samples_beyond_the_limit_are_refused_in_words(tmp_path, monkeypatch):
    monkeypatch.setattr(scatter_loader, "MOST_SAMPLES", 100)
    address = str(write_topics(tmp_path / "archive", topics(1, kept_by_influx=True)))
    with pytest.raises(LimitError, match=r"Join\.left\.x has more than 100 samples in view"):
        load(address, Scatter(x=X, y=Y))


def test_that_of_many_pairs_some_are_drawn_and_all_are_counted(tmp_path):
    rng = np.random.default_rng(2)
    count = 70_000
    moments = VIEW.start_utc_ns + np.arange(count) * 100_000
    x, y = rng.normal(0, 1, count), rng.normal(0, 1, count)
    tables = {LEFT: pa.table({"time": moments, "x": x}), RIGHT: pa.table({"time": moments, "y": y})}
    joined = load(str(write_topics(tmp_path / "archive", tables)), Scatter(x=X, y=Y))
    assert len(joined.x) == count
    assert len(joined.drawn) <= scatter_loader.MOST_DRAWN
    assert {int(np.argmin(x)), int(np.argmax(x)), int(np.argmin(y)), int(np.argmax(y))} <= {
        *joined.drawn.tolist()
    }
    assert joined.correlation == pytest.approx(np.corrcoef(x, y)[0, 1])
