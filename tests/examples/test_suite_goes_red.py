"""The checks on stories can fail: each is run on a small story with one thing broken.

The small story runs in a copy of the tree, by a pytest of its own, on the cluster of
this run.
"""

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from sandbox.cluster import Cluster
from tests.examples.small_story import SmallStory

pytestmark = pytest.mark.one_driver

# A list, by the client for asyncio, of which the program knows nothing.
LIST_ELSEWHERE = '''\
import subprocess
import sys

code = """
import asyncio
import sys
from kubernetes.aio import client, config

async def main():
    await config.load_kube_config()
    async with client.ApiClient() as api:
        await client.CoreV1Api(api).list_namespaced_config_map(sys.argv[1])

asyncio.run(main())
"""
subprocess.run([sys.executable, "-c", code, NAMESPACE], check=True)
'''


def require_audit_log(cluster: Cluster, says: str) -> None:
    """Skip what only a cluster with an audit log can say."""
    if "no program used" in says and cluster.audit_log is None:
        pytest.skip(f"the driver {cluster.driver} has no audit log")


@pytest.fixture
def small_story(tmp_path: Path) -> SmallStory:
    return SmallStory(tmp_path, f"small-{uuid4().hex[:8]}")


def test_green_when_nothing_is_broken(
    small_story: SmallStory, cluster: Cluster
) -> None:
    done = small_story.run(cluster)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 of 1 programs" in done.stdout


def test_green_when_another_process_uses_a_right(
    small_story: SmallStory, cluster: Cluster
) -> None:
    _grants_a_verb_too_many(small_story)
    small_story.replace(
        small_story.program,
        "if made.data:",
        LIST_ELSEWHERE + "if made.data:",
    )
    done = small_story.run(cluster)
    assert done.returncode == 0, done.stdout + done.stderr


def test_says_what_it_cant_tell_without_an_audit_log(
    small_story: SmallStory, cluster: Cluster
) -> None:
    without = dataclasses.replace(cluster, audit_log=None)
    _grants_a_verb_too_many(small_story)
    done = small_story.run(without)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "without an audit log, current can't tell what programs used" in done.stdout
    _grants_a_wildcard(small_story)
    done = small_story.run(without)
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
    small_story: SmallStory,
    cluster: Cluster,
    broken: Callable[[SmallStory], None],
    says: str,
) -> None:
    require_audit_log(cluster, says)
    broken(small_story)
    done = small_story.run(cluster)
    assert done.returncode == 1, done.stdout + done.stderr
    assert says in done.stdout, done.stdout
