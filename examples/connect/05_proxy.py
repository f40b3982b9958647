# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Reach the API server through a proxy."""

import os
import select
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest import mock
from urllib.parse import urlsplit

from kubernetes import client, config

NAMESPACE = "overview-connect"

tunnels: list[str] = []


class Proxy(BaseHTTPRequestHandler):
    """Connects to whatever it is asked for, and passes on bytes that it can't read."""

    def do_CONNECT(self) -> None:
        tunnels.append(self.path)
        host, _, port = self.path.rpartition(":")
        with socket.create_connection((host.strip("[]"), int(port)), 10) as server:
            self.send_response(200)
            self.end_headers()
            other = {server: self.connection, self.connection: server}
            while ready := select.select(list(other), [], [], 30)[0]:
                for end in ready:
                    if not (data := end.recv(65536)):
                        return
                    other[end].sendall(data)

    def log_message(self, *_) -> None:
        """Says nothing."""


def ask(configuration: client.Configuration) -> str:
    """Make a request, and say how often the proxy was asked for the API server."""
    tunnels.clear()
    with client.ApiClient(configuration) as api:
        client.VersionApi(api).get_code(_request_timeout=10)
    server = urlsplit(configuration.host).netloc
    return f"tunnels {tunnels.count(server)}"


proxy = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
proxy.daemon_threads = True
threading.Thread(target=proxy.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{proxy.server_port}"

# 1. Set in the program, before there is an ApiClient. This overrules the environment.
configuration = client.Configuration()
config.load_kube_config(client_configuration=configuration)
configuration.proxy, configuration.no_proxy = url, None
print(f"configuration.proxy: {ask(configuration)}")
#> configuration.proxy: tunnels 1

# 2. From the environment, when a Configuration is made. Small letters come first.
server = urlsplit(configuration.host).hostname
for no_proxy in ["", server]:
    with mock.patch.dict(os.environ, https_proxy=url, no_proxy=no_proxy):
        configuration = client.Configuration()
        config.load_kube_config(client_configuration=configuration)
    told = "https_proxy and no_proxy" if no_proxy else "https_proxy"
    print(f"{told}: {ask(configuration)}")
    #> https_proxy: tunnels 1
    #> https_proxy and no_proxy: tunnels 0

proxy.shutdown()
proxy.server_close()
