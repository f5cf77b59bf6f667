"""WARC (ISO 28500): the captures as web archives keep them, each with its evidence."""

from __future__ import annotations

import io
import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.archive.addresses import page_address
from monitor.importing.texts import is_text, media_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitor.exporting.histories import History
    from storage.records import Capture

# Says how the body was sent; it is kept as it was after that.
_TRANSPORT = {"content-encoding", "transfer-encoding", "content-length"}
# As other crawlers call what is no longer true of the body.
_ORIGINAL = "X-Crawler-"
_STANDARD = "http://bibnum.bnf.fr/WARC/WARC_ISO_28500_version1_latestdraft.pdf"
_NAMES = uuid.UUID("2f2b7c1e-6a51-4c0e-9a3b-5d7f5c7e9d10")


def head(compressed: bool) -> bytes:
    """Return the record that says what wrote the file."""
    written = io.BytesIO()
    writer = WARCWriter(written, gzip=compressed)
    fields = {"software": "policywatch", "format": "WARC File Format 1.0", "conformsTo": _STANDARD}
    record = writer.create_warcinfo_record("", fields)
    record.rec_headers.replace_header("WARC-Record-ID", _name("warcinfo"))
    record.rec_headers.replace_header("WARC-Date", "1970-01-01T00:00:00Z")
    writer.write_record(record)
    return written.getvalue()


def records(history: History, compressed: bool) -> Iterator[bytes]:
    """Yield the captures of one document, oldest first: what answered, and a record of evidence for it."""
    for capture in history.captures():
        written = io.BytesIO()
        writer = WARCWriter(written, gzip=compressed)
        _write(writer, history, capture)
        yield written.getvalue()


def _write(writer: WARCWriter, history: History, capture: Capture) -> None:
    """Write a capture: a response, or a resource where others recorded a text and no answer of a server."""
    address, body = page_address(capture), io.BytesIO(capture.body)
    named = _name(f"{history.key} {capture.id}")
    headers = {"WARC-Date": f"{capture.fetched_at:%Y-%m-%dT%H:%M:%SZ}", "WARC-Record-ID": named}
    if capture.ip_address:
        headers["WARC-IP-Address"] = capture.ip_address
    if is_text(capture):
        kind = media_type(capture) or "text/markdown"
        record = writer.create_warc_record(
            address, "resource", payload=body, warc_content_type=kind, warc_headers_dict=headers
        )
    else:
        record = writer.create_warc_record(
            address, "response", payload=body, http_headers=_http(capture), warc_headers_dict=headers
        )
    writer.write_record(record)
    about = {
        "WARC-Date": headers["WARC-Date"],
        "WARC-Record-ID": _name(f"{history.key} {capture.id} evidence"),
        "WARC-Concurrent-To": named,
    }
    evidence = writer.create_warc_record(
        address,
        "metadata",
        payload=io.BytesIO(_evidence(history, capture)),
        warc_content_type="application/warc-fields",
        warc_headers_dict=about,
    )
    writer.write_record(evidence)


def _http(capture: Capture) -> StatusAndHeaders:
    headers = [
        (f"{_ORIGINAL}{name}" if name.lower() in _TRANSPORT else name, _one_line(value))
        for name, value in capture.headers
    ]
    headers.append(("Content-Length", str(len(capture.body))))
    try:
        reason = HTTPStatus(capture.status).phrase
    except ValueError:
        reason = "Unknown"
    return StatusAndHeaders(f"{capture.status} {reason}", headers, protocol="HTTP/1.1")


def _evidence(history: History, capture: Capture) -> bytes:
    fields = [
        ("policywatch-document", str(history.key)),
        ("policywatch-source", capture.source),
        ("policywatch-asked-url", capture.url),
        ("policywatch-final-url", capture.final_url),
        *(("policywatch-redirect", url) for url in capture.redirects),
        ("policywatch-certificate-sha256", capture.certificate_sha256),
        ("policywatch-rendered-by", capture.rendered),
        ("policywatch-body-sha256", capture.sha256),
        ("policywatch-suspect", capture.suspect),
    ]
    return "".join(f"{name}: {_one_line(value)}\r\n" for name, value in fields if value).encode()


def _one_line(value: str) -> str:
    """Return a value that cannot begin another header."""
    return " ".join(value.split())


def _name(seed: str) -> str:
    """Return the id of a record: the same in every export, so that exports can be compared."""
    return f"<urn:uuid:{uuid.uuid5(_NAMES, seed)}>"
