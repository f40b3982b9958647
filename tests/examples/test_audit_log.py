"""What an identity has asked for is read from the audit log's lines as they come."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox import waiting
from tests.examples import audit_log
from tests.examples.audit_log import AuditLog
from tests.examples.rights import Right

USER = "system:serviceaccount:story:story"


def event(verb: str, resource: str, **changes: Any) -> dict[str, Any]:
    """An event of kube-apiserver 1.37, shortened, of a request that was allowed.

    `resource` may have a group and a name: `apps/deployments web`.
    """
    kind, _, name = resource.partition(" ")
    group, _, plain = kind.rpartition("/")
    about = {"resource": plain, "namespace": "story", "name": name, "apiGroup": group}
    return {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": "Metadata",
        "auditID": f"{verb} {resource}",
        "stage": "ResponseComplete",
        "requestURI": "/",
        "verb": verb,
        "user": {"username": changes.get("username", USER), "groups": []},
        "objectRef": {key: value for key, value in about.items() if value}
        | changes.get("about", {}),
        "responseStatus": {"metadata": {}, "code": changes.get("code", 200)},
        "annotations": {
            "authorization.k8s.io/decision": changes.get("decision", "allow")
        },
    }


def line(*about: Any, **changes: Any) -> str:
    """The event as a line of the log."""
    return json.dumps(event(*about, **changes), separators=(",", ":")) + "\n"


def rights(entry: dict[str, Any]) -> set[str]:
    """The rights that the request took, in words."""
    request = audit_log.asked(entry, USER)
    return {str(right) for right in request.rights} if request else set()


@pytest.mark.parametrize(
    ("entry", "taken"),
    [
        (event("get", "pods web"), {"get pods named web"}),
        (event("list", "apps/deployments"), {"list deployments.apps"}),
        (event("watch", "pods"), {"watch pods"}),
        (event("deletecollection", "pods"), {"deletecollection pods"}),
        # The log has the name of what was created. The request had none.
        (event("create", "configmaps note", code=201), {"create configmaps"}),
        (
            event("create", "pods web", about={"subresource": "eviction"}),
            {"create pods/eviction named web"},
        ),
        (
            event("get", "pods web", about={"subresource": "log"}),
            {"get pods/log named web"},
        ),
        (
            event("patch", "apps/deployments web", code=201),
            {"patch deployments.apps named web", "create deployments.apps named web"},
        ),
        (event("patch", "apps/deployments web"), {"patch deployments.apps named web"}),
        (
            event("update", "coordination.k8s.io/leases mine", code=201),
            {
                "update leases.coordination.k8s.io named mine",
                "create leases.coordination.k8s.io named mine",
            },
        ),
    ],
    ids=lambda value: " and ".join(sorted(value)) if isinstance(value, set) else "",
)
def test_request_takes_rights(entry: dict[str, Any], taken: set[str]) -> None:
    assert rights(entry) == taken


@pytest.mark.parametrize("subresource", ["attach", "exec", "portforward"])
def test_a_websocket_takes_create_beside_get(subresource: str) -> None:
    about = {"subresource": subresource}
    assert rights(event("get", "pods web", about=about, code=101)) == {
        f"get pods/{subresource} named web",
        f"create pods/{subresource} named web",
    }
    # Over SPDY, it begins with a POST.
    assert rights(event("create", "pods web", about=about, code=101)) == {
        f"create pods/{subresource} named web"
    }


@pytest.mark.parametrize(
    "entry",
    [
        event("get", "pods web", decision="forbid", code=403),
        event("get", "pods web", username=f"{USER}-2"),
        event("create", "authorization.k8s.io/selfsubjectaccessreviews", code=201),
        event("create", "authentication.k8s.io/selfsubjectreviews", code=201),
        {key: x for key, x in event("get", "").items() if key != "objectRef"},
    ],
    ids=[
        "it is refused",
        "another asks for it",
        "all may ask what they may do",
        "all may ask who they are",
        "it is about no resource",
    ],
)
def test_no_right_is_used_when(entry: dict[str, Any]) -> None:
    assert rights(entry) == set()


def test_a_right_is_used_when_a_quota_refuses_what_rbac_allows() -> None:
    assert rights(event("create", "pods web", code=403)) == {"create pods"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A log in which this identity has asked for something before."""
    path = tmp_path / "a space" / "audit.log"
    path.parent.mkdir()
    path.write_text(line("get", "secrets early"))
    return path


