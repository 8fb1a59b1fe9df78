"""How a row of the topic tree is drawn: icon, name, and at the right its kind or type in a muted colour."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from efdviewer.ui.theme import muted_color
from efdviewer.ui.topic_icons import ICON_PX, icon_of
from efdviewer.viewmodels.node_model import Roles

_GAP = 8
_MARGIN = 4
_DETAIL_AT_MOST = 0.45
_ICON = QSize(ICON_PX, ICON_PX)


class TopicDelegate(QStyledItemDelegate):
    """Gives the detail the width it needs and the name all the rest, elided in the middle."""

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Qt: prepare what is drawn."""
        super().initStyleOption(option, index)
        icon = icon_of(index.data(Roles.KIND) or "")
        if not icon.isNull():
            option.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration
            option.decorationSize = _ICON
            option.icon = icon

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Qt: draw a row."""
        self.initStyleOption(option, index)
        metrics = option.fontMetrics
        at_most = int(option.rect.width() * _DETAIL_AT_MOST)
        detail = metrics.elidedText(index.data(Roles.DETAIL) or "", Qt.TextElideMode.ElideRight, at_most)
        needed = metrics.horizontalAdvance(detail) + _GAP if detail else 0
        room = option.rect.width() - ICON_PX - 3 * _MARGIN - needed
        option.text = metrics.elidedText(option.text, Qt.TextElideMode.ElideMiddle, room)
        style = option.widget.style() if option.widget else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        if detail:
            selected = QStyle.StateFlag.State_Selected in option.state
            color = option.palette.color(QPalette.ColorRole.HighlightedText) if selected else muted_color()
            painter.setPen(color)
            place = QRect(option.rect).adjusted(0, 0, -_MARGIN, 0)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, detail)
