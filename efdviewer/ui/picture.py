"""Pictures that leave the program, with where they come from written beneath and inside them."""

from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPalette, QRegion
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QSplitterHandle, QWidget

from efdviewer.domain.errors import BadInputError, EfdViewerError
from efdviewer.ui.current_mark import CurrentMark
from efdviewer.ui.palette import shown_color
from efdviewer.viewmodels.provenance import Provenance

PICTURE_SUFFIXES = (".png", ".svg")
_MARGIN, _SWATCH, _LINE_HEIGHT = 8, 10, 22


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


def caption_height(widget: QWidget, provenance: Provenance) -> int:
    """Give the height, in pixels, that the caption adds to a widget's picture."""
    return _Caption(widget, provenance).height


def picture_of(widget: QWidget, provenance: Provenance) -> QImage:
    """Draw a widget and its caption into an image, in the screen's resolution."""
    ratio = widget.devicePixelRatioF()
    caption = _Caption(widget, provenance)
    size = widget.size() + QSize(0, caption.height)
    image = QImage(size * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(widget.palette().color(QPalette.ColorRole.Window))
    painter = QPainter(image)
    _paint(painter, widget, caption)
    painter.end()
    return image


def _write_png(widget: QWidget, path: Path, provenance: Provenance) -> bool:
    image = picture_of(widget, provenance)
    image.setText("Description", provenance.caption)
    image.setText("Statements", provenance.statements)
    return image.save(str(path), "PNG")  # type: ignore[call-overload,no-any-return]


def _write_svg(widget: QWidget, path: Path, provenance: Provenance) -> bool:
    caption = _Caption(widget, provenance)
    size = widget.size() + QSize(0, caption.height)
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
    _paint(painter, widget, caption)
    return painter.end()


def _paint(painter: QPainter, widget: QWidget, caption: "_Caption") -> None:
    widget.render(painter, QPoint(0, 0), _without_handles(widget))
    painter.translate(0, widget.height())
    caption.paint(painter)


def _without_handles(widget: QWidget) -> QRegion:
    """Give the part of a widget that says something; grips to resize its parts, and marks, do not."""
    region = QRegion(widget.rect())
    for handle in [*widget.findChildren(QSplitterHandle), *widget.findChildren(CurrentMark)]:
        if handle.isVisible():
            region -= QRegion(QRect(handle.mapTo(widget, QPoint(0, 0)), handle.size()))
    return region


class _Caption:
    """Words below a picture, in as many lines as they need: where it comes from, and what its lines mean."""

    def __init__(self, widget: QWidget, provenance: Provenance) -> None:
        self._font = widget.font()
        self._color = widget.palette().color(QPalette.ColorRole.WindowText)
        self._placed: list[tuple[QRect, str, QColor | None]] = []
        metrics = QFontMetrics(self._font)
        right_most, left, top = widget.width() - _MARGIN, _MARGIN, 0
        said: list[tuple[str, QColor | None]] = [(part, None) for part in provenance.caption.split(" · ")]
        said += [(name, shown_color(color)) for color, name in provenance.lines]
        for text, color in said:
            indent = _SWATCH + 5 if color else 0
            width = min(indent + metrics.horizontalAdvance(text) + 2, right_most - _MARGIN)
            if left > _MARGIN and left + width > right_most:
                left, top = _MARGIN, top + _LINE_HEIGHT
            words = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, width - indent)
            self._placed.append((QRect(left, top, width, _LINE_HEIGHT), words, color))
            left += width + 2 * _MARGIN
        self.height = top + _LINE_HEIGHT

    def paint(self, painter: QPainter) -> None:
        """Paint it, its top left corner at the painter's origin."""
        painter.setFont(self._font)
        painter.setPen(self._color)
        for place, text, color in self._placed:
            indent = 0
            if color:
                indent = _SWATCH + 5
                middle = place.center().y() - _SWATCH // 2
                painter.fillRect(QRect(place.left(), middle, _SWATCH, _SWATCH), color)
            painter.drawText(
                place.adjusted(indent, 0, 0, 0),
                Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
                text,
            )
