"""A sandbox on kind, where there is a Docker to try it with."""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from sandbox.drivers import kind
from tests.sandbox.conftest import World, finish, wait_until


def docker(*arguments: str) -> list[str]:
    """Runs Docker's client and returns the words that it prints."""
    command = ["docker", *arguments]
    return subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=120
    ).stdout.split()


def lacking() -> str | None:
    if not (os.environ.get("SANDBOX_NODE_IMAGE") or os.environ.get("GITHUB_ACTIONS")):
        return "a node image of 1 GB is not downloaded unasked: SANDBOX_NODE_IMAGE=..."
    if not shutil.which("docker"):
        return "there is no Docker here"
    done = subprocess.run(["docker", "info"], capture_output=True, timeout=60)
    return "Docker does not answer" if done.returncode else None


_lacking = lacking()
pytestmark = [
    pytest.mark.skipif(_lacking is not None, reason=str(_lacking)),
    pytest.mark.xdist_group("kind"),
]


def left(name: str) -> list[str]:
    """The containers and networks of the sandbox of that name."""
    listed = docker("ps", "--all", "--format", "{{.Names}}")
    listed += docker("network", "ls", "--format", "{{.Name}}")
    return [word for word in listed if word.startswith(f"sandbox-{name}-")]


def containers(name: str) -> list[str]:
    listed = docker("ps", "--all", "--format", "{{.Names}}")
    return [word for word in listed if word.startswith(f"sandbox-{name}-")]


def test_from_up_to_down(world: World):
    name = f"up-{os.getpid()}"
    up = world.run("up", "--driver", "kind", "--name", name, "--workers", "1")
    assert up.returncode == 0, up
    assert up.stdout.count("\n") == 1
    kubeconfig = world.sandboxes / name / "kubeconfig"
    assert kubeconfig.stat().st_mode & 0o777 == 0o600
    assert (world.home / ".kube" / "config").read_text() == "# the user's own\n"

    row = world.run("status", "--name", name).stdout.splitlines()[1].split()
    assert (row[1], row[3], row[5]) == ("kind", "2", "ready")
    again = world.run("up", "--driver", "kind", "--name", name)
    assert again.stdout == up.stdout

    assert "SANDBOX_AUDIT_LOG=" in up.stdout
    log = world.sandboxes / name / "audit" / "audit.log"
    assert log.stat().st_mode & 0o777 == 0o600
    assert '"username":"system:node:' in log.read_text()

    names = containers(name)
    assert len(names) == 2
    volumes: list[str] = []
    for container in names:
        details = json.loads(
            subprocess.run(
                ["docker", "inspect", container], check=True, capture_output=True
            ).stdout
        )[0]
        volumes += [m["Name"] for m in details["Mounts"] if m["Type"] == "volume"]
        published = details["HostConfig"]["PortBindings"] or {}
        for bindings in published.values():
            assert {binding["HostIp"] for binding in bindings} == {"127.0.0.1"}
    assert volumes

    docker("stop", "--time", "0", names[0])
    assert "stale: 1 of 2 containers are running" in world.run("status").stdout

    assert world.run("down", "--name", name).returncode == 0
    assert left(name) == []
    assert not set(volumes) & set(docker("volume", "ls", "--quiet"))
    assert world.traces() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_ended_in_the_middle(world: World, number: signal.Signals):
    name = f"end-{os.getpid()}-{number.name.lower()}"
    process = world.start("up", "--driver", "kind", "--name", name)
    wait_until(lambda: containers(name))
    process.send_signal(number)
    finish(process)
    if number == signal.SIGKILL:
        # It could not clear up: the next does.
        world.run("down", "--name", name)
    time.sleep(3)  # for what Docker may still have to do
    assert left(name) == []
    assert world.traces() == []


def test_a_configuration_of_ones_own(world: World, tmp_path: Path):
    config = tmp_path / "kind.yaml"
    config.write_text("kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodez: []\n")
    given = {"SANDBOX_KIND_CONFIG": str(config)}
    error = world.error("up", "--driver", "kind", **given)
    assert error.startswith("sandbox: kind failed: ")
    assert "nodez" in error
    for option, advice in (
        ("--workers", "add nodes there"),
        ("--port", "set apiServerPort there"),
    ):
        error = world.error("up", "--driver", "kind", option, "1", **given)
        assert error == (
            f"sandbox: {option} does not work with your own --config: {advice}"
        )
    assert world.traces() == []


def test_an_image_that_is_not_what_is_asked_for(world: World):
    if not os.environ.get("SANDBOX_NODE_IMAGE"):
        pytest.skip("the images of the sandbox's own are what they say")
    other = min(kind.IMAGES)
    error = world.error("up", "--driver", "kind", "--kubernetes", other)
    assert error.endswith(f", not {other}: leave out one of the two")
    assert world.traces() == []


def test_an_image_that_can_not_be_had(world: World):
    image = "127.0.0.1:1/no-such-image"
    error = world.error("up", "--driver", "kind", "--node-image", image)
    assert error.startswith("sandbox: kind failed: ")
    assert image in error
    assert world.traces() == []
