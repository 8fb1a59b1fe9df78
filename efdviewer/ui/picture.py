"""Pictures that leave the program, with where they come from written beneath and inside them."""

from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPalette
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from efdviewer.domain.errors import BadInputError, EfdViewerError

PICTURE_SUFFIXES = (".png", ".svg")
CAPTION_HEIGHT = 22


def check_picture_path(path: Path) -> None:
    """Raise a BadInputError if no picture of that kind can be written."""
    if path.suffix.lower() not in PICTURE_SUFFIXES:
        raise BadInputError(f"'{path.name}' is neither .png nor .svg.", hint="Choose one of the two endings.")


def write_picture(widget: QWidget, path: Path, *, caption: str, statements: str) -> None:
    """Draw a widget into a PNG or SVG file.

    Raises
    ------
    EfdViewerError
        If the file cannot be written.
    """
    check_picture_path(path)
    written = (_write_svg if path.suffix.lower() == ".svg" else _write_png)(widget, path, caption, statements)
    if not written:
        raise EfdViewerError(f"The picture could not be written to {path}.", hint="Choose another folder.")


def picture_of(widget: QWidget, caption: str) -> QImage:
    """Draw a widget and its caption into an image, in the screen's resolution."""
    ratio = widget.devicePixelRatioF()
    size = widget.size() + QSize(0, CAPTION_HEIGHT)
    image = QImage(size * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(widget.palette().color(QPalette.ColorRole.Window))
    painter = QPainter(image)
    _paint(painter, widget, caption)
    painter.end()
    return image


def _write_png(widget: QWidget, path: Path, caption: str, statements: str) -> bool:
    image = picture_of(widget, caption)
    image.setText("Description", caption)
    image.setText("Statements", statements)
    return image.save(str(path), "PNG")  # type: ignore[call-overload,no-any-return]


def _write_svg(widget: QWidget, path: Path, caption: str, statements: str) -> bool:
    size = widget.size() + QSize(0, CAPTION_HEIGHT)
    generator = QSvgGenerator()
    generator.setFileName(str(path))
    generator.setSize(size)
    generator.setViewBox(QRect(QPoint(0, 0), size))
    generator.setTitle(caption)
    generator.setDescription(statements)
    painter = QPainter()
    if not painter.begin(generator):
        return False
    painter.fillRect(QRect(QPoint(0, 0), size), widget.palette().color(QPalette.ColorRole.Window))
    _paint(painter, widget, caption)
    return painter.end()


def _paint(painter: QPainter, widget: QWidget, caption: str) -> None:
    widget.render(painter, QPoint(0, 0))
    painter.setPen(widget.palette().color(QPalette.ColorRole.WindowText))
    line = QRect(8, widget.height(), widget.width() - 16, CAPTION_HEIGHT)
    painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, caption)
