"""The command line: `policywatch`. Nothing heavy is imported before a command needs it."""

from __future__ import annotations


def main() -> int:
    """Run the command that the arguments name; return its exit code."""
    from monitor.cli.errors import reporting  # noqa: PLC0415 (Ctrl-C must find a handler as soon as possible)

    return reporting(_program)


def _program() -> int:
    from monitor.cli.app import app  # noqa: PLC0415

    return app(standalone_mode=False, prog_name="policywatch") or 0
