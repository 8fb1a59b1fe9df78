"""Units and descriptions from a folder of ts_xml, an installed package, and a registry, in a real window."""

import asyncio
import json

import pytest
from aiohttp import web
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QPushButton, QRadioButton

from efdviewer.domain.sal_notes import tidy_units
from efdviewer.domain.topics import SAL_PREFIX
from efdviewer.services.settings import load_settings
from efdviewer.sources.sal_xml import note_of, read_folder
from tests.ui.hands import TopicHand, choose_from_bar, click
from tests.windows import child, in_window, type_into

MOUNT = "lsst.sal.MTMount.azimuth"
SHOWN = ["demo", "--plot", f"{MOUNT}:actualPosition,actualTorque"]
WORDS = (
    "The angle of the telescope about the vertical, from north through east, as the encoders have it. " * 2
)


def item(name: str, units: str, description: str = "", count: int = 1) -> str:
    return (
        f"<item><EFDB_Name>{name}</EFDB_Name><Description>{description}</Description>"
        f"<IDL_Type>double</IDL_Type><Units>{units}</Units><Count>{count}</Count></item>"
    )


def write_schema(folder) -> None:
    """In the shape of the real files."""
    mount = folder / "MTMount"
    mount.mkdir(parents=True)
    (mount / "MTMount_Telemetry.xml").write_text(
        '<?xml version="1.0" encoding="UTF-8"?><SALTelemetrySet><SALTelemetry><Subsystem>MTMount</Subsystem>'
        "<EFDB_Topic>MTMount_azimuth</EFDB_Topic><Description>Azimuth axis</Description>"
        + item("actualPosition", "gradian", WORDS)
        + item("actualTorque", "\n  N m ", "")
        + item("actualVelocity", "unitless", "&lt;b&gt;not bold&lt;/b&gt;")
        + "</SALTelemetry><SALTelemetry><EFDB_Topic>MTMount_cabinetVibration</EFDB_Topic>"
        + item("accelerationZ", "furlong/fortnight2", "Shaking", 100)
        + "</SALTelemetry></SALTelemetrySet>"
    )
    (folder / "SALGenerics.xml").write_text(
        "<SALObjectSet><SALEventSet><SALEvent><EFDB_Topic>SALGeneric_logevent_summaryState</EFDB_Topic>"
        + item("summaryState", "unitless", "What the component is ready for")
        + "</SALEvent></SALEventSet></SALObjectSet>"
    )
    (folder / "Broken_Events.xml").write_text("<SALEventSet><SALEvent><EFDB_Topic>Bro")
    (folder / "Bomb_Events.xml").write_text(
        '<!DOCTYPE a [<!ENTITY b "' + "x" * 50 + '">]><SALEventSet><SALEvent><EFDB_Topic>&c;</EFDB_Topic>'
        "</SALEvent></SALEventSet>"
    )


@pytest.fixture
def schema(tmp_path):
    folder = tmp_path / "sal_interfaces"
    write_schema(folder)
    return folder


async def wait_for(window, words: str) -> None:
    status = child(window, QLabel, "schemaStatus")
    for _ in range(100):
        if words in status.text().replace("\u200b", ""):
            return
        await asyncio.sleep(0.05)
    pytest.fail(f"{words!r} is not in {status.text()!r}")


def units(window) -> list[str]:
    return [state.units for state in window.workspace.plot.states(0)]


def expect_folder(window) -> None:
    assert units(window) == ["gradian", "N m"]
    entry = window.plots.row(0).legend.entries()[0]
    assert "The angle of the telescope" in entry.toolTip()
    assert all(len(line) <= 80 for line in entry.toolTip().splitlines())


