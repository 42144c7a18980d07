"""Keep freed memory for the next block instead of handing it back to the system.

A block makes and frees hundreds of arrays of a megabyte. By default the GNU C library returns much
of that to the system, and the system clears the pages again on their next use, which costs up to
half of the time of a block. Elsewhere this does nothing.

Source: GNU C Library manual, Malloc Tunable Parameters.
"""

from __future__ import annotations

import ctypes
from functools import cache

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""Names of the two parameters in malloc.h: free memory at the end of the heap from which on it is
returned, and size from which on an array gets memory of its own, returned when it is freed."""

KEPT_BYTES = 256 * 2**20
"""Freed memory that is kept: more than a block of a large case takes."""

LARGEST_KEPT_BYTES = 32 * 2**20
"""Largest array whose memory is kept: the most that the library accepts."""


@cache
def keep_freed_memory() -> None:
    """Make the C library keep freed memory, once per process."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    mallopt(TRIM_THRESHOLD, KEPT_BYTES)
    mallopt(MMAP_THRESHOLD, LARGEST_KEPT_BYTES)
