# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Make many requests at once, in one thread."""

import asyncio

from kubernetes.aio import client, config, watch

NAMESPACE = "overview-python-client"
ONLY = {"namespace": NAMESPACE, "label_selector": "app=tasks"}


async def create(core: client.CoreV1Api, number: int, at_once: asyncio.Semaphore):
    """Create one object, when it is its turn."""
    body = client.V1ConfigMap(
        metadata=client.V1ObjectMeta(name=f"task-{number:02}", labels={"app": "tasks"})
    )
    async with at_once:
        await core.create_namespaced_config_map(NAMESPACE, body, _request_timeout=30)


async def deleted(core: client.CoreV1Api, version: str, number: int) -> list[str]:
    """Return the names of the first so many that are deleted after this version."""
    names: list[str] = []
    async with watch.Watch().stream(
        core.list_namespaced_config_map,
        **ONLY,
        resource_version=version,
        timeout_seconds=60,
    ) as events:
        async for event in events:
            if event["type"] == "DELETED":
                names.append(event["object"].metadata.name)
            if len(names) == number:
                break
    return sorted(names)


async def main() -> None:
    await config.load_kube_config()
    # Inside of a loop, and closed at the end: this is what holds the connections.
    async with client.ApiClient() as api:
        core = client.CoreV1Api(api)
        at_once = asyncio.Semaphore(4)
        async with asyncio.TaskGroup() as group:
            for number in range(12):
                group.create_task(create(core, number, at_once))
        found = await core.list_namespaced_config_map(**ONLY)
        print(f"{len(found.items)} created")
        #> 12 created

        async with asyncio.timeout(60):  # for all of it
            names, _ = await asyncio.gather(
                deleted(core, found.metadata.resource_version, 12),
                core.delete_collection_namespaced_config_map(**ONLY),
            )
        print(f"{len(names)} deleted: {names[0]} to {names[-1]}")
        #> 12 deleted: task-00 to task-11


asyncio.run(main())
