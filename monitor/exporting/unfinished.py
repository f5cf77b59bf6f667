"""Files that grow document by document beside the place where they will stand, and outlive an interruption."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, BinaryIO

from storage import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

_STATE = "state.json"


class ExportError(StoreError):
    """An export cannot be written; the message names the file and says why."""


class Unfinished:
    """An export on its way, in a folder beside PATH that ends in ".part".

    What was written of a document counts when the document is finished: its files are on the disk then, and the
    state, which is replaced in one step, says how long they are. Whatever was written behind that is cut off by the
    next export, which goes on from there.
    """

    def __init__(self, path: Path, names: Sequence[str], question: str) -> None:
        """Begin, or go on.

        Args:
            path: where the export will stand; nothing stands there now.
            names: its files; one of the name "" is PATH itself, others stand in a folder of that name.
            question: what is exported and how: an interrupted export of something else is begun anew.
        """
        if path.exists():
            raise ExportError(f"{path} exists already")
        self._path = path
        self._folder = path.with_name(f"{path.name}.part")
        self._names = names
        self._question = question
        self._done: dict[str, str] = {}
        self._files: dict[str, BinaryIO] = {}
        self._stack = ExitStack()

    def resume(self, fingerprints: Mapping[str, str]) -> set[str]:
        """Take up what an interrupted export left, where all that it finished is still what it was.

        Args:
            fingerprints: of all documents to export, by their names.

        Returns:
            The names of the documents that need not be written again.
        """
        state = self._state()
        done = state.get("done", {})
        same = all(fingerprints.get(name) == seen for name, seen in done.items()) and self._is_whole(state)
        if state.get("question") != self._question or not same:
            shutil.rmtree(self._folder, ignore_errors=True)
            state = {}
        self._folder.mkdir(parents=True, exist_ok=True)
        sizes = state.get("sizes", {})
        for name in self._names:
            file = self._stack.enter_context((self._folder / (name or "export")).open("ab"))
            file.truncate(sizes.get(name, 0))
            file.seek(0, os.SEEK_END)
            self._files[name] = file
        self._done = dict(state.get("done", {}))
        return set(self._done)

    def write(self, chunks: Iterable[tuple[str, bytes]]) -> None:
        """Append bytes, each to the file that is named with them."""
        for name, chunk in chunks:
            self._files[name].write(chunk)

    def finish(self, document: str, fingerprint: str) -> None:
        """Note that all of a document is written."""
        self._done[document] = fingerprint
        for file in self._files.values():
            file.flush()
            os.fsync(file.fileno())
        sizes = {name: file.tell() for name, file in self._files.items()}
        state = {"question": self._question, "done": self._done, "sizes": sizes}
        written = self._folder / f"{_STATE}.new"
        written.write_text(json.dumps(state))
        written.replace(self._folder / _STATE)

    def publish(self) -> None:
        """Put the export where it belongs."""
        self._stack.close()
        # Without it, what a kill leaves behind is begun anew.
        (self._folder / _STATE).unlink(missing_ok=True)
        if list(self._names) == [""]:
            (self._folder / "export").replace(self._path)
            shutil.rmtree(self._folder)
        else:
            self._folder.replace(self._path)

    def __enter__(self) -> Unfinished:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()
        if isinstance(error, OSError):
            raise ExportError(f"{self._path}: {error.strerror or error}") from error

    def _is_whole(self, state: Mapping[str, Any]) -> bool:
        """Whether the files are as long as the state says, or longer."""
        try:
            sizes = state.get("sizes", {}).items()
            return all((self._folder / (name or "export")).stat().st_size >= size for name, size in sizes)
        except OSError:
            return False

    def _state(self) -> dict[str, Any]:
        try:
            state = json.loads((self._folder / _STATE).read_text())
        except (OSError, ValueError):
            return {}
        return state if isinstance(state, dict) else {}
