from __future__ import annotations

from tests.cli.conftest import hook, mailbox, program, site, write_config

__all__ = ["hook", "mailbox", "program", "site", "write_config"]
