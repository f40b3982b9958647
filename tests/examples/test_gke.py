"""The program for GKE gets tokens that GKE takes, renews them, tells mistakes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client

from sandbox.cluster import Cluster
from tests.examples.place import program
from tests.examples.stand_ins import ground, reader, variables
from tests.examples.stand_ins.gke import Gke, gke

pytestmark = [pytest.mark.one_driver, pytest.mark.xdist_group("gke")]

PROGRAM = reader.ROOT / "examples" / "gke" / "01_connect.py"


@pytest.fixture(scope="module")
def made(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gke]:
    folder = tmp_path_factory.mktemp("gke")
    with (
        ground(cluster, folder) as (network, admin),
        gke(network, admin, folder) as made,
    ):
        yield made


@pytest.mark.parametrize(
    ("words", "variables_of", "says"),
    [
        ({"CLUSTER": "dmeo"}, {}, "europe-west1/clusters/dmeo."),
        ({"LOCATION": "europe-west3"}, {}, "cluster demo in europe-west3: 404"),
        (
            {},
            # Else it would ask whether this machine is one of Google's.
            {"GOOGLE_APPLICATION_CREDENTIALS": "", "NO_GCE_CHECK": "true"},
            "|Your default credentials were not found.",
        ),
    ],
)
def test_mistake_is_told_in_a_line(
    made: Gke,
    tmp_path: Path,
    words: dict[str, str],
    variables_of: dict[str, str],
    says: str,
) -> None:
    given = {**variables(made, tmp_path), **variables_of}
    environment = {name: value for name, value in given.items() if value}
    reader.assert_user_error(reader.run(PROGRAM, environment, tmp_path, **words), says)


@pytest.mark.parametrize("dns", [True, False])
def test_dns_name_is_taken_where_it_is_open_to_users(
    made: Gke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dns: bool
) -> None:
    monkeypatch.setattr(made, "dns", dns)
    made.at_address.clear()
    made.at_name.clear()
    done = reader.run(PROGRAM, variables(made, tmp_path), tmp_path)
    assert done.returncode == 0, done.stderr
    assert (len(made.at_name), len(made.at_address)) == ((1, 0) if dns else (0, 1))


def test_project_is_the_cluster_s_and_not_the_credentials_own(
    made: Gke, tmp_path: Path
) -> None:
    given = {**variables(made, tmp_path), "GOOGLE_CLOUD_PROJECT": "another"}
    done = reader.run(PROGRAM, given, tmp_path)
    assert done.returncode == 0, done.stderr
    done = reader.run(PROGRAM, given, tmp_path, PROJECT="another")
    assert done.returncode == 2


def test_token_is_renewed_in_its_last_minutes_and_kept_before(
    made: Gke, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in variables(made, tmp_path).items():
        monkeypatch.setenv(name, value)
    for lifetime, new in [(3600, 0), (200, 2)]:
        monkeypatch.setattr(made, "lifetime", lifetime)
        connected = program("01_connect", "gke")
        before = len(made.tokens)
        for _ in range(2):
            client.VersionApi(connected.api).get_code()
        assert len(made.tokens) - before == new


def test_token_that_is_over_or_unknown_is_refused(
    made: Gke, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in variables(made, tmp_path).items():
        monkeypatch.setenv(name, value)
    connected: Any = program("01_connect", "gke")
    connected.configuration.refresh_api_key_hook = None
    made.tokens[made.api_server.tokens[-1]] = 0
    assert_refused(made, connected, "expired")
    connected.configuration.api_key["BearerToken"] = "Bearer ya29.unknown"
    assert_refused(made, connected, "no access token of Google Cloud")


def assert_refused(made: Gke, connected: Any, reason: str) -> None:
    with pytest.raises(client.ApiException) as error:
        client.VersionApi(connected.api).get_code()
    assert error.value.status == 401
    assert made.api_server.refusals[-1] == reason
