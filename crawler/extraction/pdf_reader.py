"""A program of its own that reads a PDF on standard input and writes its lines as JSON on standard output.

It runs apart from the rest, since PDFs are read by a library in C++ that knows no bounds: what hangs, crashes or
eats memory is this process. `crawler.extraction.pdf` starts it; it prints what `pdf_lines.PdfText.from_json` reads.
"""

from __future__ import annotations

import ctypes
import json
import math
import re
import sys
from contextlib import suppress
from typing import Any

# Policies are shorter; manuals of a thousand pages are none.
MAX_PAGES = 400
MAX_CHARS = 3_000_000
CPU_SECONDS = 20
MEMORY_BYTES = 2 * 2**30
# A picture this often on pages without text: they were scanned.
_LOOKED_AT_PAGES = 5
_LOOKED_AT_OBJECTS = 50
_BOLD_NAME = re.compile(r"bold|black|heavy|demi|extrab", re.IGNORECASE)
_BOLD_FLAG = 1 << 18
_BOLD_WEIGHT = 600
# What pdfium writes for a hyphen at the end of a line, in place of the hyphen and the line's end.
_LINE_ENDS = re.compile("(?<=[\ufffe\u0002])(?:\r?\n)?|\r?\n|\r")


def _limit(cpu_s: int, memory_bytes: int) -> None:
    """Bound this process, where the system can."""
    with suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 -- not there on every system

        resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 2))
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def read(body: bytes) -> dict[str, Any]:
    """Return the document's title, language and pages, or `{"error": code}` with what is wrong with it."""
    import pypdfium2 as pdfium  # noqa: PLC0415 -- after the limits
    from pypdfium2 import raw  # noqa: PLC0415

    try:
        document = pdfium.PdfDocument(body)
    except pdfium.PdfiumError as error:
        locked = getattr(error, "err_code", None) in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY)
        return {"error": "encrypted" if locked else "damaged"}
    if not len(document):
        return {"error": "damaged"}
    if len(document) > MAX_PAGES:
        return {"error": "pages", "pages": len(document)}
    pages: list[dict[str, Any]] = []
    left = MAX_CHARS
    for number in range(len(document)):
        try:
            page = _page(document[number], left)
        except pdfium.PdfiumError:  # one damaged page among others
            page = {"lines": [], "top": 0.0, "bottom": 0.0, "chars": 0}
        left -= page["chars"]
        if left <= 0:
            return {"error": "chars"}
        pages.append(page)
    if not any(page["lines"] for page in pages):
        return {"error": "scanned" if _has_pictures(document) else "empty", "pages": len(pages)}
    return {"title": _title(document), "language": _language(document), "pages": pages}


def _page(page: Any, most: int) -> dict[str, Any]:
    from pypdfium2 import raw  # noqa: PLC0415

    text = page.get_textpage()
    count = text.count_chars()
    if count > most:
        return {"lines": [], "top": 0.0, "bottom": 0.0, "chars": count}
    buffer = ctypes.create_string_buffer(2 * (count + 1) * 2)
    written = raw.FPDFText_GetText(text, 0, count, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)))
    words = buffer.raw[: 2 * max(0, written - 1)].decode("utf-16-le", "replace")
    width, height = page.get_size()
    read = [_line(text, words, *span) for span in _spans(words)]
    return _upright([line for line in read if line], width, height) | {"chars": count}


def _spans(words: str) -> list[tuple[int, int]]:
    """Return where each line of a page's text starts and ends, without white space around it."""
    ends = [found.span() for found in _LINE_ENDS.finditer(words)] + [(len(words), len(words))]
    starts = [0, *(after for _, after in ends)]
    lines = [(start, words[start:end]) for start, (end, _) in zip(starts, ends, strict=False)]
    return [
        (start + len(line) - len(line.lstrip()), start + len(line.rstrip()))
        for start, line in lines
        if line.strip()
    ]


