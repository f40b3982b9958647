"""A copy of the suite with small stories, whose files a test may break."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from string import Template
from uuid import uuid4
from xml.etree import ElementTree

import yaml

from sandbox.cluster import Cluster
from tests.at_rest import SETTLE

ROOT = Path(__file__).parent.parent.parent

CHECKS = ["stories", "fences", "programs"]

SETUP = """\
apiVersion: v1
kind: Namespace
metadata:
  name: $story
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: $story
  namespace: $story
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: $story
  namespace: $story
rules:
  - apiGroups: [""]
    resources: [configmaps]
    verbs: [create, delete]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: $story
  namespace: $story
subjects:
  - kind: ServiceAccount
    name: $story
    namespace: $story
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: $story
"""

PROGRAM = '''\
# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""A ConfigMap comes and goes."""

from kubernetes import client, config

NAMESPACE = "$story"

config.load_kube_config()
core = client.CoreV1Api()
made = core.create_namespaced_config_map(
    NAMESPACE,
    client.V1ConfigMap(metadata=client.V1ObjectMeta(name="note")),
    _request_timeout=30,
)
print(made.metadata.name)
#> note
if made.data:
    print("it holds data")
core.delete_namespaced_config_map("note", NAMESPACE, _request_timeout=30)
'''

# It must be said what it does with rights, for a cluster on which it is not run.
STOPPING = '''\
# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# stopped = ["kube-scheduler"]
#
# [tool.sandbox.only-with]
# components = ["create configmaps", "delete configmaps"]
# ///
"""A ConfigMap comes and goes, and the scheduler is not there to see it."""

import contextlib
import os
from pathlib import Path

from kubernetes import client, config

NAMESPACE = "$story"

config.load_kube_config()
core = client.CoreV1Api()
note = client.V1ConfigMap(metadata=client.V1ObjectMeta(name="note"))
core.create_namespaced_config_map(NAMESPACE, note, _request_timeout=30)

ours = os.environ["XDG_STATE_HOME"] + "/"
running = set()
for process in Path("/proc").glob("[0-9]*/cmdline"):
    with contextlib.suppress(OSError):  # it has ended meanwhile
        path = os.fsdecode(process.read_bytes().split(b"\\0")[0])
        if path.startswith(ours):
            running.add(Path(path).name)
print("kube-apiserver" in running, "kube-scheduler" in running)
#> True False
core.delete_namespaced_config_map("note", NAMESPACE, _request_timeout=30)
'''

PAGE = """\
# A small page

/// program | $story/01_note.py
///
"""


class Small:
    """A story or a notebook whose files a test may break."""

    def __init__(self, name: str, setup: Path) -> None:
        self.name = name
        self.setup = setup

    def replace(self, path: Path, old: str, new: str) -> None:
        """Put `new` where `old` stands in one of its files."""
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def save(self) -> None:
        """Write what is not in its files yet."""


class SmallStory(Small):
    """A story of one program."""

    def __init__(self, suite: "SmallSuite") -> None:
        name, root = suite.new_name(), suite.root
        super().__init__(name, root / "examples" / name / "setup.yaml")
        self.program = self.setup.with_name("01_note.py")
        self.page = root / "docs" / f"{name}.md"
        for path, text in [
            (self.program, PROGRAM),
            (self.setup, SETUP),
            (self.page, PAGE),
        ]:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(Template(text).substitute(story=name))


def stopping(name: str) -> str:
    """A program for the story of this name that has the scheduler stopped."""
    return Template(STOPPING).substitute(story=name)


@dataclass(frozen=True)
class Outcome:
    """What a run of a small suite printed, and the report of each failure, by test."""

    code: int
    printed: str
    failures: dict[str, str]

    def in_its_tests(self, name: str) -> list[str]:
        """The tests of the story or notebook of this name that failed."""
        return [test for test in self.failures if name in test]

    def of(self, name: str) -> str:
        """The failures that are about the story or notebook of this name."""
        about = [
            report
            for test, report in self.failures.items()
            if name in test or name in report
        ]
        return "\n".join(about)


class SmallSuite:
    """A copy of the suite with small stories only."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.temporary = root / "temporary"
        shutil.copytree(
            ROOT / "tests", root / "tests", ignore=shutil.ignore_patterns("__pycache__")
        )
        shutil.copy(ROOT / "pyproject.toml", root)
        # Where the machine's fonts are listed, once for all trees.
        (ROOT / ".cache").mkdir(exist_ok=True)
        (root / ".cache").symlink_to(ROOT / ".cache")
        self.temporary.mkdir()

    def new_name(self) -> str:
        """A name for one more story, which no cluster has yet."""
        return f"small-{uuid4().hex[:8]}"

    def command(self, *options: str) -> list[str]:
        """How its checks are run, with the options that say on which cluster."""
        return [
            *(sys.executable, "-m", "pytest", *options),
            *(f"tests/examples/test_{what}.py" for what in CHECKS),
            *("-k", "not copied"),
        ]

    def run(self, cluster: Cluster, *sandbox: str, workers: int = 2) -> Outcome:
        """Run its checks on a cluster of this run, or where the options say."""
        context = yaml.safe_load(cluster.kubeconfig.read_text())["current-context"]
        on = sandbox or ("--sandbox", "current", "--context", context)
        report = self.root / "report.xml"
        done = subprocess.run(
            self.command(f"-n{workers}", f"--junitxml={report}", *on),
            cwd=self.root,
            env=os.environ
            | cluster.environment
            # What is left behind stays so, however long they look.
            | {"TMPDIR": str(self.temporary), SETTLE: "20"},
            capture_output=True,
            text=True,
            timeout=500,
            check=False,
        )
        failures = {
            f"{case.get('classname')}.{case.get('name')}": "\n".join(
                f"{each.get('message')}\n{each.text}"
                for each in [*case.findall("failure"), *case.findall("error")]
            )
            for case in ElementTree.parse(report).iter("testcase")
        }
        failures = {test: text for test, text in failures.items() if text}
        return Outcome(done.returncode, done.stdout + done.stderr, failures)

    def left(self) -> list[Path]:
        """What its runs have left: their folders, with clusters that are still up."""
        return list(self.temporary.glob("*kubernetes-overview-*"))
