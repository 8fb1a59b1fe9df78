"""What a window showed when it was left, kept so that nothing is lost that was not saved."""

import logging
from pathlib import Path

from platformdirs import user_data_dir

from efdviewer.domain.errors import EfdViewerError
from efdviewer.domain.session import Layout, Session
from efdviewer.services.document import SESSION_SUFFIX, save_session

_log = logging.getLogger(__name__)


def last_session_path() -> Path:
    """Give where the last session is kept, whether there is one or not."""
    return Path(user_data_dir("efdviewer")) / f"last{SESSION_SUFFIX}"


def keep_last_session(session: Session, layout: Layout) -> None:
    """Keep a session that shows something; a failure is logged, for there is nobody left to tell."""
    if not session.topics:
        return
    path = last_session_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_session(session, path, layout=layout)
    except (EfdViewerError, OSError) as error:
        _log.warning("The last session could not be kept: %s", error)
