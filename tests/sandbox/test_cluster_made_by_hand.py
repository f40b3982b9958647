"""The driver "current" on a cluster that no sandbox has made: a story and the beginning
of another run there, and leave the cluster as it was.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from sandbox import binaries, ports, processes
from sandbox.cluster import Cluster
from sandbox.drivers import kwokctl
from sandbox.story import Story, load, printed
from tests import at_rest, copies
from tests.sandbox.conftest import World, finish

# One worker for all that makes a control plane of its own: each takes 600 MB.
pytestmark = pytest.mark.xdist_group("kwok-accidents")

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
STORIES = [EXAMPLES / name for name in ("deployments", "autoscaling")]

WITH_LOAD = ("05_*", "06_*", "07_*", "08_*")
"""Those programs of the last one that take minutes. One before them needs metrics."""

CONTEXT = "kwok-mine"
"""What kwokctl calls the context of its cluster "mine"."""

SECONDS = 120
"""For each thing that is waited for; on an idle machine it takes some seconds."""

# What kwokctl makes of metrics-server's own manifests, which it would download. It
# puts in the address of the process that it starts.
METRICS_API: list[dict[str, Any]] = [
    {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "metrics-server", "namespace": "kube-system"},
        "spec": {"ports": [{"name": "https", "port": 443}]},
    },
    {
        "apiVersion": "apiregistration.k8s.io/v1",
        "kind": "APIService",
        "metadata": {"name": "v1beta1.metrics.k8s.io"},
        "spec": {
            "service": {"name": "metrics-server", "namespace": "kube-system"},
            "group": "metrics.k8s.io",
            "version": "v1beta1",
            "insecureSkipTLSVerify": True,
            "groupPriorityMinimum": 100,
            "versionPriority": 100,
        },
    },
]


class ByHand:
    """A cluster of the user's, with a Deployment on it, made by kwokctl and kubectl.

    kwokctl keeps it in the home folder, and puts its context into ~/.kube/config.
    """

    def __init__(self, world: World) -> None:
        self._home = world.home
        self.kubeconfig = world.home / ".kube" / "config"
        self._paths = binaries.find_all(*kwokctl.BINARIES.values(), "kwokctl")
        kubectl = self._paths["kubectl"].parent
        self._environment = world.environment | {
            # By this mark `delete` finds what was started here, and no more.
            "SANDBOX_FOLDER": str(world.home),
            "PATH": f"{kubectl}{os.pathsep}{world.environment['PATH']}",
        }

    def create(self) -> None:
        """Makes the cluster, and waits until all that it is to hold is there."""
        config = self._home / "kwokctl.yaml"
        config.write_text(self._configuration())
        self._run("kwokctl", "create", "cluster", "--config", str(config))
        # Not four, as a sandbox has them; made by kwokctl from its own template.
        local = '.nodeIPs=["127.0.0.1"]'
        self._run("kwokctl", "scale", "node", "--replicas", "2", "--param", local)
        self.kubectl("wait", "--for=condition=Ready", "node", "--all")
        available = "--for=condition=Available"
        self.kubectl("wait", available, "apiservice/v1beta1.metrics.k8s.io")
        self.kubectl("create", "namespace", "shop")
        account = "serviceaccount/default"
        self.kubectl("wait", "--for=create", account, "--namespace=shop")
        self.kubectl(
            *("create", "deployment", "till", "--namespace=shop"),
            *("--image=registry.k8s.io/pause:3.10", "--replicas=2"),
        )
        self.kubectl("wait", available, "deployment/till", "--namespace=shop")

    def delete(self) -> None:
        """Deletes the cluster; kills what kwokctl leaves, if it could not."""
        try:
            self._run("kwokctl", "delete", "cluster")
        finally:
            processes.end(self._home)

    def kubectl(self, *arguments: str) -> str:
        timeout = [f"--timeout={SECONDS}s"] if arguments[0] == "wait" else []
        return self._run("kubectl", "--context", CONTEXT, *arguments, *timeout)

    @property
    def cluster(self) -> Cluster:
        """By which the suite looks at it, without a sandbox."""
        now, nothing = datetime.now(UTC), frozenset[str]()
        return Cluster("mine", "none", "", self.kubeconfig, now, nothing, nodes=2)

    def _configuration(self) -> str:
        """That of the sandbox's clusters, where the stories take seconds: kwokctl's
        defaults would have the image pulled that does not exist.
        """
        text = Path(kwokctl.__file__).with_name("kwok.yaml").read_text()
        documents = cast(list[dict[str, Any]], list(yaml.safe_load_all(text)))
        options = documents[0]["options"]
        options |= {o: str(self._paths[name]) for o, name in kwokctl.BINARIES.items()}
        numbers = ports.find(len(kwokctl.PORTS))
        options |= dict(zip(kwokctl.PORTS, numbers, strict=True))
        folder = self._home / "metrics-server"
        folder.mkdir()
        (folder / "components.yaml").write_text(yaml.safe_dump_all(METRICS_API))
        (folder / "kustomization.yaml").write_text("resources: [components.yaml]\n")
        options["metricsServerManifests"] = [str(folder)]
        return "---\n".join(json.dumps(document) + "\n" for document in documents)

    def _run(self, program: str, *arguments: str) -> str:
        name = ["--name=mine"] if program == "kwokctl" else []
        # Not into a pipe, which the components would keep open.
        log = self._home / f"{program}.log"
        with log.open("w") as output:
            done = subprocess.run(
                [self._paths[program], *arguments, *name],
                env=self._environment,
                cwd=self._home,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                timeout=2 * SECONDS,
                check=False,
            )
        assert done.returncode == 0, f"{program} {arguments}: {log.read_text()}"
        return log.read_text()


@pytest.fixture
def by_hand(world: World) -> Iterator[ByHand]:
    made = ByHand(world)
    try:
        made.create()
        yield made
    finally:
        made.delete()


def test_stories_run_on_it_and_leave_it_as_it_was(world: World, by_hand: ByHand):
    kubeconfig = by_hand.kubeconfig.read_text()
    before = at_rest.objects(by_hand.cluster)
    named = ("--context", CONTEXT)
    up = world.run("up", "--driver", "current", *named)
    assert up.returncode == 0, up

    # All at once, which is sooner: each has a namespace of its own.
    theirs = packages(world)
    places = [*STORIES[:-1], copies.of(STORIES[-1], "by hand", *WITH_LOAD)]
    runs = [world.start("run", str(place), *named, **theirs) for place in places]
    try:
        all_done = [finish(process) for process in runs]
    finally:
        for process in runs:
            process.kill()  # where another has not come to its end
    for place, done in zip(places, all_done, strict=True):
        assert done.returncode == 0, done.stderr
        story = load(place)
        count = len(story.programs)
        says = f"{count} of {count} programs ran; {story.namespace} is deleted"
        assert done.stderr.splitlines()[-1] == f"sandbox: {says}"
        assert sorted(done.stdout.splitlines()) == output_lines(story)

    assert world.run("down").returncode == 0
    assert list(world.sandboxes.iterdir()) == []
    assert at_rest.difference(by_hand.cluster, before) == []
    assert by_hand.kubeconfig.read_text() == kubeconfig
    by_hand.kubectl("rollout", "restart", "deployment/till", "--namespace=shop")
    by_hand.kubectl(
        *("rollout", "status", "deployment/till", "--namespace=shop"),
        f"--timeout={SECONDS}s",
    )


def packages(world: World) -> dict[str, str]:
    """What leads `uv run` to the packages of the programs on this machine: variables
    and files of uv's, certificates, proxies. No cluster.
    """
    not_theirs = {*world.environment, "KUBECONFIG", "SANDBOX_AUDIT_LOG"}
    kept = {k: v for k, v in os.environ.items() if k not in not_theirs}
    return {"XDG_CONFIG_HOME": str(Path.home() / ".config")} | kept


def output_lines(story: Story) -> list[str]:
    """The output lines of a story's programs, sorted: what a function prints stands in
    it, wherever it is called.
    """
    texts = (program.path.read_text() for program in story.programs)
    return sorted(line for text in texts for line in printed(text))
