"""Pictures that leave the program, with where they come from written beneath and inside them."""

from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPalette
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from efdviewer.domain.errors import BadInputError, EfdViewerError
from efdviewer.ui.palette import shown_color
from efdviewer.viewmodels.workspace import Provenance

PICTURE_SUFFIXES = (".png", ".svg")
CAPTION_HEIGHT = 22
_MARGIN, _SWATCH = 8, 10


def check_picture_path(path: Path) -> None:
    """Raise a BadInputError if no picture of that kind can be written."""
    if path.suffix.lower() not in PICTURE_SUFFIXES:
        raise BadInputError(f"'{path.name}' is neither .png nor .svg.", hint="Choose one of the two endings.")


def write_picture(widget: QWidget, path: Path, provenance: Provenance) -> None:
    """Draw a widget into a PNG or SVG file.

    Raises
    ------
    EfdViewerError
        If the file cannot be written.
    """
    check_picture_path(path)
    written = (_write_svg if path.suffix.lower() == ".svg" else _write_png)(widget, path, provenance)
    if not written:
        raise EfdViewerError(f"The picture could not be written to {path}.", hint="Choose another folder.")


def picture_of(widget: QWidget, provenance: Provenance) -> QImage:
    """Draw a widget and its caption into an image, in the screen's resolution."""
    ratio = widget.devicePixelRatioF()
    size = widget.size() + QSize(0, CAPTION_HEIGHT)
    image = QImage(size * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(widget.palette().color(QPalette.ColorRole.Window))
    painter = QPainter(image)
    _paint(painter, widget, provenance)
    painter.end()
    return image


def _write_png(widget: QWidget, path: Path, provenance: Provenance) -> bool:
    image = picture_of(widget, provenance)
    image.setText("Description", provenance.caption)
    image.setText("Statements", provenance.statements)
    return image.save(str(path), "PNG")  # type: ignore[call-overload,no-any-return]


def _write_svg(widget: QWidget, path: Path, provenance: Provenance) -> bool:
    size = widget.size() + QSize(0, CAPTION_HEIGHT)
    generator = QSvgGenerator()
    generator.setFileName(str(path))
    generator.setSize(size)
    generator.setResolution(widget.logicalDpiX())
    generator.setViewBox(QRect(QPoint(0, 0), size))
    generator.setTitle(provenance.caption)
    generator.setDescription(provenance.statements)
    painter = QPainter()
    if not painter.begin(generator):
        return False
    painter.fillRect(QRect(QPoint(0, 0), size), widget.palette().color(QPalette.ColorRole.Window))
    _paint(painter, widget, provenance)
    return painter.end()


def _paint(painter: QPainter, widget: QWidget, provenance: Provenance) -> None:
    widget.render(painter, QPoint(0, 0))
    painter.setFont(widget.font())
    line = QRect(_MARGIN, widget.height(), widget.width() - 2 * _MARGIN, CAPTION_HEIGHT)
    right = line.right() - _paint_lines(painter, line, provenance, widget)
    painter.setPen(widget.palette().color(QPalette.ColorRole.WindowText))
    room = max(0, right - line.left() - _MARGIN)
    caption = painter.fontMetrics().elidedText(provenance.caption, Qt.TextElideMode.ElideLeft, room)
    painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, caption)


def _paint_lines(painter: QPainter, line: QRect, provenance: Provenance, widget: QWidget) -> int:
    """Name the event lines beside their colours, from the right; gives the width that took, in pixels."""
    right = line.right()
    for color, name in reversed(provenance.lines):
        width = painter.fontMetrics().horizontalAdvance(name) + 2
        painter.setPen(widget.palette().color(QPalette.ColorRole.WindowText))
        place = QRect(right - width, line.top(), width, line.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
        swatch = QRect(right - width - _SWATCH - 5, line.center().y() - _SWATCH // 2, _SWATCH, _SWATCH)
        painter.fillRect(swatch, shown_color(color))
        right = swatch.left() - 2 * _MARGIN
    return line.right() - right
