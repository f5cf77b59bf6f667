"""The adapter around waybackpy: its address building and parsing, our transport, our judgement of answers.

waybackpy 3.0.6 has no time limit, no pace, ignores 429 and takes a 503 for "no captures"; so the one function by which
it fetches is replaced while it works.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from waybackpy import WaybackMachineCDXServerAPI, cdx_api
from waybackpy.exceptions import WaybackError

from crawler.archive import lists
from crawler.archive.addresses import Place
from crawler.archive.failures import AskingError, NotArchivedError, NotReplayedError
from crawler.archive.sameness import same_page
from crawler.archive.transport import MAX_LIST_BYTES
from storage.records import ArchivedCapture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from waybackpy.cdx_snapshot import CDXSnapshot

    from crawler.archive.asking import Asker
    from crawler.archive.transport import Reply

# Captures in one part of a list. What was listed is kept part by part, so that a crash loses little.
_PART = 10_000
_REDIRECTS = {301, 302, 303, 307, 308}
# The archive sends us to the nearest capture, that one to another page, and so on.
_MAX_HOPS = 6
# waybackpy has its function in a module, so one thread works with it at a time.
_replacing = threading.Lock()


@dataclass(frozen=True)
class ArchivedPage:
    """The original bytes of a capture, with what the archive said of them."""

    # Which capture came: not always the one that was asked for.
    place: Place
    # The archive's address of it.
    url: str
    at: datetime
    headers: tuple[tuple[str, str], ...]
    body: bytes
    # Addresses of the archive that sent us on, in their order.
    redirects: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Text:
    """All that waybackpy looks at in an answer."""

    text: str


class Wayback:
    """What an archive lists, and the bytes that it keeps. Blocks: in a program with a loop, use a thread.

    Messages of its errors name the archive and the page.
    """

    def __init__(self, asker: Asker, part: int = _PART) -> None:
        """Take what asks; `part` is how many captures are listed at a time."""
        self._asker = asker
        self._address = asker.address
        self._part = part

    def listed(self, url: str, since: str | None = None) -> Iterator[list[ArchivedCapture]]:
        """Yield the captures of a page in parts, oldest first; nothing where it was never archived.

        Those that are error pages (4xx, 5xx) are left out. That there are none is believed when a whole answer with
        status 200 says so twice.

        Args:
            url: the page's own address.
            since: a timestamp; the list begins there, which is the first of its captures again.

        Raises:
            AskingError: the list, or the next part of it, could not be got.
        """
        with self._telling(url):
            while True:
                asked = _Questions(self._asker, self._address.search_url)
                yield from self._parts(url, since, asked)
                # Some servers keep to the limit and give no key to what lies beyond it.
                if asked.part.lines < self._part:
                    return
                last = asked.part.last
                if last is None or (since is not None and last <= since):
                    raise AskingError("other", "its list does not lead to its end")
                since = last

    def fetch(
        self, capture: ArchivedCapture, is_known: Callable[[str], bool] = lambda _: False
    ) -> ArchivedPage | None:
        """Return the original bytes of a capture, or of the one that the archive gives in its place.

        Args:
            capture: what is asked for.
            is_known: whether what stands at an address of the archive is here already: it is not fetched again.

        Returns:
            None where redirects lead to what is known.

        Raises:
            AskingError: it could not be got now.
            NotReplayedError: the archive says that it does not have it.
            NotArchivedError: it has it, and in no form that is of use.
        """
        with self._telling(capture.original):
            place, visited = Place(capture.timestamp, capture.original), list[str]()
            while len(visited) < _MAX_HOPS:
                url = self._address.replay(place)
                if is_known(url):
                    return None
                answer = self._asker.ask("captures", url, _not_replayed)
                location = answer.header("Location")
                if answer.status not in _REDIRECTS or not location:
                    return self._page(place, answer, visited)
                visited.append(url)
                place = self._next(place, location)
                if self._address.replay(place) in visited:
                    raise NotArchivedError("redirects", "its redirects lead in a circle")
            raise NotArchivedError("redirects", "its redirects do not lead to a page")

    def _next(self, place: Place, location: str) -> Place:
        try:
            return self._address.next_place(place, location)
        except ValueError as error:
            raise NotArchivedError("redirects", "its redirect leads to no address") from error

    def _page(self, asked: Place, answer: Reply, visited: list[str]) -> ArchivedPage:
        if answer.status != 200:
            # An error that was archived comes with the time of its capture; any other is one of the archive itself.
            archived = answer.header("Memento-Datetime") is not None
            raise (NotArchivedError if archived else NotReplayedError)(
                f"http-{answer.status}", f"it answered {answer.status}"
            )
        at = _memento_time(answer)
        if at is None or at > self._asker.clock() + lists.CLOCKS_DIFFER:
            raise NotArchivedError("other", "it says no possible time of the capture")
        if at > self._asker.clock():
            raise NotReplayedError("other", "by our clock the time of the capture is still to come")
        # The nearest capture may have come without a redirect: the time that came back counts.
        place = Place(at.strftime("%Y%m%d%H%M%S"), asked.original)
        return ArchivedPage(
            place, self._address.replay(place), at, answer.headers, answer.body, tuple(visited)
        )

    def _parts(self, url: str, since: str | None, asked: _Questions) -> Iterator[list[ArchivedCapture]]:
        api = WaybackMachineCDXServerAPI(
            url, start_timestamp=since, filters=["!statuscode:[45].."], limit=str(self._part)
        )
        api.endpoint = self._address.search
        part: list[ArchivedCapture] = []
        with _fetching_by(asked.answer):
            for snapshot in _read_by(api):
                archived = _archived(snapshot)
                # A line may name any page: what is read as the policy is the policy's own.
                if archived is not None and same_page(archived.original, url):
                    part.append(archived)
                if len(part) >= self._part:
                    yield part
                    part = []
        if part:
            yield part

    @contextmanager
    def _telling(self, page: str) -> Iterator[None]:
        """Name the archive and the page in what goes wrong."""
        try:
            yield
        except AskingError as error:
            raise type(error)(
                error.reason, f"{page}: the archive at {self._address.host}: {error}"
            ) from error
        except WaybackError as error:
            message = f"{page}: the archive at {self._address.host}: its list cannot be read"
            raise AskingError("other", message) from error


class _Questions:
    """Answers waybackpy's questions for one list."""

    def __init__(self, asker: Asker, spelt: Callable[[str], str]) -> None:
        self._asker = asker
        self._spelt = spelt
        self._asked: set[str] = set()
        # What was answered last.
        self.part = lists.Part("", 0, None)

    def answer(self, url: str, headers: dict[str, str] | None = None, **_: Any) -> _Text:
        """Stand in for waybackpy's `get_response`; `headers` say that we are waybackpy, so ours go instead."""
        if url in self._asked:
            raise AskingError("other", "it gives the same part of its list again and again")
        self._asked.add(url)
        found = self._ask(url)
        if not found.lines:
            # An overloaded index sometimes finds nothing where there is much.
            found = self._ask(url)
        self.part = found
        return _Text(found.text)

    def _ask(self, url: str) -> lists.Part:
        found = self._asker.ask("searches", self._spelt(url), lists.what_is_wrong, MAX_LIST_BYTES)
        if found.status in {403, 451}:
            raise NotArchivedError(f"http-{found.status}", "it shows this page to nobody")
        if found.status != 200:
            raise AskingError(f"http-{found.status}", f"its search answered {found.status}")
        return lists.part_of(found, self._asker.clock())