def test_a_folder_with_the_mouse_alone(schema):
    async def work(window):
        assert units(window) == ["deg", "N m"]
        hand = TopicHand(window)
        await hand.open("azimuth", "MTMount", "azimuth")
        await choose_from_bar(window, "View", "actionSalSchema")
        click(child(window, QRadioButton, "schemaFolder"), QPoint(8, 10))
        # What a file dialog would give.
        child(window, QLineEdit, "schemaPath").setText(str(schema))
        click(child(window, QPushButton, "schemaUse"))
        await wait_for(window, "5 fields of 3 topics")
        await window.idle()
        expect_folder(window)
        words = child(window, QLabel, "schemaStatus").text().replace("\u200b", "")
        assert "2 damaged files were left out" in words
        tip = hand.row("MTMount", "azimuth", "actualPosition").data(Qt.ItemDataRole.ToolTipRole)
        assert "gradian" in tip
        assert "The angle of the telescope" in tip
        assert "Azimuth axis" in hand.row("MTMount", "azimuth").data(Qt.ItemDataRole.ToolTipRole)
        child(window, QPushButton, "schemaUse").window().close()

    in_window(SHOWN, work)
    assert load_settings().sal_schema == str(schema)


def test_a_folder_with_the_keyboard_alone(schema):
    async def work(window):
        window.findChild(object, "actionSalSchema").trigger()
        edit = child(window, QLineEdit, "schemaPath")
        type_into(edit, str(schema))
        await wait_for(window, "topics")
        await window.idle()
        expect_folder(window)
        QTest.keyClick(child(window, QDialog, "schemaDialog"), Qt.Key.Key_Escape)

    in_window(SHOWN, work)


def test_what_was_chosen_is_read_again_by_the_next_window(schema):
    async def choose(window):
        window.workspace.sal_schema.choose(str(schema))
        await window.idle()

    async def look(window):
        expect_folder(window)
        packed = window.workspace.plot.states(1)[0]
        assert packed.units == "furlong/fortnight2"

    in_window(SHOWN, choose)
    in_window([*SHOWN, "--plot", "lsst.sal.MTMount.cabinetVibration[]:accelerationZ"], look)


def test_the_installed_package_is_found_without_importing_it(tmp_path, monkeypatch):
    write_schema(tmp_path / "lsst" / "ts" / "xml" / "data" / "sal_interfaces")
    (tmp_path / "lsst" / "__init__.py").write_text("raise AssertionError('imported')")
    monkeypatch.syspath_prepend(tmp_path)

    async def work(window):
        window.workspace.sal_schema.choose("package")
        await window.idle()
        expect_folder(window)

    in_window(SHOWN, work)


@pytest.mark.parametrize("wrong", ["/no/such/folder", "ftp://host"])
def test_what_is_no_schema_is_said_and_changes_nothing(wrong):
    async def work(window):
        window.findChild(object, "actionSalSchema").trigger()
        type_into(child(window, QLineEdit, "schemaPath"), wrong)
        await wait_for(window, "neither a folder nor an address")
        assert units(window) == ["deg", "N m"]
        child(window, QLineEdit, "schemaPath").window().close()

    in_window(SHOWN, work)


def test_an_empty_folder_and_one_that_went_are_said(tmp_path):
    async def work(window):
        schema = window.workspace.sal_schema
        schema.choose(str(tmp_path))
        await window.idle()
        assert "holds no definitions" in schema.status
        assert units(window) == ["deg", "N m"]

    in_window(SHOWN, work)


@pytest.mark.parametrize(("way", "what"), [("schemaFolder", "folder"), ("schemaRegistry", "address")])
def test_that_nothing_typed_is_said_and_changes_nothing(way, what):
    async def work(window):
        await choose_from_bar(window, "View", "actionSalSchema")
        dialog = child(window, QDialog, "schemaDialog")
        click(child(dialog, QRadioButton, way), QPoint(8, 10))
        click(child(dialog, QPushButton, "schemaUse"))
        assert f"Type the {what}" in child(dialog, QLabel, "schemaStatus").text()
        assert window.workspace.sal_schema.chosen == ""
        dialog.close()

    in_window(SHOWN, work)


AVRO = {
    "type": "record",
    "name": "azimuth",
    "fields": [
        {"name": "actualPosition", "type": "double", "units": "mdeg", "description": "From the registry"},
        {"name": "actualTorque", "type": "double", "units": 7, "description": None},
    ],
}


