"""Measures everything and writes one table: `python -m tests.benchmarks [--rows N] [--only NAME…]`."""

import argparse
import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"

from tests.benchmarks import delays, filtering, frames, loading, memory, moves, pictures, sizes, startup
from tests.benchmarks.data import FULL_ROWS, Bench, filled
from tests.benchmarks.table import Row, as_json, as_markdown, failed, headlines, machine

BENCHMARKS: Mapping[str, Callable[[Bench], Iterator[Row]]] = {
    "startup": startup.rows,
    "filtering": filtering.rows,
    "frames": frames.rows,
    "loading": loading.rows,
    "delays": delays.rows,
    "pictures": pictures.rows,
    "moves": moves.rows,
    "sizes": sizes.rows,
    "memory": memory.rows,
}
_ROOT = Path(__file__).parents[2]
_BEGIN, _END = "<!-- figures of make bench: begin -->\n", "<!-- figures of make bench: end -->\n"


def measured(bench: Bench, names: Iterable[str]) -> list[Row]:
    """Measure one after the other; what goes wrong with one is a row of the table too."""
    found: list[Row] = []
    for name in names:
        begun_s = time.monotonic()
        try:
            for row in BENCHMARKS[name](bench):
                found.append(row)
                print(*row.cells(), sep=" | ", file=sys.stderr)
        except Exception as error:
            found.append(failed(name, error))
            print(*found[-1].cells(), sep=" | ", file=sys.stderr)
        gc.collect()
        print(f"{name}: {time.monotonic() - begun_s:.0f} s", file=sys.stderr)
    return found


def replace_figures(readme: Path, figures: str) -> None:
    """Put the figures between their marks."""
    before, _, rest = readme.read_text().partition(_BEGIN)
    readme.write_text(f"{before}{_BEGIN}\n{figures}\n{_END}{rest.partition(_END)[2]}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--rows", type=int, default=FULL_ROWS, help="samples of a day; default %(default)s")
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, default=list(BENCHMARKS))
    parser.add_argument("--readme", action="store_true", help="put the headline rows into README.md")
    options = parser.parse_args()
    begun_s = time.monotonic()
    header = machine()
    with tempfile.TemporaryDirectory() as folder, filled(Path(folder), options.rows) as bench:
        print(f"filled: {time.monotonic() - begun_s:.0f} s", file=sys.stderr)
        rows = measured(bench, options.only)
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
