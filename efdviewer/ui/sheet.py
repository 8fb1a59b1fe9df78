"""A page without a window's frame: the plots and histograms of a session, for a picture."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from efdviewer.domain.errors import EfdViewerError
from efdviewer.domain.live import stop_following
from efdviewer.domain.session import Session
from efdviewer.ui.palette import curve_color, overlay_color
from efdviewer.ui.panels import PANELS
from efdviewer.ui.plot_area import PlotArea
from efdviewer.ui.plot_binding import PlotBinding
from efdviewer.ui.quiet import until_quiet
from efdviewer.viewmodels.workspace import Palettes, Workspace

_LAYOUT_S = 60.0


class Sheet(QWidget):
    """Draws what a window with this session would, and collects what went wrong."""

    def __init__(self, session: Session, width: int, height: int) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        self.resize(width, height)
        # A picture stands still while it is drawn.
        still = stop_following(session)
        self.workspace = Workspace(
            still, Palettes(curve=curve_color, overlay=overlay_color), prefetches=False, parent=self
        )
        self.errors: list[EfdViewerError] = []
        self.workspace.messageRaised.connect(self.errors.append)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._plots = PlotArea()
        main = QVBoxLayout()
        main.addWidget(self._plots, 1)
        layout.addLayout(main, 3)
        wanted = [panel for panel in PANELS.values() if panel.figure and panel.is_wanted(session)]
        column = QVBoxLayout()
        for panel in wanted:
            assert panel.figure is not None
            (main if panel.is_wide else column).addWidget(panel.figure(self.workspace))
        if column.count():
            layout.addLayout(column, 2)
        if wanted:
            self._plots.setVisible(bool(session.rows))
        self._binding = PlotBinding(self.workspace, self._plots)

    async def complete(self, timeout_s: float, *, password: str | None = None) -> None:
        """Load and draw everything.

        Raises
        ------
        EfdViewerError
            The first thing that went wrong.
        """
        self.workspace.start(password)
        await until_quiet(self, self.workspace.runner, self.workspace.live, timeout_s=timeout_s)
        self.errors.extend(self.workspace.plot.errors())
        for panel in self.workspace.panels:
            self.errors.extend(panel.errors())
        if self.errors:
            raise self.errors[0]

    async def shrink_to(self, height: int) -> None:
        """Make room for a caption; what is drawn keeps its columns, so that nothing is asked for again."""
        self.resize(self.width(), height)
        await until_quiet(self, self.workspace.runner, self.workspace.live, timeout_s=_LAYOUT_S)
