"""A sandbox on kwok from the first `up` to `down`."""

import contextlib
import json
import os
import shlex
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from sandbox import binaries, modules
from tests.sandbox.conftest import World, finish, program, wait_until

LEADERS = {"kube-controller-manager", "kube-scheduler"}
"""The components that need a Lease."""

PIDS = "*/.kwok/clusters/*/pids"
"""Where kwokctl writes down what it has started; a pattern below the state folder."""


@pytest.fixture(scope="module")
def up(shared_world: World) -> subprocess.CompletedProcess[str]:
    """What `up` said, on a machine where Docker does not answer."""
    no_docker = program(shared_world.root / "bin", "docker", "exit 1\n").parent
    path = f"{no_docker}:{shared_world.environment['PATH']}"
    done = shared_world.run("up", PATH=path)
    assert done.returncode == 0, done
    return done


def kubeconfig_in(line: str) -> Path:
    """The file that a shell takes from the line that `up` prints."""
    words = shlex.split(line)
    assert words[0] == "export"
    name, _, value = words[1].partition("=")
    assert name == "KUBECONFIG"
    return Path(value)


def kubectl(kubeconfig: Path, *arguments: str) -> str:
    return subprocess.run(
        [binaries.find("kubectl"), "--kubeconfig", kubeconfig, *arguments],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    ).stdout


def leaders(kubeconfig: Path) -> dict[str, str]:
    """Which process holds the Lease of each component that has one, by its name."""
    output = (
        '{range .items[*]}{.metadata.name}{"\\t"}{.spec.holderIdentity}{"\\n"}{end}'
    )
    lease = ("get", "leases", "--namespace=kube-system", f"--output=jsonpath={output}")
    held = (line.split("\t") for line in kubectl(kubeconfig, *lease).splitlines())
    return {name: holder for name, holder in held if holder and name in LEADERS}


def known_leaders(kubeconfig: Path) -> dict[str, str]:
    """All of them, for which a new cluster takes a moment."""
    wait_until(lambda: leaders(kubeconfig).keys() == LEADERS)
    return leaders(kubeconfig)


def processes_of(world: World) -> dict[str, int]:
    """The program and the id of each process that runs from the state folder."""
    found: dict[str, int] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            first = (entry / "cmdline").read_bytes().split(b"\0")[0].decode()
        except OSError:
            continue
        if first.startswith(f"{world.state_home}/"):
            found[Path(first).name] = int(entry.name)
    return found


# One worker for what looks at one cluster, another for what goes wrong: each control
# plane takes 600 MB, and a worker's worth of them would take all of a small machine.
looks = pytest.mark.xdist_group("kwok")
accident = pytest.mark.xdist_group("kwok-accidents")


@looks
def test_up_says_which_driver_and_why_and_ends_with_the_line_to_export(
    shared_world: World, up: subprocess.CompletedProcess[str]
):
    assert "driver kwok, since Docker does not answer" in up.stderr
    assert up.stdout.count("\n") == 1
    kubeconfig = kubeconfig_in(up.stdout)
    assert kubeconfig == shared_world.sandboxes / "default" / "kubeconfig"
    assert kubeconfig.stat().st_mode & 0o777 == 0o600
    assert kubeconfig.parent.stat().st_mode & 0o777 == 0o700
    nodes = kubectl(kubeconfig, "get", "nodes", "--output", "name").split()
    assert nodes == [f"node/node-{number}" for number in range(1, 5)]


@looks
def test_up_again_prints_the_same_line(
    shared_world: World, up: subprocess.CompletedProcess[str]
):
    before = processes_of(shared_world)
    again = shared_world.run("up", "--driver", "kwok")
    assert again.returncode == 0
    assert again.stdout == up.stdout
    assert "default is up already" in again.stderr
    assert processes_of(shared_world) == before


@looks
def test_up_refuses_to_be_something_else(
    shared_world: World, up: subprocess.CompletedProcess[str]
):
    error = shared_world.error("up", "--driver", "kind")
    assert error.startswith("sandbox: default is up, but not with driver kind: run")


@looks
def test_env_prints_the_same_line(
    shared_world: World, up: subprocess.CompletedProcess[str]
):
    assert shared_world.run("env").stdout == up.stdout


@looks
def test_status_tells_driver_version_nodes_and_age(
    shared_world: World, up: subprocess.CompletedProcess[str]
):
    header, row = shared_world.run("status").stdout.splitlines()
    assert header.split() == ["NAME", "DRIVER", "KUBERNETES", "NODES", "AGE", "STATE"]
    version = modules.version("kubernetes")
    name, driver, kubernetes, nodes, age, state = row.split()
    assert (name, driver, kubernetes) == ("default", "kwok", version)
    assert (nodes, state) == ("4", "ready")
    assert age.endswith("s")


