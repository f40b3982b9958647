"""Free TCP ports of 127.0.0.1."""

import socket

from sandbox.errors import UserError


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
    """So many free ports, chosen by the kernel."""
    sockets: list[socket.socket] = []
    try:
        for _ in range(count):
            sockets.append(socket.socket())
            sockets[-1].bind(("127.0.0.1", 0))
        return [s.getsockname()[1] for s in sockets]
    finally:
        for s in sockets:
            s.close()


def require_free(port: int) -> None:
    """Raises UserError if the port is no port, or is taken."""
    if not 1 <= port <= 65535:
        raise UserError(f"{port} is not a port: give --port a number from 1 to 65535")
    if not is_free(port):
        raise UserError(
            f"port {port} of 127.0.0.1 is taken: choose another --port, or leave it"
            " out to get a free one"
        )
