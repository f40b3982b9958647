"""A story whose program needs something stopped gets a cluster for itself."""

from pathlib import Path
from string import Template

import pytest
import yaml

from sandbox.cluster import Cluster
from tests.examples.small_story import SmallStory, SmallSuite

pytestmark = pytest.mark.one_driver

# It must be said what it does with rights, for a cluster on which it is not run.
PROGRAM = '''\
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
core.create_namespaced_config_map(NAMESPACE, note)

ours = os.environ["XDG_STATE_HOME"] + "/"
running = set()
for process in Path("/proc").glob("[0-9]*/cmdline"):
    with contextlib.suppress(OSError):  # it has ended meanwhile
        path = os.fsdecode(process.read_bytes().split(b"\\0")[0])
        if path.startswith(ours):
            running.add(Path(path).name)
print("kube-apiserver" in running, "kube-scheduler" in running)
#> True False
core.delete_namespaced_config_map("note", NAMESPACE)
'''


@pytest.fixture
def suite(tmp_path: Path) -> SmallSuite:
    return SmallSuite(tmp_path / "tree")


@pytest.fixture
def stopping(suite: SmallSuite) -> SmallStory:
    """A small story, of one program for which the scheduler is stopped."""
    small = suite.story()
    small.program.write_text(Template(PROGRAM).substitute(story=small.name))
    return small


@pytest.mark.usefixtures("stopping")
def test_it_is_run_on_a_cluster_that_is_gone_afterwards(
    suite: SmallSuite, cluster: Cluster
) -> None:
    done = suite.run(cluster, "--sandbox", "kwok")
    assert done.code == 0, done.printed
    assert "1 of 1 programs" in done.printed
    assert ", driver kwok" in done.printed
    assert suite.left() == []


@pytest.mark.usefixtures("stopping")
def test_it_is_skipped_and_counted_on_another_driver(
    suite: SmallSuite, cluster: Cluster
) -> None:
    done = suite.run(cluster)
    assert done.code == 0, done.printed
    assert "0 of 1 programs" in done.printed
    assert "1 skipped" in done.printed
    assert "it needs kube-scheduler to be stopped, which the driver" in done.printed


def test_red_when_it_leaves_something_outside_of_its_namespace(
    suite: SmallSuite, stopping: SmallStory, cluster: Cluster
) -> None:
    documents = list(yaml.safe_load_all(stopping.setup.read_text()))
    for document in documents[2:]:
        document["kind"] = f"Cluster{document['kind']}"
        del document["metadata"]["namespace"]
    documents[3]["roleRef"]["kind"] = "ClusterRole"
    stopping.setup.write_text(yaml.safe_dump_all(documents))
    end = 'core.delete_namespaced_config_map("note", NAMESPACE)\n'
    more = 'core.create_namespaced_config_map("default", note)\n'
    stopping.replace(stopping.program, end, end + more)
    done = suite.run(cluster, "--sandbox", "kwok")
    assert done.code == 1, done.printed
    assert "changed their cluster: ['left behind: configmaps/note in default']" in (
        done.printed
    )
    assert suite.left() == []


def test_red_when_it_names_what_is_no_component(
    suite: SmallSuite, stopping: SmallStory, cluster: Cluster
) -> None:
    stopping.replace(stopping.program, '["kube-scheduler"]', '["kube-schedular"]')
    done = suite.run(cluster)
    assert done.code != 0
    assert "'kube-schedular' can't be stopped: choose from etcd" in done.printed