@contextmanager
def _fetching_by(answer: Callable[..., _Text]) -> Iterator[None]:
    """Let waybackpy fetch by our function for the length of a `with` block."""
    module: Any = cdx_api
    with _replacing:
        before = module.get_response
        module.get_response = answer
        try:
            yield
        finally:
            module.get_response = before


def _read_by(api: WaybackMachineCDXServerAPI) -> Iterator[CDXSnapshot]:
    try:
        yield from api.snapshots()
    except ValueError as error:
        # It takes a key out of the list wherever it stands, be it in the middle of a time.
        raise WaybackError("a line cannot be read") from error


def _archived(snapshot: CDXSnapshot) -> ArchivedCapture | None:
    """Return a line of the list as ours; None for an error page, which not every server leaves out."""
    status = int(snapshot.statuscode) if snapshot.statuscode.isdigit() else None
    if status is not None and status >= 400:
        return None
    digest = snapshot.digest if len(snapshot.digest) == 32 else ""
    return ArchivedCapture(snapshot.timestamp, snapshot.original, status, digest)


def _not_replayed(answer: Reply, _last: bool) -> str | None:
    """Say why an answer is none of an archive: an outage often looks like a page."""
    if answer.status != 200 or answer.header("Memento-Datetime") is not None:
        return None
    return "it sent a page of its own instead of the archived one"


def _memento_time(answer: Reply) -> datetime | None:
    """Return when the capture was made (RFC 7089, section 2.1.1)."""
    try:
        at = parsedate_to_datetime(answer.header("Memento-Datetime") or "")
        at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return at if lists.is_time(at.strftime("%Y%m%d%H%M%S")) else None
