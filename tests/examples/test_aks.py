"""The program for AKS gets tokens that AKS takes, renews them, tells mistakes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from kubernetes import client

from sandbox.cluster import Cluster
from tests.examples.place import program
from tests.examples.stand_ins import ground, reader, variables
from tests.examples.stand_ins.aks import MANAGEMENT, SERVER_APPLICATION, Aks, aks

pytestmark = [pytest.mark.one_driver, pytest.mark.xdist_group("aks")]

PROGRAM = reader.ROOT / "examples" / "aks" / "01_connect.py"


@pytest.fixture(scope="module")
def made(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aks]:
    folder = tmp_path_factory.mktemp("aks")
    with ground(cluster, folder) as (network, admin), aks(network, admin) as made:
        yield made


@pytest.mark.parametrize(
    ("words", "variables_of", "says"),
    [
        ({"CLUSTER": "dmeo"}, {}, "|managedClusters/dmeo' under resource group"),
        ({"GROUP": "dmeo"}, {}, "cluster demo in dmeo: (ResourceNotFound)"),
        ({}, {"AZURE_CLIENT_SECRET": "wrong"}, "failed to retrieve a token"),
        (
            {},
            # Else it would ask the machine itself, and the tools that are on it.
            {
                "AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential",
                "AZURE_TENANT_ID": "",
            },
            "failed to retrieve a token",
        ),
    ],
)
def test_mistake_is_told_in_a_line(
    made: Aks,
    tmp_path: Path,
    words: dict[str, str],
    variables_of: dict[str, str],
    says: str,
) -> None:
    given = {**variables(made, tmp_path), **variables_of}
    environment = {name: value for name, value in given.items() if value}
    reader.assert_user_error(reader.run(PROGRAM, environment, tmp_path, **words), says)


def test_token_is_renewed_in_its_last_minutes_and_kept_before(
    made: Aks, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in variables(made, tmp_path).items():
        monkeypatch.setenv(name, value)
    for lifetime, new in [(3600, 0), (200, 2)]:
        monkeypatch.setattr(made, "lifetime", lifetime)
        connected = program("01_connect", "aks")
        before = len(made.issued)
        for _ in range(2):
            client.VersionApi(connected.api).get_code()
        assert made.issued[before:] == [f"{SERVER_APPLICATION}/.default"] * new


@pytest.mark.parametrize(
    ("audience", "lifetime", "forged", "reason"),
    [
        (f"https://{MANAGEMENT}", 3600, False, "Audience doesn't match"),
        (SERVER_APPLICATION, -1, False, "Signature has expired"),
        (SERVER_APPLICATION, 3600, True, "Signature verification failed"),
    ],
)
def test_token_for_something_else_is_refused(
    made: Aks,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    audience: str,
    lifetime: int,
    forged: bool,
    reason: str,
) -> None:
    for name, value in variables(made, tmp_path).items():
        monkeypatch.setenv(name, value)
    connected: Any = program("01_connect", "aks")
    monkeypatch.setattr(made, "lifetime", lifetime)
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    token = made.token(audience, other if forged else None)
    connected.configuration.refresh_api_key_hook = None
    connected.configuration.api_key["BearerToken"] = f"Bearer {token}"
    with pytest.raises(client.ApiException) as error:
        client.VersionApi(connected.api).get_code()
    assert error.value.status == 401
    assert reason in made.api_server.refusals[-1]
