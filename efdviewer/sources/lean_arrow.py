"""Arrow without what it brings along."""

import sys
from importlib.abc import MetaPathFinder

import pyarrow as pa


def make_arrow_lean() -> None:
    """Have Arrow hold less: an archive of 2 GB is to be browsed in 300 MB.

    Its own allocator keeps what it once had, some 30 MB. And the first array that it makes imports pandas,
    if there is one, only to be able to recognise its objects: 50 MB and half a second, in the midst of the
    first load. It looks only once, and looks again where somebody asks for a DataFrame.
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
