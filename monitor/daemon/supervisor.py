"""What systemd is told of the daemon: that it watches, that its loop turns, that it is about to end.

systemd gives the address at which it listens to those that it starts (`NOTIFY_SOCKET`, see sd_notify(3)), and starts
anew what has not been heard for too long (`WatchdogSec`). Nobody else listens, and nothing is told then.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress

VARIABLE = "NOTIFY_SOCKET"


class Supervisor:
    """Listens to the daemon, or is not there; what it does not take at once is lost until the next turn."""

    def __init__(self) -> None:
        address = os.environ.get(VARIABLE, "")
        # In the namespace of abstract sockets, which is written otherwise in a variable.
        self._address = "\0" + address[1:] if address.startswith("@") else address

    def watching(self) -> None:
        """Tell that the daemon has started."""
        self._tell("READY=1")

    def turned(self) -> None:
        """Tell that the loop turns."""
        self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """Tell that the daemon is about to end."""
        self._tell("STOPPING=1")

    def _tell(self, word: str) -> None:
        if not self._address:
            return
        # A socket each time: the one that listens is another one after systemd itself was started anew.
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as own:
            own.setblocking(False)
            own.sendto(word.encode(), self._address)
