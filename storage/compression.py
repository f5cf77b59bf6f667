"""Zstandard, from the standard library where it has it (Python 3.14) and from its backport before."""

from __future__ import annotations

import sys
import threading

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# Pages are small and kept for ever; on their history, 19 saves a twentieth more and takes ten times as long.
_LEVEL = 9
# What stands for itself is the first of a history: 7 would save 3 % of real pages and take half as long again.
_LEVEL_ALONE = 5
# For what is shorter, the compressor of before is as good as a new one, which takes longer to make than most details of
# captures take to compress.
_SHORT_BYTES = 200_000
# A window of 2**27 bytes is the largest that every decoder takes.
_SMALLEST_WINDOW_LOG, _LARGEST_WINDOW_LOG = 10, 27
_LONG_PREFIX_BYTES = 1_000_000
# Zstandard refuses a shorter one.
_SHORTEST_PREFIX_BYTES = 8

CompressionError = zstd.ZstdError


def compress(content: bytes, prefix: bytes = b"", *, checked: bool = False) -> bytes:
    """Return the content as one Zstandard frame.

    Args:
        content: what to keep.
        prefix: what it resembles: passages that stand there too take a few bytes each.
        checked: with a checksum, for what has no hash of its own.
    """
    if not prefix and len(content) <= _SHORT_BYTES:
        return _kept.compress(content, checked=checked)
    options: dict[int, int] = {
        zstd.CompressionParameter.compression_level: _LEVEL if prefix else _LEVEL_ALONE,
        # Wide enough to see the beginning of the prefix from the end of the content.
        zstd.CompressionParameter.window_log: _window_log(len(prefix) + len(content)),
        zstd.CompressionParameter.checksum_flag: int(checked),
        # Without it, the beginning of a long prefix is not seen at all.
        zstd.CompressionParameter.enable_long_distance_matching: int(len(prefix) > _LONG_PREFIX_BYTES),
    }
    return zstd.compress(content, options=options, zstd_dict=_dictionary(prefix))


def decompress(frame: bytes, prefix: bytes = b"") -> bytes:
    """Return what `compress` was given with the same prefix.

    Raises:
        CompressionError: the bytes are not a whole frame, or (where it was checked) the prefix is another one.
    """
    return zstd.decompress(frame, zstd_dict=_dictionary(prefix))


class _Kept(threading.local):
    """The compressors of one thread, for short contents that stand for themselves."""

    def __init__(self) -> None:
        self._compressors: dict[bool, zstd.ZstdCompressor] = {}

    def compress(self, content: bytes, *, checked: bool) -> bytes:
        # Not kept where it fails: it may be in the middle of a frame.
        compressor = self._compressors.pop(checked, None) or zstd.ZstdCompressor(
            options={
                zstd.CompressionParameter.compression_level: _LEVEL_ALONE,
                zstd.CompressionParameter.checksum_flag: int(checked),
            }
        )
        # The window is made as large as this.
        compressor.set_pledged_input_size(len(content))
        frame = compressor.compress(content, compressor.FLUSH_FRAME)
        self._compressors[checked] = compressor
        return frame


_kept = _Kept()


def _window_log(size: int) -> int:
    return max(_SMALLEST_WINDOW_LOG, min(size.bit_length(), _LARGEST_WINDOW_LOG))


def _dictionary(prefix: bytes) -> tuple[zstd.ZstdDict, int] | None:
    if len(prefix) < _SHORTEST_PREFIX_BYTES:
        return None
    return zstd.ZstdDict(prefix, is_raw=True).as_prefix
