# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""See what is retried by itself, and retry the rest with care."""

import json
import threading
from collections import Counter
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from kubernetes import client, utils

NAMESPACE = "overview-python-client"

# A stand-in for an API server that is busy: none can be made so on demand.
asked: Counter[str] = Counter()


class Busy(BaseHTTPRequestHandler):
    """Answers 429 "come back in 0 seconds" to the first three of each method."""

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        asked[self.command] += 1
        if asked[self.command] <= 3:
            body = {"kind": "Status", "apiVersion": "v1", "reason": "TooManyRequests"}
            self.send_response(429)
            self.send_header("Retry-After", "0")
        else:
            body = {"kind": "ConfigMap", "apiVersion": "v1"}
            self.send_response(200)
        text = json.dumps(body).encode()
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def log_message(self, *_) -> None:
        """Says nothing."""


server = ThreadingHTTPServer(("127.0.0.1", 0), Busy)
threading.Thread(target=server.serve_forever, daemon=True).start()
configuration = client.Configuration(host=f"http://127.0.0.1:{server.server_port}")
body = client.V1ConfigMap(metadata=client.V1ObjectMeta(name="one"))


def calls(core: client.CoreV1Api) -> dict:
    here = ("one", NAMESPACE)
    limit = {"_request_timeout": 30}
    return {
        "GET": partial(core.read_namespaced_config_map, *here, **limit),
        "PUT": partial(core.replace_namespaced_config_map, *here, body, **limit),
        "DELETE": partial(core.delete_namespaced_config_map, *here, **limit),
        "POST": partial(core.create_namespaced_config_map, NAMESPACE, body, **limit),
        "PATCH": partial(core.patch_namespaced_config_map, *here, {}, **limit),
    }


def outcome(method: str, call) -> str:
    """Make a call, and say how often the server was asked and what came of it."""
    asked.clear()
    try:
        call()
    except client.ApiException as error:
        return f"asked {asked[method]}, {error.status}"
    return f"asked {asked[method]}, done"


# 1. What the client does by itself.
plain = calls(client.CoreV1Api(client.ApiClient(configuration)))
for method, call in plain.items():
    print(f"{method}: {outcome(method, call)}")
    #> GET: asked 4, done
    #> PUT: asked 4, done
    #> DELETE: asked 4, done
    #> POST: asked 1, 429
    #> PATCH: asked 1, 429

# 2. A server that says 429 has not begun: it is safe to ask again, even to create.
patient = utils.Backoff(steps=6, duration=0.1, factor=2, jitter=0.5)
for method in ["POST", "PATCH"]:
    again = partial(
        utils.on_retry_after_error, patient, utils.is_too_many_requests, plain[method]
    )
    print(f"{method}, again: {outcome(method, again)}")
    #> POST, again: asked 4, done
    #> PATCH, again: asked 4, done

# 3. Nothing by itself.
configuration.retries = False
strict = calls(client.CoreV1Api(client.ApiClient(configuration)))
print(f"GET, no retries: {outcome('GET', strict['GET'])}")
#> GET, no retries: asked 1, 429

server.shutdown()
server.server_close()