def _line(text: Any, words: str, start: int, end: int) -> tuple[Any, ...] | None:
    """Return text, place and looks of one line, or None where pdfium does not know them."""
    from pypdfium2 import raw  # noqa: PLC0415

    places = [_char_index(text, words, n) for n in (start, end - 1, (start + end) // 2)]
    if min(places) < 0:
        return None
    x, y = ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetCharOrigin(text, places[0], x, y)
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    raw.FPDFText_GetCharBox(text, places[1], left, right, bottom, top)
    angle = raw.FPDFText_GetCharAngle(text, places[0])
    return (
        words[start:end],
        x.value,
        y.value,
        right.value,
        top.value,
        max(_size(text, places[0]), _size(text, places[2])),
        all(_is_bold(text, place) for place in places),
        round(math.degrees(angle)) % 360 if angle >= 0 else 0,
    )


def _char_index(text: Any, words: str, place: int) -> int:
    from pypdfium2 import raw  # noqa: PLC0415

    wide = place if words.isascii() else len(words[:place].encode("utf-16-le", "replace")) // 2
    return int(raw.FPDFText_GetCharIndexFromTextIndex(text, wide))


def _size(text: Any, place: int) -> float:
    """Height of a letter's font in points: what the font says, times what the page makes of it."""
    from pypdfium2 import raw  # noqa: PLC0415

    matrix = raw.FS_MATRIX()
    size = float(raw.FPDFText_GetFontSize(text, place))
    scaled = raw.FPDFText_GetMatrix(text, place, matrix)
    return round(size * math.hypot(matrix.c, matrix.d), 1) if scaled else round(size, 1)


def _is_bold(text: Any, place: int) -> bool:
    from pypdfium2 import raw  # noqa: PLC0415

    if int(raw.FPDFText_GetFontWeight(text, place)) >= _BOLD_WEIGHT:
        return True
    name, flags = ctypes.create_string_buffer(256), ctypes.c_int()
    raw.FPDFText_GetFontInfo(text, place, name, 256, flags)
    return bool(flags.value & _BOLD_FLAG) or bool(_BOLD_NAME.search(name.value.decode("latin-1")))


def _upright(lines: list[tuple[Any, ...]], width: float, height: float) -> dict[str, Any]:
    """Turn a page so that most of its text stands upright; what stands askew then is a watermark."""
    angles: dict[int, int] = {}
    for line in lines:
        angles[line[-1]] = angles.get(line[-1], 0) + len(line[0])
    angle = max(angles, key=lambda turn: angles[turn], default=0)
    turned = [_turned(line, angle) for line in lines if line[-1] == angle]
    corners = [_turn(x, y, angle)[1] for x in (0.0, width) for y in (0.0, height)]
    return {"lines": turned, "top": max(corners), "bottom": min(corners)}


def _turned(line: tuple[Any, ...], angle: int) -> dict[str, Any]:
    words, x, y, right, top, size, bold, _ = line
    hyphen = words.rstrip()[-1:] in ("\ufffe", "\x02")
    across, up = _turn(x, y, angle)
    end = _turn(right, top if angle else y, angle)[0]
    shown = re.sub("[\ufffe\x02]", "-", words).strip()
    return {
        "words": shown,
        "left": round(across, 1),
        "right": round(end, 1),
        "baseline": round(up, 1),
        "size": size,
        "bold": bold,
        "broken": hyphen,
    }


def _turn(x: float, y: float, angle: int) -> tuple[float, float]:
    if not angle:
        return x, y
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    return x * cos + y * sin, y * cos - x * sin


def _title(document: Any) -> str:
    return str(document.get_metadata_dict().get("Title") or "")


def _language(document: Any) -> str:
    from pypdfium2 import raw  # noqa: PLC0415

    buffer = ctypes.create_string_buffer(200)
    size = raw.FPDFCatalog_GetLanguage(document, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), 200)
    return buffer.raw[: max(0, min(size, 200) - 2)].decode("utf-16-le", "replace")


def _has_pictures(document: Any) -> bool:
    from pypdfium2 import raw  # noqa: PLC0415

    for number in range(min(len(document), _LOOKED_AT_PAGES)):
        page = raw.FPDF_LoadPage(document, number)
        for place in range(min(raw.FPDFPage_CountObjects(page), _LOOKED_AT_OBJECTS)):
            if raw.FPDFPageObj_GetType(raw.FPDFPage_GetObject(page, place)) == raw.FPDF_PAGEOBJ_IMAGE:
                return True
    return False


if __name__ == "__main__":
    _limit(int(sys.argv[1]), int(sys.argv[2]))
    json.dump(read(sys.stdin.buffer.read()), sys.stdout)
