"""The program for OpenShift logs in as `oc login` does, and says what is wrong."""

from pathlib import Path
from typing import Any

import pytest
from kubernetes import client

from sandbox.cluster import Cluster
from tests.examples.place import program
from tests.examples.stand_ins import ground, reader, variables
from tests.examples.stand_ins.openshift import openshift

PROGRAM = reader.ROOT / "examples" / "openshift" / "01_connect.py"


@pytest.mark.one_driver
@pytest.mark.xdist_group("openshift")
def test_token_is_for_who_knows_the_password(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        ground(cluster, tmp_path) as (network, admin),
        openshift(network, admin, cluster, tmp_path) as made,
    ):
        environment = variables(made, tmp_path)
        wrong = {**environment, "OPENSHIFT_PASSWORD": "wrong"}
        done = reader.run(PROGRAM, wrong, tmp_path)
        reader.assert_user_error(
            done, "|developer at https://api.demo.example.com:6443: 401"
        )
        assert not made.tokens

        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        connected: Any = program("01_connect", "openshift")
        # In its Role, and no more: it is the sandbox that decides.
        with pytest.raises(client.ApiException) as refused:
            client.CoreV1Api(connected.api).list_namespaced_secret("shop")
        assert refused.value.status == 403
        made.tokens.clear()
        with pytest.raises(client.ApiException) as over:
            client.VersionApi(connected.api).get_code()
        assert over.value.status == 401