@pytest.fixture
def log(path: Path) -> Iterator[AuditLog]:
    followed = AuditLog(path, USER)
    yield followed
    followed.close()


def names(log: AuditLog) -> list[str]:
    return [each.rights[0].name for each in log.asked()]


def write(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def fill(path: Path, number: int) -> None:
    """Do what the API server does when its log is full."""
    path.rename(path.with_name(f"audit-2026-11-28T23-0{number}-00.000.log"))
    path.touch()


def test_what_was_asked_for_before_does_not_count(path: Path, log: AuditLog) -> None:
    assert names(log) == []
    write(path, line("get", "pods web") + line("get", "pods a", username="another"))
    assert names(log) == ["web"]
    write(path, line("get", "pods late"))
    assert names(log) == ["web", "late"]


def test_a_line_is_read_when_all_of_it_is_written(path: Path, log: AuditLog) -> None:
    whole = line("get", "pods web") + line("get", "pods late")
    middle = len(whole) - 40
    write(path, whole[:middle])
    assert names(log) == ["web"]
    write(path, whole[middle:])
    assert names(log) == ["web", "late"]


def test_a_line_that_was_half_written_at_the_start_does_not_count(path: Path) -> None:
    whole = line("get", "pods early")
    write(path, whole[:20])
    log = AuditLog(path, USER)
    write(path, whole[20:] + line("get", "pods web"))
    assert names(log) == ["web"]
    log.close()


def test_what_goes_on_counts_once(path: Path, log: AuditLog) -> None:
    write(path, line("watch", "pods", code=200) + line("watch", "pods", code=500))
    (request,) = log.asked()
    assert request.rights == (Right("", "pods", "watch"),)


def test_a_log_that_is_full_is_followed_into_the_next(
    path: Path, log: AuditLog
) -> None:
    write(path, line("get", "pods a"))
    assert names(log) == ["a"]
    write(path, line("get", "pods b"))
    fill(path, 1)
    write(path, line("get", "pods c"))
    assert names(log) == ["a", "b", "c"]
    fill(path, 2)
    # The API server keeps one.
    path.with_name("audit-2026-11-28T23-01-00.000.log").unlink()
    assert names(log) == ["a", "b", "c"]
    write(path, line("get", "pods d"))
    assert names(log) == ["a", "b", "c", "d"]


def test_a_log_that_lost_lines_is_no_log(path: Path, log: AuditLog) -> None:
    fill(path, 1)
    fill(path, 2)
    path.with_name("audit-2026-11-28T23-01-00.000.log").unlink()
    with pytest.raises(RuntimeError, match="begun anew twice since it was read"):
        log.asked()


def test_a_log_between_two_files_is_waited_for(path: Path, log: AuditLog) -> None:
    write(path, line("get", "pods a"))
    path.rename(path.with_name("audit-2026-11-28T23-01-00.000.log"))
    assert names(log) == ["a"]
    path.write_text(line("get", "pods b"))
    assert names(log) == ["a", "b"]


def test_what_is_not_logged_yet_is_waited_for(
    path: Path, log: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(seconds: float) -> None:
        write(path, line("get", "pods a"))

    monkeypatch.setattr(waiting.time, "sleep", meanwhile)
    assert len(log.wait_for(lambda asked: len(asked) == 1)) == 1


def test_waiting_for_what_never_comes_has_an_end(
    path: Path, log: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_log, "LOGGED_SECONDS", 0.0)
    write(path, line("get", "pods a"))
    assert len(log.wait_for(lambda asked: len(asked) == 2)) == 1
