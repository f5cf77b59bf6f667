from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.decompression import decompress
from crawler.failures import PageError

LIMIT = 1000


def bare_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


PACKERS = {"gzip": gzip.compress, "x-gzip": gzip.compress, "deflate": zlib.compress}


def reason_for(body: bytes, *codings: str) -> str:
    with pytest.raises(PageError) as caught:
        decompress(body, list(codings), LIMIT)
    return caught.value.reason


@given(st.binary(max_size=LIMIT), st.lists(st.sampled_from(sorted(PACKERS)), max_size=2))
def test_what_was_compressed_comes_back(body: bytes, codings: list[str]) -> None:
    packed = body
    for coding in codings:
        packed = PACKERS[coding](packed)
    assert decompress(packed, codings, 10 * LIMIT) == body


def test_deflate_without_its_wrapper_is_read() -> None:
    assert decompress(bare_deflate(b"privacy" * 20), ["deflate"], LIMIT) == b"privacy" * 20


def test_members_in_a_row_are_one_body() -> None:
    assert decompress(gzip.compress(b"pri") + gzip.compress(b"vacy"), ["gzip"], LIMIT) == b"privacy"


def test_padding_after_the_body_is_ignored() -> None:
    assert decompress(gzip.compress(b"privacy") + b"\0" * 50, ["gzip"], LIMIT) == b"privacy"


@pytest.mark.parametrize("coding", ["", "identity", "utf-8", "none"])
def test_word_that_is_no_compression_leaves_the_body(coding: str) -> None:
    assert decompress(b"privacy", [coding], LIMIT) == b"privacy"


@given(st.integers(1, 60))
def test_cut_body_is_incomplete(cut: int) -> None:
    packed = gzip.compress(bytes(range(256)))
    assert reason_for(packed[:-cut], "gzip") == "connection"


@pytest.mark.parametrize("excess", [1, 10_000_000])
@pytest.mark.parametrize("coding", sorted(PACKERS))
def test_body_above_the_limit_is_too_large(coding: str, excess: int) -> None:
    assert reason_for(PACKERS[coding](b"x" * (LIMIT + excess)), coding) == "too-large"


def test_body_of_exactly_the_limit_is_read() -> None:
    assert len(decompress(gzip.compress(b"x" * LIMIT), ["gzip"], LIMIT)) == LIMIT


def test_limit_counts_all_members_together() -> None:
    assert reason_for(gzip.compress(b"x" * 600) * 2, "gzip") == "too-large"


@given(st.binary(min_size=1, max_size=200))
def test_damaged_body_is_a_page_error(body: bytes) -> None:
    assert reason_for(b"\x1f\x8b\xff" + body, "gzip") in {"other", "connection"}


def test_too_many_members_are_refused() -> None:
    assert reason_for(gzip.compress(b"") * 1000, "gzip") == "other"


@pytest.mark.parametrize("codings", [("br",), ("zstd",), ("gzip", "gzip", "gzip")])
def test_compression_that_was_not_asked_for_is_refused(codings: tuple[str, ...]) -> None:
    assert reason_for(b"x", *codings) == "other"
