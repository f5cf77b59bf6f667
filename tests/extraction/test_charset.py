from __future__ import annotations

import codecs

import pytest

from crawler.extraction import extract
from crawler.extraction.charset import decode

WESTERN = "Datenschutzerklärung für Bücher – „kostenlos“, 5 €. Ça coûte très cher."


@pytest.mark.parametrize(
    ("text", "encoding", "label"),
    [
        (WESTERN, "cp1252", "iso-8859-1"),
        (WESTERN, "cp1252", "windows-1252"),
        (WESTERN, "utf-8", "utf-8"),
        ("Zażółć gęślą jaźń", "iso-8859-2", "iso-8859-2"),
        ("Мы не продаём ваши данные", "cp1251", "windows-1251"),
        ("Мы не продаём ваши данные", "koi8-r", "koi8-r"),
        ("我们不会出售您的个人信息", "gb18030", "gb2312"),
        ("我們不會出售您的個人資料", "big5", "big5"),
        ("個人情報を販売しません", "cp932", "shift_jis"),
        ("個人情報を販売しません", "euc_jp", "euc-jp"),
        ("個人情報を販売しません", "iso2022_jp", "iso-2022-jp"),
        ("개인정보를 판매하지 않습니다", "cp949", "euc-kr"),
        ("Kişisel verilerinizi satmıyoruz", "cp1254", "iso-8859-9"),
    ],
)
def test_declared_encoding_is_honoured(text: str, encoding: str, label: str) -> None:
    body = text.encode(encoding)

    assert decode(body, f"text/html; charset={label}")[0] == text
    page = f'<meta http-equiv=Content-Type content="text/html; charset={label}"><p>'.encode() + body
    assert decode(page)[0].endswith(text)
    assert decode(f'<meta charset="{label}">'.encode() + body)[0].endswith(text)


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (b"", "utf-16-le"),
    ],
)
def test_byte_order_mark_beats_the_header(mark: bytes, encoding: str) -> None:
    page = f"<html><body><p>{WESTERN}</p></body></html>"

    assert decode(mark + page.encode(encoding), "text/html; charset=iso-8859-1")[0] == page


def test_utf8_is_recognised_under_a_wrong_label() -> None:
    assert decode(WESTERN.encode(), "text/html; charset=iso-8859-1") == (WESTERN, "utf-8")


def test_undeclared_western_bytes_are_read_as_such() -> None:
    assert decode(WESTERN.encode("cp1252")) == (WESTERN, "cp1252")


@pytest.mark.parametrize("label", ["rot13", "zlib", "unicode_escape", "no-such-thing", "undefined", "idna"])
def test_labels_that_name_no_encoding_of_text_are_ignored(label: str) -> None:
    assert decode(WESTERN.encode("cp1252"), f"text/html; charset={label}")[0] == WESTERN


def test_page_cut_within_a_character_stays_utf8() -> None:
    text, charset = decode(("Größe " * 200).encode()[:-4])

    assert charset == "utf-8"
    assert text.startswith("Größe Größe")


@pytest.mark.parametrize(
    ("garbled", "meant"),
    [
        ("We donâ€™t sell â€œdataâ€\u009d", "We don’t sell “data”"),
        ("DatenschutzerklÃ¤rung fÃ¼r BÃ¼cher", "Datenschutzerklärung für Bücher"),
        ("cafÃƒÂ© donÃ¢â‚¬â„¢t", "café don’t"),
        ("We don\u0092t", "We don’t"),
        ("e\u0301te\u0301", "été"),
        ("a\u200bb\u00adc\ufeffd\0e", "abcde"),
        ("a\u00a0b\u2003c\u202fd", "a b c d"),
        ("„Straße“ – Ärger über Öl", "„Straße“ – Ärger über Öl"),
        ("می‌خواهیم", "می‌خواهیم"),
    ],
)
def test_characters_have_one_spelling(garbled: str, meant: str) -> None:
    assert extract(f"<p>{garbled}</p>".encode(), content_type="text/html").text == f"{meant}\n"
    assert extract(garbled.encode(), form="text").text == f"{meant}\n"
