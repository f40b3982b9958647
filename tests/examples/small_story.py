"""A copy of the suite with one small story, whose files a test may break."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from string import Template

import yaml

from sandbox.cluster import Cluster

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
    NAMESPACE, client.V1ConfigMap(metadata=client.V1ObjectMeta(name="note"))
)
print(made.metadata.name)
#> note
if made.data:
    print("it holds data")
core.delete_namespaced_config_map("note", NAMESPACE)
'''

PAGE = """\
# A small page

```python title="$story/01_note.py"
--8<-- "$story/01_note.py"
```
"""


class SmallStory:
    """A copy of the suite with one story, whose files a test may break."""

    def __init__(self, root: Path, name: str) -> None:
        self.root, self.name = root, name
        self.temporary = root / "temporary"
        self.program = root / "examples" / name / "01_note.py"
        self.setup = root / "examples" / name / "setup.yaml"
        self.page = root / "docs" / f"{name}.md"
        shutil.copytree(
            ROOT / "tests", root / "tests", ignore=shutil.ignore_patterns("__pycache__")
        )
        shutil.copy(ROOT / "pyproject.toml", root)
        for path, text in [
            (self.program, PROGRAM),
            (self.setup, SETUP),
            (self.page, PAGE),
        ]:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(Template(text).substitute(story=name))

    def replace(self, path: Path, old: str, new: str) -> None:
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def command(self, *options: str, select: str = "not copied") -> list[str]:
        """How its checks are run, with the options that say on which cluster."""
        return [
            *(sys.executable, "-m", "pytest", *options),
            *(f"tests/examples/test_{what}.py" for what in CHECKS),
            *("-k", select),
        ]

    def run(
        self, cluster: Cluster, *sandbox: str, select: str = "not copied"
    ) -> subprocess.CompletedProcess[str]:
        """Run its checks on a cluster of this run, or where the options say."""
        context = yaml.safe_load(cluster.kubeconfig.read_text())["current-context"]
        on = sandbox or ("--sandbox", "current", "--context", context)
        self.temporary.mkdir(exist_ok=True)
        return subprocess.run(
            self.command("-n", "0", *on, select=select),
            cwd=self.root,
            env=os.environ | cluster.environment | {"TMPDIR": str(self.temporary)},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def left(self) -> list[Path]:
        """What its runs have left: their folders, with clusters that are still up."""
        return list(self.temporary.glob("*kubernetes-overview-*"))
