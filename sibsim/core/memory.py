"""Keep freed memory for the next block instead of handing it back to the system.

A block makes and frees hundreds of arrays of a megabyte. The GNU C library returns each of them to
the system at once, and the system clears the pages again on their next use, which doubles the time
of a block. Freeing one large array teaches the library to keep memory up to that size. Elsewhere
this does nothing.

Source: GNU C Library manual, Malloc Tunable Parameters, M_MMAP_THRESHOLD (adjusted dynamically).
"""

from __future__ import annotations

from functools import cache

import numpy as np

LARGEST_KEPT_BYTES = 31 * 2**20
"""Just under the 32 MiB up to which the library adjusts its threshold."""


@cache
def keep_freed_memory() -> None:
    """Make the C library keep freed arrays, once per process; touches no memory itself."""
    np.empty(LARGEST_KEPT_BYTES, dtype=np.uint8)