@looks
def test_only_loopback_listens(
    shared_world: World, up: subprocess.CompletedProcess[str]
):
    sockets: set[str] = set()
    for pid in processes_of(shared_world).values():
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):  # closed meanwhile
                sockets.add(str(descriptor.readlink()))
    addresses: list[str] = []
    for table in ("tcp", "tcp6"):
        for line in Path("/proc/net", table).read_text().splitlines()[1:]:
            _, local, _, state, *_, inode = line.split()[:10]
            if state == "0A" and f"socket:[{inode}]" in sockets:
                addresses.append(local.partition(":")[0])
    assert len(addresses) >= 6
    assert set(addresses) == {"0100007F"}  # 127.0.0.1


@looks
def test_the_users_kubeconfig_is_left_alone(
    shared_world: World, up: subprocess.CompletedProcess[str]
):
    config = shared_world.home / ".kube" / "config"
    assert config.read_text() == "# the user's own\n"
    assert [path.name for path in shared_world.home.iterdir()] == [".kube"]
    assert [path.name for path in config.parent.iterdir()] == ["config"]


@looks
def test_the_audit_log_tells_who_wrote_what(
    shared_world: World, up: subprocess.CompletedProcess[str]
):
    kubeconfig = kubeconfig_in(up.stdout)
    name, _, value = shlex.split(up.stdout)[2].partition("=")
    assert name == "SANDBOX_AUDIT_LOG"
    log = Path(value)
    assert log.is_relative_to(kubeconfig.parent)
    image = "registry.k8s.io/e2e-test-images/agnhost:2.66.1"
    kubectl(kubeconfig, "create", "deployment", "audited", f"--image={image}")
    kubectl(kubeconfig, "create", "secret", "generic", "s", "--from-literal=k=hush")

    def requests() -> list[dict[str, Any]]:
        # The last line may be only half written.
        lines = log.read_text().rpartition("\n")[0].splitlines()
        return [json.loads(line) for line in lines]

    def writers() -> set[tuple[str, str]]:
        return {
            (entry["verb"], entry["user"]["username"].rpartition(":")[2])
            for entry in requests()
            if entry["objectRef"]["resource"] == "pods"
        }

    wait_until(lambda: {"create", "patch"} <= {verb for verb, _ in writers()})
    assert ("create", "replicaset-controller") in writers()
    assert all(entry["level"] == "Metadata" for entry in requests())
    assert "hush" not in log.read_text()
    assert not {"leases", "events"} & {r["objectRef"]["resource"] for r in requests()}
    kubectl(kubeconfig, "delete", "deployment/audited", "secret/s")


@looks
def test_a_pod_with_an_image_that_is_not_there_waits_and_can_be_deleted(
    shared_world: World, up: subprocess.CompletedProcess[str]
):
    kubeconfig = kubeconfig_in(up.stdout)
    image = "registry.k8s.io/e2e-test-images/agnhost:no-such-tag"
    kubectl(kubeconfig, "run", "bad", f"--image={image}")
    seen: list[str] = []

    def backs_off() -> bool:
        pod: dict[str, Any] = json.loads(
            kubectl(kubeconfig, "get", "pod", "bad", "--output", "json")
        )
        for status in pod["status"].get("containerStatuses", []):
            reason = status["state"]["waiting"]["reason"]
            if reason not in seen:
                seen.append(reason)
            assert image in status["state"]["waiting"]["message"]
            assert pod["status"]["phase"] == "Pending"
        return "ImagePullBackOff" in seen

    wait_until(backs_off)
    assert seen in (["ErrImagePull", "ImagePullBackOff"], ["ImagePullBackOff"])
    events = ("get", "events", "--field-selector=involvedObject.name=bad")
    wait_until(lambda: "Error: ErrImagePull" in kubectl(kubeconfig, *events))
    kubectl(kubeconfig, "delete", "pod", "bad", "--timeout=60s")


@looks
def test_a_component_is_stopped_and_started_alone(
    shared_world: World, up: subprocess.CompletedProcess[str]
):
    kubeconfig = kubeconfig_in(up.stdout)
    before = processes_of(shared_world)
    error = shared_world.error("stop", "kube-proxy")
    assert error.startswith("sandbox: there is no component 'kube-proxy': etcd, kube-")
    error = shared_world.error("start", "kube-scheduler")
    assert error == "sandbox: kube-scheduler is not stopped"

    led = known_leaders(kubeconfig)
    for component in ("kube-scheduler", "kube-controller-manager"):
        assert shared_world.run("stop", component).returncode == 0
        assert processes_of(shared_world).keys() == before.keys() - {component}
        assert f"ready, without {component}" in shared_world.run("status").stdout
        assert shared_world.run("up", "--driver", "kwok").stdout == up.stdout
        error = shared_world.error("stop", component)
        assert error == (
            f"sandbox: {component} is stopped already: `sandbox start {component}`"
            " starts it"
        )
        pod = f"without-{component}"
        image = "registry.k8s.io/e2e-test-images/agnhost:2.66.1"
        kubectl(kubeconfig, "create", "deployment", pod, f"--image={image}")

        assert shared_world.run("start", component).returncode == 0
        # Nobody waits for the Lease of the one that was stopped to run out.
        assert leaders(kubeconfig).get(component) not in (None, led[component])
        wait = ("wait", f"deployment/{pod}", "--for=condition=Available")
        kubectl(kubeconfig, *wait, "--timeout=100s")
        kubectl(kubeconfig, "delete", "deployment", pod)

    after = processes_of(shared_world)
    assert after.keys() == before.keys()
    assert {name for name in after if after[name] != before[name]} == {
        "kube-scheduler",
        "kube-controller-manager",
    }
    assert "ready\n" in shared_world.run("status").stdout


