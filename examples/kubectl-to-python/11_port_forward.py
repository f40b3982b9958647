# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["containers"]
# [tool.sandbox.only-with]
# containers = ["get pods/portforward", "create pods/portforward"]
# ///
"""kubectl port-forward: a port of this machine that leads to one of a Pod."""

import contextlib
import socket
import socketserver
import sys
import threading
import urllib.request
from collections.abc import Iterator

from kubernetes import client, config
from kubernetes.stream import portforward

NAMESPACE = "overview-kubectl-to-python"


@contextlib.contextmanager
def kubectl_port_forward(
    core: client.CoreV1Api, pod: str, namespace: str, port: int, local_port: int = 0
) -> Iterator[int]:
    """kubectl port-forward POD LOCAL_PORT:PORT, for the time of a `with` block.

    Yields the local port, on 127.0.0.1 only; 0 takes one that is free. Each connection
    is a forwarding of its own.
    """
    configuration = core.api_client.configuration

    class Connection(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            # An ApiClient of its own, for other threads may be connecting as well.
            with client.ApiClient(configuration) as own:
                forwarding = portforward(
                    client.CoreV1Api(own).connect_get_namespaced_pod_portforward,
                    pod,
                    namespace,
                    ports=str(port),
                )
            there = forwarding.socket(port)
            threading.Thread(target=pump, args=(self.request, there)).start()
            pump(there, self.request)
            if forwarding.error(port):
                sys.stderr.write(f"{pod}:{port}: {forwarding.error(port)}\n")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", local_port), Connection) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


def pump(source: socket.socket, target: socket.socket) -> None:
    """Copy bytes until the source ends, then close both."""
    with contextlib.suppress(OSError):
        while data := source.recv(64 * 1024):
            target.sendall(data)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


if __name__ == "__main__":
    config.load_kube_config()
    core = client.CoreV1Api()

    with kubectl_port_forward(core, "toolbox", NAMESPACE, 8080) as local_port:
        for path in ["/", "/index.html"]:
            url = f"http://127.0.0.1:{local_port}{path}"
            with urllib.request.urlopen(url, timeout=30) as answer:
                print(f"{path}: {answer.status} {answer.read().decode().strip()}")
                #> /: 200 hello from the Pod
                #> /index.html: 200 hello from the Pod
