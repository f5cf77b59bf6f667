"""What the daemon says: one line an event, for people on terminals, as JSON for machines."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from monitor.plain_text import plain

_LOG = logging.getLogger("policywatch")


def say(action: str, sentence: str, *, level: int = logging.INFO, **values: Any) -> None:
    """Log an event.

    Args:
        action: names its kind for machines, in past participles where that can be: "document_failed".
        sentence: tells people, without secrets.
        level: of the `logging` module.
        values: what the sentence tells, for machines: texts, numbers, None.
    """
    _LOG.log(level, "%s", sentence, extra={"action": action, "values": values})


def say_bug(sentence: str) -> None:
    """Log the exception that is being handled, with its traceback: it is a mistake of the program."""
    _LOG.exception("%s", sentence, extra={"action": "bug", "values": {}})


def log_to_stderr(*, as_json: bool) -> None:
    """Write our events, and the warnings of the libraries, to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if as_json else PlainLines())
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.WARNING)
    _LOG.setLevel(logging.INFO)


class PlainLines(logging.Formatter):
    """Time, level unless it is the usual one, and the sentence."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line, and a traceback where there is one."""
        level = "" if record.levelno == logging.INFO else f"{record.levelname.lower()}: "
        line = f"{_moment(record)} {level}{_sentence(record)}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        line: dict[str, Any] = {
            "time": _moment(record),
            "level": record.levelname.lower(),
            "action": getattr(record, "action", record.name),
            "message": _sentence(record),
            **getattr(record, "values", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def _moment(record: logging.LogRecord) -> str:
    return (
        datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )


def _sentence(record: logging.LogRecord) -> str:
    # Pages, addresses and servers have their words in it.
    return plain(record.getMessage())
