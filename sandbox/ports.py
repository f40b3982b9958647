"""Free TCP ports of 127.0.0.1."""

import itertools
import random
import socket
from pathlib import Path

from sandbox.errors import UserError

_KERNELS = Path("/proc/sys/net/ipv4/ip_local_port_range")
"""The first and the last port that the kernel gives to who asks for any."""

_OURS = range(10_000, 30_000)
"""Where a sandbox's servers listen. From 30000 on, a Kubernetes of this machine may
have ports of its Services."""


def is_free(port: int) -> bool:
    """Whether nothing listens on this port of 127.0.0.1."""
    with socket.socket() as probe:
        # As a server would: closed connections that linger don't count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def find(count: int) -> list[int]:
    """So many free ports, at random.

    Until a server listens there, the kernel gives none of them to another program that
    asks for any port.
    """
    first, last = map(int, _KERNELS.read_text().split())
    ours = set(_OURS) - set(range(first, last + 1))
    # Where the kernel may give all of them, it's as well to take any.
    candidates = sorted(ours or _OURS)
    random.shuffle(candidates)
    return list(itertools.islice(filter(is_free, candidates), count))


def require_free(port: int) -> None:
    """Raises UserError if the port is no port, or is taken."""
    if not 1 <= port <= 65535:
        raise UserError(f"{port} is not a port: give --port a number from 1 to 65535")
    if not is_free(port):
        raise UserError(
            f"port {port} of 127.0.0.1 is taken: choose another --port, or leave it"
            " out to get a free one"
        )
