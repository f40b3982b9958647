# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38", "websocket-client"]
#
# [tool.sandbox]
# needs = ["containers"]
# [tool.sandbox.only-with]
# containers = ["get pods/exec", "create pods/exec", "delete pods"]
# ///
"""kubectl cp, which is tar at both ends of an exec."""

import contextlib
import io
import json
import ssl
import tarfile
import tempfile
import time
from pathlib import Path, PurePosixPath

from kubernetes import client, config
from kubernetes.stream import stream
from websocket import WebSocketConnectionClosedException

NAMESPACE = "overview-kubectl-to-python"
CLOSED = (WebSocketConnectionClosedException, ConnectionError, ssl.SSLError)


def kubectl_cp_to(
    core: client.CoreV1Api, source: Path, pod: str, namespace: str, target: str
) -> None:
    """kubectl cp SOURCE POD:TARGET: a file or a directory, under a name of its own."""
    path = PurePosixPath(target)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add(source, arcname=path.name)
    run(
        core,
        pod,
        namespace,
        ["tar", "-xmf", "-", "-C", str(path.parent)],
        packed.getvalue(),
    )


def kubectl_cp_from(
    core: client.CoreV1Api, pod: str, namespace: str, source: str, target: Path
) -> None:
    """kubectl cp POD:SOURCE TARGET/: a file or a directory, into a directory."""
    path = PurePosixPath(source)
    packed = run(
        core, pod, namespace, ["tar", "-cf", "-", "-C", str(path.parent), path.name]
    )
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        # The container made this archive: "data" lets nothing out of the directory.
        archive.extractall(target, filter="data")


def run(
    core: client.CoreV1Api,
    pod: str,
    namespace: str,
    command: list[str],
    stdin: bytes = b"",
    timeout: float = 120,
) -> bytes:
    """Run a command to its end, and return its stdout; 10_exec.py says more."""
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
        )
    connection.sock.settimeout(timeout)
    deadline = time.monotonic() + timeout
    try:
        with contextlib.suppress(*CLOSED):
            for start in range(0, len(stdin), 32 * 1024):
                connection.write_stdin(stdin[start : start + 32 * 1024])
                connection.update(timeout=0)
            connection.close_channel(0)
        with contextlib.suppress(*CLOSED):
            while connection.is_open():
                connection.update(timeout=1)
                if time.monotonic() > deadline:
                    raise TimeoutError(f"{command} in {pod}: no end after {timeout} s")
        connection.close()
        status = json.loads(connection.read_channel(3) or b"{}")
        if status.get("status") != "Success":
            said = connection.read_channel(2).decode(errors="replace")
            raise RuntimeError(f"{command} in {pod}: {said or status}")
        return connection.read_channel(1)
    finally:
        connection.close()


if __name__ == "__main__":
    config.load_kube_config()
    core = client.CoreV1Api()

    with tempfile.TemporaryDirectory() as folder:
        sent, got = Path(folder, "sent"), Path(folder, "got")
        sent.mkdir()
        got.mkdir()
        (sent / "numbers").write_bytes(bytes(range(256)) * 1000)

        kubectl_cp_to(core, sent, "toolbox", NAMESPACE, "/tmp/copy")
        kubectl_cp_from(core, "toolbox", NAMESPACE, "/tmp/copy", got)
        same = (got / "copy/numbers").read_bytes() == (sent / "numbers").read_bytes()
        print(f"{(got / 'copy/numbers').stat().st_size} bytes, the same: {same}")
        #> 256000 bytes, the same: True

        try:
            kubectl_cp_from(core, "toolbox", NAMESPACE, "/no/such/file", got)
        except RuntimeError as error:
            print(f"refused, no such file: {'No such file' in str(error)}")
            #> refused, no such file: True
