"""Zstandard, from the standard library where it has it (Python 3.14) and from its backport before."""

from __future__ import annotations

import sys

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# Pages are small and kept for ever; higher levels take longer and gain nothing on them.
_LEVEL = 9

CompressionError = zstd.ZstdError


def compress(content: bytes) -> bytes:
    """Return the content as one Zstandard frame."""
    return zstd.compress(content, _LEVEL)


def decompress(frame: bytes) -> bytes:
    """Return what `compress` was given.

    Raises:
        CompressionError: the bytes are not a whole frame.
    """
    return zstd.decompress(frame)
