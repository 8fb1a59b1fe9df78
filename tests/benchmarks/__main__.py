"""Measures everything and writes one table: `python -m tests.benchmarks [--rows N] [--only NAME…]`."""

import argparse
import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"

from tests.benchmarks import (
    aligned,
    big_archive,
    delays,
    filtering,
    frames,
    listing,
    loading,
    many_delays,
    memory,
    moves,
    night,
    pans,
    pictures,
    sizes,
    startup,
)
from tests.benchmarks.data import FULL_ROWS, Bench, filled
from tests.benchmarks.table import Row, as_json, as_markdown, failed, headlines, machine

ON_THEIR_OWN: Mapping[str, Callable[[], Iterator[Row]]] = {
    "startup": startup.rows,
    "filtering": filtering.rows,
    "frames": frames.rows,
    "listing": listing.rows,
    "archive": big_archive.rows,
    "pairs": many_delays.rows,
    "night": night.rows,
}
ON_A_SERVER: Mapping[str, Callable[[Bench], Iterator[Row]]] = {
    "loading": loading.rows,
    "delays": delays.rows,
    "epochs": aligned.rows,
    "pictures": pictures.rows,
    "moves": moves.rows,
    "pans": pans.rows,
    "sizes": sizes.rows,
    "memory": memory.rows,
}
_ROOT = Path(__file__).parents[2]
_BEGIN, _END = "<!-- figures of make bench: begin -->\n", "<!-- figures of make bench: end -->\n"


def collected(name: str, rows: Callable[[], Iterator[Row]]) -> list[Row]:
    """Take the rows of one benchmark; what goes wrong with it is a row of the table too."""
    begun_s = time.monotonic()
    found: list[Row] = []
    try:
        for row in rows():
            found.append(row)
            print(*row.cells(), sep=" | ", file=sys.stderr)
    except Exception as error:
        found.append(failed(name, error))
        print(*found[-1].cells(), sep=" | ", file=sys.stderr)
    gc.collect()
    print(f"{name}: {time.monotonic() - begun_s:.0f} s", file=sys.stderr)
    return found


def measured(names: Iterable[str], samples_a_day: int) -> list[Row]:
    """Measure one after the other, and start the server only when all that needs none is done."""
    found = [row for name in names if name in ON_THEIR_OWN for row in collected(name, ON_THEIR_OWN[name])]
    others = [name for name in names if name in ON_A_SERVER]
    if others:
        begun_s = time.monotonic()
        with tempfile.TemporaryDirectory() as folder, filled(Path(folder), samples_a_day) as bench:
            print(f"filled: {time.monotonic() - begun_s:.0f} s", file=sys.stderr)
            for name in others:
                found += collected(name, partial(ON_A_SERVER[name], bench))
    return found


def replace_figures(readme: Path, figures: str) -> None:
    """Put the figures between their marks."""
    before, _, rest = readme.read_text().partition(_BEGIN)
    readme.write_text(f"{before}{_BEGIN}\n{figures}\n{_END}{rest.partition(_END)[2]}")


def main() -> None:
    names = [*ON_THEIR_OWN, *ON_A_SERVER]
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--rows", type=int, default=FULL_ROWS, help="samples of a day; default %(default)s")
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    parser.add_argument("--readme", action="store_true", help="put the headline rows into README.md")
    options = parser.parse_args()
    begun_s = time.monotonic()
    header = machine()
    rows = measured(options.only, options.rows)
    header |= {"samples of a day": f"{options.rows:,}", "took": f"{time.monotonic() - begun_s:.0f} s"}
    text = as_markdown(header, rows)
    build = _ROOT / "build"
    build.mkdir(exist_ok=True)
    (build / "bench.md").write_text(text)
    (build / "bench.json").write_text(json.dumps(as_json(header, rows), indent=2))
    if options.readme:
        replace_figures(_ROOT / "README.md", headlines(header, rows))
    print(text)


if __name__ == "__main__":
    main()
