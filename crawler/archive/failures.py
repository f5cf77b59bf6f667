"""Why an archive gave no good answer: the one place where aiohttp's errors get our reason codes."""

from __future__ import annotations

import aiohttp

from crawler.guard import AddressRefusedError, SchemeRefusedError


class AskingError(Exception):
    """A question to the archive got no good answer, after all tries; another question may get one.

    `reason` is a short code as those of `crawler.records.FetchFailure`; the message is one sentence.
    """

    # Whether the same question may be answered in a moment.
    momentary = True

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class ArchiveDownError(AskingError):
    """Nothing can be asked now: the archive is not reached, or wants to be left alone for a while."""

    momentary = False


class NotArchivedError(AskingError):
    """The archive does not have what it was asked for, or shows it to nobody: asking again is of no use."""

    momentary = False


class NotReplayedError(NotArchivedError):
    """The archive says that it does not have a capture, as it does also while it is not well.

    It is to be believed when it says so again another day.
    """


# The first match counts.
_KINDS: tuple[tuple[type[BaseException], str, str], ...] = (
    (TimeoutError, "timeout", "it did not answer in time"),
    (aiohttp.ClientConnectorCertificateError, "tls", "its certificate is not valid"),
    (aiohttp.ClientConnectorDNSError, "dns", "its name is not known"),
    (aiohttp.ClientSSLError, "tls", "no encrypted connection to it could be made"),
    (aiohttp.ClientConnectorError, "refused", "it cannot be reached"),
    (aiohttp.ClientError, "connection", "the connection broke before the whole answer had come"),
    (OSError, "connection", "the connection broke before the whole answer had come"),
)
# Of these, the next question meets the same.
_OF_THE_HOST = {"tls"}


def asking_error(error: Exception) -> AskingError:
    """Return an error of the network in our words; the message goes on from "the archive at HOST: "."""
    refusal = _refusal(error)
    if refusal is not None:
        return ArchiveDownError("address", f"it is not at an address that may be fetched: {refusal}")
    reason, sentence = next((reason, words) for kind, reason, words in _KINDS if isinstance(error, kind))
    return (ArchiveDownError if reason in _OF_THE_HOST else AskingError)(reason, sentence)


def _refusal(error: Exception) -> Exception | None:
    """Return the guard's refusal, which aiohttp wraps."""
    inner = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    return inner if isinstance(inner, AddressRefusedError | SchemeRefusedError) else None
