"""Pictures that leave the program say where they come from."""

import xml.etree.ElementTree as ET

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtWidgets import QSplitterHandle

from efdviewer import __version__
from efdviewer.app import main
from efdviewer.sources.profiles import ConnectionProfile, save_profile
from efdviewer.ui.palette import CURVES, OVERLAYS
from tests.nights import write_night
from tests.windows import act, in_window

CAMERA = "lsst.sal.ATCamera"
VIEW = [
    *("--from", "2024-01-31T20:00:00", "--to", "2024-01-31T23:00:00"),
    *("--plot", f"{CAMERA}.wrebPower:analog_I", "--overlay", f"{CAMERA}.logevent_startReadout@sndStamp"),
    *("--latency", f"{CAMERA}.logevent_startReadout"),
]
RANGE = "2024-01-31T20:00:00 to 2024-01-31T23:00:00 UTC"


def test_that_a_png_carries_source_range_statements_and_version(night, tmp_path):
    path = tmp_path / "view.png"
    assert main(["render", str(night), *VIEW, "-o", str(path), "--size", "1200x700"]) == 0
    image = QImage(str(path))
    assert (image.width(), image.height()) == (1200, 700)
    caption = image.text("Description")
    assert str(night) in caption
    assert RANGE in caption
    assert __version__ in caption
    assert f"{CAMERA}.wrebPower" in image.text("Statements")
    green = QColor(OVERLAYS[0][1])
    caption_row = [image.pixelColor(x, image.height() - 11) for x in range(image.width())]
    assert green in caption_row, "the event's colour stands beside its name"


def test_that_a_picture_names_its_source_as_people_do(night, tmp_path, monkeypatch):
    async def caption(window):
        return window.workspace.provenance().caption

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    save_profile(ConnectionProfile(name="last night", address=str(night)))
    assert in_window([str(night)], caption).startswith(f"{night} · ")
    assert in_window(["last night"], caption).startswith(f"last night ({night}) · ")
    assert in_window(["demo"], caption).startswith("demo · ")


def test_that_an_svg_is_drawn_in_text_and_lines(night, tmp_path):
    path = tmp_path / "view.svg"
    assert main(["render", str(night), *VIEW, "-o", str(path)]) == 0
    root = ET.parse(path).getroot()
    namespace = "{http://www.w3.org/2000/svg}"
    texts = {"".join(node.itertext()) for node in root.iter(f"{namespace}text")}
    assert "ATCamera.startReadout" in texts
    assert any("analog_I" in text for text in texts)
    assert any(RANGE in text for text in texts)
    assert RANGE in root.find(f"{namespace}title").text
    assert f"{CAMERA}.wrebPower" in root.find(f"{namespace}desc").text
    strokes = sum(node.tag.removeprefix(namespace) in ("path", "polyline", "line") for node in root.iter())
    assert strokes > 500, "the curve is drawn in lines, not pixels"


def test_that_the_histograms_of_an_svg_are_drawn_in_lines(night, tmp_path):
    path = tmp_path / "view.svg"
    argv = ["--latency", f"{CAMERA}.logevent_startReadout", "--latency", f"{CAMERA}.logevent_endReadout"]
    assert main(["render", str(night), *argv, "-o", str(path)]) == 0
    root = ET.parse(path).getroot()
    namespace = "{http://www.w3.org/2000/svg}"
    drawn = [node for node in root.iter(f"{namespace}g") if node.get("stroke") == CURVES[0][1]]
    strokes = sum(len(group.findall(f"{namespace}polyline")) for group in drawn)
    assert strokes > 40, "two lines a bin"
    pixels = [int(node.get("width")) for node in root.iter(f"{namespace}image")]
    assert max(pixels, default=0) <= 24, "no more than the swatch before a name"
    said = " ".join("".join(node.itertext()) for node in root.iter(f"{namespace}text"))
    assert "lie beyond this axis" in said
    assert "Wheel" not in said


