"""The wait of examples/deployments/03 goes on where a watch ends, and stops in time."""

import ast
import itertools
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3
from kubernetes import client, watch

PROGRAM = (
    Path(__file__).parent.parent.parent
    / "examples/deployments/03_wait_until_available.py"
)


class Server:
    """Answers lists with a version, and each watch by the next of its endings."""

    def __init__(self, *watches: Any) -> None:
        self.watches = iter(watches)
        self.lists = 0
        self.watched_from: list[str] = []

    def list_namespaced_deployment(self, **_: Any) -> client.V1DeploymentList:
        self.lists += 1
        return client.V1DeploymentList(
            items=[], metadata=client.V1ListMeta(resource_version=f"list {self.lists}")
        )

    def stream(self, *_: Any, resource_version: str, **__: Any) -> Iterator[Any]:
        self.watched_from.append(resource_version)
        ending = next(self.watches)
        if isinstance(ending, Exception):
            raise ending
        yield from ending


def deployment(version: str) -> dict[str, Any]:
    """A watch event: the Deployment, available, at this version."""
    labels = {"app": "web"}
    template = client.V1PodTemplateSpec(metadata=client.V1ObjectMeta(labels=labels))
    return {
        "type": "MODIFIED",
        "object": client.V1Deployment(
            metadata=client.V1ObjectMeta(generation=1, resource_version=version),
            spec=client.V1DeploymentSpec(
                replicas=1,
                selector=client.V1LabelSelector(match_labels=labels),
                template=template,
            ),
            status=client.V1DeploymentStatus(
                observed_generation=1,
                replicas=1,
                updated_replicas=1,
                available_replicas=1,
            ),
        ),
    }


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give a function: wait(server, seconds) as the program waits, on a fake server."""
    tree = ast.parse(PROGRAM.read_text())
    kept = (ast.Import, ast.ImportFrom, ast.FunctionDef)
    tree.body = [node for node in tree.body if isinstance(node, kept)]
    names: dict[str, Any] = {"NAMESPACE": "deployments"}
    exec(compile(tree, PROGRAM.name, "exec"), names)

    def no_pause(_: float) -> None:
        pass

    def run(server: Server, seconds: float) -> client.V1Deployment:
        names["apps"] = server
        monkeypatch.setattr(watch, "Watch", lambda: server)
        monkeypatch.setattr(time, "sleep", no_pause)
        return names["wait_until_available"]("web", seconds)

    return run


def test_a_watch_that_ended_goes_on_from_its_last_event(wait: Any) -> None:
    unready = deployment("7")
    unready["object"].status.available_replicas = None
    server = Server([unready], [], [deployment("8")])
    assert wait(server, 30).metadata.resource_version == "8"
    assert server.watched_from == ["list 1", "7", "7"]


def test_410_gone_lists_again(wait: Any) -> None:
    server = Server(client.ApiException(status=410), [deployment("8")])
    wait(server, 30)
    assert server.watched_from == ["list 1", "list 2"]


def test_a_broken_connection_goes_on(wait: Any) -> None:
    broken = urllib3.exceptions.ProtocolError("reset")
    server = Server(broken, [deployment("8")])
    wait(server, 30)
    assert server.watched_from == ["list 1", "list 1"]


def test_forbidden_is_reported_at_once(wait: Any) -> None:
    with pytest.raises(client.ApiException):
        wait(Server(client.ApiException(status=403)), 30)


def test_the_deadline_says_what_was_last_seen(
    wait: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second passes whenever the program looks at the clock: twice in a round."""
    monkeypatch.setattr(time, "monotonic", itertools.count().__next__)
    server = Server(*[[]] * 5)
    with pytest.raises(TimeoutError, match="there is no such Deployment"):
        wait(server, 10)
    assert len(server.watched_from) == 5


def test_a_server_that_never_answers_is_asked_once_before_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ask a socket that accepts and is silent, with the program's own settings.

    With urllib3's retries it would be asked four times, for three seconds each.
    """
    tree = ast.parse(PROGRAM.read_text())
    kept = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.Assign)
    tree.body = [node for node in tree.body if isinstance(node, kept)]
    names: dict[str, Any] = {}
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host = f"http://127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setattr(
            client.Configuration,
            "get_default_copy",
            lambda: client.Configuration(host=host),
        )
        exec(compile(tree, PROGRAM.name, "exec"), names)
        with pytest.raises(TimeoutError, match="no answer from the API server"):
            names["wait_until_available"]("web", 3)
        silent.setblocking(False)
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()
