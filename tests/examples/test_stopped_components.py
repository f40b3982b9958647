"""A story whose program needs something stopped gets a cluster for itself."""

from pathlib import Path

import pytest
import yaml

from sandbox.cluster import Cluster
from tests.examples.small_story import SmallStory, SmallSuite, stopping

pytestmark = [pytest.mark.one_driver, pytest.mark.xdist_group("stopped components")]


@pytest.fixture
def suite(tmp_path: Path) -> SmallSuite:
    return SmallSuite(tmp_path / "tree")


def small_story(suite: SmallSuite) -> SmallStory:
    """A small story, of one program for which the scheduler is stopped."""
    small = SmallStory(suite)
    small.program.write_text(stopping(small.name))
    return small


def test_it_is_run_on_a_cluster_that_is_gone_afterwards(
    suite: SmallSuite, cluster: Cluster
) -> None:
    """Beside it another, which leaves something outside of its namespace."""
    good, bad = small_story(suite), small_story(suite)
    documents = list(yaml.safe_load_all(bad.setup.read_text()))
    for document in documents[2:]:
        document["kind"] = f"Cluster{document['kind']}"
        del document["metadata"]["namespace"]
    documents[3]["roleRef"]["kind"] = "ClusterRole"
    bad.setup.write_text(yaml.safe_dump_all(documents))
    limit = "_request_timeout=30"
    end = f'core.delete_namespaced_config_map("note", NAMESPACE, {limit})\n'
    more = f'core.create_namespaced_config_map("default", note, {limit})\n'
    bad.replace(bad.program, end, end + more)
    # One after the other: each program sees the processes of all clusters of its run.
    done = suite.run(cluster, "--sandbox", "kwok", workers=0)
    assert not done.in_its_tests(good.name), done.printed
    assert "2 of 2 programs" in done.printed
    assert ", driver kwok" in done.printed
    assert done.code == 1
    assert "changed their cluster: ['left behind: configmaps/note in default']" in (
        done.of(bad.name)
    )
    assert suite.left() == []


def test_red_when_it_names_what_is_no_component(
    suite: SmallSuite, cluster: Cluster
) -> None:
    small = small_story(suite)
    small.replace(small.program, '["kube-scheduler"]', '["kube-schedular"]')
    done = suite.run(cluster, workers=0)
    assert done.code != 0
    assert "'kube-schedular' can't be stopped: choose from etcd" in done.printed
