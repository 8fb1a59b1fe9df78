"""Rows of tables."""

import numpy as np
import pyarrow as pa


def reversed_rows(table: pa.Table) -> pa.Table:
    """Give the rows of a table from the last to the first."""
    return table.take(pa.array(np.arange(table.num_rows - 1, -1, -1)))
