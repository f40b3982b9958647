"""Running kwokctl, which starts the components of a control plane."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, cast

import yaml

from sandbox import processes, waiting
from sandbox.drivers import AUDIT_POLICY
from sandbox.errors import UserError

DEADLINE = 120.0
"""Seconds for each thing that is waited for. It takes one or two; on a machine with
ten times as much to do as it can, it has taken 40."""

BUSY = "; is the machine very busy? Try again"
"""What to say when that was not enough."""

PORTS: tuple[str, ...] = (
    "kubeApiserverPort",
    "kubeControllerManagerPort",
    "kubeSchedulerPort",
    "kwokControllerPort",
    "metricsServerPort",
)
"""The options of kwokctl that name a port."""

BINARIES = {
    "etcdBinary": "etcd",
    "kubeApiserverBinary": "kube-apiserver",
    "kubeControllerManagerBinary": "kube-controller-manager",
    "kubeSchedulerBinary": "kube-scheduler",
    "kubectlBinary": "kubectl",
    "kwokControllerBinary": "kwok",
    "metricsServerBinary": "metrics-server",
}
"""The options of kwokctl that name a program, and the program."""

_CONFIG = Path(__file__).with_name("kwok.yaml")

# One cluster in each folder, so its name there need not differ.
_CLUSTER = "sandbox"

_LEAST_MB = 64
"""What etcd wants in one piece; without, it can't say why it ends."""

_RESTARTS = 10
"""How often components are started again that have given up on a slow API server."""


def work(folder: Path) -> Path:
    """Where kwokctl keeps the cluster of the sandbox in `folder`."""
    return folder / ".kwok" / "clusters" / _CLUSTER


def audit_log(folder: Path) -> Path:
    """Where the API server of the sandbox in `folder` notes the requests."""
    return work(folder) / "logs" / "audit.log"


class Kwokctl:
    """kwokctl at work for the sandbox in `folder`.

    `paths` has the path of each of its programs, and of kwokctl.
    """

    def __init__(self, folder: Path, paths: dict[str, Path]) -> None:
        self._folder = folder
        self._paths = paths
        self._restarts = _RESTARTS

    def create(self, ports: dict[str, int]) -> None:
        """Starts all components on these ports, and waits until the API is served."""
        config = self._folder / "kwok.yaml"
        config.write_text(self._configuration(ports))
        create = ["create", "cluster", "--config", str(config)]
        self._run(*create, "--kubeconfig", "", "--timeout", f"{DEADLINE}s")

    def keep_running(self) -> None:
        """Starts components again that have ended by themselves.

        kube-controller-manager, kube-scheduler and metrics-server give up if the API
        server does not answer in ten seconds, as on a very busy machine. Raises
        UserError if one does so again and again.
        """
        ended = self._ended()
        if not ended:
            return
        if not self._restarts:
            raise UserError(self._why_it_ended(ended[0]))
        self._restarts -= 1
        for name in ended:
            (work(self._folder) / "pids" / f"{name}.pid").unlink()
        self._run("start", "cluster")

    def _configuration(self, ports: dict[str, int]) -> str:
        """kwok.yaml with this machine's programs and these ports filled in."""
        documents = cast(
            list[dict[str, Any]], list(yaml.safe_load_all(_CONFIG.read_text()))
        )
        options = documents[0]["options"]
        options |= {option: str(self._paths[name]) for option, name in BINARIES.items()}
        options |= ports
        # By default kwokctl downloads metrics-server's manifest. Given a kustomization
        # with nothing in it, it applies nothing.
        empty = self._folder / "nothing"
        empty.mkdir()
        (empty / "kustomization.yaml").write_text("resources: []\n")
        options["metricsServerManifests"] = [str(empty)]
        options["kubeAuditPolicy"] = str(AUDIT_POLICY)
        return "---\n".join(json.dumps(document) + "\n" for document in documents)

    def _run(self, *arguments: str) -> None:
        # KWOK_* of the user's would change the cluster; KUBECONFIG is the user's own.
        environment = {
            key: value
            for key, value in processes.environment(self._folder).items()
            if not key.startswith("KWOK_") and key != "KUBECONFIG"
        }
        # kwokctl calls the kubectl that it finds on PATH, of whatever version.
        kubectl = self._paths["kubectl"].parent
        environment["PATH"] = f"{kubectl}{os.pathsep}{os.environ.get('PATH', '')}"
        # kwokctl works in .kwok of the home folder. KWOK_WORKDIR would name another,
        # but it is cut off at a space.
        environment["HOME"] = str(self._folder)
        log = self._folder / "kwokctl.log"
        with log.open("ab") as output:
            # A session of its own: ^C is for this process, which then clears up.
            process = subprocess.Popen(
                [self._paths["kwokctl"], "--name", _CLUSTER, *arguments],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                umask=0o077,  # it would let everybody read its keys
            )

        def works() -> str | None:
            for name in self._ended():
                # Nothing else would come up, and kwokctl would wait in vain.
                if name in ("etcd", "kube-apiserver"):
                    raise UserError(self._why_it_ended(name))
            return "at work" if process.poll() is None else None

        waiting.until("kwokctl", works, DEADLINE + 10, every=0.02, advice=BUSY)
        if process.returncode:
            raise UserError(f"kwokctl failed: {_error(log)}")

    def _ended(self) -> list[str]:
        """The components that were started and have ended."""
        ended: list[str] = []
        for file in (work(self._folder) / "pids").glob("*.pid"):
            content = file.read_text()  # empty for a moment
            if content and processes.has_ended(int(content)):
                ended.append(file.stem)
        return ended

    def _why_it_ended(self, name: str) -> str:
        free = shutil.disk_usage(self._folder).free // 1_000_000
        if free < _LEAST_MB:
            return f"{name} has ended: {self._folder} has {free} MB left; free some"
        log = work(self._folder) / "logs" / f"{name}.log"
        lines = log.read_text(errors="replace").splitlines()
        # Go prints a stack of indented lines after what a program died of.
        messages = [
            line for line in lines if line.strip() and not line.startswith("\t")
        ]
        last = messages[-1] if messages else "no output"
        return f"{name} has ended unexpectedly ({last[:300]}): try again"


def _error(log: Path) -> str:
    """What kwokctl logged last, which is why it failed."""
    lines = log.read_text(errors="replace").splitlines()
    last = next((line for line in reversed(lines) if line.strip()), "no output")
    try:
        record = json.loads(last)
    except ValueError:
        return last
    return str(record.get("err") or record.get("msg") or last).replace("\n", " ")
