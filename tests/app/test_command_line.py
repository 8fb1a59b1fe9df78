"""The command line as people and scripts use it."""

import json
import socket
import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from efdviewer.app import main
from efdviewer.app.cli import parse
from efdviewer.domain.topics import Equals, FieldRef
from efdviewer.services.document import save_session

POWER = "lsst.sal.ATCamera.wrebPower"


def run(capsys, *argv: str) -> tuple[int, str]:
    code = main(argv)
    return code, capsys.readouterr().err


@pytest.mark.parametrize("command", [[], ["demo"], ["render"], ["export"], ["simulate"], ["load"]])
def test_that_help_is_there(command, capsys):
    assert main([*command, "--help"]) == 0
    assert "usage: efdviewer" in capsys.readouterr().out


def test_that_the_module_runs_as_the_program_does():
    command = [sys.executable, "-m", "efdviewer", "nothing-here"]
    told = subprocess.run(command, check=False, capture_output=True, text=True)
    assert told.returncode == 2
    assert told.stderr.startswith("efdviewer: ")


def test_that_the_command_line_builds_a_session():
    command = parse(
        [
            "influxdb://reader@host:8086/path?db=efd",
            "--from",
            "now-3h",
            "--plot",
            f"{POWER}:analog_I,od_V",
            "--plot",
            '"odd:topic":"a,b"',
            "--plot",
            f'{POWER}:analog_I,od_V;salIndex=0;sensorName="1;2"',
            "--overlay",
            "lsst.sal.ATCamera.logevent_startReadout@rcvStamp",
            "--overlay",
            "plain",
            "--latency",
            "lsst.sal.X.y:kafkaStamp-rcvStamp",
            "--timescale",
            "tai",
        ]
    )
    session = command.session
    assert session.start == "now-3h"
    assert session.timescale == "tai"
    assert [curve.field for curve in session.rows[0].curves] == [
        FieldRef(POWER, "analog_I"),
        FieldRef(POWER, "od_V"),
    ]
    assert session.rows[1].curves[0].field == FieldRef("odd:topic", "a,b")
    where = (Equals(field="salIndex", value=0), Equals(field="sensorName", value="1;2"))
    assert [curve.field for curve in session.rows[2].curves] == [
        FieldRef(POWER, "analog_I", where),
        FieldRef(POWER, "od_V", where),
    ]
    assert [overlay.stamp for overlay in session.overlays] == ["private_rcvStamp", "time"]
    assert session.latency.pairs[0].minuend == "private_kafkaStamp"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--frm"], 2, "--frm"),
        (["export", "{night}", "--plot", POWER, "-o", "{tmp}/x.csv"], 2, "TOPIC:FIELD"),
        (
            ["export", "{night}", "--plot", f"{POWER}:analog_I;salIndex", "-o", "{tmp}/x.csv"],
            2,
            "FIELD=VALUE",
        ),
        (
            ["export", "{night}", "--plot", f"{POWER}:analog_I;a=1,od_V", "-o", "{tmp}/x.csv"],
            2,
            "FIELD=VALUE",
        ),
        (["export", "{night}", "--plot", f"{POWER}:nope", "-o", "{tmp}/x.csv"], 2, "nope"),
        (["export", "{night}", "--plot", "no.such:x", "-o", "{tmp}/x.csv"], 2, "no.such"),
        (["export", "{night}", "--plot", f"{POWER}:analog_I", "-o", "{tmp}/x.xls"], 2, ".csv"),
        (["export", "{night}", "-o", "{tmp}/x.csv"], 2, "--plot"),
        (["export", "{tmp}/gone", "--plot", "a:b", "-o", "{tmp}/x.csv"], 2, "does not exist"),
        (["export", "{tmp}", "--plot", "a:b", "-o", "{tmp}/x.csv"], 2, "not an archive"),
        (["export", "http://x?db=efd", "--plot", "a:b", "-o", "{tmp}/x.csv"], 2, "http://"),
        (["export", "influxdb://u:secret@x?db=efd", "--plot", "a:b", "-o", "{tmp}/x.csv"], 2, "password"),
        (["export", "influxdb://x", "--plot", "a:b", "-o", "{tmp}/x.csv"], 2, "database"),
        (
            ["export", "influxdb://127.0.0.1:{port}?db=efd", "--plot", "a:b", "-o", "{tmp}/x.csv"],
            3,
            "refused",
        ),
        (
            ["export", "influxdb://u@127.0.0.1:{port}?db=efd", "--plot", "a:b", "-o", "{tmp}/x.csv"],
            3,
            "password",
        ),
        (["{night}", "--from", "2024-13-01"], 2, "'13'"),
        (["{night}", "--from", "now", "--to", "now-1h"], 2, "not after"),
        (["--session", "{tmp}/gone.efdview"], 2, "gone.efdview"),
        (["simulate", "-o", "{night}"], 2, "not empty"),
        (["load", "{night}", "--to", "influxdb://example.org?db=efd"], 2, "not this machine"),
        (["render", "{night}", "-o", "{tmp}/x.gif"], 2, ".png"),
        (["render", "{night}", "--size", "3", "-o", "{tmp}/x.png"], 2, "WxH"),
    ],
)
def test_that_a_bad_argument_gives_one_line_and_its_code(arguments, code, words, night, tmp_path, capsys):
    places = {"night": night, "tmp": tmp_path, "port": free_port()}
    told, said = run(capsys, *(argument.format(**places) for argument in arguments))
    assert told == code
    assert words in said
    assert said.count("\n") == 1
    assert "secret" not in said
    assert not (tmp_path / "x.csv").exists()


