"""The command line: `policywatch`. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command that the arguments name; return its exit code."""
    # Ctrl-C must find a handler as soon as possible.
    try:
        from monitor.cli.errors import reporting  # noqa: PLC0415

        return reporting(_program)
    except KeyboardInterrupt:
        sys.stderr.write("policywatch: interrupted; what was stored is whole\n")
        return 130


def _program() -> int:
    from monitor.cli.app import app  # noqa: PLC0415

    return app(standalone_mode=False, prog_name="policywatch") or 0
