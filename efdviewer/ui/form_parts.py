"""Parts of forms: named for those who find them by key, by script or by ear."""

from collections.abc import Sequence

from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QPushButton, QWidget

from efdviewer.ui.palette import shown_color


def choice(name: str, title: str, tip: str, *, least_characters: int = 16) -> QComboBox:
    """Make a list to choose from, which long entries do not widen."""
    box = QComboBox()
    box.setObjectName(name)
    box.setAccessibleName(title)
    box.setToolTip(tip)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(least_characters)
    return box


def typed_choice(name: str, title: str, tip: str, texts: Sequence[str]) -> tuple[QComboBox, QLineEdit]:
    """Make a line to type into, named so, and the list of usual texts in which it stands."""
    box, edit = choice(f"{name}s", title, tip), line(name, title, "", tip)
    box.setEditable(True)
    box.setLineEdit(edit)
    box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    # It would make of "1" the "10" that stands in the list.
    edit.setCompleter(None)  # type: ignore[arg-type]
    box.addItems(texts)
    return box, edit


def line(name: str, title: str, hint: str, tip: str) -> QLineEdit:
    """Make a line to type into."""
    edit = QLineEdit()
    edit.setObjectName(name)
    edit.setAccessibleName(title)
    edit.setPlaceholderText(hint)
    edit.setToolTip(tip)
    return edit


def swatch(color: str) -> QIcon:
    """Make a square of a colour, to stand before a name."""
    pixmap = QPixmap(12, 12)
    pixmap.fill(shown_color(color))
    return QIcon(pixmap)


def button(name: str, text: str, tip: str) -> QPushButton:
    """Make a button."""
    made = QPushButton(text)
    made.setObjectName(name)
    made.setAccessibleName(tip)
    made.setToolTip(tip)
    return made


def side_by_side(*widgets: QWidget) -> QWidget:
    """Put widgets into one line of a form; the first takes the room, unless it is a button."""
    holder = QWidget()
    layout = QHBoxLayout(holder)
    layout.setContentsMargins(0, 0, 0, 0)
    for place, widget in enumerate(widgets):
        layout.addWidget(widget, 0 if place or isinstance(widget, QPushButton) else 1)
    return holder