def test_that_wrong_credentials_are_code_3(influxd, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("EFDVIEWER_PASSWORD", "wrong")
    address = f"influxdb://{influxd.reader.name}@127.0.0.1:{influxd.port}?db=efd"
    told, said = run(capsys, "export", address, "--plot", "a:b", "-o", str(tmp_path / "x.csv"))
    assert told == 3
    assert "wrong" not in said


def test_that_a_damaged_archive_is_code_2(night, tmp_path, capsys):
    import shutil

    copy = shutil.copytree(night, tmp_path / "copy")
    for path in (copy / POWER).glob("*.parquet"):
        path.write_bytes(path.read_bytes()[:-200])
    told, said = run(
        capsys, "export", str(copy), "--plot", f"{POWER}:analog_I", "-o", str(tmp_path / "x.csv")
    )
    assert told == 2
    assert "damaged" in said
    assert said.count("\n") == 1


def test_that_an_export_holds_the_samples_of_the_range(night, tmp_path, capsys):
    path = tmp_path / "power.csv"
    code, _ = run(capsys, "export", str(night), "--plot", f"{POWER}:analog_I", "-o", str(path))
    frame = pd.read_csv(path, parse_dates=["time"])
    kept = pq.read_table(night / POWER)
    assert code == 0
    assert np.array_equal(frame["analog_I"], kept["analog_I"].to_numpy())
    assert np.array_equal(
        frame["time"].dt.as_unit("ns").astype("int64"), kept["time"].cast("int64").to_numpy()
    )
    note = json.loads((tmp_path / "power.csv-metadata.json").read_text())
    assert note["timescale"] == "UTC"
    assert note["source"] == str(night)


def test_that_topics_are_merged_in_time(night, tmp_path, capsys):
    path = tmp_path / "merged.parquet"
    event = "lsst.sal.ATCamera.logevent_startReadout"
    arguments = ["--plot", f"{POWER}:analog_I", "--plot", f"{event}:imageIndex", "-o", str(path)]
    assert run(capsys, "export", str(night), *arguments)[0] == 0
    table = pq.read_table(path)
    moments = table["time"].cast("int64").to_numpy()
    assert (np.diff(moments) >= 0).all()
    assert table[f"{POWER}:analog_I"].drop_null().equals(pq.read_table(night / POWER)["analog_I"])
    assert len(table[f"{event}:imageIndex"].drop_null()) == pq.read_table(night / event).num_rows


def test_that_an_exported_archive_opens_again(night, tmp_path, capsys):
    first, second = tmp_path / "archive", tmp_path / "again.parquet"
    assert run(capsys, "export", str(night), "--plot", f"{POWER}:analog_I", "-o", str(first))[0] == 0
    assert run(capsys, "export", str(first), "--plot", f"{POWER}:analog_I", "-o", str(second))[0] == 0
    assert pq.read_table(second)["analog_I"].equals(pq.read_table(night / POWER)["analog_I"])


def test_that_load_refuses_a_database_that_is_not_empty(night, influxd, capsys, monkeypatch):
    monkeypatch.setenv("EFDVIEWER_PASSWORD", influxd.admin.password)
    influxd.create_database("occupied")
    influxd.write("occupied", "m f=1 1")
    address = f"influxdb://{influxd.admin.name}@127.0.0.1:{influxd.port}?db=occupied"
    code, said = run(capsys, "load", str(night), "--to", address)
    assert code == 2
    assert "not empty" in said


def test_that_a_session_file_stands_where_a_source_would(night, tmp_path, capsys):
    path = tmp_path / "one.efdview"
    known = parse([str(night), "--plot", f"{POWER}:analog_I"]).session
    save_session(known, path, layout=known.layout)
    found = parse([str(path), "--from", "now-1h"])
    assert (found.session.source, found.session.rows) == (known.source, known.rows)
    assert found.has_range
    assert run(capsys, str(tmp_path / "none.efdview"))[0] == 2
    code, said = run(capsys, str(path), "--session", str(path))
    assert code == 2
    assert "Two sessions" in said


def test_that_intervals_states_and_epochs_are_read_from_options():
    camera = "lsst.sal.ATCamera.logevent_"
    session = parse(
        [
            *("--interval", f"{camera}startReadout..{camera}endReadout"),
            *("--state", f"{camera}summaryState:summaryState", "--state", "lsst.sal.X.mode:mode;salIndex=1"),
            *("--epochs", f"{POWER}:analog_I@{camera}startReadout:-200ms..1m30s"),
            *("--epochs", f"{POWER}:analog_I@dayObs"),
        ]
    ).session
    assert [(pair.start, pair.end, pair.by) for pair in session.intervals] == [
        (f"{camera}startReadout", f"{camera}endReadout", None)
    ]
    assert [list(map(str, row.lanes)) for row in session.rows] == [
        [f"{camera}summaryState:summaryState", "lsst.sal.X.mode:mode;salIndex=1"]
    ], "lanes that follow each other share a row"
    aligned, nights = session.epochs
    assert (aligned.before_ns, aligned.after_ns) == (200_000_000, 90_000_000_000)
    assert (aligned.event, str(aligned.field)) == (f"{camera}startReadout", f"{POWER}:analog_I")
    assert nights.event == "dayObs"
    quoted = parse(["--interval", '"a..b".."c:d"']).session.intervals[0]
    assert (quoted.start, quoted.end) == ("a..b", "c:d")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--interval", "only.one"],
        ["--interval", "a..b..c"],
        ["--state", "topic"],
        ["--epochs", f"{POWER}:analog_I"],
        ["--epochs", f"{POWER}@event"],
        ["--epochs", f"{POWER}:analog_I@event:5s"],
        ["--epochs", f"{POWER}:analog_I@event:5s..2s"],
        ["--epochs", f"{POWER}:analog_I@event:soon..later"],
    ],
)
def test_that_what_cannot_be_read_of_them_is_named(capsys, arguments):
    code, said = run(capsys, *arguments)
    assert code == 2
    assert arguments[0] in said
    assert len(said.strip().splitlines()) == 1
