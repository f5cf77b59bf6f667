"""The command line: `policywatch`. Nothing heavy is imported before a command needs it."""

# ruff: noqa: PLC0415  Ctrl-C must find a handler as soon as possible

from __future__ import annotations


def main() -> int:
    """Run the command that the arguments name; return its exit code."""
    try:
        from monitor.cli import interrupts
    except KeyboardInterrupt:
        return 130
    interrupts.end_at_once()
    import atexit
    import gc

    from monitor.cli.errors import reporting

    # The system takes all back at the end: a search for cycles in what was loaded would take a fifth of a check.
    atexit.register(gc.freeze)
    return reporting(_program)


def _program() -> int:
    from monitor.cli.app import app

    return app(standalone_mode=False, prog_name="policywatch") or 0
