"""The window: menus, time bar, plots and docks around one workspace."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import cast

from PySide6.QtCore import QChildEvent, QEvent, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QMainWindow,
    QStackedWidget,
    QTabBar,
    QToolBar,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from efdviewer.domain.errors import BadInputError, EfdViewerError
from efdviewer.domain.session import Layout, Session
from efdviewer.domain.timescale import digits_for, format_ns
from efdviewer.services.last_session import keep_last_session, last_session_path
from efdviewer.services.settings import load_settings, save_settings
from efdviewer.ui.cursor_panel import CursorPanel
from efdviewer.ui.dock_acts import DockActs
from efdviewer.ui.empty_state import EmptyState
from efdviewer.ui.latency_panel import LatencyPanel
from efdviewer.ui.message_bar import MessageBar
from efdviewer.ui.overlay_list import OverlayList
from efdviewer.ui.palette import curve_color, overlay_color
from efdviewer.ui.panels import PANELS
from efdviewer.ui.plot_area import PlotArea
from efdviewer.ui.plot_binding import PlotBinding
from efdviewer.ui.quiet import until_quiet
from efdviewer.ui.status import WindowStatus
from efdviewer.ui.time_bar import TimeBar
from efdviewer.ui.topic_browser import TopicBrowser
from efdviewer.ui.window_layout import first_size, layout_of, restore_layout
from efdviewer.ui.window_menus import WindowMenus
from efdviewer.viewmodels.workspace import Palettes, Workspace


class MainWindow(QMainWindow):
    """One window on one source. Public methods are those that scripts use; people use the widgets."""

    def __init__(self, session: Session, *, password: str | None = None) -> None:
        super().__init__()
        self.setObjectName("mainWindow")
        self.setWindowTitle("efdviewer")
        self.setAcceptDrops(True)
        self._closed = asyncio.Event()
        self._ending: asyncio.Task[None] | None = None
        palettes = Palettes(curve=curve_color, overlay=overlay_color)
        self.workspace = Workspace(session, palettes, prefetches=True, parent=self)
        self._make_centre()
        self._make_docks()
        self._make_bars()
        self.binding = PlotBinding(self.workspace, self.plots)
        self.menus = WindowMenus(self)
        self.dock_acts = DockActs(self, self.docks, self.workspace)
        self._connect_panels()
        self._restore_layout(session.layout)
        self._shown = Session()
        self._show_document()
        self._show_source()
        self.workspace.start(password)

    async def idle(self, timeout_s: float = 60) -> None:
        """Wait until nothing is outstanding: no query, no decoding, no layout, no repaint.

        While live, one refresh counts as complete.

        Raises
        ------
        TimeoutError
            If that is not so within the time.
        """
        await until_quiet(self, self.workspace.runner, self.workspace.live, timeout_s=timeout_s)

    async def closed(self) -> None:
        """Wait until the window's tasks and connections are gone."""
        await self._closed.wait()

    async def save_session(self, path: str | Path) -> None:
        """Save what the window shows to a file."""
        self.workspace.save(Path(path), self.current_layout())
        self.status.confirm(f"Saved {path}")
        save_settings(load_settings().with_recent(Path(path)))

    async def open_session(self, path: str | Path) -> None:
        """Show a saved session in place of this one."""
        self._show_session(Path(path))
        save_settings(load_settings().with_recent(Path(path)))

    async def open_last_session(self) -> None:
        """Show what the window showed before another session was opened, or when it was last closed."""
        self._show_session(last_session_path(), untitled=True)

    def _show_session(self, path: Path, *, untitled: bool = False) -> None:
        shown, layout = self.workspace.session, self.current_layout()
        self.workspace.open(path, untitled=untitled)
        keep_last_session(shown, layout)
        # What was said of another file, or of the view before, no longer holds.
        self.messages.clear()
        self._restore_layout(self.workspace.session.layout)

    def current_layout(self) -> Layout:
        """Geometry and docks as they are now."""
        return layout_of(self)

    def show_error(self, error: EfdViewerError) -> None:
        """Show an error in the window, once."""
        self.messages.show_error(error)

    def showEvent(self, event: QShowEvent) -> None:
        """Bring the panels that the session needs before others, once the tabs are there."""
        super().showEvent(event)
        QTimer.singleShot(0, self._raise_wanted)

    def _raise_wanted(self) -> None:
        for key, panel in PANELS.items():
            if panel.is_wanted(self.workspace.session):
                self.docks[key].raise_()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close at once; tasks and connections end behind the window."""
        if self._ending is None:
            save_settings(replace(load_settings(), layout=self.current_layout()))
            keep_last_session(self.workspace.session, self.current_layout())
            for dock in filter(QDockWidget.isFloating, self.docks.values()):
                # Not every platform takes the windows of a window away with it.
                dock.hide()
            self._ending = asyncio.get_running_loop().create_task(self._end(), name="Close window")
        event.accept()

    def childEvent(self, event: QChildEvent) -> None:
        """Name the tabs of panels that share a place, which Qt makes as they are needed."""
        super().childEvent(event)
        if event.type() is QEvent.Type.ChildPolished and isinstance(bar := event.child(), QTabBar):
            bar.setAccessibleName("Panels in one place")

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files."""
        if event.mimeData().urls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open a dropped session or archive."""
        event.acceptProposedAction()
        url, *more = event.mimeData().urls()
        if more:
            self.show_error(BadInputError("Several files were dropped.", hint="Drop one at a time."))
        elif not url.isLocalFile():
            self.show_error(
                BadInputError(
                    f"{url.scheme()}://{url.host()}{url.path()} is not a file here.",
                    hint="Save it on this machine and drop that; a database is opened with Ctrl+L.",
                )
            )
        else:
            self.menus.files.open_path(Path(url.toLocalFile()))

    async def _end(self) -> None:
        try:
            await self.workspace.close()
        finally:
            self._closed.set()

    def _make_centre(self) -> None:
        self.messages = MessageBar()
        self.plots = PlotArea()
        self.empty = EmptyState()
        self._centre = QStackedWidget()
        self._centre.addWidget(self.empty)
        self._centre.addWidget(self.plots)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.messages)
        layout.addWidget(self._centre, 1)
        self.setCentralWidget(page)

    def _make_docks(self) -> None:
        self.docks: dict[str, QDockWidget] = {}
        first: dict[Qt.DockWidgetArea, QDockWidget] = {}
        for key, panel in PANELS.items():
            dock = QDockWidget(panel.title, self)
            dock.setObjectName(f"{key}Dock")
            dock.setWidget(panel.make(self.workspace))
            self.addDockWidget(panel.area, dock)
            if not panel.is_shown:
                beneath = first.setdefault(panel.area, dock)
                if beneath is not dock:
                    self.tabifyDockWidget(beneath, dock)
                dock.hide()
            self.docks[key] = dock
        self.browser = cast("TopicBrowser", self.docks["topics"].widget())
        self.overlays = cast("OverlayList", self.docks["overlays"].widget())
        self.latency = cast("LatencyPanel", self.docks["latency"].widget())
        self.cursors = cast("CursorPanel", self.docks["cursors"].widget())

    def _make_bars(self) -> None:
        self.time_bar = TimeBar(self.workspace.time, self.workspace.live)
        session = self.workspace.session
        self.time_bar.show_spec(session.start, session.end, session.timescale)
        bar = QToolBar("Time range", self)
        bar.setObjectName("timeToolBar")
        bar.setMovable(False)
        bar.addWidget(self.time_bar)
        self.addToolBar(bar)
        self.status = WindowStatus(self)
        self.setStatusBar(self.status)

    def _connect_panels(self) -> None:
        workspace = self.workspace
        workspace.messageRaised.connect(self.show_error)
        workspace.messageSettled.connect(self.messages.take_back)
        workspace.splitting.noticeRaised.connect(self.messages.show_text)
        workspace.noticeRaised.connect(self.messages.show_text)
        workspace.sourceChanged.connect(self._show_source)
        workspace.absenceChanged.connect(self._show_absence)
        workspace.documentChanged.connect(self._show_document)
        workspace.busyChanged.connect(self.status.show_busy)
        workspace.statementChanged.connect(self.status.observe)
        workspace.live.stateChanged.connect(self._show_live)
        self._show_live()
        workspace.link.silenceChanged.connect(self._show_silence)
        self.status.cancel_all.clicked.connect(workspace.cancel_all)
        self.time_bar.live.archiveFollowed.connect(self.status.confirm)
        self.plots.cursorMoved.connect(self._show_cursor)
        self.plots.cursorMoved.connect(self.browser.tree.note_cursor)
        self.plots.contextMenuRequested.connect(self.menus.open_plot_menu)
        self.plots.eventHovered.connect(self.overlays.show_tip)
        self.plots.eventLeft.connect(workspace.events.stop_describing)
        self.plots.eventLeft.connect(QToolTip.hideText)
        self.browser.acts.plotInNewRowRequested.connect(self._plot_in_new_row)
        self.browser.acts.addToRowRequested.connect(self._plot_in_row)
        self.browser.acts.overlayRequested.connect(workspace.overlay)
        self.browser.acts.latencyRequested.connect(self._show_latency)
        self.empty.demoRequested.connect(self.menus.files.open_demo)
        self.empty.connectRequested.connect(self.menus.files.open_source)
        self.empty.openRequested.connect(self.menus.files.open_session)
        self.empty.fieldsDropped.connect(self._plot_in_new_row)
        self.empty.topicsDropped.connect(self.binding.overlay_topics)
        workspace.passwordNeeded.connect(self.menus.files.ask_password)

    def _plot_in_new_row(self, fields: list) -> None:  # type: ignore[type-arg]
        self.workspace.plot_fields(fields, None)

    def _plot_in_row(self, fields: list) -> None:  # type: ignore[type-arg]
        self.workspace.plot_fields(fields, self.plots.current_row())

    def _open_panels(self) -> None:
        """Show the panels of what the session has and the one before had not."""
        before, self._shown = self._shown, self.workspace.session
        for key, panel in PANELS.items():
            if panel.is_wanted(self._shown) and not panel.is_wanted(before):
                self.open_panel(key)
                self.dock_acts.bring_about()

    def open_panel(self, key: str) -> None:
        """Show a panel, before others in its place."""
        self.docks[key].show()
        self.docks[key].raise_()

    def _show_latency(self, topic: str) -> None:
        self.open_panel("latency")
        self.workspace.show_latency(topic)

    def _show_source(self) -> None:
        source = self.workspace.source
        name = self.workspace.source_name
        if source is not None:
            # What was said of an attempt before, or of another source, no longer holds.
            self.messages.clear()
        self._show_absence()
        self.empty.show_source(name)
        self.time_bar.live.set_grows(source is None or "://" in source.address)
        self._show_title()

    def _show_absence(self) -> None:
        source = self.workspace.source
        self.status.source.setText(self.workspace.source_name or self.workspace.absence or "No source")
        wanted = self.workspace.session.source or "Open a source from the File menu"
        self.status.source.setToolTip(source.address if source else wanted)

    def _show_live(self) -> None:
        self.status.set_patient(self.workspace.live.is_following)

    def _show_silence(self) -> None:
        link = self.workspace.link
        self.status.show_silence(link.silent_since_utc_ns)
        self.time_bar.live.show_silence(link.silence_s)

    def _show_title(self) -> None:
        path = self.workspace.document.path
        parts = [f"{path.name}[*]" if path else "", self.workspace.source_name]
        self.setWindowTitle(" · ".join([*filter(None, parts), "efdviewer"]))
        self.setWindowModified(self.workspace.document.is_modified)

    def _show_document(self) -> None:
        self._open_panels()
        self._centre.setCurrentWidget(self.plots if self.workspace.session.rows else self.empty)
        self._show_title()

    def _show_cursor(self, utc_ns: int | None) -> None:
        scale = self.workspace.time.timescale
        digits = digits_for(self.workspace.time.time_range.span_ns)
        text = "" if utc_ns is None else f"{format_ns(utc_ns, scale, digits=digits)} {scale.value.upper()}"
        self.status.cursor_read_out.setText(text.replace("T", " ", 1))

    def _restore_layout(self, layout: Layout) -> None:
        kept = layout if layout.docks else load_settings().layout
        if not kept.geometry:
            self.resize(first_size(self))
        if not restore_layout(self, kept):
            left, right = self.docks["topics"], self.docks["overlays"]
            self.resizeDocks([left, right], [320, 320], Qt.Orientation.Horizontal)
