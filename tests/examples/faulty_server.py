"""The sandbox's API server behind one that fails in the ways a real one does."""

import json
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from kubernetes import client

FAULTS = ["silent", "cut", "429", "500", "503", "410", "401"]


class FaultyServer:
    """Spoils so many requests by a fault, and answers all others.

    It answers `before` requests ahead of the first that it spoils. After the last that
    it spoils, `heal` is called: what a program waits for comes true only then, so no
    program can be done before it has met them all.
    """

    def __init__(
        self,
        admin: client.ApiClient,
        fault: str,
        times: float,
        heal: Callable[[], Any],
        before: int = 0,
    ) -> None:
        self._admin = admin
        self._fault = fault
        self._times = times
        self._heal = heal
        self._before = before
        self._lock = threading.Lock()
        self.closing = threading.Event()
        self.healing: threading.Thread | None = None
        self.spoilt = 0

    def spoil(self, path: str) -> bool:
        """Whether this request is one to spoil."""
        # Only a watch has a version that can be gone.
        if self._fault == "410" and "watch=" not in path:
            return False
        with self._lock:
            if self._before:
                self._before -= 1
                return False
            if self.spoilt >= self._times:
                return False
            self.spoilt += 1
            if self.spoilt == self._times:
                self.healing = threading.Thread(target=self._heal, daemon=True)
                self.healing.start()
        return True

    def answer(self, handler: "Handler") -> None:
        """Forward a request, or spoil it."""
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        if not self.spoil(handler.path):
            self._forward(handler, body)
        elif self._fault == "silent":
            self.closing.wait()
        elif self._fault == "cut":
            handler.start(200, "application/json")  # and no word of the body
        elif self._fault == "410":
            handler.start(200, "application/json")
            event = {"type": "ERROR", "object": status(410, "Expired")}
            handler.write(json.dumps(event).encode() + b"\n")
            handler.write(b"")
        else:
            headers = {"Retry-After": "1"} if self._fault == "429" else {}
            handler.start(int(self._fault), "application/json", headers)
            handler.write(json.dumps(status(int(self._fault), "Failed")).encode())
            handler.write(b"")

    def _forward(self, handler: "Handler", body: bytes) -> None:
        sent = {"Accept", "Content-Type"}
        answer = self._admin.rest_client.pool_manager.request(
            handler.command,
            f"{self._admin.configuration.host}{handler.path}",
            body=body or None,
            headers={k: v for k, v in handler.headers.items() if k in sent},
            timeout=60,
            preload_content=False,
        )
        try:
            # An empty log has none.
            kind = answer.headers.get("Content-Type", "text/plain")
            handler.start(answer.status, kind)
            for piece in answer.stream(amt=None):
                if piece:
                    handler.write(piece)
            handler.write(b"")
        finally:
            answer.close()


class Handler(BaseHTTPRequestHandler):
    """Answers in chunks, so that a client can tell the end from a break."""

    protocol_version = "HTTP/1.1"
    faulty: FaultyServer

    def start(
        self, code: int, kind: str, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("Connection", "close")  # it is made anew for each request
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()

    def write(self, piece: bytes) -> None:
        """Send one chunk; an empty one is the end."""
        self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        self.wfile.flush()

    def answer(self) -> None:
        with suppress(OSError):  # whoever asked has given up
            self.faulty.answer(self)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def log_message(self, format: str, *args: Any) -> None:
        pass


def status(code: int, reason: str) -> dict[str, Any]:
    """What an API server says when it refuses."""
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "message": reason.lower(),
        "reason": reason,
        "code": code,
    }


@contextmanager
def faulty_server(
    admin: client.ApiClient,
    fault: str,
    times: float,
    heal: Callable[[], Any],
    before: int = 0,
) -> Generator[str]:
    """The address of a server with this fault, after so many requests without."""
    faulty = FaultyServer(admin, fault, times, heal, before)
    handler = type("Faulty", (Handler,), {"faulty": faulty})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            faulty.closing.set()
            server.shutdown()
            if faulty.healing:
                faulty.healing.join(60)
    assert faulty.spoilt or not times, "the function asked nothing to be spoilt"
