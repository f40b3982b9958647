"""What the page "Your own app" says of its app, its image and its address."""

import json
import os
import re
import shlex
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client

from sandbox import binaries, ports, run
from sandbox.cluster import Cluster
from sandbox.drivers import kind
from sandbox.errors import UserError
from sandbox.story import IMAGES, load
from tests import copies
from tests.examples.place import EXAMPLES, SECONDS, Place, places

STORY = EXAMPLES / "your-own-app"
APP = STORY / "app"
PAGE = EXAMPLES.parent / "docs" / "your-own-app.md"
SETTINGS = {"VERSION": "7", "GREETING": "good day", "API_KEY": "not-for-everyone"}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The app's packages, in the versions and with the hashes that its image has."""
    folder = tmp_path_factory.mktemp("app") / "venv"
    requirements = ["--require-hashes", "--requirement", APP / "requirements.txt"]
    for command in (
        ["uv", "venv", "--quiet", folder],
        ["uv", "pip", "install", "--quiet", "--python", folder, *requirements],
    ):
        subprocess.run(command, check=True, timeout=300)
    return folder / "bin"


def command(port: int) -> list[str]:
    """The image's own, on another port."""
    (line,) = re.findall(r"^CMD (.*)$", (APP / "Dockerfile").read_text(), re.M)
    words: list[str] = json.loads(line)
    return [str(port) if word == "8080" else word for word in words]