def test_that_a_picture_tells_of_each_pair_of_events_by_its_name(night, tmp_path):
    path = tmp_path / "view.svg"
    pairs = [
        f"{CAMERA}.logevent_start{what}..{CAMERA}.logevent_end{what}" for what in ("Readout", "Integration")
    ]
    argv = [*VIEW, *(text for pair in pairs for text in ("--interval", pair))]
    assert main(["render", str(night), *argv, "-o", str(path)]) == 0
    texts = ["".join(node.itertext()) for node in ET.parse(path).iter("{http://www.w3.org/2000/svg}text")]
    # Where lines were broken, a space is gone.
    said = "".join("".join(texts).replace("\u200b", "").split())
    for what in ("Readout", "Integration"):
        assert said.count(f"ATCamera.start{what}→end{what}") == 1
    assert said.count("%oftheview") == 2


def test_that_a_picture_says_which_stamps_its_delays_are_of_and_offers_nothing_to_press(tmp_path):
    night, saved, path = tmp_path / "night", tmp_path / "view.efdview", tmp_path / "view.svg"
    write_night(night, clock_mix="2019")
    events = [f"{CAMERA}.logevent_{event}" for event in ("startIntegration", "startReadout", "endReadout")]

    async def save(window):
        window.latency.set_raw(events[0], True)
        window.workspace.latency.set_scale(events[1], "private_sndStamp", "utc")
        await window.idle()
        await window.save_session(saved)

    in_window([str(night), *(text for event in events for text in ("--latency", event))], save)
    assert main(["render", str(saved), "-o", str(path)]) == 0
    texts = ["".join(node.itertext()) for node in ET.parse(path).iter("{http://www.w3.org/2000/svg}text")]
    assert texts.count("rcvStamp") == texts.count("\u2212 sndStamp") == 3
    assert texts.count("as written") == 1
    assert texts.count("sndStamp read as UTC") == 1
    assert not any("Read sndStamp" in text for text in texts)


def test_that_a_copied_picture_is_on_the_clipboard(night):
    async def work(window):
        act(window, "actionCopyPicture")
        image = QGuiApplication.clipboard().image()
        assert image.width() == window.plots.width()
        assert image.height() > window.plots.height()

    in_window([str(night), *VIEW], work)


def test_that_a_narrow_picture_says_all_of_it_in_more_lines(night, tmp_path):
    path = tmp_path / "view.svg"
    overlays = [f"{CAMERA}.logevent_{event}" for event in ("startIntegration", "startReadout", "endReadout")]
    argv = [text for overlay in overlays for text in ("--overlay", overlay)]
    assert main(["render", str(night), *VIEW, *argv, "-o", str(path), "--size", "640x600"]) == 0
    root = ET.parse(path).getroot()
    assert root.get("viewBox") == "0 0 640 600"
    nodes = list(root.iter("{http://www.w3.org/2000/svg}text"))
    texts = ["".join(node.itertext()) for node in nodes]
    for said in (
        RANGE,
        f"efdviewer {__version__}",
        *(f"ATCamera.{name[len(CAMERA) + 10 :]}" for name in overlays),
    ):
        assert said in texts


def test_that_a_picture_shows_no_grips(night):
    async def work(window):
        act(window, "actionCopyPicture")
        image = QGuiApplication.clipboard().image()
        handle = next(grip for grip in window.plots.findChildren(QSplitterHandle) if grip.isVisible())
        place = QRect(handle.mapTo(window.plots, QPoint(0, 0)), handle.size())
        colors = {
            image.pixel(x, y)
            for x in range(place.left(), place.right() + 1)
            for y in range(place.top(), place.bottom() + 1)
        }
        assert len(colors) == 1

    in_window([str(night), *VIEW, "--plot", f"{CAMERA}.wreb:temp1"], work)


@pytest.mark.parametrize("name", ["view.jpg", "nowhere/view.png"])
def test_that_a_picture_that_cannot_be_written_is_said_in_one_line(night, tmp_path, name, capsys):
    assert main(["render", str(night), *VIEW, "-o", str(tmp_path / name)]) in (1, 2)
    assert capsys.readouterr().err.count("efdviewer:") == 1
