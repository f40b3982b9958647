"""Every request of a program has a time limit: the client has none of its own.

These tests read the programs. While they run, `in_process` looks at each request as
well; and a program meets a network that no longer carries anything.
"""

import ast
import re
import socket
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import nbformat
import pytest
import yaml
from kubernetes.client import api

from sandbox.cluster import Cluster
from tests.examples import in_process

ROOT = Path(__file__).parent.parent.parent
PROGRAMS = sorted((ROOT / "examples").rglob("*.py"))
NOTEBOOKS = sorted((ROOT / "docs/notebooks").glob("*.ipynb"))
LIMIT = "_request_timeout"

# Each is a request: the methods of the generated classes, and what they are made of.
REQUESTS = {"call_api"} | {
    name
    for path in Path(api.__file__).parent.glob("*_api.py")  # to import all takes long
    for name in re.findall(r"^    def ([a-z]\w+)\($", path.read_text(), re.M)
}
# The client gives nothing to limit these by; pages say so.
WITHOUT = {"stream", "portforward", "SharedInformer"}
# asyncio's has five minutes by default.
ASYNCIO = "kubernetes.aio"


def unlimited(text: str) -> Iterator[str]:
    """Yield each request of a program that has no time limit, with its line."""
    tree = ast.parse(text)
    limited_dicts = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and has_limit(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    limited = {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        if any(
            isinstance(x, ast.FunctionDef) and x.name == "call_api" for x in node.body
        )
    }
    limited |= {
        ast.unparse(target)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and name_of(node.value) in limited
        for target in node.targets
    }

    def is_limited(call: ast.Call) -> bool:
        return any(
            keyword.arg == LIMIT
            or (keyword.arg is None and ast.unparse(keyword.value) in limited_dicts)
            for keyword in call.keywords
        )

    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    # Methods that are handed to something: to a watch, or to a loop that calls them.
    handed_to = {id(value): call for call in calls for value in call.args}
    some_name_is_called = any(
        isinstance(call.func, ast.Name) and is_limited(call) for call in calls
    )
    called = {id(call.func): call for call in calls}
    for call in calls:
        if (
            name_of(call.func) == "DynamicClient"
            and name_of(call.args[0]) not in limited
        ):
            yield f"line {call.lineno}: DynamicClient, with a client of no limit"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr.endswith("s_metrics"):
            yield f"line {node.lineno}: {node.attr} of kubernetes.utils takes no limit"
        if not (isinstance(node, ast.Attribute) and node.attr in REQUESTS):
            continue
        call = called.get(id(node)) or handed_to.get(id(node))
        if name_of(node.value) == "super":
            continue
        if call and ast.unparse(call.func) in WITHOUT:
            continue
        if call is None or (isinstance(call.func, ast.Name) and not is_limited(call)):
            if not some_name_is_called:
                yield f"line {node.lineno}: {node.attr}, called by another name"
        elif not is_limited(call):
            yield f"line {node.lineno}: {node.attr}"


def has_limit(node: ast.expr) -> bool:
    return isinstance(node, ast.Dict) and any(
        isinstance(key, ast.Constant) and key.value == LIMIT for key in node.keys
    )


def name_of(node: ast.expr) -> str:
    """The last part of what is called, with or without its own parentheses."""
    if isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else ast.unparse(node)


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda p: str(p.relative_to(ROOT)))
def test_requests_of_a_program_have_a_limit(path: Path) -> None:
    text = path.read_text()
    if ASYNCIO not in text:
        assert not list(unlimited(text))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name)
def test_requests_of_a_notebook_have_a_limit(path: Path) -> None:
    cells = nbformat.read(path, 4).cells  # pyright: ignore[reportUnknownMemberType]
    code = [cell.source for cell in cells if cell.cell_type == "code"]
    assert not list(unlimited("\n".join(code)))


@pytest.mark.parametrize(
    "text",
    [
        "core.list_node()",
        "core.list_node(timeout_seconds=3)",
        "only = {'limit': 1}\ncore.list_node(**only)",
        "watch.Watch().stream(core.list_node, timeout_seconds=3)",
        "for call in [core.list_node]: call()",
        "api.call_api(*request)",
        "dynamic.DynamicClient(client.ApiClient())",
        "utils.get_pods_metrics(api, NAMESPACE)",
    ],
)
def test_request_without_a_limit_is_found(text: str) -> None:
    assert len(list(unlimited(text))) == 1


@contextmanager
def going_dead(target: int, messages: int) -> Generator[int]:
    """A port that leads to another, until the client has sent so many messages.

    From then on it takes what is sent, and carries nothing any more: as where a machine
    in between is gone.
    """
    ended = threading.Event()

    def carry(source: socket.socket, to: socket.socket, left: float) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                left -= 1
                if left < 0:
                    dead.set()
                if not dead.is_set():
                    to.sendall(data)
        ended.wait()  # and whoever waits for an end of it waits, too

    dead = threading.Event()

    def accept() -> None:
        with suppress(OSError):
            while True:
                near, _ = listening.accept()
                far = socket.create_connection(("127.0.0.1", target), 10)
                for ends in [(near, far, messages), (far, near, float("inf"))]:
                    threading.Thread(target=carry, args=ends, daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=accept, daemon=True).start()
        try:
            yield listening.getsockname()[1]
        finally:
            ended.set()
            listening.shutdown(socket.SHUT_RDWR)
    assert dead.is_set(), "it has carried everything"


@pytest.mark.one_driver
def test_program_ends_on_a_connection_that_has_died(
    cluster: Cluster, tmp_path: Path
) -> None:
    content = yaml.safe_load(cluster.kubeconfig.read_text())
    server = content["clusters"][0]["cluster"]
    port = int(server["server"].rpartition(":")[2])
    program = ROOT / "examples/kubectl-to-python/07_can_i.py"
    # The client's two of the TLS handshake, and no request.
    with going_dead(port, 2) as dying:
        server["server"] = f"https://127.0.0.1:{dying}"
        kubeconfig = tmp_path / "kubeconfig"
        kubeconfig.write_text(yaml.safe_dump(content))
        started = time.monotonic()
        ran = in_process.run(program, {"KUBECONFIG": str(kubeconfig)})
    assert ran.returncode == 1
    assert "ReadTimeoutError" in ran.stderr.splitlines()[-1]
    assert time.monotonic() - started < 60
