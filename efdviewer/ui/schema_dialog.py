"""Chooses where units and descriptions of fields come from."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from efdviewer.domain.errors import BadInputError, explain
from efdviewer.sources.sal_xml import installed_folder
from efdviewer.ui.fitted_text import breakable
from efdviewer.ui.form_parts import button, line, side_by_side
from efdviewer.ui.theme import wrong_color
from efdviewer.viewmodels.sal_schema import PACKAGE, SalSchema


class SchemaDialog(QDialog):
    """Built-in units, the installed package, a folder, or a registry."""

    def __init__(self, model: SalSchema, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("schemaDialog")
        self.setWindowTitle("SAL schema")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._model = model
        folder = installed_folder()
        self._none = self._radio("schemaNone", "Units that are &built in")
        self._package = self._radio(
            "schemaPackage", "The &installed package lsst.ts.xml" + ("" if folder else " (not installed)")
        )
        self._package.setEnabled(folder is not None)
        self._folder = self._radio("schemaFolder", "A &folder of ts_xml")
        self._registry = self._radio("schemaRegistry", "A schema &registry")
        self._path = line("schemaPath", "Folder", "folder", "The folder of ts_xml, or sal_interfaces in it")
        self._browse = button("schemaBrowse", "Browse…", "Choose a folder")
        self._browse.clicked.connect(self._ask_folder)
        self._address = line(
            "schemaAddress", "Address of the registry", "https://host/schema-registry", "A Confluent registry"
        )
        self._path.textEdited.connect(lambda: self._folder.setChecked(True))
        self._address.textEdited.connect(lambda: self._registry.setChecked(True))
        self._status = QLabel()
        self._status.setObjectName("schemaStatus")
        self._status.setWordWrap(True)
        self._status.setMinimumHeight(3 * self.fontMetrics().height())
        self._status.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._lay_out()
        self._show_chosen()
        model.statusChanged.connect(self._show_status)
        self._show_status()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow(self._none)
        form.addRow(self._package)
        form.addRow(self._folder, side_by_side(self._path, self._browse))
        form.addRow(self._registry, self._address)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        apply = buttons.addButton("Use", QDialogButtonBox.ButtonRole.ApplyRole)
        apply.setObjectName("schemaUse")
        for edit in (self._path, self._address):
            edit.returnPressed.connect(self._use)
        buttons.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        apply.clicked.connect(self._use)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self._status)
        layout.addWidget(buttons)
        self.setMinimumWidth(520)

    def _radio(self, name: str, text: str) -> QRadioButton:
        made = QRadioButton(text, self)
        made.setObjectName(name)
        made.setAccessibleName(text.replace("&", ""))
        return made

    def _show_chosen(self) -> None:
        chosen = self._model.chosen
        if chosen.startswith(("http://", "https://")):
            self._registry.setChecked(True)
            self._address.setText(chosen)
        elif chosen == PACKAGE:
            self._package.setChecked(True)
        elif chosen:
            self._folder.setChecked(True)
            self._path.setText(chosen)
        else:
            self._none.setChecked(True)

    def _use(self) -> None:
        text = PACKAGE if self._package.isChecked() else ""
        for way, edit, what in (
            (self._folder, self._path, "folder"),
            (self._registry, self._address, "address"),
        ):
            if way.isChecked():
                text = edit.text().strip()
                if not text:
                    self._say(f"Type the {what} of a schema first.", is_wrong=True)
                    edit.setFocus()
                    return
        try:
            self._model.choose(text)
        except BadInputError as error:
            self._say(explain(error), is_wrong=True)

    def _show_status(self) -> None:
        self._say(self._model.status, is_wrong=False)

    def _say(self, words: str, *, is_wrong: bool) -> None:
        palette = QPalette()
        if is_wrong:
            palette.setColor(QPalette.ColorRole.WindowText, wrong_color())
        self._status.setPalette(palette)
        self._status.setText(breakable(words))

    def _ask_folder(self) -> None:
        dialog = QFileDialog(self, "Folder of ts_xml")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._take_folder)
        dialog.open()

    def _take_folder(self, folder: str) -> None:
        self._path.setText(folder)
        self._folder.setChecked(True)
