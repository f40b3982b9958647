"""An API server whose callers a cloud knows: it checks who they are, and asks the
sandbox's in their name.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from kubernetes import client
from urllib3 import HTTPHeaderDict

from tests.examples.stand_ins.network import Answer, Request

# What belongs to one connection, or is the sandbox's administrator's to say.
OWN_HEADERS = {
    "host",
    "authorization",
    "content-length",
    "connection",
    "accept-encoding",
}

UNAUTHORIZED = Answer(
    401,
    json.dumps(
        {
            "kind": "Status",
            "apiVersion": "v1",
            "status": "Failure",
            "message": "Unauthorized",
            "reason": "Unauthorized",
            "code": 401,
        }
    ).encode(),
    {"Content-Type": "application/json"},
)


@dataclass(frozen=True)
class Caller:
    """Whom a cloud takes the bearer of a token for."""

    username: str
    groups: list[str] = field(default_factory=list[str])


class NotAuthenticated(Exception):
    """Why a token is not taken. It stays with the stand-in, as in a cluster."""


class ApiServer:
    """Answers whoever `authenticate` knows, and nobody else.

    `admin` is a client of the sandbox's administrator, who may act as others.
    `refusals` has the reason of each 401.
    """

    def __init__(
        self, admin: client.ApiClient, authenticate: Callable[[str], Caller]
    ) -> None:
        self._admin = admin
        self._authenticate = authenticate
        self.tokens: list[str] = []
        self.refusals: list[str] = []

    def __call__(self, request: Request) -> Answer:
        """The sandbox's answer to the caller, or 401."""
        if request.bearer is None:
            self.refusals.append("no bearer token")
            return UNAUTHORIZED
        self.tokens.append(request.bearer)
        try:
            caller = self._authenticate(request.bearer)
        except NotAuthenticated as error:
            self.refusals.append(str(error))
            return UNAUTHORIZED
        return self.forward(request, caller)

    def forward(self, request: Request, caller: Caller) -> Answer:
        """What the sandbox's API server says to this caller."""
        headers = {k: v for k, v in request.headers.items() if k not in OWN_HEADERS}
        acting = HTTPHeaderDict(headers)
        acting.add("Impersonate-User", caller.username)
        for group in caller.groups:
            acting.add("Impersonate-Group", group)
        answer = self._admin.rest_client.pool_manager.request(
            request.method,
            f"{self._admin.configuration.host}{request.path}",
            body=request.body or None,
            headers=acting,
            timeout=30,
        )
        kind = answer.headers.get("Content-Type", "application/json")
        return Answer(answer.status, answer.data, {"Content-Type": kind})
