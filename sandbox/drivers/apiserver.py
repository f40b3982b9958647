"""The few requests to an API server that making a cluster on kwok needs."""

import http.client
import json
import ssl
from pathlib import Path
from typing import Any

from sandbox import waiting
from sandbox.errors import UserError

_DEADLINE = 120.0
"""Seconds in which a server that answers has to be ready for an object."""


class ApiServer:
    """The few requests that are needed here, as the administrator.

    Over the standard library, since importing the client costs 0.3 s of the 4 s
    in which a sandbox is to be ready.
    """

    def __init__(self, port: int, pki: Path) -> None:
        context = ssl.create_default_context(cafile=str(pki / "ca.crt"))
        context.load_cert_chain(pki / "admin.crt", pki / "admin.key")
        self._connection = http.client.HTTPSConnection(
            "127.0.0.1", port, context=context, timeout=10
        )

    def get(self, path: str) -> Any:
        """What is at a path, parsed."""
        return self._request("GET", path)

    def create(self, path: str, body: dict[str, Any]) -> None:
        """Creates an object, trying again while the API server is still starting."""

        def refusal() -> str | None:
            try:
                self._request("POST", path, body)
            except Refused as refused:
                # 403 and 404: built-in roles and aggregated groups come up with
                # the server. 409: an earlier try had worked after all.
                if refused.status == 409:
                    return None
                if refused.status < 500 and refused.status not in (403, 404, 429):
                    raise
                return str(refused)

        waiting.until(f"the API server to take {path}", refusal, _DEADLINE, every=0.05)

    def merge(self, path: str, change: dict[str, Any]) -> None:
        """Changes an object by a merge patch. Raises Refused."""
        self._request("PATCH", path, change, "application/merge-patch+json")

    def nodes_are_ready(self) -> bool:
        """Whether each node has the condition Ready."""
        return all(
            _condition(node, "Ready") for node in self.get("/api/v1/nodes")["items"]
        )

    def is_ready(self) -> bool:
        """Whether it says that it and its storage are, and that it has started up.

        Without its storage, one that is still starting up ends for good.
        """
        try:
            return self._send("GET", "/readyz") == b"ok"
        except Refused:
            return False

    def serves_metrics(self) -> bool:
        """Whether the API of metrics is available."""
        path = "/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io"
        return _condition(self.get(path), "Available")

    def _request(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        content_type: str = "application/json",
    ) -> Any:
        return json.loads(self._send(method, path, body, content_type))

    def _send(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        content_type: str = "application/json",
    ) -> bytes:
        try:
            self._connection.request(
                method,
                path,
                body=json.dumps(body) if body else None,
                headers={"Content-Type": content_type},
            )
            response = self._connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise Refused(503, str(error)) from error
        if response.status >= 400:
            raise Refused(response.status, content.decode(errors="replace"))
        return content


class Refused(UserError):
    """The API server did not do it: an HTTP status and what it said, in a line."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"the API server said {status} {' '.join(text.split())[:200]}")
        self.status = status


def _condition(thing: dict[str, Any], wanted: str) -> bool:
    conditions = thing.get("status", {}).get("conditions") or []
    return any(c["type"] == wanted and c["status"] == "True" for c in conditions)
