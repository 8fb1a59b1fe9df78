"""Light and dark, chosen in the window."""

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QCheckBox, QLineEdit

from efdviewer.services.settings import load_settings
from efdviewer.ui.palette import CURVES, OVERLAYS
from efdviewer.ui.theme import Scheme, apply_scheme, is_dark, muted_color, wrong_color
from tests.ui.plots import application
from tests.windows import act, in_window

ROLE = QPalette.ColorRole
ON = [
    (ROLE.WindowText, ROLE.Window),
    (ROLE.Text, ROLE.Base),
    (ROLE.Text, ROLE.AlternateBase),
    (ROLE.PlaceholderText, ROLE.Base),
    (ROLE.ButtonText, ROLE.Button),
    (ROLE.HighlightedText, ROLE.Highlight),
    (ROLE.ToolTipText, ROLE.ToolTipBase),
    (ROLE.Link, ROLE.Window),
]


def contrast(one: QColor, other: QColor) -> float:
    """Contrast of two colours, 1 to 21, as WCAG 2.1 defines it."""

    def luminance(color: QColor) -> float:
        parts = [
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color.getRgbF()
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.fixture(params=[Scheme.DARK, Scheme.LIGHT])
def scheme(request):
    application()
    apply_scheme(request.param)
    yield request.param
    apply_scheme(Scheme.SYSTEM)


def test_that_texts_and_curves_can_be_read(scheme):
    palette = QApplication.palette()
    for text, ground in ON:
        assert contrast(palette.color(text), palette.color(ground)) >= 4.5, (text, ground)
    for color in (wrong_color(), muted_color()):
        assert contrast(color, palette.color(ROLE.Window)) >= 4.5
    for pair in (*CURVES, *OVERLAYS):
        shown = QColor(pair[0 if scheme is Scheme.DARK else 1])
        assert contrast(shown, palette.color(ROLE.Base)) >= 3, pair


def test_that_inputs_stand_out_from_the_window_and_can_be_read(scheme):
    window = QApplication.palette().color(ROLE.Window)
    edit, check = QLineEdit(), QCheckBox("box")
    edit.ensurePolished()
    check.ensurePolished()
    ground = edit.palette().color(ROLE.Base)
    assert contrast(edit.palette().color(ROLE.Text), ground) >= 4.5
    assert contrast(edit.palette().color(ROLE.PlaceholderText), ground) >= 4.5
    if scheme is Scheme.DARK:
        assert contrast(check.palette().color(ROLE.Base), window) >= 3
        assert ground.lightness() > window.lightness() + 20
    else:
        image = check.grab().toImage()
        edge = min((image.pixelColor(x, image.height() // 2) for x in range(8)), key=QColor.lightness)
        assert contrast(edge, window) >= 1.3


def test_that_a_chosen_scheme_is_there_again_in_the_next_window(night):
    async def choose(window):
        act(window, "actionColorsDark")
        await window.idle()
        assert is_dark()
        assert window.grab().toImage().pixelColor(3, 3).lightness() < 100

    async def look(window):
        assert is_dark()
        act(window, "actionColorsLight")
        await window.idle()
        assert not is_dark()
        assert window.grab().toImage().pixelColor(3, 3).lightness() > 150
        act(window, "actionColorsSystem")

    in_window([str(night), "--latency", "lsst.sal.ATCamera.logevent_startReadout"], choose)
    assert load_settings().scheme == "dark"
    in_window([str(night)], look)
    assert load_settings().scheme == "system"
