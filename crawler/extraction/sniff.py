"""What a body is: a web page, a Markdown file, a plain text, or nothing that can be read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.extraction.records import ExtractionError

if TYPE_CHECKING:
    from crawler.extraction.records import Form

_SIGNATURES = (
    (b"\x89PNG", "a PNG image"), (b"\xff\xd8\xff", "a JPEG image"), (b"GIF8", "a GIF image"),
    (b"RIFF", "a media file"), (b"PK\x03\x04", "a ZIP archive or office document"),
    (b"\x1f\x8b", "a gzip file"), (b"\x7fELF", "a program"), (b"MZ\x90", "a program"),
    (b"\xd0\xcf\x11\xe0", "an old office document"), (b"{\\rtf", "an RTF document"),
    (b"SQLite format 3", "a SQLite database"), (b"(\xb5/\xfd", "a zstd file"), (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ", "an xz file"), (b"7z\xbc\xaf", "a 7z archive"), (b"OggS", "a media file"),
    (b"ID3", "a media file"), (b"wOF", "a font"), (b"\x00asm", "a program"),
    (b"%!PS", "a PostScript document"),
)  # fmt: skip
_STARTS_AS_HTML = re.compile(
    r"\s*+(?:<\?xml[^>]*+>\s*+)?(?:<!--(?>.{0,4000}?-->)\s*+)*+"
    r"<(?:[\w-]{1,20}:)?(?:!doctype|html|head|body|meta|title|div|p|table|center|font|h[1-6]|main|article|section"
    r"|header|footer|nav|aside|script|link|style|span|ul|ol|li|dl|pre|form|blockquote|details|tr|td|b|i|em"
    r"|strong|noscript|base|frameset|frame)\b",
    re.IGNORECASE | re.DOTALL,
)
_BLOCK_END = re.compile(r"</(?:p|div|li|h[1-6]|td|body|html|section|article|table)\s*>", re.IGNORECASE)
_MARKDOWN = re.compile(
    r"^#{1,6}[ \t]+\S|^\S.*\n(?:={3,}|-{3,})[ \t]*$|\]\([^()\s]{1,2000}\)|^[*+-][ \t]+\S|\*\*\S|^\|.*\|$"
    r"|^>[ \t]",
    re.MULTILINE,
)
# How much of a body is looked at.
_HEAD = 65_536
_CONTROL = bytes([*range(0x09), *range(0x0E, 0x1B), *range(0x1C, 0x20)])


def is_pdf(body: bytes) -> bool:
    """Whether a body is a PDF, which may have up to 1,024 bytes of anything in front."""
    head = body[:1024]
    return b"%PDF-" in head and not _STARTS_AS_HTML.match(head.decode("latin-1"))


def refuse_binary(body: bytes, content_type: str | None) -> None:
    """Raise ExtractionError where the bytes are no text."""
    head = body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    for signature, what in _SIGNATURES:
        if head.startswith(signature):
            raise ExtractionError(f"this is {what}, not a page")
    media = (content_type or "").partition(";")[0].strip().lower()
    if media.startswith(("image/", "audio/", "video/", "font/")) and b"<" not in body[:1024]:
        raise ExtractionError(f"this is {media}, not a page")


def refuse_noise(text: str) -> None:
    """Raise ExtractionError where what was decoded is no text: too many control characters."""
    head = text[:4096]
    encoded = head.encode("utf-8", "replace")
    odd = len(encoded) - len(encoded.translate(None, _CONTROL)) + head.count("\ufffd")
    if odd > 16 and odd > len(head) * 0.1 and not (_STARTS_AS_HTML.match(head) or _BLOCK_END.search(head)):
        raise ExtractionError("this is a binary file, not a page")


def sniff(text: str, content_type: str | None, url: str | None) -> Form:
    """Return the form: what the server says, unless the text is plainly something else."""
    media = (content_type or "").partition(";")[0].strip().lower()
    if "html" in media or _STARTS_AS_HTML.match(text[:_HEAD]):
        return "html"
    if media == "text/markdown":
        return "markdown"
    path = (url or "").partition("?")[0].partition("#")[0].lower()
    if path.endswith((".md", ".markdown")):
        return "markdown"
    head = text[:_HEAD]
    if media != "text/plain" and not path.endswith(".txt") and len(_BLOCK_END.findall(head)) >= 3:
        return "html"
    return "markdown" if _MARKDOWN.search(head) else "text"
