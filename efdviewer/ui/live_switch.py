"""The switch that lets the view follow the clock, and the way back to it after a zoom."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from efdviewer.domain.session import LIVE_INTERVALS_S
from efdviewer.ui.buttons import tool_button
from efdviewer.viewmodels.live import LiveViewModel

_TIP = "Follow the clock: the view moves on, and what has come since is asked for"
_ARCHIVE = "An archive does not grow: nothing new will come."
_PAUSED = "Live paused"
_SILENT = "Live: no answer for"
_MINUTES_FROM_S = 120


class LiveSwitch(QWidget):
    """A button that is down while the view follows the clock, with a menu of intervals."""

    archiveFollowed = Signal(str)
    """What to say to who follows a source that does not grow."""

    def __init__(self, live: LiveViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._live = live
        self._grows = True
        self._was_following = False
        self._silence_s: float | None = None
        self.menu = QMenu("Live i&nterval", self)
        self.menu.setObjectName("liveMenu")
        self._choices = self._fill_menu()
        self._toggle = tool_button("liveToggle", _PAUSED, label="Live", tip=_TIP)
        self._toggle.setCheckable(True)
        self._toggle.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        self._toggle.setMenu(self.menu)
        # Nothing beside them moves when words change, or the way back comes and goes.
        self._usual_width = self._toggle.sizeHint().width()
        self._toggle.setText(f"{_SILENT} 188 min")
        self._silent_width = self._toggle.sizeHint().width()
        self._toggle.clicked.connect(live.set_following)
        self._resume = tool_button(
            "liveResume",
            "Resume live",
            label="Resume live",
            tip="Follow the clock again, with a range as long as this one",
            clicked=live.resume,
        )
        self._resume.setAutoRaise(False)
        policy = self._resume.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._resume.setSizePolicy(policy)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._resume)
        layout.addWidget(self._toggle)
        live.stateChanged.connect(self._show)
        self._show()

    def set_grows(self, grows: bool) -> None:
        """Say whether the source can bring anything new."""
        self._grows = grows
        self._show()

    def show_silence(self, silence_s: float | None) -> None:
        """Say for how long, s, the source has not answered; None while it does."""
        if silence_s is not None or self._silence_s is not None:
            self._silence_s = silence_s
            self._show()

    def _fill_menu(self) -> dict[str, QAction]:
        live, group = self._live, QActionGroup(self)
        for name, text, chosen in [
            ("actionLiveOff", "&Off", live.switch_off),
            ("actionPauseLive", "&Paused", live.pause),
            *(
                (f"actionLiveEvery{live_s}s", f"Every {live_s} s", partial(live.follow_every, live_s))
                for live_s in LIVE_INTERVALS_S
            ),
        ]:
            action = group.addAction(text)
            action.setObjectName(name)
            action.setCheckable(True)
            action.triggered.connect(chosen)
            self.menu.addAction(action)
        return {action.objectName(): action for action in group.actions()}

    def _show(self) -> None:
        live = self._live
        text = f"Live {live.interval_s} s" if live.is_following else _PAUSED if live.is_paused else "Live"
        width = self._usual_width
        if live.is_following and self._silence_s is not None:
            text, width = f"{_SILENT} {_length(self._silence_s)}", self._silent_width
        self._toggle.setMinimumWidth(width)
        tip = _TIP if self._grows else f"{_TIP}. {_ARCHIVE}"
        if live.is_following:
            tip = f"{tip}. Refreshed every {live.interval_s} s."
        self._toggle.setText(text)
        self._toggle.setChecked(live.is_following)
        self._toggle.setAccessibleDescription(text)
        self._toggle.setToolTip(tip)
        self._resume.setVisible(live.is_paused)
        still = "actionPauseLive" if live.is_paused else "actionLiveOff"
        self._choices[f"actionLiveEvery{live.interval_s}s" if live.is_following else still].setChecked(True)
        self._choices["actionPauseLive"].setEnabled(live.is_following or live.is_paused)
        if live.is_following and not self._was_following and not self._grows:
            self.archiveFollowed.emit(_ARCHIVE)
        self._was_following = live.is_following


def _length(span_s: float) -> str:
    return f"{span_s:.0f} s" if span_s < _MINUTES_FROM_S else f"{span_s // 60:.0f} min"
