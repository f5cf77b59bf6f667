"""From bytes to characters: the encodings that pages declare, carry and get wrong."""

from __future__ import annotations

import codecs
import re

# Labels that mean another encoding than they say, after the WHATWG Encoding Standard: servers declare the
# smaller set and send the larger one.
_MEANT = {
    "ascii": "cp1252", "us-ascii": "cp1252", "iso-8859-1": "cp1252", "iso8859-1": "cp1252",
    "latin1": "cp1252", "latin-1": "cp1252", "l1": "cp1252", "windows-1252": "cp1252",
    "iso-8859-9": "cp1254", "latin5": "cp1254", "tis-620": "cp874", "iso-8859-11": "cp874",
    "windows-874": "cp874", "utf8": "utf-8", "unicode-1-1-utf-8": "utf-8", "gb2312": "gb18030",
    "gbk": "gb18030", "gb_2312-80": "gb18030", "chinese": "gb18030", "x-gbk": "gb18030",
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "windows-31j": "cp932",
    "ms_kanji": "cp932", "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "korean": "cp949",
    "windows-949": "cp949", "big5": "big5hkscs", "big5-hkscs": "big5hkscs", "x-x-big5": "big5hkscs",
    "x-euc-jp": "euc_jp", "unicode": "utf-16-le", "utf-16": "utf-16-le", "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman", "x-mac-cyrillic": "mac_cyrillic", "iso-8859-8-i": "iso8859_8",
    "x-cp1250": "cp1250", "x-cp1251": "cp1251",
}  # fmt: skip
# Besides those, only encodings of text: Python also knows "zlib", "rot13" and "unicode_escape" by name.
_TEXT = re.compile(
    r"utf-?(?:8|16|32)(?:-?[lb]e)?|iso-?8859-?\d{1,2}|windows-12\d\d|cp\d{3,4}|koi8-[rut]|gb18030|hz-gb-2312"
    r"|euc[-_]jp|iso-2022-(?:jp|kr)|ibm\d{3}|mac[-_]?\w{1,12}"
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PARAMETER = re.compile(r"charset\s*=\s*[\"']?\s*([\w:.-]{1,40})", re.IGNORECASE)
_META = re.compile(rb"<meta\b[^>]{0,400}?charset\s*=\s*[\"']?\s*([\w:.-]{1,40})", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml\b[^>]{0,200}?encoding\s*=\s*[\"']([\w:.-]{1,40})", re.IGNORECASE)
# How far into a page a declaration is looked for; browsers stop at 1,024 bytes, many pages do not keep to it.
_HEAD_BYTES = 8192
# Share of undecodable characters up to which a declared encoding is believed.
_TOLERATED = 0.005


def decode(body: bytes, content_type: str | None = None) -> tuple[str, str]:
    """Return the body's characters and the encoding they were read in.

    Order: byte order mark, UTF-8 where the bytes are valid (nothing else is by chance), the Content-Type
    header, the page's own declaration, and windows-1252. Bytes that stand for nothing become U+FFFD.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace"), name
    if (wide := _wide(body)) is not None:
        return body.decode(wide, "replace"), wide
    declared = _declared(body, content_type)
    if not (declared and declared[0].startswith(("iso2022", "hz", "utf-16", "utf-32"))):
        try:
            return body.decode("utf-8"), "utf-8"
        except UnicodeDecodeError:
            pass
    return _decode_declared(body, declared)


def _decode_declared(body: bytes, declared: list[str]) -> tuple[str, str]:
    for name in declared:
        text = body.decode(name, "replace")
        if text.count("\ufffd") <= len(text) * _TOLERATED:
            return text, name
    # A few broken bytes in what is UTF-8 everywhere else: a page cut in the middle of a character.
    text = body.decode("utf-8", "replace")
    if text.count("\ufffd") <= len(text) * _TOLERATED and not _looks_western(body):
        return text, "utf-8"
    return body.decode("cp1252", "replace"), "cp1252"


def _looks_western(body: bytes) -> bool:
    """Whether the bytes above ASCII stand alone, as in Western encodings, not in UTF-8 sequences."""
    high = sum(1 for _ in re.finditer(rb"[\x80-\xff]", body))
    paired = sum(len(m.group()) for m in re.finditer(rb"[\xc2-\xf4][\x80-\xbf]{1,3}", body))
    return paired * 2 < high


def _wide(body: bytes) -> str | None:
    """UTF-16 without a mark: Western markup in it has a NUL in every second byte."""
    head = body[:512]
    if len(head) < 8 or b"\0" not in head:
        return None
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if odd > half * 0.7 and even < half * 0.1:
        return "utf-16-le"
    if even > half * 0.7 and odd < half * 0.1:
        return "utf-16-be"
    return None


def _declared(body: bytes, content_type: str | None) -> list[str]:
    """Python's names of the encodings that header and page declare, in that order."""
    labels = _PARAMETER.findall(content_type or "")
    head = body[:_HEAD_BYTES]
    found = _XML.search(head) or _META.search(head)
    # A declaration that could be read as ASCII is no declaration of UTF-16.
    inside = [found.group(1).decode("ascii", "replace")] if found else []
    names = [_codec(label) for label in labels]
    names += [
        name for label in inside if (name := _codec(label)) and not name.startswith(("utf-16", "utf-32"))
    ]
    return [name for name in names if name]


def _codec(label: str) -> str | None:
    label = label.strip().lower()
    if label in _MEANT:
        return _MEANT[label]
    if not _TEXT.fullmatch(label):
        return None
    try:
        return codecs.lookup(label).name
    except LookupError:
        return None