def start(installed: Path, port: int, settings: dict[str, str]) -> Any:
    path = f"{installed}{os.pathsep}{os.environ['PATH']}"
    return subprocess.Popen(
        command(port),
        cwd=APP,
        env={"PATH": path, "PYTHONDONTWRITEBYTECODE": "1", **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def running(installed: Path) -> Generator[tuple[str, Any]]:
    """The app's address, once it says that it's healthy, and its process."""
    (port,) = ports.find(1)
    process = start(installed, port, SETTINGS)
    try:
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 60
        while ask(f"{address}/healthz") != '{"ok":true}':
            assert process.poll() is None, process.stdout.read()
            assert time.monotonic() < deadline, "not healthy after 60 s"
            time.sleep(0.1)
        yield address, process
    finally:
        process.kill()
        process.wait(30)


def ask(address: str) -> str:
    """What it answers, whatever the status; nothing where nobody listens."""
    try:
        with urllib.request.urlopen(address, timeout=60) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()
    except OSError:
        return ""


@pytest.mark.parametrize("missing", SETTINGS)
def test_app_does_not_start_without_a_setting(missing: str, installed: Path) -> None:
    process = start(
        installed, ports.find(1)[0], {k: v for k, v in SETTINGS.items() if k != missing}
    )
    try:
        output, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode
    assert output.splitlines()[-1] == f"KeyError: '{missing}'"


def test_app_tells_nobody_its_key_and_logs_each_request_but_no_probe(
    installed: Path,
) -> None:
    with running(installed) as (address, process):
        greeting = json.loads(ask(f"{address}/"))
        assert greeting == {"greeting": "good day", "version": "7", "has_key": True}
        bodies = [
            ask(address + path) for path in ("/docs", "/openapi.json", "/nowhere")
        ]
        assert "Not Found" in bodies[-1]
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=60)
    assert SETTINGS["API_KEY"] not in "".join([*bodies, output])
    assert re.findall(r'"GET (\S+) HTTP/1.1" (\d+)', output) == [
        ("/", "200"),
        ("/docs", "200"),
        ("/openapi.json", "200"),
        ("/nowhere", "404"),
    ]


def test_server_finishes_what_it_has_begun_and_takes_nothing_new(
    installed: Path,
) -> None:
    answers: list[str] = []
    with running(installed) as (address, process):
        caller = threading.Thread(
            target=lambda: answers.append(ask(f"{address}/report"))
        )
        caller.start()
        time.sleep(1)
        process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + 10
        while ask(f"{address}/healthz"):
            assert time.monotonic() < deadline, "it still takes requests"
        assert process.poll() is None
        caller.join(60)
        assert answers == ['{"pages":12}']
        assert "Finished server process" in process.communicate(timeout=30)[0]


def test_image_has_a_user_that_kubernetes_can_tell_from_root() -> None:
    (user,) = re.findall(r"^USER (.*)$", (APP / "Dockerfile").read_text(), re.M)
    assert int(user) > 0


@pytest.fixture
def place(cluster: Cluster) -> Iterator[Place]:
    if "containers" not in cluster.capabilities:
        pytest.skip(f"the driver {cluster.driver} runs no containers")
    with places(cluster, 1) as (made,):
        yield made


def test_image_with_root_as_its_user_is_not_started(place: Place) -> None:
    core = client.CoreV1Api(place.api)
    container = {
        "name": "main",
        "image": "python:3.13-slim",
        "securityContext": {"runAsNonRoot": True},
    }
    body: Any = {"metadata": {"name": "root"}, "spec": {"containers": [container]}}
    core.create_namespaced_pod(place.namespace, body)
    deadline = time.monotonic() + SECONDS
    while True:
        pod: Any = core.read_namespaced_pod("root", place.namespace)
        states = [each.state.waiting for each in pod.status.container_statuses or []]
        if states and states[0] and states[0].reason == "CreateContainerConfigError":
            break
        assert time.monotonic() < deadline, f"after {SECONDS} s: {states}"
        time.sleep(0.2)
    assert "image will run as root" in states[0].message
    core.delete_namespaced_pod("root", place.namespace)


def test_lines_of_the_page_lead_a_browser_to_the_app(cluster: Cluster) -> None:
    """As they're typed after `sandbox up`, but in a Namespace of another name, and with
    any port that is free.
    """
    if cluster.driver != "kind":
        pytest.skip("the page does it on kind")
    (block,) = re.findall(r"^```sh\n(eval .*?)^```", PAGE.read_text(), re.M | re.S)
    _, folder, *lines, forward = block.splitlines()
    assert folder == f"cd examples/{STORY.name}"
    copy = copies.of(STORY, "typed")
    names = {"overview-your-own-app": "overview-your-own-app-typed", "8000:80": ":80"}

    def renamed(text: str) -> str:
        return re.sub("|".join(names), lambda match: names[match[0]], text)

    for path in [copy / "setup.yaml", *copy.glob("*.py")]:
        path.write_text(renamed(path.read_text()))
    folders = [binaries.find("kubectl").parent, kind.find_kind().parent]
    path = os.pathsep.join(map(str, [*folders, os.environ["PATH"]]))
    known = {**os.environ, **cluster.environment, "PATH": path}
    try:
        for line in lines:
            done = subprocess.run(
                shlex.split(line),
                cwd=copy,
                env=known,
                capture_output=True,
                text=True,
                timeout=SECONDS,
                check=False,
            )
            assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        forwarding = subprocess.Popen(
            shlex.split(renamed(forward)), env=known, stdout=subprocess.PIPE, text=True
        )
        try:
            assert forwarding.stdout
            (port,) = re.findall(r"127\.0\.0\.1:(\d+) ", forwarding.stdout.readline())
            answer = json.loads(ask(f"http://127.0.0.1:{port}/"))
            documentation = ask(f"http://127.0.0.1:{port}/docs")
        finally:
            forwarding.kill()
            forwarding.wait(30)
    finally:
        subprocess.run(
            ["kubectl", "delete", "--ignore-not-found", "-f", "setup.yaml"],
            cwd=copy,
            env=known,
            check=True,
            timeout=SECONDS,
        )
    assert answer["greeting"] == "Hello from Kubernetes"
    assert "<title>" in documentation


def test_images_are_built_for_kind_alone_and_a_failure_is_told(tmp_path: Path) -> None:
    commands = tmp_path / IMAGES
    commands.write_text("exit 3\n")
    story = replace(load(STORY), images=commands)
    some = Cluster(
        name="some",
        driver="kwok",
        kubernetes="",
        kubeconfig=tmp_path / "kubeconfig",
        created=datetime.now(UTC),
        capabilities=frozenset(),
        nodes=1,
    )
    run.load_images(some, story)
    on_kind = replace(some, driver="kind")
    with pytest.raises(UserError, match="exit status 3"):
        run.load_images(on_kind, story)
    commands.write_text('test -n "$KIND_CLUSTER_NAME" && kind version\n')
    run.load_images(on_kind, story)
