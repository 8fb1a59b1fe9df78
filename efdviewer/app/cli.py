"""The command line: what was typed becomes a `Session` and something to do with it."""

import argparse
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from efdviewer import __version__
from efdviewer.app.view_options import VIEW_OPTIONS
from efdviewer.domain import edits
from efdviewer.domain.errors import BadInputError, EfdViewerError
from efdviewer.domain.session import Session
from efdviewer.domain.timerange import TimeRangeSpec, resolve_expression
from efdviewer.domain.timescale import Timescale
from efdviewer.services.document import SESSION_SUFFIX, load_session

COMMANDS = ("demo", "render", "export", "simulate", "load")
LOG_LEVELS = ("debug", "info", "warning", "error")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One call of the program. `options` holds what only this command knows."""

    name: str
    session: Session
    has_range: bool
    log_level: str
    options: argparse.Namespace


class _Parser(argparse.ArgumentParser):
    """Raises instead of printing the usage and exiting."""

    def error(self, message: str) -> NoReturn:
        raise BadInputError(f"{message[:1].upper()}{message[1:]}.", hint=f"See {self.prog} --help.")


def parse(argv: Sequence[str]) -> Command:
    """Read the command line.

    Raises
    ------
    BadInputError
        If an argument cannot be read; the message names it.
    """
    name = argv[0] if argv and argv[0] in COMMANDS else "window"
    options = _PARSERS[name]().parse_args(argv if name == "window" else argv[1:])
    if name == "demo":
        options.source = "demo"
    if Path(getattr(options, "source", "")).suffix == SESSION_SUFFIX:
        _take_session(options)
    shows = name in ("window", "demo", "render", "export")
    return Command(
        name="window" if name == "demo" else name,
        session=_session(options) if shows else Session(),
        has_range=shows and bool(options.time_from or options.time_to or options.session),
        log_level=options.log_level,
        options=options,
    )


def _parser(command: str, description: str) -> _Parser:
    parser = _Parser(prog=f"efdviewer {command}".strip(), description=description, allow_abbrev=False)
    parser.add_argument("--log-level", choices=LOG_LEVELS, default="warning", help="how much to log")
    parser.add_argument("--version", action="version", version=f"efdviewer {__version__}")
    return parser


def _view_options(parser: _Parser, *, source: bool) -> _Parser:
    if source:
        parser.add_argument(
            "source",
            nargs="?",
            default="",
            metavar="SOURCE",
            help="a saved profile, influxdb://[user@]host[:port][/path]?db=efd[&rp=autogen] "
            "(influxdbs:// for TLS), a folder that is an archive, a saved session (.efdview), or demo",
        )
    add = parser.add_argument
    add("--from", dest="time_from", metavar="EXPR", help="start of the time range, e.g. now-20h, 2024-01-31")
    add("--to", dest="time_to", metavar="EXPR", help="end of the time range, e.g. now, dayObs=20240131")
    for option in VIEW_OPTIONS:
        add(f"--{option.name}", action="append", default=[], metavar=option.metavar, help=option.help)
    add("--session", type=Path, metavar="FILE", help="start from a saved session")
    add("--timescale", choices=("utc", "tai"), help="of labels and typed times")
    return parser


def _window_parser() -> _Parser:
    parser = _parser("", "See, measure and understand the engineering data of the Rubin Observatory.")
    parser.epilog = (
        "Commands: efdviewer demo | render | export | simulate | load; each has its own --help. "
        "Exit codes: 0 done, 1 failed, 2 bad argument, 3 source out of reach, 130 interrupted."
    )
    return _view_options(parser, source=True)


def _demo_parser() -> _Parser:
    parser = _parser("demo", "Open the simulated observing night; it is written first where it is missing.")
    return _view_options(parser, source=False)


def _render_parser() -> _Parser:
    parser = _view_options(_parser("render", "Draw a session or chart without a display."), source=True)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help=".png or .svg")
    parser.add_argument("--size", type=_size, default=(1600, 900), metavar="WxH", help="default 1600x900")
    return parser


def _export_parser() -> _Parser:
    parser = _view_options(
        _parser("export", "Write the samples of the range without a display."), source=True
    )
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE", help=".csv, .parquet, or a folder"
    )
    return parser


def _simulate_parser() -> _Parser:
    parser = _parser("simulate", "Write a simulated observing night of 20 hours as an archive.")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER", help="a new folder")
    parser.add_argument("--end", metavar="EXPR", default="now", help="when the night ends, default now")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another night")
    parser.add_argument(
        "--clock-mix", choices=("2019",), help="send stamps in UTC and receive stamps in TAI, as in 2019"
    )
    return parser


def _load_parser() -> _Parser:
    parser = _parser("load", "Write an archive into an InfluxDB, for tests and demonstrations.")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the archive")
    parser.add_argument("--to", required=True, metavar="SOURCE", help="influxdb://[user@]host[:port]?db=NAME")
    parser.add_argument(
        "--force", action="store_true", help="also where the database is not empty or not on this machine"
    )
    return parser


_PARSERS = {
    "window": _window_parser,
    "demo": _demo_parser,
    "render": _render_parser,
    "export": _export_parser,
    "simulate": _simulate_parser,
    "load": _load_parser,
}


def _size(text: str) -> tuple[int, int]:
    width, cross, height = text.lower().partition("x")
    if not (cross and width.isdecimal() and height.isdecimal()):
        raise argparse.ArgumentTypeError(f"'{text}' is not WxH, e.g. 1600x900")
    size = int(width), int(height)
    if not all(100 <= side <= 16_384 for side in size):
        raise argparse.ArgumentTypeError(f"'{text}': a side is between 100 and 16384 pixels")
    return size


def _session(options: argparse.Namespace) -> Session:
    session = load_session(options.session) if options.session else Session()
    if options.source:
        session = edits.set_source(session, options.source)
    start, end = options.time_from or session.start, options.time_to or session.end
    session = edits.set_timescale(session, options.timescale or session.timescale, start=start, end=end)
    _check_range(session)
    for option in VIEW_OPTIONS:
        for text in getattr(options, option.name):
            with _blaming(f"--{option.name}"):
                session = option.apply(session, text)
    return session


def _take_session(options: argparse.Namespace) -> None:
    """Read a session file that stands where a source would."""
    if options.session:
        raise BadInputError(
            f"Two sessions were given: {options.source} and {options.session}.", hint="Give one."
        )
    options.session, options.source = Path(options.source), ""


@contextmanager
def _blaming(option: str) -> Iterator[None]:
    """Name the option in the message of whatever is wrong with it."""
    try:
        yield
    except EfdViewerError as error:
        raise BadInputError(f"{option}: {error}", hint=error.hint) from error


def _check_range(session: Session) -> None:
    now_utc_ns, timescale = time.time_ns(), Timescale(session.timescale)
    for option, text, is_end in (("--from", session.start, False), ("--to", session.end, True)):
        with _blaming(option):
            resolve_expression(text, now_utc_ns=now_utc_ns, timescale=timescale, is_end=is_end)
    with _blaming("--from/--to"):
        TimeRangeSpec(start=session.start, end=session.end).resolve(
            now_utc_ns=now_utc_ns, timescale=timescale
        )
