"""What `policywatch export --as json` wrote, read back: the same captures, versions and changes."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Annotated, Any, Literal, cast

from pydantic import AwareDatetime, Base64Bytes, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from crawler.extraction.wording import wording_sha256
from monitor.comparison.changes import Change
from monitor.config.values import slug
from monitor.exporting.lines import FORMAT
from monitor.importing.records import ArchiveError
from storage.confirmations import Confirmation, NewConfirmation
from storage.records import Capture, ChangeRecord, DocumentKey, Source, Version

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from storage.records import VersionNote
    from storage.store import Store

_GZIP = b"\x1f\x8b"
# A page of 16 MiB in base64, with all that is said of it, is a third of this.
_LONGEST_LINE = 64 * 1024 * 1024

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Record(BaseModel):
    """A line of the file, about one document."""

    model_config = ConfigDict(extra="ignore")
    site: str
    site_name: str
    document: str

    @property
    def key(self) -> DocumentKey:
        """Names the document. Raises ValueError where that is no id of ours."""
        return DocumentKey(slug(self.site), slug(self.document))


class _Document(_Record):
    record: Literal["document"]
    format: int


class _Capture(_Record):
    record: Literal["capture"]
    capture: int
    url: str
    final_url: str
    fetched_at: AwareDatetime
    source: Source
    status: int
    headers: list[tuple[str, str]]
    redirects: list[str]
    ip_address: str | None
    certificate_sha256: str | None
    rendered: str | None = None
    suspect: str | None
    rules: str | None
    body_sha256: Sha256
    body: Base64Bytes | None = None


class _Confirmation(BaseModel):
    """Whether a further fetch has shown that what a version changed has stayed."""

    model_config = ConfigDict(extra="ignore")
    state: Confirmation
    at: AwareDatetime
    not_before: AwareDatetime
    untold: tuple[tuple[str, str], ...] = ()

    def read(self) -> NewConfirmation:
        """Return what the store keeps of it."""
        return NewConfirmation(self.state, self.at, self.not_before, self.untold)


class _Version(_Record):
    record: Literal["version"]
    version: int
    observed_at: AwareDatetime
    source: Source
    upgrade: bool
    accepted: str | None = None
    rules: str | None
    captures: list[int]
    text_sha256: Sha256
    text: str
    changes: list[dict[str, Any]]
    # Not in what older programs wrote.
    confirmation: _Confirmation | None = None


_LINES: TypeAdapter[_Document | _Capture | _Version] = TypeAdapter(
    Annotated[_Document | _Capture | _Version, Field(discriminator="record")]
)


def count_lines(path: Path) -> int:
    """Return how many lines a file has.

    Raises:
        ArchiveError: it cannot be read.
    """
    with _opened(path) as lines:
        return sum(1 for _ in _bounded(lines, path))


class Exported:
    """Brings the lines of a file into a store. Each version is one transaction, so it may end anywhere."""

    def __init__(self, store: Store, path: Path, now: datetime) -> None:
        """Read a file into a store; `now` is when sites become known that are new."""
        self.captures = self.versions = self.known = 0
        self.documents: set[DocumentKey] = set()
        self._store = store
        self._path = path
        self._now = now
        # Of the document at hand: the ids that its captures have here, by those of the file, and what is here already.
        self._key: DocumentKey | None = None
        self._ids: dict[int, int] = {}
        self._kept: list[VersionNote] = []
        self._seen: dict[tuple[str, datetime, str], int] = {}
        self._place = 0

    def take_all(self) -> Iterator[None]:
        """Keep what the file holds; yield after each line.

        Raises:
            ArchiveError: a line is none that an export wrote, or a document has another history here; what came
                before it is kept.
            StoreError: the store cannot be read or written; what was stored before is whole.
        """
        with _opened(self._path) as lines:
            for number, line in enumerate(_bounded(lines, self._path), 1):
                try:
                    self._take(_LINES.validate_json(line))
                except ValidationError as error:
                    raise ArchiveError(f"{self._path}, line {number}: {_said(error)}") from error
                except (ValueError, OverflowError) as error:
                    # A time of the year 1 or 9999 may be none in UTC.
                    raise ArchiveError(f"{self._path}, line {number}: {error}") from error
                yield

    def _take(self, record: _Document | _Capture | _Version) -> None:
        if isinstance(record, _Document):
            self._begin(record)
        elif record.key != self._key:
            raise ValueError(f"a {record.record} of {record.key} that no document comes before")
        elif isinstance(record, _Capture):
            self._ids[record.capture] = self._capture(record)
        else:
            self._version(record)

    def _begin(self, record: _Document) -> None:
        if record.format != FORMAT:
            raise ValueError(f"format {record.format} is not known, only {FORMAT}")
        self._key = record.key
        self._ids.clear()
        self._place = 0
        self._store.remember_documents([(record.key, record.site_name)], self._now)
        self._kept = self._store.version_notes(record.key)
        notes = self._store.capture_notes(record.key)
        self._seen = {(note.url, note.fetched_at, note.sha256): note.id for note in notes}
        self.documents.add(record.key)

    def _capture(self, record: _Capture) -> int:
        known = self._seen.get((record.url, record.fetched_at, record.body_sha256))
        if known is not None:
            return known
        if record.body is None:
            raise ValueError("the bytes of the capture are missing: export them with --bodies")
        if hashlib.sha256(record.body).hexdigest() != record.body_sha256:
            raise ValueError("the bytes of the capture do not match their SHA-256")
        capture = Capture(
            key=record.key,
            url=record.url,
            final_url=record.final_url,
            fetched_at=record.fetched_at,
            source=record.source,
            status=record.status,
            headers=tuple(record.headers),
            body=record.body,
            redirects=tuple(record.redirects),
            ip_address=record.ip_address,
            certificate_sha256=record.certificate_sha256,
            rendered=record.rendered,
            suspect=record.suspect,
            rules=record.rules,
        )
        self.captures += 1
        return cast("int", self._store.add_capture(capture).id)

    def _version(self, record: _Version) -> None:
        if self._place < len(self._kept):
            kept = self._kept[self._place]
            if (kept.observed_at, kept.text_sha256) != (record.observed_at, record.text_sha256):
                raise ValueError(
                    f"{record.key} has another history here; import it into a database of its own"
                )
            self.known += 1
            if record.confirmation:
                # The other one may know by now what was held when it was brought here.
                self._store.confirmations.settle(kept.id, record.confirmation.read())
        else:
            self._add(record)
        self._place += 1

    def _add(self, record: _Version) -> None:
        if hashlib.sha256(record.text.encode()).hexdigest() != record.text_sha256:
            raise ValueError("the text does not match its SHA-256")
        missing = [number for number in record.captures if number not in self._ids]
        if missing:
            raise ValueError(
                f"version {record.version} names capture {missing[0]}, which does not come before it"
            )
        version = Version(
            key=record.key,
            observed_at=record.observed_at,
            text=record.text,
            text_sha256=record.text_sha256,
            source=record.source,
            capture_ids=tuple(self._ids[number] for number in record.captures),
            upgrade=record.upgrade,
            rules=record.rules,
            wording_sha256=wording_sha256(record.text),
            accepted=record.accepted,
        )
        changes = [ChangeRecord(Change.from_json(change).to_json()) for change in record.changes]
        before = self._store.latest_version(record.key)
        if self._store.status(record.key).last_ok_at:
            # The next check would find its text known, and tell nobody of the change.
            raise ValueError(f"{record.key} is watched here; import it into a database of its own")
        self._store.add_version(
            version,
            changes,
            [],
            previous_id=before.id if before else None,
            confirmation=record.confirmation.read() if record.confirmation else None,
        )
        self.versions += 1


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    try:
        with path.open("rb") as file:
            compressed = file.read(2) == _GZIP
            file.seek(0)
            yield cast("IO[bytes]", gzip.GzipFile(fileobj=file)) if compressed else file
    except (OSError, EOFError, zlib.error) as error:
        raise ArchiveError(f"{path}: {getattr(error, 'strerror', None) or error}") from error


def _bounded(lines: IO[bytes], path: Path) -> Iterator[bytes]:
    while line := lines.readline(_LONGEST_LINE + 1):
        if len(line) > _LONGEST_LINE:
            raise ArchiveError(f"{path} has a line of more than {_LONGEST_LINE // 1024 // 1024} MiB")
        yield line


def _said(error: ValidationError) -> str:
    """Return the first thing that is wrong with a line, without its content."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg']}" if place else first["msg"]