def with_registry(answer, work) -> None:
    """Run a window beside a registry on its own loop."""
    asked = []

    async def handle(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        return await answer(request)

    async def run(window):
        application = web.Application()
        application.router.add_get("/registry/subjects/{subject}/versions/latest", handle)
        runner = web.AppRunner(application)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = site._server.sockets[0].getsockname()[1]
        try:
            await work(window, f"http://127.0.0.1:{port}/registry/", asked)
        finally:
            window.workspace.sal_schema.choose("")
            await runner.cleanup()

    in_window(SHOWN, run)


def test_a_registry_is_asked_for_what_is_looked_at_and_nothing_waits_for_it():
    release = asyncio.Event()

    async def answer(_request):
        await release.wait()
        return web.json_response({"schema": json.dumps(AVRO)})

    async def work(window, address, asked):
        window.workspace.sal_schema.choose(address)
        window.workspace.time.zoom(0.5)
        await asyncio.sleep(0.5)
        # Its answer is still on the way; the view is not.
        assert window.workspace.plot.states(0)[0].view.has_points
        assert units(window) == ["deg", "N m"]
        release.set()
        await window.idle()
        assert units(window) == ["mdeg", "N m"]
        assert asked == [f"/registry/subjects/{MOUNT}-value/versions/latest"]

    with_registry(answer, work)


def test_a_long_schema_that_comes_in_pieces_is_read_whole_and_a_failure_is_asked_again():
    names = [f"actuator{number}_calibratedPosition" for number in range(3000)]
    more = [{"name": name, "type": "double", "units": "mm", "description": "Of the mirror"} for name in names]
    body = json.dumps({"schema": json.dumps({**AVRO, "fields": [*AVRO["fields"], *more]})}).encode()
    assert len(body) > 200_000
    is_down = True

    async def answer(request):
        if is_down:
            return web.Response(text="down", status=503)
        response = web.StreamResponse()
        await response.prepare(request)
        for begin in range(0, len(body), 60_000):
            await response.write(body[begin : begin + 60_000])
            await asyncio.sleep(0.01)
        await response.write_eof()
        return response

    async def work(window, address, asked):
        nonlocal is_down
        window.workspace.sal_schema.choose(address)
        await window.idle()
        assert "answered 503" in window.workspace.sal_schema.status
        is_down = False
        window.workspace.reload()
        await window.idle()
        assert units(window) == ["mdeg", "N m"]
        assert len(asked) == 2

    with_registry(answer, work)


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ("", 404, ""),
        ("down", 503, "answered 503"),
        ("{}", 200, "no schema"),
        ('{"schema": "[1, 2]"}', 200, "no schema"),
        ("<html>", 200, "no schema"),
    ],
)
def test_a_registry_that_fails_stops_nothing(body, status, said):
    async def answer(_request):
        return web.Response(text=body, status=status)

    async def work(window, address, _asked):
        window.workspace.sal_schema.choose(address)
        await window.idle()
        assert said in window.workspace.sal_schema.status
        assert units(window) == ["deg", "N m"]

    with_registry(answer, work)


@pytest.mark.parametrize(
    ("text", "shown"),
    [("deg", "deg"), (" m/s2\n", "m/s2"), ("unitless", ""), ("Dimensionless", ""), ("", ""), (None, ""), (7, ""),
     ("x" * 200, ""), ("gibberish!", "gibberish!")],
)  # fmt: skip
def test_odd_units_are_shown_as_they_are_or_not_at_all(text, shown):
    assert tidy_units(text) == shown


def test_generic_topics_count_for_every_component(schema):
    notes, damaged = read_folder(schema)
    assert damaged == ["Bomb_Events.xml", "Broken_Events.xml"]
    state = note_of(notes, f"{SAL_PREFIX}ATCamera.logevent_summaryState")
    assert state.note("summaryState").description == "What the component is ready for"
    assert note_of(notes, "elsewhere") is None
    vibration = note_of(notes, f"{SAL_PREFIX}MTMount.cabinetVibration")
    assert vibration.note("accelerationZ73").units == "furlong/fortnight2"


def test_every_unit_of_the_real_tables_can_be_shown(recordings):
    import csv
    import gzip

    with gzip.open(recordings / "sal" / "fields.csv.gz", "rt") as lines:
        found = {row["units"] for row in csv.DictReader(lines)}
    assert len(found) > 50
    for text in found:
        assert tidy_units(text) in ("", " ".join(text.split()))
