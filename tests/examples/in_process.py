"""Programs in this process: to import the client anew takes longer than they run."""

import os
import runpy
import subprocess
import sys
import threading
import traceback
from collections.abc import Generator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import kubernetes.aio.config
import kubernetes.aio.config.kube_config
import kubernetes.config
import kubernetes.config.kube_config
import pytest
from kubernetes import aio, client
from kubernetes.client import rest

# Where the client keeps what it has read from KUBECONFIG, once, when it is imported.
KUBECONFIG_READ = [
    kubernetes.config,
    kubernetes.config.kube_config,
    kubernetes.aio.config,
    kubernetes.aio.config.kube_config,
]


make_request = rest.RESTClientObject.request


def limited(self: Any, *args: Any, **kwargs: Any) -> Any:
    """Make a request, if it has a time limit or is not the program's.

    Programs have tokens, and whatever the suite does meanwhile has a certificate. An
    informer, in a thread of its own, can't be given a limit.
    """
    headers = {name.lower() for name in kwargs.get("headers") or {}}
    in_program = threading.current_thread() is threading.main_thread()
    if in_program and "authorization" in headers:
        assert kwargs.get("_request_timeout"), f"no _request_timeout: {args}"
    return make_request(self, *args, **kwargs)


@contextmanager
def environment(variables: Mapping[str, str], name: str) -> Generator[None]:
    """Let a program of this name find these variables, among them KUBECONFIG."""
    with pytest.MonkeyPatch.context() as patch:
        for key in os.environ.keys() - variables.keys():
            patch.delenv(key)
        for key, value in variables.items():
            patch.setenv(key, value)
        default = variables.get("KUBECONFIG", "~/.kube/config")
        for module in KUBECONFIG_READ:
            patch.setattr(module, "KUBE_CONFIG_DEFAULT_LOCATION", default)
        patch.setattr(rest.RESTClientObject, "request", limited)
        # The suite's own command line is not the program's.
        patch.setattr(sys, "argv", [name])
        try:
            yield
        finally:
            client.Configuration.set_default(None)
            aio.client.Configuration.set_default(None)


def run(
    program: Path, variables: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a program as Python would, and tell how it ended and what it printed."""
    out, err, code = StringIO(), StringIO(), 0
    with (
        environment(variables, str(program)),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            runpy.run_path(str(program), run_name="__main__")
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
            if isinstance(end.code, str):
                print(end.code, file=sys.stderr)
        except Exception:
            code = 1
            traceback.print_exc()
    return subprocess.CompletedProcess(
        [str(program)], code, out.getvalue(), err.getvalue()
    )
