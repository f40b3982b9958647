"""A network of this machine only: a proxy to which names lead to local servers.

A program finds it by HTTPS_PROXY and by the CA that it is told to trust. So it asks for
the same addresses as it would in earnest, and not a line of it has to be another one.
"""

import select
import socket
import ssl
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import trustme

IDLE_SECONDS = 60

# What programs and their SDKs read, so that none of the machine's own settings is left.
# Small letters win over capitals, and an empty text counts as none.
PROXY_VARIABLES = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"]
WITHOUT = ["NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"]
CA_VARIABLES = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "AWS_CA_BUNDLE"]


@dataclass(frozen=True)
class Request:
    """What a server was asked. The names of headers are in small letters."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def bearer(self) -> str | None:
        """The bearer token, if one came along."""
        kind, _, token = self.headers.get("authorization", "").partition(" ")
        return token if kind.lower() == "bearer" else None


@dataclass(frozen=True)
class Answer:
    """What a server says."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict[str, str])


Server = Callable[[Request], Answer]


class Network:
    """Names, and the servers to which they lead. Close it by `with`."""

    def __init__(self, folder: Path) -> None:
        self.authority = trustme.CA(organization_name="The network's")
        self.authority_file = folder / "network-ca.pem"
        self.authority.cert_pem.write_to_path(str(self.authority_file))
        self.unknown: list[str] = []
        """Names that were asked for and lead nowhere."""
        self._ports: dict[str, int] = {}
        self._listening: list[ThreadingHTTPServer] = []
        self._proxy = self._listen(_proxy_for(self))

    def __enter__(self) -> "Network":
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._listening:
            server.shutdown()
            server.server_close()

    @property
    def url(self) -> str:
        """Where the proxy is."""
        return f"http://127.0.0.1:{self._proxy.server_port}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which a program is on this network, and on no other."""
        return {
            **dict.fromkeys(WITHOUT, ""),
            **dict.fromkeys(PROXY_VARIABLES, self.url),
            **dict.fromkeys(CA_VARIABLES, str(self.authority_file)),
        }

    def serve(self, name: str, server: Server, authority: trustme.CA | None = None):
        """Let a name lead to a server, whose certificate is the network's CA's or the
        other one's.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        (authority or self.authority).issue_cert(name).configure_cert(context)
        # DNS knows no capitals, and some who ask don't send them.
        listening = self._listen(_handler_for(server), context)
        self._ports[name.lower()] = listening.server_port

    def port_of(self, name: str) -> int | None:
        """The local port to which a name leads."""
        port = self._ports.get(name.lower())
        if port is None:
            self.unknown.append(name)
        return port

    def _listen(
        self, handler: type[BaseHTTPRequestHandler], tls: ssl.SSLContext | None = None
    ) -> ThreadingHTTPServer:
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        if tls:
            # In the thread of the connection, not in the one that takes them all.
            server.socket = tls.wrap_socket(
                server.socket, server_side=True, do_handshake_on_connect=False
            )
        # By itself it looks twice in a second whether it is to end.
        threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        self._listening.append(server)
        return server


def _proxy_for(network: Network) -> type[BaseHTTPRequestHandler]:
    class Proxy(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            name, _, _port = self.path.rpartition(":")
            local = network.port_of(name)
            if local is None:
                self.refuse(name)
                return
            with socket.create_connection(("127.0.0.1", local), 10) as server:
                self.send_response(200)
                self.end_headers()
                with suppress(OSError):
                    _relay(self.connection, server)

        def plain(self) -> None:
            # Without TLS nothing is served: a machine's own metadata, for instance.
            name = urlsplit(self.path).hostname or self.path
            network.unknown.append(name)
            self.refuse(name)

        do_GET = do_HEAD = do_POST = do_PUT = plain

        def refuse(self, name: str) -> None:
            self.send_error(502, f"{name} is not on this network")

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Proxy


def _relay(client: socket.socket, server: socket.socket) -> None:
    other = {client: server, server: client}
    while ready := select.select(list(other), [], [], IDLE_SECONDS)[0]:
        for end in ready:
            data = end.recv(65536)
            if not data:
                return
            other[end].sendall(data)


def _handler_for(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle(self) -> None:
            # A client that does not trust the certificate hangs up.
            with suppress(OSError):
                super().handle()

        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(length)
            answer = server(Request(self.command, self.path, headers, body))
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


@contextmanager
def network(folder: Path) -> Generator[Network]:
    """A new network, which has no name that is not on this machine."""
    with Network(folder) as made:
        yield made
        assert not made.unknown, f"a program asked for {made.unknown}"
