"""Programs for a system that no driver is, against the local server that stands in."""

import base64
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml
from kubernetes import client
from pytest_examples import EvalExample

from sandbox import binaries, story
from sandbox.cluster import Cluster
from sandbox.story import SYSTEMS, Program
from tests.examples import place
from tests.examples.conftest import ELSEWHERE, ROOT
from tests.examples.output import check, update
from tests.examples.stand_ins import standing_in, variables
from tests.examples.stand_ins.aks import kubeconfig as handed_out
from tests.examples.stand_ins.page import USERS

# What they ask of a cluster does not depend on its driver.
pytestmark = pytest.mark.one_driver

every_program = pytest.mark.parametrize(
    "program",
    [
        pytest.param(
            program,
            id=str(program.path.relative_to(ROOT / "examples")),
            marks=pytest.mark.xdist_group(folder.name),
        )
        for folder in ELSEWHERE
        for program in story.programs(folder)
    ],
)


@every_program
def test_program_for_another_system_prints_what_it_says(
    program: Program,
    cluster: Cluster,
    eval_example: EvalExample,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    assert program.system is not None
    with standing_in(program.system, cluster, tmp_path) as stand_in:
        theirs = variables(stand_in, tmp_path)
        for name in os.environ.keys() - theirs.keys():
            monkeypatch.delenv(name)
        for name, value in theirs.items():
            monkeypatch.setenv(name, value)
        if eval_example.update_examples:
            update(program.path, eval_example)
        else:
            check(program.path, eval_example, lambda: "  none: it is not here")


@every_program
def test_program_run_by_uv_prints_the_same(
    program: Program, cluster: Cluster, tmp_path: Path
) -> None:
    """With the packages that it declares, which need not be those of the suite."""
    assert program.system is not None
    uv = os.environ.get("UV") or shutil.which("uv")
    assert uv, "uv is not on PATH"
    path = str(program.path)
    # The packages come from the real network.
    run(uv, "sync", "--quiet", "--script", path, env=dict(os.environ))
    cache = run(uv, "cache", "dir", env=dict(os.environ)).strip()
    with standing_in(program.system, cluster, tmp_path) as stand_in:
        printed = run(
            *(uv, "run", "--offline", "--no-project", "--quiet", "--script", path),
            env={**variables(stand_in, tmp_path), "UV_CACHE_DIR": cache},
        )
    expected = story.printed(program.path.read_text())
    assert expected
    assert printed.splitlines() == expected


def test_sandbox_run_says_that_they_are_not_for_it(cluster: Cluster) -> None:
    for folder in ELSEWHERE:
        done = subprocess.run(
            [sys.executable, "-m", "sandbox", "run", folder, *cluster.options],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 2, done.stderr
        (line,) = done.stderr.splitlines()
        (system,) = {str(program.system) for program in story.programs(folder)}
        assert f"its programs need {SYSTEMS[system]}: run them there" in line


# The interpreter's path may have a space in it, which a #! line of its own can't take.
EXECUTABLE = """\
#!/bin/sh
exec {python} {plugin} "$@"
"""

# Writes down what it is asked, and answers with the credential in the file beside it.
PLUGIN = """\
import json, os, pathlib, sys
folder = pathlib.Path(__file__).parent
info = json.loads(os.environ["KUBERNETES_EXEC_INFO"])
with open(folder / "asked", "a") as asked:
    asked.write(json.dumps([sys.argv[1:], info["spec"]]) + "\\n")
print((folder / "credential").read_text())
"""


@pytest.mark.parametrize(
    "system",
    [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in USERS],
)
def test_kubeconfig_of_the_page_calls_its_plugin(
    system: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By this client and by kubectl. The executable on PATH speaks as the plugin does,
    and has the token that the program got by the SDK.
    """
    user = yaml.safe_load(USERS[system])
    kubectl = str(binaries.find("kubectl"))
    with standing_in(system, cluster, tmp_path) as stand_in:
        theirs = variables(stand_in, tmp_path)
        for name, value in theirs.items():
            monkeypatch.setenv(name, value)
        connected = place.program("01_connect", system)
        kubeconfig = tmp_path / "kubeconfig"
        kubeconfig.write_text(yaml.safe_dump(written(connected.configuration, user)))
        folder = tmp_path / "bin"
        folder.mkdir()
        credential = {
            "apiVersion": user["exec"]["apiVersion"],
            "kind": "ExecCredential",
            "status": {"token": stand_in.api_server.tokens[-1]},
        }
        (folder / "credential").write_text(json.dumps(credential))
        plugin = folder / "plugin.py"
        plugin.write_text(PLUGIN)
        executable = folder / user["exec"]["command"]
        executable.write_text(
            EXECUTABLE.format(
                python=shlex.quote(sys.executable), plugin=shlex.quote(str(plugin))
            )
        )
        executable.chmod(0o755)
        environment = {
            **theirs,
            "KUBECONFIG": str(kubeconfig),
            "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        }
        names = [
            run(sys.executable, "-c", WHOAMI, env=environment),
            run(
                *(kubectl, "auth", "whoami"),
                *("--output", "jsonpath={.status.userInfo.username}"),
                env=environment,
            ),
        ]
    expected = re.findall("#> I am (.*)", Path(connected.__file__).read_text())
    assert [name.strip() for name in names] == expected * 2
    asked = [json.loads(line) for line in (folder / "asked").read_text().splitlines()]
    for arguments, spec in asked:
        assert arguments == user["exec"].get("args", [])
        assert ("cluster" in spec) == user["exec"].get("provideClusterInfo", False)


WHOAMI = """
from kubernetes import client, config
config.load_kube_config()
review = client.AuthenticationV1Api().create_self_subject_review({})
print(review.status.user_info.username)
"""


def written(configuration: client.Configuration, user: Any) -> dict[str, Any]:
    """The kubeconfig with the server and the CA of a program, and with this user."""
    cluster: dict[str, Any] = {"server": configuration.host}
    pem = configuration.ca_cert_data
    if configuration.ssl_ca_cert:
        pem = Path(configuration.ssl_ca_cert).read_text()
    if pem:
        data = base64.b64encode(str(pem).encode()).decode()
        cluster["certificate-authority-data"] = data
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "demo", "cluster": cluster}],
        "users": [{"name": "demo", "user": user}],
        "contexts": [{"name": "demo", "context": {"cluster": "demo", "user": "demo"}}],
        "current-context": "demo",
    }


def test_page_shows_the_user_that_azure_hands_out() -> None:
    (user,) = handed_out(trustme.CA())["users"]
    assert yaml.safe_load(USERS["aks"]) == user["user"]


def run(*command: str, env: dict[str, str]) -> str:
    done = subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout
