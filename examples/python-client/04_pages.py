# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Read a long list in pages."""

from kubernetes import client, config

NAMESPACE = "overview-python-client"

config.load_kube_config()
core = client.CoreV1Api()


def pages(call, *arguments, limit: int = 500, **options):
    """Yield each page of a list call, such as core.list_namespaced_config_map.

    All of them show one moment: that of the first. Raises ApiException with status
    410 if reading takes so long that the API server no longer knows that moment.
    """
    token = None
    while True:
        page = call(*arguments, limit=limit, _continue=token, **options)
        yield page
        token = page.metadata._continue
        if not token:
            return


def whole(call, *arguments, tries: int = 3, **options) -> list:
    """Return all items, reading anew when the moment of the first page is forgotten."""
    for left in reversed(range(tries)):
        try:
            listed = pages(call, *arguments, **options)
            return [item for page in listed for item in page.items]
        except client.ApiException as error:
            if error.status != 410 or not left:
                raise
    return []


for number in range(7):
    body = client.V1ConfigMap(
        metadata=client.V1ObjectMeta(name=f"part-{number}", labels={"app": "parts"}),
        data={"number": str(number)},
    )
    core.create_namespaced_config_map(NAMESPACE, body, _request_timeout=30)

only = {"label_selector": "app=parts", "_request_timeout": 10}
versions = set()
listed = pages(core.list_namespaced_config_map, NAMESPACE, limit=3, **only)
for number, page in enumerate(listed, start=1):
    versions.add(page.metadata.resource_version)
    if number == 1:  # and then somebody deletes one that has not been read yet
        core.delete_namespaced_config_map("part-6", NAMESPACE, _request_timeout=30)
    print([item.metadata.name for item in page.items])
    #> ['part-0', 'part-1', 'part-2']
    #> ['part-3', 'part-4', 'part-5']
    #> ['part-6']

now = whole(core.list_namespaced_config_map, NAMESPACE, limit=3, **only)
print(f"{len(now)} now; moments shown above: {len(versions)}")
#> 6 now; moments shown above: 1
