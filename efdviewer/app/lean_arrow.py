"""Arrow without what it brings along."""

import sys
from importlib.abc import MetaPathFinder

import pyarrow as pa


def make_arrow_lean() -> None:
    """Have Arrow hold less: an archive of 2 GB is to be browsed in 300 MB.

    Its own allocator keeps what it once had, some 30 MB. And the first array that it makes imports pandas,
    only to be able to recognise its objects: 50 MB and half a second, in the midst of the first load. It
    looks once, so here it finds none, and until the next `to_pandas` takes a Series for any other sequence.

    For a process that is ours alone, before it has threads: a script keeps Arrow as it is.
    """
    pa.set_memory_pool(pa.system_memory_pool())
    if "pandas" not in sys.modules:
        absent = _PandasIsAbsent()
        sys.meta_path.insert(0, absent)
        try:
            pa.array(())
        finally:
            sys.meta_path.remove(absent)


class _PandasIsAbsent(MetaPathFinder):
    def find_spec(self, name: str, _path: object, _target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name)
