"""What programs do about answers that their own runs don't meet."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from kubernetes import client

from sandbox import kubeconfig
from tests.examples import in_process
from tests.examples.place import EXAMPLES, definitions
from tests.servers import Quiet, serving


def answering(answer: Any) -> Any:
    """An API whose every method has this answer, or raises it."""

    def method(*_: Any, **__: Any) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    return method


def deployment(replicas: int) -> Any:
    metadata = SimpleNamespace(generation=1)
    spec = SimpleNamespace(replicas=replicas)
    status = client.V1DeploymentStatus(observed_generation=1)
    return SimpleNamespace(metadata=metadata, spec=spec, status=status)


@pytest.mark.parametrize("name", ["04_undo", "06_restart"])
def test_rollout_to_zero_replicas_is_done(name: str) -> None:
    wait_until_done = definitions(name, "kubectl-rollout")["wait_until_done"]
    apps = SimpleNamespace(read_namespaced_deployment=answering(deployment(0)))
    assert wait_until_done(apps, "web", "any", 1)
    apps = SimpleNamespace(read_namespaced_deployment=answering(deployment(1)))
    with pytest.raises(TimeoutError):
        wait_until_done(apps, "web", "any", 1)


def test_resumed_with_zero_replicas_is_done() -> None:
    is_done = definitions("05_pause_and_resume", "kubectl-rollout")["is_done"]
    assert is_done(deployment(0))
    assert not is_done(deployment(1))


def test_init_container_that_cannot_start_is_complained_about() -> None:
    names = definitions("04_why_not_available", "deployments")
    waiting = SimpleNamespace(waiting=SimpleNamespace(reason="ImagePullBackOff"))
    after = SimpleNamespace(waiting=SimpleNamespace(reason="PodInitializing"))
    status = SimpleNamespace(
        conditions=None,
        init_container_statuses=[SimpleNamespace(state=waiting)],
        container_statuses=[SimpleNamespace(state=after)],
    )
    pods = SimpleNamespace(items=[SimpleNamespace(status=status)])
    names["core"] = SimpleNamespace(list_namespaced_pod=answering(pods))
    names["apps"] = SimpleNamespace(read_namespaced_deployment=answering(deployment(1)))
    assert names["complaints"]("web") == [
        "Pod waiting, ImagePullBackOff",
        "Pod waiting, PodInitializing",
    ]


@pytest.mark.parametrize(
    ("data", "immutable", "taken"),
    [
        ({"COLOUR": "green"}, True, False),
        ({"COLOUR": "red"}, True, True),
        ({"COLOUR": "green"}, None, True),
    ],
)
def test_content_under_a_taken_name_is_compared(
    data: dict[str, str], immutable: bool | None, taken: bool
) -> None:
    names = definitions("04_by_content", "configuration")
    there = SimpleNamespace(data=data, immutable=immutable)
    names["core"] = SimpleNamespace(
        create_namespaced_config_map=answering(client.ApiException(status=409)),
        read_namespaced_config_map=answering(there),
    )
    if taken:
        with pytest.raises(ValueError, match="other content"):
            names["keep"]({"COLOUR": "green"})
    else:
        assert names["keep"]({"COLOUR": "green"}).startswith("settings-")


def test_eviction_that_a_budget_refuses_is_asked_for_again(tmp_path: Path) -> None:
    pod: Any = {"kind": "Pod", "metadata": {"name": "nothing", "resourceVersion": "8"}}
    target = {"type": "DisruptionTarget", "status": "True"}
    pod["status"] = {"conditions": [target | {"reason": "EvictionByEvictionAPI"}]}
    listed: Any = {"kind": "PodList", "metadata": {"resourceVersion": "7"}, "items": []}
    asked: list[str] = []

    class Handler(Quiet):
        def do_GET(self) -> None:
            deleted = {"type": "DELETED", "object": pod}
            body = json.dumps(deleted if "watch=" in self.path else listed)
            self.answer(200, f"{body}\n".encode())

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            asked.append(self.path)
            self.answer(429 if len(asked) < 3 else 201, b'{"kind": "Status"}')

    path = tmp_path / "kubeconfig"
    with serving(Handler) as address:
        kubeconfig.write(
            path,
            {"name": "it", "context": {"cluster": "it", "user": "it"}},
            {"name": "it", "cluster": {"server": address}},
            {"name": "it", "user": {}},
        )
        variables = {"KUBECONFIG": str(path)}
        ran = in_process.run(EXAMPLES / "resources/10_evict.py", variables)
    assert ran.returncode == 0, ran.stderr
    assert len(asked) == 3
