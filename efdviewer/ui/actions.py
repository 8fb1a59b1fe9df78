"""The menus: every entry is a named action, listed here once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One menu entry. `scope` limits its shortcut to a widget and what is in it."""

    name: str
    text: str
    triggered: Callable[..., None]
    keys: Sequence[str] = ()
    checkable: bool = False
    checked: bool = False
    scope: QWidget | None = None
    tip: str = ""


SEPARATOR = None


def fill_menu(menu: QMenu, owner: QWidget, entries: Sequence[Entry | None]) -> dict[str, QAction]:
    """Add entries to a menu; gives the actions by name."""
    actions: dict[str, QAction] = {}
    for entry in entries:
        if entry is None:
            menu.addSeparator()
            continue
        action = make_action(owner, entry)
        menu.addAction(action)
        actions[entry.name] = action
    return actions


def make_action(owner: QWidget, entry: Entry) -> QAction:
    """Make the action of an entry, with its shortcuts alive in their scope."""
    action = QAction(entry.text, owner)
    action.setObjectName(entry.name)
    action.setCheckable(entry.checkable)
    action.setChecked(entry.checked)
    action.setShortcuts([QKeySequence(key) for key in entry.keys])
    action.setToolTip(entry.tip or entry.text.replace("&", "").removesuffix("…").strip())
    if entry.scope is not None:
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    (entry.scope or owner).addAction(action)
    (action.toggled if entry.checkable else action.triggered).connect(entry.triggered)
    return action


def all_actions(bar: QMenuBar) -> list[tuple[str, QAction]]:
    """List every entry of every menu, with the menu's name before it."""
    found: list[tuple[str, QAction]] = []
    for top in bar.actions():
        menu = top.menu()
        if isinstance(menu, QMenu):
            found.extend(actions_of(menu, menu.title().replace("&", "")))
    return found


def actions_of(menu: QMenu, path: str) -> list[tuple[str, QAction]]:
    """List every entry of a menu and those below it, each with where it stands."""
    found: list[tuple[str, QAction]] = []
    for action in menu.actions():
        below = action.menu()
        if isinstance(below, QMenu):
            found.extend(actions_of(below, f"{path} › {below.title().replace('&', '')}"))  # noqa: RUF001
        elif not action.isSeparator():
            found.append((path, action))
    return found
