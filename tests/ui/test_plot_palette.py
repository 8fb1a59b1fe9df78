import pytest
from PySide6.QtGui import QColor, QPalette

from efdviewer.ui.palette import CURVES, OVERLAYS, curve_color, overlay_color, shown_color
from tests.ui.plots import application

BACKGROUNDS = ("#1e1f22", "#ffffff")


def luminance(color: str) -> float:
    parts = [
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
        for part in QColor(color).getRgbF()[:3]
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


@pytest.mark.parametrize("pair", [*CURVES, *OVERLAYS])
def test_that_each_colour_stands_out_from_its_background(pair):
    for color, background in zip(pair, BACKGROUNDS, strict=True):
        light, dark = sorted((luminance(color), luminance(background)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 3


def test_that_colours_of_the_palette_follow_the_scheme_and_others_stay():
    app = application()
    before = app.palette()
    try:
        for place, window in enumerate(("#202020", "#f4f4f4")):
            app.setPalette(QPalette(QColor(window), QColor(window)))
            assert curve_color(0) == CURVES[0][place]
            assert overlay_color(9) == OVERLAYS[1][place]
            assert {shown_color(color).name() for color in CURVES[2]} == {CURVES[2][place]}
            assert shown_color("#123456").name() == "#123456"
    finally:
        app.setPalette(before)
