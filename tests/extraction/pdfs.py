"""PDFs made by hand, as small as they can be: text at places, in one of the fonts that every reader has."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

_FONTS = {"plain": "Helvetica", "bold": "Helvetica-Bold", "serif": "Times-Roman"}
LEFT, TOP, BOTTOM = 72, 770, 60


@dataclass(frozen=True)
class Text:
    """One line of text: where it begins in points from the lower left corner, and how it is set."""

    words: str
    y: float
    x: float = LEFT
    size: float = 11
    font: str = "plain"


def pdf(*pages: list[Text], extra: str = "", contents: list[bytes] | None = None) -> bytes:
    """Return a PDF with these pages.

    Args:
        pages: the lines of each page, in the order in which they are drawn.
        extra: entries of the catalog, such as "/Lang (de)".
        contents: content streams to use instead, already compressed.
    """
    streams = contents or [zlib.compress(_drawn(lines)) for lines in pages]
    first = 3 + len(_FONTS)
    kids = " ".join(f"{first + 2 * n} 0 R" for n in range(len(streams)))
    fonts = " ".join(f"/{name} {3 + n} 0 R" for n, name in enumerate(_FONTS))
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {extra} >>".encode(),
        f"<< /Type /Pages /Count {len(streams)} /Kids [{kids}] >>".encode(),
    ]
    objects += [
        f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>".encode()
        for name in _FONTS.values()
    ]
    for n, stream in enumerate(streams):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << {fonts} >> >> "
            f"/Contents {first + 2 * n + 1} 0 R >>".encode()
        )
        objects.append(
            f"<< /Length {len(stream)} /Filter /FlateDecode >>\nstream\n".encode() + stream + b"\nendstream"
        )
    return _written(objects)


def flowing(blocks: list[tuple[str, list[str]]], leading: float = 14, gap: float = 8) -> list[Text]:
    """Set blocks one below the other on one page: each a style ("h1", "h2", "b", "p", "li") and its lines."""
    styles = {"h1": (22.0, "bold", 0.0), "h2": (15.0, "bold", 0.0), "b": (11.0, "bold", 0.0)}
    y, lines = float(TOP), []
    for style, words in blocks:
        size, font, indent = styles.get(style, (11.0, "plain", 18.0 if style == "li" else 0.0))
        for n, line in enumerate(words):
            hanging = 12.0 if style == "li" and n else 0.0
            lines.append(Text(line, y, LEFT + indent + hanging, size, font))
            y -= max(leading, size * 1.25)
        y -= gap
    return lines


def _drawn(lines: list[Text]) -> bytes:
    return b"\n".join(
        f"BT /{line.font} {line.size} Tf {line.x} {line.y} Td (".encode()
        + line.words.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
        + b") Tj ET"
        for line in lines
    )


def _written(objects: list[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)
