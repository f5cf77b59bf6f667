"""The real program, run as a user runs it, on a configuration of the demo's own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

from monitor.demo.findings import MAIL_DOMAIN
from monitor.demo.story import DOCUMENTS

if TYPE_CHECKING:
    from pathlib import Path

    from monitor.demo.servers import Loopback

# A check takes a second or two; one that takes so long will never end.
_TIMEOUT_S = 60.0


class DemoError(Exception):
    """A command of the demo did not do what it is there for; what it said stands on standard error."""


@dataclass(frozen=True)
class Program:
    """`policywatch` on one configuration."""

    config: Path

    def run(self, *arguments: str) -> str:
        """Run a command and return what it printed; its errors go to standard error.

        Raises:
            DemoError: it failed for any other reason than a page that could not be checked.
        """
        command = [sys.executable, "-m", "monitor.cli", "--config", str(self.config), *arguments]
        name = f"policywatch {' '.join(arguments)}"
        try:
            done = subprocess.run(  # noqa: S603
                command,
                stdout=subprocess.PIPE,
                encoding="utf-8",
                env=_environment(),
                timeout=_TIMEOUT_S,
                check=False,
                # Ctrl-C is the demo's alone: it ends the command, and says so once.
                start_new_session=True,
            )
        except subprocess.TimeoutExpired as error:
            raise DemoError(f"{name} did not end in {_TIMEOUT_S:.0f} seconds") from error
        if done.returncode and (done.returncode, *arguments[:1]) != (1, "check"):
            raise DemoError(f"{name} ended with {done.returncode}")
        return done.stdout

    def serve(self) -> None:
        """Leave the web pages up until they are stopped, or Ctrl-C ends them and the demo."""
        command = [sys.executable, "-m", "monitor.cli", "--config", str(self.config), "serve", "--port", "0"]
        with subprocess.Popen(command, env=_environment()) as pages:  # noqa: S603
            try:
                pages.wait()
            except BaseException:
                pages.terminate()
                raise

    def read(self, *arguments: str) -> Any:
        """Run a command with `--json` and return what it says."""
        return json.loads(self.run(*arguments, "--json"))


def _environment() -> dict[str, str]:
    """Return ours, with colours where the demo itself runs on a terminal."""
    own = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    if sys.stdout.isatty():
        own = {"FORCE_COLOR": "1", "COLUMNS": str(get_terminal_size().columns), **own}
    return own


def write_config(folder: Path, loopback: Loopback) -> Path:
    """Write the configuration of the demo; return its path."""
    path = folder / "config.toml"
    sites = "".join(_site(site, loopback.base) for site in dict.fromkeys(d.site for d in DOCUMENTS))
    path.write_text(
        f"""[policywatch]
database = "sqlite:///demo.db"
contact = "demo@policywatch.invalid"

[schedule]
confirm_after = "0"

[crawl]
delay = "0"
allow_addresses = ["127.0.0.0/8"]

[smtp]
host = "127.0.0.1"
port = {loopback.mail_port}
security = "none"
from = "policywatch@{MAIL_DOMAIN}"

[channel.mail]
type = "email"
to = ["privacy-team@demo.invalid"]

[channel.tickets]
type = "webhook"
url = "{loopback.base}/webhook"
{sites}""",
        encoding="utf-8",
    )
    return path


def _site(site: str, base: str) -> str:
    own = [document for document in DOCUMENTS if document.site == site]
    tables = "".join(
        f'\n[[site.document]]\ntype = "{document.type}"\nurl = "{base}{document.path}"\n' for document in own
    )
    return f'\n[[site]]\nname = "{own[0].site_name}"\n{tables}'
