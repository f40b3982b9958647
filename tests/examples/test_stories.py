"""Each story: its programs in order as its ServiceAccount, its rights, its clean-up."""

import dataclasses
from collections import Counter
from pathlib import Path

import pytest
from kubernetes import client
from pytest_examples import EvalExample

from sandbox import inventory, lifecycle, run
from sandbox.story import Program, is_notebook, script_metadata
from tests.at_rest import SETTLE_SECONDS
from tests.examples import notebook
from tests.examples.audit_log import Asked
from tests.examples.output import check, update
from tests.examples.rights import Right, granted
from tests.examples.story_run import StoryRun

# What a page's identity is expected not to be able to do, and the right that a story
# about just that would grant.
PROBES = [
    ("GET", "/api/v1/namespaces/{own}/secrets", Right("", "secrets", "list")),
    ("GET", "/api/v1/namespaces/default/pods", Right("", "pods", "list")),
    ("GET", "/api/v1/namespaces/kube-system/secrets", Right("", "secrets", "list")),
    (
        "DELETE",
        "/api/v1/namespaces/{own}?dryRun=All",
        Right("", "namespaces", "delete"),
    ),
]


def test_program_prints_what_it_says(
    story_run: StoryRun,
    program: Program,
    eval_example: EvalExample,
    tmp_path: Path,
) -> None:
    if reason := run.obstacle(story_run.cluster, program):
        story_run.skipped.append(program.path.name)
        pytest.skip(reason)
    if story_run.failed:
        pytest.fail(f"not run: {story_run.failed} failed before it", pytrace=False)
    story_run.failed = program.path.name
    if is_notebook(program.path):
        run_notebook = (
            notebook.update if eval_example.update_examples else notebook.check
        )
        run_notebook(program.path, story_run, tmp_path)
        story_run.failed = None
        return
    with (
        lifecycle.without(program.stopped, story_run.cluster.name),
        story_run.as_identity(program),
    ):
        if eval_example.update_examples:
            update(program.path, eval_example)
        else:
            check(program.path, eval_example, story_run.events)
    story_run.failed = None


def test_role_grants_what_the_programs_use_and_no_more(story_run: StoryRun) -> None:
    if story_run.failed:
        pytest.fail(f"can't tell: {story_run.failed} failed", pytrace=False)
    if len(story_run.skipped) == len(story_run.story.programs):
        pytest.skip(f"none of its programs runs on {story_run.cluster.driver}")
    role = _granted(story_run, "Role") | _granted(story_run, "ClusterRole")
    wide = sorted(str(r) for r in role if "*" in (r.group, r.resource, r.verb))
    assert not wide, f"setup.yaml grants wildcards: {wide}"
    if story_run.log is None:
        driver = story_run.cluster.driver
        pytest.skip(f"without an audit log, {driver} can't tell what programs used")
    elsewhere = _used_elsewhere(story_run)

    def unused(asked: list[Asked]) -> list[str]:
        used = {right for request in asked for right in request.rights}
        return sorted(
            str(right)
            for right in role
            if not any(right.covers(one) for one in used)
            and f"{right.verb} {right.resource}" not in elsewhere
        )

    asked = story_run.log.wait_for(lambda asked: not unused(asked))
    assert not unused(asked), (
        f"setup.yaml grants what no program used: {unused(asked)}; "
        f"of this identity, the audit log has {_in_short(asked)}"
    )


def test_identity_can_do_no_more_than_its_role_says(
    story_run: StoryRun, tmp_path: Path
) -> None:
    story = story_run.story
    everywhere = _granted(story_run, "ClusterRole")
    here = everywhere | _granted(story_run, "Role")
    with run.client_for(story_run.kubeconfig) as api:
        may_here, may_elsewhere = _may(api, story.namespace), _may(api, "default")
        for method, path, right in PROBES:
            if right in (here if "{own}" in path else everywhere):
                continue
            with pytest.raises(client.ApiException) as refused:
                inventory.request(api, method, path.format(own=story.namespace))
            assert refused.value.status == 403, f"{method} {path} was not refused"
    # The namespace's own "default" account has no Role: the rights of any account.
    anyone = run.write_identity(
        story_run.cluster,
        dataclasses.replace(story, service_account="default"),
        story_run.admin,
        tmp_path,
    )
    with run.client_for(anyone) as api:
        anyone_may = _may(api, story.namespace)
    assert may_here - anyone_may == here
    assert may_elsewhere - anyone_may == everywhere


def test_story_leaves_the_cluster_as_it_was(story_run: StoryRun) -> None:
    if story_run.failed:
        pytest.fail(f"can't tell: {story_run.failed} failed", pytrace=False)
    cleaning_up = story_run.story.programs[-1].path.name
    if cleaning_up not in story_run.skipped:
        left = story_run.left_behind(SETTLE_SECONDS)
        assert not left, f"the programs changed their namespace: {left}"
    story_run.close()
    if story_run.own:
        # Of the others' cluster, the end of the run sees to that.
        changed = story_run.own.difference()
        assert not changed, f"the programs changed their cluster: {changed}"


def _in_short(asked: list[Asked]) -> list[str]:
    """What was asked for, without the objects' names, and how often."""
    counts = Counter(f"{r.verb} {r.kind}" for each in asked for r in each.rights)
    return [f"{right} ({times})" for right, times in sorted(counts.items())]


def _granted(story_run: StoryRun, kind: str) -> set[Right]:
    """What setup.yaml's Role (in its namespace) or ClusterRole (anywhere) grants."""
    return granted(
        rule
        for manifest in story_run.story.setup
        if manifest["kind"] == kind
        for rule in manifest.get("rules") or []
    )


def _used_elsewhere(story_run: StoryRun) -> set[str]:
    """Rights that, by the programs' own word, only a cluster of another kind needs."""
    rights: set[str] = set()
    for program in story_run.story.programs:
        table = script_metadata(program.path).get("tool", {}).get("sandbox", {})
        for capability, names in table.get("only-with", {}).items():
            if capability not in story_run.cluster.capabilities:
                rights |= set(names)
    return rights


def _may(api: client.ApiClient, namespace: str) -> set[Right]:
    """What the client's identity may do in a namespace, as the API server tells it."""
    review = client.AuthorizationV1Api(api).create_self_subject_rules_review(
        client.V1SelfSubjectRulesReview(
            spec=client.V1SelfSubjectRulesReviewSpec(namespace=namespace)
        )
    )
    assert review.status is not None
    return granted(
        {
            "apiGroups": rule.api_groups,
            "resources": rule.resources,
            "verbs": rule.verbs,
            "resourceNames": rule.resource_names,
        }
        for rule in review.status.resource_rules
    )
