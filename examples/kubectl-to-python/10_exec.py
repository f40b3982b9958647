# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38", "websocket-client"]
#
# [tool.sandbox]
# needs = ["containers"]
# [tool.sandbox.only-with]
# containers = ["get pods/exec", "create pods/exec"]
# ///
"""kubectl exec, with what goes in, what comes out, and the exit code."""

import contextlib
import json
import ssl
import time

from kubernetes import client, config
from kubernetes.stream import stream
from kubernetes.stream.ws_client import (
    ERROR_CHANNEL,
    STDERR_CHANNEL,
    STDIN_CHANNEL,
    STDOUT_CHANNEL,
)
from websocket import WebSocketConnectionClosedException, WebSocketTimeoutException

NAMESPACE = "overview-kubectl-to-python"
# So it ends when the server closes it at the wrong moment for the client.
CLOSED = (WebSocketConnectionClosedException, ConnectionError, ssl.SSLError)


def kubectl_exec(
    core: client.CoreV1Api,
    pod: str,
    namespace: str,
    command: list[str],
    stdin: bytes = b"",
    timeout: float = 60,
    **options,
) -> tuple[int, bytes, bytes]:
    """kubectl exec -i POD -- COMMAND: return the exit code, stdout and stderr.

    Raises RuntimeError where the command could not be started, TimeoutError where it
    did not end; it then goes on in the container. Raises ApiException with status 0
    where the API server refuses; only its reason says why.
    """
    # While stream() connects, its ApiClient can't be used for anything else. So here is
    # one of its own.
    with client.ApiClient(core.api_client.configuration) as own:
        connection = stream(
            client.CoreV1Api(own).connect_get_namespaced_pod_exec,
            pod,
            namespace,
            command=command,
            stdin=True,
            stdout=True,
            stderr=True,
            tty=False,
            binary=True,
            _preload_content=False,
            **options,
        )
    connection.sock.settimeout(timeout)  # for what is written to it
    deadline = time.monotonic() + timeout
    try:
        # Closed: the command has ended, and does not want the rest.
        with contextlib.suppress(*CLOSED):
            for start in range(0, len(stdin), 32 * 1024):
                connection.write_stdin(stdin[start : start + 32 * 1024])
                connection.update(timeout=0)  # or both sides wait for each other
            connection.close_channel(STDIN_CHANNEL)  # the end of its input
        # Closed: the server said goodbye, and was gone before the answer.
        with contextlib.suppress(*CLOSED):
            while connection.is_open():
                connection.update(timeout=1)
                if time.monotonic() > deadline:
                    raise TimeoutError(f"{command} in {pod}: no end after {timeout} s")
        connection.close()  # what has come can still be read
        out = connection.read_channel(STDOUT_CHANNEL)
        error = connection.read_channel(STDERR_CHANNEL)
        return exit_code(connection.read_channel(ERROR_CHANNEL)), out, error
    except WebSocketTimeoutException:
        raise TimeoutError(f"{command} in {pod}: does not read its input") from None
    finally:
        connection.close()


def exit_code(text: bytes) -> int:
    """The exit code, from the Status that comes when the command has ended."""
    status = json.loads(text or b"{}")
    if status.get("status") == "Success":
        return 0
    for cause in (status.get("details") or {}).get("causes") or []:
        if cause.get("reason") == "ExitCode":
            return int(cause["message"])
    raise RuntimeError(status.get("message", "the connection broke"))


if __name__ == "__main__":
    config.load_kube_config()
    core = client.CoreV1Api()

    print(kubectl_exec(core, "toolbox", NAMESPACE, ["cat", "/www/index.html"]))
    #> (0, b'hello from the Pod\n', b'')
    print(kubectl_exec(core, "toolbox", NAMESPACE, ["wc", "-c"], stdin=b"\xff" * 1000))
    #> (0, b'1000\n', b'')
    failing = ["sh", "-c", "echo to stderr >&2; exit 3"]
    print(kubectl_exec(core, "toolbox", NAMESPACE, failing))
    #> (3, b'', b'to stderr\n')

    try:
        kubectl_exec(core, "toolbox", NAMESPACE, ["no-such-command"])
    except RuntimeError:
        print("no-such-command: not started")
        #> no-such-command: not started
    try:
        kubectl_exec(core, "toolbox", NAMESPACE, ["sleep", "60"], timeout=2)
    except TimeoutError as error:
        print(error)
        #> ['sleep', '60'] in toolbox: no end after 2 s
