"""A git repository of strangers, read through one `git log` and one `git cat-file --batch`."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from monitor.importing.records import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator

# Begins each commit; no path is taken for it, since a path follows the line of its file.
_COMMIT = b"\x01"
_LOG = (
    "-c", "log.showRoot=true", "log", "-z", "--reverse", "--topo-order", "--raw", "--no-abbrev", "--no-renames",
    "--no-show-signature", "--no-ext-diff", "--no-color", "--encoding=UTF-8",
    "--format=%x01%H%x00%at%x00%B%x00",
)  # fmt: skip
_CHUNK = 1 << 16
# So often, with such a pause between, a folder is removed in which somebody may still be writing.
_REMOVALS, _A_MOMENT_S = 50, 0.02


@dataclass(frozen=True)
class File:
    """A file as a commit left it."""

    path: str
    # As git writes it: "100644" for a plain file.
    mode: str
    # The hash of its content, zeros where it was deleted.
    blob: str
    # The hash of its content before the commit, zeros where it was not there.
    before: str = "0"


@dataclass(frozen=True)
class Commit:
    """One commit with the files it changed; none for a merge."""

    id: str
    authored_s: int
    message: str
    files: tuple[File, ...]


class Repository:
    """A repository that stays open for the length of a `with` block: `opened` gives it."""

    def __init__(self, path: Path, folder: Path, start: str, stack: ExitStack) -> None:
        self._path = path
        self._folder = folder
        self._start = start
        self._stack = stack
        self._batch: subprocess.Popen[bytes] | None = None

    def commits(self) -> Iterator[Commit]:
        """Yield the commits of the history, each after its parents."""
        with self._running(*_LOG, self._start, "--") as process:
            tokens = _tokens(cast("IO[bytes]", process.stdout))
            token = next(tokens, None)
            while token is not None:
                if not token.startswith(_COMMIT):
                    raise ArchiveError(f"{self._path}: git's log cannot be read")
                authored, message = next(tokens, b""), next(tokens, b"").decode("utf-8", "replace")
                files, following = _files(tokens)
                yield Commit(token[1:].decode(), _number(authored), message, files)
                token = following

    def read(self, blob: str) -> bytes:
        """Return the content behind a hash."""
        if self._batch is None:
            self._batch = self._stack.enter_context(self._running("cat-file", "--batch"))
        asked, answers = cast("IO[bytes]", self._batch.stdin), cast("IO[bytes]", self._batch.stdout)
        try:
            asked.write(f"{blob}\n".encode())
            asked.flush()
        except BrokenPipeError as error:
            raise ArchiveError(f"{self._path}: git cannot read {blob}") from error
        header = answers.readline().split()
        if len(header) != 3 or header[1] != b"blob":
            raise ArchiveError(f"{self._path}: the repository is damaged or incomplete: {blob} is missing")
        content = answers.read(int(header[2]))
        answers.read(1)
        return content

    @contextmanager
    def _running(self, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run git for the length of a `with` block; where nothing else went wrong, it must end well."""
        with tempfile.TemporaryFile() as errors:
            process = subprocess.Popen(  # noqa: S603  a list of our own words and hashes
                command(self._folder, *arguments),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=environment(self._folder),
            )
            try:
                yield process
            except BaseException:
                process.kill()
                raise
            finally:
                for pipe in (process.stdin, process.stdout):
                    # What git did not take before it ended is lost.
                    with suppress(BrokenPipeError):
                        cast("IO[bytes]", pipe).close()
                process.wait()
            if process.returncode:
                errors.seek(0)
                raise ArchiveError(f"{self._path}: {_first_line(errors.read())}")


@contextmanager
def opened(path: Path) -> Iterator[Repository]:
    """Open a repository, bare or not, or a bundle of one.

    Raises:
        ArchiveError: it is none, or git is not there to read it.
    """
    with ExitStack() as stack:
        folder = path.resolve()
        try:
            if not folder.is_dir():
                folder = _unbundled(path, stack.enter_context(_temporary_folder()))
            # Closed before the folder is removed.
            yield Repository(path, folder, _start(path, folder), stack.enter_context(ExitStack()))
        except FileNotFoundError as error:
            if error.filename != "git":
                raise
            raise ArchiveError("git is not installed: it reads the archive") from error


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    """Give a folder that is gone afterwards, although what was killed in it may write for a moment more."""
    folder = Path(tempfile.mkdtemp(prefix="policywatch-"))
    try:
        yield folder
    finally:
        for _ in range(_REMOVALS):
            shutil.rmtree(folder, ignore_errors=True)
            if not folder.exists():
                break
            time.sleep(_A_MOMENT_S)


def _start(path: Path, folder: Path) -> str:
    """Return where the log begins: at HEAD, or at every branch of a bundle that has none."""
    for start in ("HEAD", "--all"):
        done = run(folder, "rev-list", "--max-count=1", start, "--")
        if done.stdout:
            return start
        if b"not a git repository" in done.stderr:
            raise ArchiveError(f"{path} is no git repository")
    if done.returncode:
        raise ArchiveError(f"{path}: {_first_line(done.stderr)}")
    raise ArchiveError(f"{path} holds no commit")


def _unbundled(bundle: Path, folder: Path) -> Path:
    done = run(folder, "clone", "--quiet", "--bare", str(bundle.resolve()), str(folder / "clone.git"))
    if done.returncode:
        raise ArchiveError(f"{bundle} is neither a git repository nor a bundle of one")
    return folder / "clone.git"


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run git in a folder to its end, well or not."""
    with subprocess.Popen(  # noqa: S603  a list of our own words and paths
        command(folder, *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        process_group=0,
    ) as process:
        try:
            out, errors = process.communicate()
        except BaseException:
            # What git has started writes on by itself, into a folder that is about to be removed.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise
    return subprocess.CompletedProcess(process.args, process.returncode, out, errors)


def command(folder: Path, *arguments: str) -> list[str]:
    """Return what runs git in a folder."""
    return ["git", "-C", str(folder), "--no-pager", *arguments]


def environment(folder: Path) -> dict[str, str]:
    """Return an environment in which git reads this repository alone, and fetches nothing."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {
        **ours,
        "GIT_CEILING_DIRECTORIES": str(folder.parent),
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
    }


def _tokens(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield what stands before each NUL."""
    rest = b""
    while chunk := stream.read(_CHUNK):
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole


def _files(tokens: Iterator[bytes]) -> tuple[tuple[File, ...], bytes | None]:
    """Return the files of a commit, and the token that begins the next one."""
    files: list[File] = []
    for token in tokens:
        if token.startswith(_COMMIT):
            return tuple(files), token
        if token.lstrip(b"\n").startswith(b":"):
            _, mode, before, blob, _ = token.decode().split()
            files.append(File(next(tokens, b"").decode("utf-8", "replace"), mode, blob, before))
    return tuple(files), None


def _number(written: bytes) -> int:
    try:
        return int(written)
    except ValueError:
        return 0


def _first_line(errors: bytes) -> str:
    lines = errors.decode("utf-8", "replace").strip().splitlines()
    return lines[0].removeprefix("fatal: ") if lines else "git failed"
