"""The checks on stories can fail: each is run on a small story with one thing broken.

The small story runs in a copy of the tree, by a pytest of its own, on the cluster of
this run.
"""

import dataclasses
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from string import Template
from uuid import uuid4

import pytest
import yaml

from sandbox.cluster import Cluster

pytestmark = pytest.mark.one_driver

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

# A list, by the client for asyncio, of which the program knows nothing.
LIST_ELSEWHERE = '''\
import subprocess
import sys

code = """
import asyncio
from kubernetes.aio import client, config

async def main():
    await config.load_kube_config()
    async with client.ApiClient() as api:
        await client.CoreV1Api(api).list_namespaced_config_map("$story")

asyncio.run(main())
"""
subprocess.run([sys.executable, "-c", code], check=True)
'''

PAGE = """\
# A small page

```python title="$story/01_note.py"
--8<-- "$story/01_note.py"
```
"""


class SmallStory:
    """A copy of the suite with one story, whose files a test may break."""

    def __init__(self, root: Path, name: str, cluster: Cluster) -> None:
        self.root, self.name, self.cluster = root, name, cluster
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

    def run(
        self, *sandbox: str, select: str = "not copied"
    ) -> subprocess.CompletedProcess[str]:
        """Run the checks on the cluster of this run, or where the options say."""
        context = yaml.safe_load(self.cluster.kubeconfig.read_text())["current-context"]
        return subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-n", "0"),
                *(f"tests/examples/test_{what}.py" for what in CHECKS),
                *(sandbox or ("--sandbox", "current", "--context", context)),
                *("-k", select),
            ],
            cwd=self.root,
            env={
                **os.environ,
                **self.cluster.environment,
                "XDG_STATE_HOME": str(self.root / "state"),
            },
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )


def require_audit_log(cluster: Cluster, says: str) -> None:
    """Skip what only a cluster with an audit log can say."""
    if "no program used" in says and cluster.audit_log is None:
        pytest.skip(f"the driver {cluster.driver} has no audit log")


@pytest.fixture
def small_story(tmp_path: Path, cluster: Cluster) -> SmallStory:
    name = f"small-{uuid4().hex[:8]}"
    return SmallStory(tmp_path, name, cluster)


def test_green_when_nothing_is_broken(small_story: SmallStory) -> None:
    done = small_story.run()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 of 1 programs" in done.stdout


def test_green_when_another_process_uses_a_right(small_story: SmallStory) -> None:
    _grants_a_verb_too_many(small_story)
    small_story.replace(
        small_story.program,
        "if made.data:",
        Template(LIST_ELSEWHERE).substitute(story=small_story.name) + "if made.data:",
    )
    done = small_story.run()
    assert done.returncode == 0, done.stdout + done.stderr


def test_says_what_it_cant_tell_without_an_audit_log(small_story: SmallStory) -> None:
    small_story.cluster = dataclasses.replace(small_story.cluster, audit_log=None)
    _grants_a_verb_too_many(small_story)
    done = small_story.run()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "without an audit log, current can't tell what programs used" in done.stdout
    _grants_a_wildcard(small_story)
    done = small_story.run()
    assert done.returncode == 1, done.stdout + done.stderr
    assert "grants wildcards" in done.stdout, done.stdout


def _changed_output(small: SmallStory) -> None:
    small.replace(small.program, "#> note", "#> another note")


def _raises(small: SmallStory) -> None:
    small.replace(
        small.program, "if made.data:", "raise KeyError('gone')\nif made.data:"
    )


def _prints_nothing(small: SmallStory) -> None:
    small.replace(small.program, "print(made.metadata.name)\n#> note\n", "")


def _output_never_reached(small: SmallStory) -> None:
    small.replace(
        small.program,
        'print("it holds data")',
        'print("it holds data")\n    #> it holds data',
    )


def _lacks_a_verb(small: SmallStory) -> None:
    small.replace(small.setup, "[create, delete]", "[create]")


def _grants_a_verb_too_many(small: SmallStory) -> None:
    small.replace(small.setup, "[create, delete]", "[create, delete, list]")


def _grants_a_wildcard(small: SmallStory) -> None:
    text = small.setup.read_text()
    small.setup.write_text(re.sub(r"verbs: .*", 'verbs: ["*"]', text))


def _leaves_a_config_map(small: SmallStory) -> None:
    small.replace(
        small.program, 'core.delete_namespaced_config_map("note", NAMESPACE)\n', ""
    )
    small.replace(small.setup, "[create, delete]", "[create]")


def _imports_what_it_does_not_declare(small: SmallStory) -> None:
    small.replace(
        small.program, "from kubernetes import", "import yaml\nfrom kubernetes import"
    )


def _has_a_program_that_is_not_run(small: SmallStory) -> None:
    (small.program.parent / "unnumbered.py").write_text(small.program.read_text())


def _writes_a_fence_that_is_not_found(small: SmallStory) -> None:
    small.page.write_text(small.page.read_text() + "\n~~~python\nprint(1)\n~~~\n")


def _writes_a_fence_with_wrong_output(small: SmallStory) -> None:
    small.page.write_text(
        small.page.read_text() + "\n```python\nprint(1 + 1)\n#> 3\n```\n"
    )


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (_changed_output, "+#> note"),
        (_raises, "KeyError: 'gone'"),
        (_prints_nothing, "it printed nothing"),
        (_output_never_reached, "a print that was never reached"),
        (_lacks_a_verb, "cannot delete resource"),
        (_grants_a_verb_too_many, "grants what no program used: ['list configmaps']"),
        (_grants_a_wildcard, "grants wildcards"),
        (_leaves_a_config_map, "left behind: configmaps/note"),
        (_imports_what_it_does_not_declare, "pyyaml"),
        (_has_a_program_that_is_not_run, "unnumbered.py"),
        (_writes_a_fence_that_is_not_found, "use ```python"),
        (_writes_a_fence_with_wrong_output, "+#> 2"),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else "",
)
def test_red_when_something(
    small_story: SmallStory, broken: Callable[[SmallStory], None], says: str
) -> None:
    require_audit_log(small_story.cluster, says)
    broken(small_story)
    done = small_story.run()
    assert done.returncode == 1, done.stdout + done.stderr
    assert says in done.stdout, done.stdout
