"""The program for EKS signs tokens that EKS takes, renews them, tells mistakes."""

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import botocore.auth
import pytest
import yaml
from kubernetes import client

from sandbox.cluster import Cluster
from tests.examples.place import program
from tests.examples.stand_ins import ground, reader, variables
from tests.examples.stand_ins.eks import CLUSTER, ELSEWHERE, Eks, eks
from tests.examples.stand_ins.page import USERS

pytestmark = [pytest.mark.one_driver, pytest.mark.xdist_group("eks")]

PROGRAM = reader.ROOT / "examples" / "eks" / "01_connect.py"


@pytest.fixture(scope="module")
def made(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Eks]:
    folder = tmp_path_factory.mktemp("eks")
    with ground(cluster, folder) as (network, admin), eks(network, admin) as made:
        yield made


@dataclass(frozen=True)
class AwsCli:
    """How to call it without the real network, from which it has come."""

    command: list[str]
    environment: dict[str, str]


@pytest.fixture(scope="module")
def aws_cli() -> AwsCli:
    uv = os.environ.get("UV") or shutil.which("uv")
    assert uv, "uv is not on PATH"
    options = ["--no-project", "--quiet", "--with", "awscli>=1.44,<2"]
    command = [uv, "run", *options, "aws"]
    stdout(*command, "--version", env=dict(os.environ))
    cache = stdout(uv, "cache", "dir", env=dict(os.environ)).strip()
    return AwsCli(command, {"UV_CACHE_DIR": cache, "UV_OFFLINE": "1"})


@pytest.fixture
def connected(made: Eks, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The program, once it has run."""
    for name, value in variables(made, tmp_path).items():
        monkeypatch.setenv(name, value)
    return program("01_connect", "eks")


def whoami(connected: Any) -> str:
    api: Any = client.AuthenticationV1Api(connected.api)
    return api.create_self_subject_review({}).status.user_info.username


@pytest.mark.parametrize(
    ("words", "variables_of", "says"),
    [
        ({"CLUSTER": "dmeo"}, {}, "|No cluster found for name: dmeo."),
        ({"REGION": ELSEWHERE}, {}, f"cluster {CLUSTER} in {ELSEWHERE}: "),
        ({}, {"AWS_ACCESS_KEY_ID": ""}, "Unable to locate credentials"),
        ({}, {"AWS_SECRET_ACCESS_KEY": "wrong"}, "401 Unauthorized"),
    ],
)
def test_mistake_is_told_in_a_line(
    made: Eks,
    tmp_path: Path,
    words: dict[str, str],
    variables_of: dict[str, str],
    says: str,
) -> None:
    environment = {**variables(made, tmp_path), **variables_of}
    reader.assert_user_error(reader.run(PROGRAM, environment, tmp_path, **words), says)


def test_user_without_an_access_entry_is_told_so(
    made: Eks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(made, "known", set[str]())
    done = reader.run(PROGRAM, variables(made, tmp_path), tmp_path)
    reader.assert_user_error(done, "has it an access entry for you?")


def test_token_is_signed_anew_before_it_is_too_old(
    made: Eks, connected: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "user/reader" in whoami(connected)
    tokens = set(made.api_server.tokens[-2:])
    assert len(tokens) == 1, "a new token for each request"

    monkeypatch.setattr(made, "ahead", timedelta(minutes=16))
    with pytest.raises(client.ApiException) as error:
        whoami(connected)
    assert error.value.status == 401
    assert made.api_server.refusals[-1] == "expired"

    # Now 16 minutes have gone by for the program too.
    signing: Any = botocore.auth
    now, began, later = signing.get_current_datetime, time.time, made.ahead
    monkeypatch.setattr(signing, "get_current_datetime", lambda: now() + later)
    monkeypatch.setattr(time, "time", lambda: began() + later.total_seconds())
    assert "user/reader" in whoami(connected)
    assert made.api_server.tokens[-1] not in tokens


@pytest.mark.parametrize(
    ("part", "put", "reason"),
    [
        ("x-k8s-aws-id", "x-k8s-other", "the cluster's name is not signed"),
        ("GetCallerIdentity", "GetSessionToken", "another action"),
        ("https://sts.", "https://sts.example.com/?", "is no STS"),
        ("X-Amz-Expires=60", "X-Amz-Expires=61", "STS says 403"),
        ("X-Amz-Expires=60", "X-Amz-Expires=60&x=1", "not expected"),
        ("X-Amz-Signature=", "X-Amz-Signature=0", "STS says 403"),
    ],
)
def test_changed_token_is_refused(
    made: Eks, connected: Any, part: str, put: str, reason: str
) -> None:
    token = connected.new_token().removeprefix("k8s-aws-v1.")
    url = base64.urlsafe_b64decode(token + "==").decode()
    assert part in url
    changed = base64.urlsafe_b64encode(url.replace(part, put).encode()).decode()
    assert_refused(made, connected, f"k8s-aws-v1.{changed.rstrip('=')}", reason)


def test_token_in_another_form_is_refused(made: Eks, connected: Any) -> None:
    token: str = connected.new_token()
    assert_refused(made, connected, token.removeprefix("k8s-aws-v1."), "not k8s-aws-v1")
    assert_refused(made, connected, f"{token}=", "padding")


def test_token_for_another_cluster_is_refused(
    made: Eks, connected: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connected, "CLUSTER", "other")
    assert_refused(made, connected, connected.new_token(), "STS says 403")


def assert_refused(made: Eks, connected: Any, token: str, reason: str) -> None:
    connected.configuration.refresh_api_key_hook = None
    connected.configuration.api_key["BearerToken"] = f"Bearer {token}"
    with pytest.raises(client.ApiException) as error:
        whoami(connected)
    assert error.value.status == 401
    assert reason in made.api_server.refusals[-1]


def test_aws_cli_makes_such_a_token_too(
    made: Eks, aws_cli: AwsCli, connected: Any, tmp_path: Path
) -> None:
    """The real one, `aws eks get-token`: EKS's stand-in takes it as well, and what it
    has signed has the same parts.
    """
    user = yaml.safe_load(USERS["eks"])
    output = stdout(
        *aws_cli.command,
        *user["exec"]["args"],
        env={**variables(made, tmp_path), **aws_cli.environment},
    )
    credential = json.loads(output)
    assert credential["kind"] == "ExecCredential"
    assert credential["apiVersion"] == user["exec"]["apiVersion"]
    token = credential["status"]["token"]
    assert parts(token) == parts(connected.new_token())
    connected.configuration.refresh_api_key_hook = None
    connected.configuration.api_key["BearerToken"] = f"Bearer {token}"
    assert "user/reader" in whoami(connected)


def parts(token: str) -> tuple[str, dict[str, str]]:
    """Where a token's question goes, and its parameters but for time and signature."""
    text = token.removeprefix("k8s-aws-v1.")
    url = urlsplit(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode())
    query = dict(parse_qsl(url.query))
    for name in ("X-Amz-Date", "X-Amz-Signature"):
        assert query.pop(name)
    return f"{url.scheme}://{url.netloc}{url.path}", query


def stdout(*command: str, env: dict[str, str]) -> str:
    done = subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
