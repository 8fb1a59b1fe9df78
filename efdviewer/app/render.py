"""Draws a session or chart without a display."""

import asyncio
import os

import qasync

from efdviewer.app.cli import Command
from efdviewer.app.doubts import tell_doubt
from efdviewer.app.lean_arrow import make_arrow_lean
from efdviewer.app.window import make_application
from efdviewer.domain.errors import BadInputError
from efdviewer.sources.opening import ask_password
from efdviewer.ui.picture import caption_height, check_picture_path, write_picture
from efdviewer.ui.sheet import Sheet
from efdviewer.ui.theme import Scheme, apply_scheme
from efdviewer.viewmodels.workspace import prepared

_PATIENCE_S = 600.0


def run_render(command: Command) -> int:
    """Write the picture; 0 then."""
    check_picture_path(command.options.output)
    if not command.session.source:
        raise BadInputError("No source was given.", hint="efdviewer render SOURCE -o FILE")
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    make_arrow_lean()
    application = make_application()
    # For paper and reports, and the same for everybody.
    apply_scheme(Scheme.LIGHT)
    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(application)) as runner:
        return runner.run(_render(command))


async def _render(command: Command) -> int:
    width, height = command.options.size
    session = await prepared(command.session, keep_range=command.has_range)
    sheet = Sheet(session, width, height)
    sheet.show()
    try:
        await sheet.complete(_PATIENCE_S, password=await ask_password(session.source))
        provenance = sheet.workspace.provenance()
        tell_doubt(sheet.workspace.time.time_range)
        await sheet.shrink_to(max(1, height - caption_height(sheet, provenance)))
        write_picture(sheet, command.options.output, provenance)
    finally:
        await sheet.workspace.close()
        sheet.close()
    return 0
