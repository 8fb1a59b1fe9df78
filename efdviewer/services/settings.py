"""What is kept for a user between runs: the layout of the window and the recent sessions."""

import logging
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import orjson
from platformdirs import user_config_dir

from efdviewer.domain.session import Layout

_log = logging.getLogger(__name__)
_RECENT_LIMIT = 10
SCHEMES = ("system", "light", "dark")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Layout, recent session files, newest first, and colour scheme: `system`, `light` or `dark`.

    `sal_schema` is where units come from: `package`, a folder, an address, or empty for those built in.
    """

    layout: Layout = field(default_factory=Layout)
    recent: tuple[str, ...] = ()
    scheme: str = "system"
    sal_schema: str = ""

    def with_recent(self, path: Path) -> "Settings":
        """Put a file first."""
        text = str(path.absolute())
        others = tuple(known for known in self.recent if known != text)
        return replace(self, recent=(text, *others)[:_RECENT_LIMIT])


def load_settings() -> Settings:
    """Read the settings; defaults where there are none or they are damaged."""
    try:
        parts = orjson.loads(_path().read_bytes())
        kept = parts["layout"]
        layout = Layout(
            geometry=str(kept["geometry"]),
            docks=str(kept["docks"]),
            size=tuple(map(int, kept["size"])),
            screen=tuple(map(int, kept["screen"])),
        )
        if parts["scheme"] not in SCHEMES:
            raise ValueError(f"scheme is {parts['scheme']!r}")
        return Settings(
            layout=layout,
            recent=tuple(map(str, parts["recent"])),
            scheme=parts["scheme"],
            sal_schema=str(parts.get("sal_schema", "")),
        )
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError, TypeError, KeyError) as error:
        _log.warning("The settings are damaged and are not used: %s", error)
        return Settings()


def save_settings(settings: Settings) -> None:
    """Write the settings; a failure is logged and not fatal, since nothing of the work is lost."""
    path = _path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".new")
        beside.write_bytes(orjson.dumps(asdict(settings), option=orjson.OPT_INDENT_2))
        beside.replace(path)
    except OSError as error:
        _log.warning("The settings could not be saved: %s", error)


def _path() -> Path:
    return Path(user_config_dir("efdviewer")) / "settings.json"