@accident
def test_down_leaves_nothing_and_the_sandbox_beside_it_alone(world: World):
    both = [world.start("up", "--driver", "kwok", "--name", name) for name in "ab"]
    lines = [finish(process).stdout for process in both]
    servers = {
        kubectl(kubeconfig_in(line), "config", "view", "--output=jsonpath={..server}")
        for line in lines
    }
    assert len(servers) == 2
    done = world.run("down", "--name", "a")
    assert (done.returncode, done.stderr) == (0, "sandbox: a is gone\n")
    assert [path.name for path in world.sandboxes.iterdir()] == ["b"]
    assert not any("/sandboxes/a/" in trace for trace in world.traces())
    assert kubectl(kubeconfig_in(lines[1]), "get", "--raw", "/readyz") == "ok"
    again = world.run("down", "--name", "a")
    assert (again.returncode, again.stderr) == (0, "sandbox: there is no sandbox a\n")
    world.run("down", "--name", "b")
    assert world.traces() == []


@accident
def test_two_at_once_with_the_same_name_make_one(world: World):
    both = [world.start("up", "--driver", "kwok") for _ in range(2)]
    done = [finish(process) for process in both]
    assert [d.returncode for d in done] == [0, 0]
    assert done[0].stdout == done[1].stdout
    said = sorted("is up already" in d.stderr for d in done)
    assert said == [False, True]
    assert len(processes_of(world)) == 6


@accident
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_up_leaves_nothing(world: World, number: signal.Signals):
    process = world.start("up", "--driver", "kwok")
    wait_until(lambda: list(world.sandboxes.glob(f"{PIDS}/etcd.pid")))
    process.send_signal(number)
    done = finish(process)
    assert done.returncode == 130
    assert done.stderr.splitlines()[-1] == "sandbox: interrupted"
    assert world.traces() == []


@accident
def test_what_a_killed_up_leaves_is_seen_and_cleared_by_the_next(world: World):
    process = world.start("up", "--driver", "kwok")
    wait_until(lambda: list(world.sandboxes.glob(f"{PIDS}/etcd.pid")))
    process.send_signal(signal.SIGSTOP)  # or it may be done before the status is told
    assert world.run("status").stdout.rstrip().endswith("being made")
    left = processes_of(world)["etcd"]
    process.kill()
    finish(process)
    assert "stale: it was never finished" in world.run("status").stdout
    assert world.error("env").startswith("sandbox: there is no sandbox default")
    done = world.run("up", "--driver", "kwok")
    assert done.returncode == 0
    assert "default was never finished: starting again" in done.stderr
    assert left not in processes_of(world).values()


@accident
def test_a_component_that_gives_up_meanwhile_is_started_again(world: World):
    process = world.start("up", "--driver", "kwok")
    wait_until(lambda: list(world.sandboxes.glob(f"{PIDS}/etcd.pid")))
    process.send_signal(signal.SIGSTOP)  # or it may be done before; kwokctl goes on
    try:
        assert process.poll() is None, "up was done before it could be stopped"
        wait_until(lambda: "kube-scheduler" in processes_of(world))
        killed = processes_of(world)["kube-scheduler"]
        os.kill(killed, signal.SIGKILL)
    finally:
        process.send_signal(signal.SIGCONT)
    done = finish(process)
    assert done.returncode == 0, done
    assert len(processes_of(world)) == 6
    assert processes_of(world)["kube-scheduler"] != killed


@accident
def test_up_without_etcd_is_given_up(world: World):
    process = world.start("up", "--driver", "kwok")
    wait_until(lambda: list(world.sandboxes.glob(f"{PIDS}/etcd.pid")))
    wait_until(lambda: "etcd" in processes_of(world))
    os.kill(processes_of(world)["etcd"], signal.SIGKILL)
    done = finish(process)
    assert done.returncode == 2
    last = done.stderr.splitlines()[-1]
    assert last.startswith("sandbox: etcd has ended by itself (")
    assert world.traces() == []


@accident
def test_a_sandbox_that_lost_a_process_is_stale_and_made_anew(world: World):
    assert world.run("up", "--driver", "kwok").returncode == 0
    before = processes_of(world)
    os.kill(before["kube-scheduler"], signal.SIGKILL)
    wait_until(lambda: "kube-scheduler" not in processes_of(world))
    assert "stale: 5 of 6 processes are running" in world.run("status").stdout
    done = world.run("up", "--driver", "kwok")
    assert done.returncode == 0
    assert "starting again" in done.stderr
    after = processes_of(world)
    assert len(after) == 6
    assert not set(after.values()) & set(before.values())
